"""Parses XML that nobody has vouched for: no entities, no DTD, no network, bounded in every direction.

lxml is given a private copy in UTF-8; the uploaded bytes are never changed. What is refused is a sentence, never an
exception of the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from engine.dialect import encodings, malformed
from engine.dialect.encodings import Text
from engine.dialect.refusal import Refused

Element = Any
"""An lxml element (lxml carries no type information)."""

MAX_BYTES = 5 * 1024 * 1024
MAX_ELEMENTS = 100_000
MAX_DEPTH = 200
MAX_ATTRIBUTES = 400_000
MAX_ATTRIBUTES_OF_ONE = 500
MAX_RUN = 1_000_000
"""Characters of a text, a comment, or a tag with all its attributes."""
MAX_NAMESPACES = 10_000
MAX_NAMESPACE = 1_000
"""Characters of a namespace: it is part of every name below it."""

_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_VALUE = re.compile(r"=\s*[\"']")
_NAMESPACE = re.compile(r"xmlns(?::[^\s=<>]*)?\s*=\s*(\"[^\"<]*\"|'[^'<]*')")


def parse(content: bytes) -> Element:
    """Return the root element of `content` without comments and processing instructions. Raises Refused."""
    return parse_text(text_of_file(content))


def text_of_file(content: bytes) -> Text:
    """Return the characters of a file that is small enough to be looked at. Raises Refused."""
    if not content.strip():
        raise Refused("empty-file", "The file is empty.", "文件是空的。")
    if len(content) > MAX_BYTES:
        raise too_large(content)
    return encodings.read(content)


def parse_text(text: Text) -> Element:
    """Return the root element of a file's characters. Raises Refused."""
    _weigh(text.characters)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.utf8, parser)
    except etree.XMLSyntaxError as error:
        raise malformed.refusal(error) from None
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None or info.doctype:
        raise _doctype()
    _measure(root)
    return root


def _weigh(characters: str) -> None:
    """Refuse what would cost too much to parse, by what can be counted in the characters."""
    if _begins_with_doctype(characters):
        raise _doctype()
    if characters.count("<") > 4 * MAX_ELEMENTS:
        raise _too_many_elements()
    _at_most(MAX_ATTRIBUTES, _VALUE.finditer(characters), "attributes", "属性")
    _at_most(MAX_NAMESPACES, _NAMESPACE.finditer(characters), "namespace declarations", "命名空间声明")
    longest = max((len(found[1]) for found in _NAMESPACE.finditer(characters)), default=0)
    if longest > MAX_NAMESPACE + 2:
        raise Refused(
            "too-long",
            f"A namespace has {longest - 2} characters; the limit is {MAX_NAMESPACE}. Shorten it.",
            f"有一个命名空间长 {longest - 2} 个字符，上限为 {MAX_NAMESPACE} 个；请缩短。",
        )
    offset = 0
    for run in characters.split("<"):
        if len(run) > MAX_RUN:
            line = characters.count("\n", 0, offset) + 1
            raise Refused(
                "too-long",
                f"The text or tag that begins in line {line} has {len(run)} characters; the limit is {MAX_RUN}. "
                "Keep long texts and pictures outside the diagram.",
                f"从第 {line} 行开始的文本或标签有 {len(run)} 个字符，上限为 {MAX_RUN} 个；"
                "请把长文本和图片放在流程图之外。",
                line,
            )
        offset += len(run) + 1


def _begins_with_doctype(characters: str) -> bool:
    """Tell whether a DOCTYPE stands where one can: then it is not even parsed, whatever bombs it holds."""
    at = 0
    while found := _BEFORE_ROOT.match(characters, at):
        at = found.end()
    return characters.startswith("<!DOCTYPE", at)


def _at_most(limit: int, found: Iterable[object], en: str, zh: str) -> None:
    if sum(1 for _ in found) > limit:
        raise Refused(
            "too-many-attributes",
            f"The file has more than {limit} {en}. Split the diagram.",
            f"文件的{zh}超过 {limit} 个；请拆分流程图。",
        )


def _measure(root: Element) -> None:
    elements = depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        elements += 1
        if depth > MAX_DEPTH:
            raise Refused(
                "too-deep",
                f"Elements are nested more than {MAX_DEPTH} deep. Turn inner parts into call activities.",
                f"元素嵌套超过 {MAX_DEPTH} 层；请把内层部分改为调用活动。",
                element.sourceline or 0,
            )
        if len(element.attrib) > MAX_ATTRIBUTES_OF_ONE:
            raise Refused(
                "too-many-attributes",
                f"<{local_name(element)[:80]}> has {len(element.attrib)} attributes; the limit is "
                f"{MAX_ATTRIBUTES_OF_ONE}. Remove some.",
                f"<{local_name(element)[:80]}> 有 {len(element.attrib)} 个属性，上限为 {MAX_ATTRIBUTES_OF_ONE} 个；"
                "请删除一些。",
                element.sourceline or 0,
            )
        if elements > MAX_ELEMENTS:
            raise _too_many_elements()


def too_large(content: bytes) -> Refused:
    """Return the refusal of a file of more than MAX_BYTES."""
    return Refused(
        "too-large",
        f"The file has {len(content)} bytes; the limit is {MAX_BYTES}. Split it.",
        f"文件有 {len(content)} 字节，上限为 {MAX_BYTES} 字节；请拆分。",
    )


def _doctype() -> Refused:
    return Refused(
        "doctype",
        "The file declares a DOCTYPE; BPMN and DMN need none. Remove it.",
        "文件声明了 DOCTYPE；BPMN 和 DMN 不需要它，请删除。",
    )


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
