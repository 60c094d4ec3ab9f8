"""Parses XML that nobody has vouched for: no entities, no DTD, no network, bounded in every direction.

lxml hands back a private copy; the uploaded bytes are never changed. What is refused is a sentence, never an
exception of the parser.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

Element = Any
"""An lxml element (lxml carries no type information)."""

MAX_BYTES = 5 * 1024 * 1024
MAX_ELEMENTS = 100_000
MAX_DEPTH = 200

_ENCODINGS = re.compile(
    r"(?:utf-?(?:8|16(?:le|be)?)|(?:us-)?ascii|iso-?8859-\d{1,2}|(?:windows-|cp)125\d|gbk|gb2312|gb18030|euc-cn)\Z",
    re.IGNORECASE,
)


class Refused(Exception):
    """The bytes are not XML this system reads; both sentences say why, `line` where (0: as a whole)."""

    def __init__(self, code: str, en: str, zh: str, line: int = 0) -> None:
        super().__init__(en)
        self.code = code
        self.en = en
        self.zh = zh
        self.line = line


def parse(content: bytes) -> Element:
    """Return the root element of `content` without comments and processing instructions. Raises Refused."""
    if not content.strip():
        raise Refused("empty-file", "The file is empty.", "文件是空的。")
    if len(content) > MAX_BYTES:
        raise Refused(
            "too-large",
            f"The file has {len(content)} bytes; the limit is {MAX_BYTES}. Split the diagram.",
            f"文件有 {len(content)} 字节，上限为 {MAX_BYTES} 字节；请拆分流程图。",
        )
    if content.count(b"<") > 4 * MAX_ELEMENTS:
        raise _too_many_elements()
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None) or 0
        reason = " ".join(str(getattr(error, "msg", None) or error).split())[:300]
        raise Refused(
            "not-xml",
            f"The file is not well-formed XML: {reason}. Save it again from the modeler.",
            f"文件不是格式良好的 XML：{reason}。请在建模工具中重新保存。",
            line,
        ) from None
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None or info.doctype:
        raise Refused(
            "doctype",
            "The file declares a DOCTYPE; BPMN and DMN need none. Remove it.",
            "文件声明了 DOCTYPE；BPMN 和 DMN 不需要它，请删除。",
        )
    if info.encoding and not _ENCODINGS.match(info.encoding):
        raise Refused(
            "encoding",
            f"The file is encoded as {info.encoding}; save it as UTF-8.",
            f"文件编码为 {info.encoding}；请另存为 UTF-8。",
        )
    _measure(root)
    return root


def _measure(root: Element) -> None:
    elements = 0
    stack = [(root, 1)]
    while stack:
        element, depth = stack.pop()
        elements += 1
        if depth > MAX_DEPTH:
            raise Refused(
                "too-deep",
                f"Elements are nested more than {MAX_DEPTH} deep. Turn inner parts into call activities.",
                f"元素嵌套超过 {MAX_DEPTH} 层；请把内层部分改为调用活动。",
                element.sourceline or 0,
            )
        if elements > MAX_ELEMENTS:
            raise _too_many_elements()
        stack.extend((child, depth + 1) for child in element)


def _too_many_elements() -> Refused:
    return Refused(
        "too-many-elements",
        f"The file has more than {MAX_ELEMENTS} XML elements. Split the diagram.",
        f"文件的 XML 元素超过 {MAX_ELEMENTS} 个；请拆分流程图。",
    )


def local_name(element: Element) -> str:
    """Return the tag without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    """Return the namespace of the tag, or an empty string."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def text_of(element: Element | None) -> str:
    """Return the stripped text directly inside an element (CDATA included), or an empty string."""
    return "" if element is None else (element.text or "").strip()
