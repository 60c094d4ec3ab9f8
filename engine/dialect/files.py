"""The files an author brings: which names can be kept, and what each file is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from engine.dialect import safe_xml
from engine.dialect.encodings import Text
from engine.dialect.findings import Place, Report
from engine.dialect.refusal import Refused
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.strangers import is_form, of_bytes, of_json, of_root
from engine.dialect.tables.elements import BPMN

_ENDINGS = {".bpmn": "bpmn", ".bpmn2": "bpmn", ".dmn": "dmn", ".form": "form"}
ARCHIVES = (".zip", ".bar")
LONGEST_NAME = 255
MOST_FILES = 200
"""Of one deployment, those inside archives included."""
MOST_BYTES = 30 * 1024 * 1024
"""Of one deployment, archives and what is in them included."""
MOST_ELEMENTS = 200_000
"""XML elements of all files of one deployment: they are in memory together."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What steers a terminal, a header or the direction of reading instead of being seen."""
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.[^/]*)?\Z", re.IGNORECASE)
"""Names that are devices on Windows, with any ending: a file called so cannot be saved there."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as the author gave it: its name (a relative path is fine) and its bytes."""

    name: str
    content: bytes


def trouble_with(name: str) -> tuple[str, str] | None:
    """Return why a file name cannot be kept, in English and Chinese, or None."""
    parts = name.split("/")
    if not name:
        return "is empty", "为空"
    if len(name) > LONGEST_NAME:
        return f"has {len(name)} characters; at most {LONGEST_NAME} are kept", (
            f"有 {len(name)} 个字符，最多保留 {LONGEST_NAME} 个"
        )
    if _CONTROL.search(name):
        return "holds a control character", "含有控制字符"
    if "\\" in name:
        return 'holds a backslash; separate folders with "/"', "含有反斜杠；请用“/”分隔文件夹"
    if parts[0] == "" or re.match(r"[A-Za-z]:", name):
        return "is an absolute path; use a relative one", "是绝对路径；请使用相对路径"
    if any(part in ("", ".", "..") for part in parts):
        return 'leaves its folder or names none; use a path without "..", "." and empty parts', (
            "会离开所在文件夹或含有空的部分；请使用不含“..”“.”和空部分的路径"
        )
    if any(_DEVICE.match(part) for part in parts):
        return "is the name of a device on Windows; rename it", "是 Windows 的设备名；请改名"
    return None


def distinct(files: Iterable[SourceFile], report: Callable[[str], Report]) -> Iterator[SourceFile]:
    """Yield the files that can be kept; a bad or repeated name is reported. report: gives a file's report by name."""
    seen: set[str] = set()
    size = 0
    for number, file in enumerate(files):
        shown = _CONTROL.sub("�", file.name)[:80]
        trouble = trouble_with(file.name)
        if number == MOST_FILES:
            report(shown).error(
                "too-many-files",
                Place(),
                f"The deployment has more than {MOST_FILES} files. Deploy in several steps.",
                f"本次部署的文件超过 {MOST_FILES} 个；请分几次部署。",
            )
            return
        size += len(file.content)
        if size > MOST_BYTES:
            too_large(report(shown), shown, MOST_BYTES, "bytes", "字节")
            return
        if trouble is not None:
            report(shown).error(
                "bad-file-name",
                Place(),
                f'The file name "{shown}" {trouble[0]}.',
                f"文件名“{shown}”{trouble[1]}。",
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


def too_large(report: Report, name: str, most: int, en: str, zh: str) -> None:
    """Report that a deployment holds more than can be looked at together; name: of the file with which it does."""
    report.error(
        "deployment-too-large",
        Place(),
        f'The files of the deployment, up to "{name}", have more than {most} {en} together. Deploy in several steps.',
        f"本次部署的文件到“{name}”为止总共超过 {most} {zh}；请分几次部署。",
    )


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a file is: bpmn (then with its root), dmn (then with its text), form or other.

    Without root and text it is one that cannot be read, which has been reported.
    """

    kind: str
    root: Element | None = None
    text: Text | None = None


def is_archive(file: SourceFile) -> bool:
    """Tell whether a file is to be unpacked, by its ending."""
    return file.name.lower().endswith(ARCHIVES)


def classify(file: SourceFile, report: Report) -> Sorted:
    """Return what a file is, by its ending or, where that is not enough, its content.

    What its content shows to be something else than its ending says is reported, with what to do.
    """
    lower = file.name.lower()
    named = next((kind for ending, kind in _ENDINGS.items() if lower.endswith(ending)), "")
    if len(file.content) > safe_xml.MAX_BYTES:
        refused = safe_xml.too_large(file.content)
        report.error(refused.code, Place(), refused.en, refused.zh)
        return Sorted("other")
    if named == "form":
        return Sorted(named)
    if lower.endswith(".json"):
        return Sorted(_json(file, report))
    if not named and not lower.endswith(".xml"):
        _unused(file, report)
        return Sorted("other")
    stranger = of_bytes(file.content)
    if stranger is not None:
        report.error("not-xml", Place(), stranger.en(file.name), stranger.zh(file.name))
        return Sorted(named or "other")
    try:
        text = safe_xml.text_of_file(file.content)
        root = safe_xml.parse_text(text)
    except Refused as refused:
        report.error(refused.code, Place(line=refused.line), refused.en, refused.zh)
        return Sorted(named or "bpmn")
    if text.disagrees:
        report.warning(
            "encoding-disagrees",
            Place(line=1),
            f"The file says it is {text.declared[:40]}, but its bytes are {text.encoding.upper()} and were read as that; "
            "save it again, so that every tool reads the same.",
            f"文件声明的编码是 {text.declared[:40]}，但实际是 {text.encoding.upper()}，已按实际编码读取；"
            "请重新保存，以便各工具读到同样的内容。",
        )
    found = _kind_of(root)
    if found and named in ("", found):
        return Sorted(found, root, text)
    if not named:
        _unused(file, report)
        return Sorted("other")
    stranger = of_root(root)
    report.error(
        f"not-{named}", Place(line=root.sourceline or 0), stranger.en(file.name), stranger.zh(file.name)
    )
    return Sorted(named)


def _kind_of(root: Element) -> str:
    if local_name(root) != "definitions":
        return ""
    if namespace(root) == BPMN:
        return "bpmn"
    return "dmn" if "/DMN/" in namespace(root) else ""


def _json(file: SourceFile, report: Report) -> str:
    stranger = of_json(file.content)
    if stranger is not None:
        report.error("not-bpmn", Place(), stranger.en(file.name), stranger.zh(file.name))
    elif is_form(file.content):
        return "form"
    else:
        _unused(file, report)
    return "other"


def _unused(file: SourceFile, report: Report) -> None:
    report.note(
        "not-read",
        Place(),
        f'The file "{file.name}" is kept as it is; it is no diagram, decision table or form, and nothing reads it.',
        f"文件“{file.name}”原样保存；它不是流程图、决策表或表单，不会被读取。",
    )
