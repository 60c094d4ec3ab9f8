"""What libxml2's complaints mean to an author, in sentences of our own: English and Chinese, with line and column."""

from __future__ import annotations

import re

from lxml import etree

from engine.dialect.refusal import Refused

_CODES = etree.ErrorTypes
_MEANING: dict[int, tuple[str, str]] = {
    _CODES.ERR_DOCUMENT_EMPTY: ("there is no XML element", "这里没有 XML 元素"),
    _CODES.ERR_DOCUMENT_END: (
        "something stands behind the end of the first element, or the file ends too early",
        "根元素结束后还有内容，或者文件提前结束",
    ),
    _CODES.ERR_INVALID_CHARREF: ("the character reference is none", "字符引用无效"),
    _CODES.ERR_INVALID_CHAR: (
        "a character stands here that XML does not allow",
        "这里有 XML 不允许的字符",
    ),
    _CODES.ERR_LT_IN_ATTRIBUTE: (
        'an attribute value holds "<"; write "&lt;"',
        "属性值中有“<”；请写成“&lt;”",
    ),
    _CODES.ERR_ATTRIBUTE_NOT_STARTED: ("the attribute's value has no quotes", "属性值没有引号"),
    _CODES.ERR_ATTRIBUTE_NOT_FINISHED: ("the attribute's value does not end", "属性值没有结束引号"),
    _CODES.ERR_COMMENT_NOT_FINISHED: ("the comment does not end", "注释没有结束"),
    _CODES.ERR_HYPHEN_IN_COMMENT: ('the comment holds "--"', "注释中有“--”"),
    _CODES.ERR_PI_NOT_FINISHED: ("the processing instruction does not end", "处理指令没有结束"),
    _CODES.ERR_CDATA_NOT_FINISHED: ("the CDATA section does not end", "CDATA 段没有结束"),
    _CODES.ERR_MISPLACED_CDATA_END: ('"]]>" stands outside of a CDATA section', "“]]>”出现在 CDATA 段之外"),
    _CODES.ERR_GT_REQUIRED: ('the tag does not end with ">"', "标签没有以“>”结束"),
    _CODES.ERR_EQUAL_REQUIRED: ('the attribute has no "="', "属性缺少“=”"),
    _CODES.ERR_SPACE_REQUIRED: ("a space is missing between two attributes", "两个属性之间缺少空格"),
    _CODES.ERR_LTSLASH_REQUIRED: ("the element is not closed", "元素没有关闭"),
    _CODES.ERR_RESERVED_XML_NAME: (
        "the XML declaration does not stand at the very beginning",
        "XML 声明不在文件的最开头",
    ),
    _CODES.ERR_XMLDECL_NOT_STARTED: ("the XML declaration is incomplete", "XML 声明不完整"),
    _CODES.ERR_XMLDECL_NOT_FINISHED: ("the XML declaration does not end", "XML 声明没有结束"),
    _CODES.ERR_VERSION_MISSING: ("the XML declaration has no version", "XML 声明缺少版本"),
    _CODES.ERR_NAME_TOO_LONG: ("a name is too long", "名称过长"),
    _CODES.ERR_ENTITYREF_SEMICOL_MISSING: ('"&" must be written "&amp;"', "“&”应写成“&amp;”"),
}
"""The number of libxml2's complaint → what it means."""

_WITH_NAMES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+)"),
        "<{0}> of line {1} is closed by </{2}>",
        "第 {1} 行的 <{0}> 被 </{2}> 关闭",
    ),
    (
        re.compile(r"Premature end of data in tag (\S+) line (\d+)"),
        "the file ends before <{0}> of line {1} is closed",
        "第 {1} 行的 <{0}> 还没有关闭，文件就结束了",
    ),
    (
        re.compile(r"Namespace prefix (\S+) (?:for|on|of) .*not defined"),
        'the prefix "{0}:" is not declared',
        "前缀“{0}:”没有声明",
    ),
    (re.compile(r"Entity '([^']+)' not defined"), 'the entity "&{0};" is not known', "实体“&{0};”未知"),
    (
        re.compile(r"Attribute (\S+) (?:redefined|in .* redefined)"),
        'the attribute "{0}" is given twice',
        "属性“{0}”重复",
    ),
    (
        re.compile(r"value for attribute (\S+)"),
        'the attribute "{0}" has no value',
        "属性“{0}”没有值",
    ),
    (re.compile(r"xmlParseEntityRef: no name"), '"&" must be written "&amp;"', "“&”应写成“&amp;”"),
    (re.compile(r"StartTag: invalid element name"), '"<" begins no element here', "这里的“<”不是元素的开始"),
    (re.compile(r"(?i)excessive depth|depth: \d+"), "elements are nested too deep", "元素嵌套过深"),
)
_LONGEST_NAME = 80


def refusal(error: etree.XMLSyntaxError) -> Refused:
    """Return what an XML syntax error means, with its line and column."""
    line, column = error.position if error.position else (0, 0)
    message = (error.msg or "").removesuffix(f", line {line}, column {column}")
    en, zh = _meaning(getattr(error, "code", None) or 0, message)
    return Refused(
        "not-xml",
        f"The file is not well-formed XML: line {line}, column {column}: {en}. Save it again from the modeler.",
        f"文件不是格式良好的 XML：第 {line} 行第 {column} 列，{zh}。请在建模工具中重新保存。",
        line,
    )


def _meaning(code: int, message: str) -> tuple[str, str]:
    for pattern, en, zh in _WITH_NAMES:
        found = pattern.search(message)
        if found:
            names = [name[:_LONGEST_NAME] for name in found.groups()]
            return en.format(*names), zh.format(*names)
    return _MEANING.get(code, ("this is no XML", "这里不符合 XML 语法"))
