"""The files an author brings: which names can be kept, and what each file is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engine.dialect import safe_xml
from engine.dialect.findings import Place, Report
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables.elements import BPMN

_ENDINGS = {".bpmn": "bpmn", ".bpmn2": "bpmn", ".dmn": "dmn", ".form": "form"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as the author gave it: its name (a relative path is fine) and its bytes."""

    name: str
    content: bytes


def distinct(files: Sequence[SourceFile], report: Callable[[str], Report]) -> Iterator[SourceFile]:
    """Yield the files whose names can be kept; a bad or repeated name is reported. report: gives a file's report by name."""
    seen: set[str] = set()
    for file in files:
        parts = file.name.replace("\\", "/").split("/")
        if not file.name or len(file.name) > 255 or ".." in parts or parts[0] == "" or "\x00" in file.name:
            report(file.name[:255]).error(
                "bad-file-name",
                Place(),
                f'The file name "{file.name[:80]}" cannot be kept; use a relative path without "..".',
                f"文件名“{file.name[:80]}”不可用；请使用不含“..”的相对路径。",
            )
        elif file.name in seen:
            report(file.name).error(
                "duplicate-file",
                Place(),
                f'The file "{file.name}" is given twice.',
                f"文件“{file.name}”重复。",
            )
        else:
            seen.add(file.name)
            yield file


def classify(file: SourceFile, report: Report) -> tuple[str, Element | None]:
    """Return what a file is, by its ending or, where that is not enough, its content; BPMN comes parsed."""
    lower = file.name.lower()
    named = next((kind for ending, kind in _ENDINGS.items() if lower.endswith(ending)), "")
    if named in ("form", "dmn"):
        return named, None
    if not named and not lower.endswith(".xml"):
        return "other", None
    try:
        root = safe_xml.parse(file.content)
    except safe_xml.Refused as refused:
        report.error(refused.code, Place(line=refused.line), refused.en, refused.zh)
        return "bpmn", None
    if local_name(root) == "definitions" and namespace(root) == BPMN:
        return "bpmn", root
    if local_name(root) == "definitions" and "/DMN/" in namespace(root) and not named:
        return "dmn", None
    if named:
        report.error(
            "not-bpmn",
            Place(line=root.sourceline or 0),
            f"The file is no BPMN 2.0 diagram: its root is <{local_name(root)}> of "
            f"{namespace(root) or 'no namespace'}.",
            f"文件不是 BPMN 2.0 流程图：根元素是 {namespace(root) or '无命名空间'} 的 <{local_name(root)}>。",
        )
        return "bpmn", None
    return "other", None
