"""What a file is that is no BPMN 2.0 diagram, though it was brought as one: by its first bytes, its root, its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.dialect.read.data.forms import form_data
from engine.dialect.safe_xml import Element, local_name, namespace

_EXPORT = ("export it from the modeler as BPMN 2.0 XML", "请在建模工具中导出为 BPMN 2.0 XML")


@dataclass(frozen=True, slots=True)
class Stranger:
    """Something else than what was expected, and what to do, in both languages."""

    what_en: str
    what_zh: str
    do_en: str = _EXPORT[0]
    do_zh: str = _EXPORT[1]

    def en(self, name: str) -> str:
        """Return the sentence in English."""
        return f'"{name}" {self.what_en}; {self.do_en}.'

    def zh(self, name: str) -> str:
        """Return the sentence in Chinese."""
        return f"“{name}”{self.what_zh}；{self.do_zh}。"


_UNPACK = ("unpack it and bring the files in it", "请解压后上传其中的文件")
_BYTES: tuple[tuple[bytes, Stranger], ...] = (
    (b"\x1f\x8b", Stranger("is a gzip archive", "是 gzip 压缩文件", *_UNPACK)),
    (
        b"PK\x03\x04",
        Stranger("is a zip archive", "是 zip 压缩文件", "rename it to .zip", "请把扩展名改为 .zip"),
    ),
    (b"7z\xbc\xaf\x27\x1c", Stranger("is a 7z archive", "是 7z 压缩文件", *_UNPACK)),
    (b"Rar!", Stranger("is a RAR archive", "是 RAR 压缩文件", *_UNPACK)),
    (b"BZh", Stranger("is a bzip2 archive", "是 bzip2 压缩文件", *_UNPACK)),
    (b"\xfd7zXZ", Stranger("is an xz archive", "是 xz 压缩文件", *_UNPACK)),
    (b"\x89PNG", Stranger("is a PNG picture", "是 PNG 图片")),
    (b"\xff\xd8\xff", Stranger("is a JPEG picture", "是 JPEG 图片")),
    (b"GIF8", Stranger("is a GIF picture", "是 GIF 图片")),
    (b"%PDF", Stranger("is a PDF document", "是 PDF 文档")),
    (
        b"\xd0\xcf\x11\xe0",
        Stranger("is an old Office or Visio document", "是旧版 Office 或 Visio 文档"),
    ),
    (b"{", Stranger("is JSON", "是 JSON 文件")),
    (b"[", Stranger("is JSON", "是 JSON 文件")),
)
_ROOTS: dict[str, Stranger] = {
    "Package": Stranger("is an XPDL package", "是 XPDL 流程包"),
    "AML": Stranger("is an ARIS export (AML)", "是 ARIS 导出文件（AML）"),
    "VisioDocument": Stranger("is a Visio document", "是 Visio 文档"),
    "mxfile": Stranger("is a draw.io drawing", "是 draw.io 图"),
    "mxGraphModel": Stranger("is a draw.io drawing", "是 draw.io 图"),
    "svg": Stranger("is an SVG picture", "是 SVG 图片"),
    "html": Stranger("is a web page", "是网页"),
    "BpmnDiagram": Stranger("is a BPMN 1.x diagram", "是 BPMN 1.x 图"),
    "BpmnModel": Stranger("is a BPMN 1.x diagram", "是 BPMN 1.x 图"),
    "epml": Stranger("is an event-driven process chain (EPML)", "是事件驱动过程链（EPML）"),
    "pnml": Stranger("is a Petri net (PNML)", "是 Petri 网（PNML）"),
    "process-definition": Stranger("is a jPDL process", "是 jPDL 流程"),
    "process": Stranger("is a process without its BPMN definitions", "是缺少 BPMN definitions 的流程"),
}
_SPACES: tuple[tuple[str, Stranger], ...] = (
    (
        "/DMN/",
        Stranger("is a DMN decision file", "是 DMN 决策文件", "rename it to .dmn", "请把扩展名改为 .dmn"),
    ),
    (
        "http://www.omg.org/spec/BPMN/20100524/MODEL",
        Stranger("is a BPMN diagram", "是 BPMN 流程图", "rename it to .bpmn", "请把扩展名改为 .bpmn"),
    ),
    ("/CMMN/", Stranger("is a CMMN case model", "是 CMMN 案例模型")),
    (
        "schema.omg.org/spec/BPMN/2.0",
        Stranger("is a draft of BPMN 2.0 from before 2011", "是 2011 年以前的 BPMN 2.0 草案"),
    ),
    ("stp.eclipse.org/bpmn", Stranger("is a BPMN 1.x diagram", "是 BPMN 1.x 图")),
    ("www.bpmn.org/1", Stranger("is a BPMN 1.x diagram", "是 BPMN 1.x 图")),
    ("wfmc.org", Stranger("is an XPDL package", "是 XPDL 流程包")),
    ("wsbpel", Stranger("is a BPEL process", "是 BPEL 流程")),
    ("business-process/", Stranger("is a BPEL process", "是 BPEL 流程")),
    ("schemas.xmlsoap.org/wsdl", Stranger("is a web service description (WSDL)", "是 Web 服务描述（WSDL）")),
)


def of_bytes(content: bytes) -> Stranger | None:
    """Return what a file is by its first bytes when it cannot be XML, or None."""
    start = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((stranger for mark, stranger in _BYTES if start.startswith(mark)), None)


def archive_of(content: bytes) -> Stranger | None:
    """Return what archive a file is by its first bytes, or None."""
    found = of_bytes(content)
    return found if found is not None and "archive" in found.what_en else None


def of_root(root: Element) -> Stranger:
    """Return what an XML file is by its first element."""
    space, name = namespace(root), local_name(root)
    for part, stranger in _SPACES:
        if part in space and name in ("definitions", *_ROOTS):
            return stranger
    if name in _ROOTS:
        return _ROOTS[name]
    name, space = name[:80], space[:200]
    return Stranger(
        f"is no BPMN 2.0 diagram: its root is <{name}> of {space or 'no namespace'}",
        f"不是 BPMN 2.0 流程图：根元素是 {space or '无命名空间'} 的 <{name}>",
    )


def of_json(content: bytes) -> Stranger | None:
    """Return what a JSON file is when it holds a diagram of another kind, or None."""
    found = _data(content)
    if isinstance(found, dict) and ("childShapes" in found or "stencilset" in found):
        return Stranger("is a Signavio or Oryx model in JSON", "是 Signavio 或 Oryx 的 JSON 模型")
    return None


def is_form(content: bytes) -> bool:
    """Tell whether a JSON file is meant as a form."""
    found = _data(content)
    return isinstance(found, dict) and isinstance(found.get("components"), list)


def _data(content: bytes) -> Any:
    try:
        return form_data(content)
    except ValueError:
        return None
