"""The bytes of a decision file → a checked element tree. No entities, no DTD, no network; bounded size and depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

NAMESPACES: Final = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
    "https://www.omg.org/spec/DMN/20240513/MODEL/": "1.6",
    # What Camunda's first modelers wrote.
    "http://www.omg.org/spec/DMN/20130901": "1.1",
    "http://www.omg.org/spec/DMN/20151130": "1.1",
}
ENCODINGS: Final = frozenset(
    {"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "US-ASCII", "ASCII", "GBK", "GB2312", "GB18030"}
)
MAX_BYTES: Final = 5_000_000
MAX_ELEMENTS: Final = 100_000


class Unreadable(ValueError):
    """The bytes are no acceptable decision file; carries the sentence in both languages and the line."""

    def __init__(self, message: str, message_zh: str, line: int = 0) -> None:
        super().__init__(message)
        self.message_zh = message_zh
        self.line = line


def parse(content: bytes) -> etree._Element:
    """The `definitions` element. Raises Unreadable."""
    if len(content) > MAX_BYTES:
        raise Unreadable("The file is larger than 5 MB.", "文件超过 5 MB。")
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
    except etree.XMLSyntaxError as problem:
        line = problem.position[0] if problem.position else 0
        raise Unreadable(
            f"The file is not well-formed XML: {problem.msg}.", f"文件不是合法的 XML：{problem.msg}。", line
        ) from None
    except ValueError as problem:
        raise Unreadable(f"The file cannot be read: {problem}.", f"无法读取文件：{problem}。") from None
    info = root.getroottree().docinfo
    encoding = (info.encoding or "UTF-8").upper()
    if encoding not in ENCODINGS and not encoding.startswith(("ISO-8859-", "WINDOWS-125")):
        raise Unreadable(f"The encoding {encoding} is not accepted.", f"不接受编码 {encoding}。")
    if info.internalDTD is not None or info.externalDTD is not None:
        raise Unreadable("The file has a DOCTYPE, which is not accepted.", "文件含有 DOCTYPE，不予接受。")
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise Unreadable(
            f"The file has more than {MAX_ELEMENTS} elements.", f"文件元素超过 {MAX_ELEMENTS} 个。"
        )
    if local(root) != "definitions" or namespace(root) not in NAMESPACES:
        raise Unreadable(
            "The file is not a DMN decision file: its first element is not a DMN definitions element.",
            "文件不是 DMN 决策文件：根元素不是 DMN 的 definitions。",
        )
    return root


def local(element: etree._Element) -> str:
    """The tag without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str:
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """The DMN children with one of these tags (all, when none is named)."""
    for one in element:
        if namespace(one) in NAMESPACES and (not names or local(one) in names):
            yield one


def child(element: etree._Element, *names: str) -> etree._Element | None:
    return next(children(element, *names), None)


def text(element: etree._Element | None) -> str:
    """The content of the element's `text` child, trimmed."""
    if element is None:
        return ""
    found = child(element, "text")
    return "".join(str(part) for part in found.itertext()).strip() if found is not None else ""


def name(element: etree._Element) -> str:
    """The name attribute, its white space collapsed."""
    return " ".join((element.get("name") or "").split())


def line(element: etree._Element) -> int:
    """Where the element stands in the file; 0 when that is not known."""
    found: Any = element.sourceline
    return found if isinstance(found, int) else 0
