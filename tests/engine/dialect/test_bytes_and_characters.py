"""Whatever the bytes are: their characters are decided once, or a sentence says why they are not."""

from __future__ import annotations

import codecs

import pytest

NAME = "投诉处理"


def declared(gate, encoding: str, name: str = NAME) -> str:
    return gate.diagram('<startEvent id="s"/>', name=name).decode().replace("UTF-8", encoding, 1)


@pytest.mark.parametrize(
    ("encoding", "python", "name"),
    [
        ("GB2312", "gbk", "投诉處理"),  # says the smaller set, uses the larger, as most tools do
        ("GBK", "gb18030", "投诉𠀀"),
        ("Windows-1252", "cp1252", "Überprüfung – „ja“"),
        ("ISO-8859-1", "latin-1", "Überprüfung"),
        ("iso8859-15", "iso8859-15", "100 €"),
        ("windows-1251", "cp1251", "Жалоба"),
        ("US-ASCII", "ascii", "plain"),
    ],
)
def test_a_declared_encoding_is_read_to_the_last_character(gate, encoding, python, name):
    assert gate.model(declared(gate, encoding, name).encode(python)).name == name


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_enough(gate, mark):
    text = declared(gate, "UTF-8").partition("\n")[2]
    assert gate.model(text.encode(mark)).name == NAME


@pytest.mark.parametrize("python", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_recognised_without_a_mark(gate, python):
    text = declared(gate, "UTF-16")
    assert gate.model(text.encode(python)).name == NAME
    assert gate.model(text.partition("\n")[2].encode(python)).name == NAME


@pytest.mark.parametrize(
    ("content", "read_as"),
    [
        (lambda text: codecs.BOM_UTF8 + text("GBK").encode(), "UTF-8"),
        (lambda text: text("UTF-16").encode(), "UTF-8"),  # what .NET writes when a text becomes a file
        (lambda text: text("UTF-8").encode("utf-16"), "UTF-16-LE"),
    ],
)
def test_where_bytes_and_declaration_disagree_the_bytes_are_right_and_it_is_told(
    gate, codes_of, content, read_as
):
    outcome = gate(content(lambda encoding: declared(gate, encoding)))
    assert outcome.models[0].name == NAME
    [told] = [one for one in outcome.findings if one.code == "encoding-disagrees"]
    assert read_as in told.message and read_as in told.message_zh


@pytest.mark.parametrize(
    ("encoding", "python", "named"),
    [
        ("UTF-7", "utf-7", "UTF-7"),
        ("UTF-32", "utf-32", "UTF-32"),
        ("UTF-32LE", "utf-32-le", "UTF-32"),
        ("IBM037", "cp037", "EBCDIC"),
        ("Shift_JIS", "ascii", "Shift_JIS"),
        ("x-user-defined", "ascii", "x-user-defined"),
    ],
)
def test_an_encoding_that_is_not_read_is_refused_by_name(gate, codes_of, encoding, python, named):
    outcome = gate(declared(gate, encoding, "x").encode(python))
    assert codes_of(outcome) == ["encoding"]
    assert named in outcome.errors[0].message


def test_utf_7_does_not_hide_a_doctype(gate, codes_of):
    hidden = b'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE a [+ADw-!ENTITY b SYSTEM "file:///x">]><a>+ACY-b;</a>'
    assert codes_of(gate(hidden)) == ["encoding"]
    assert codes_of(gate(b"+ADw-!DOCTYPE a+AD4-")) == ["encoding"]


@pytest.mark.parametrize("python", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_doctype_is_found_in_every_encoding(gate, codes_of, python):
    text = '<?a?><!-- <a> -->\n<!DOCTYPE a [<!ENTITY % p SYSTEM "http://nowhere.invalid/p"> %p;]><a>&b;</a>'
    assert codes_of(gate(text.encode(python))) == ["doctype"]


@pytest.mark.parametrize("encoding", ["", "UTF-8", "Windows-1252"])
def test_bytes_that_are_not_what_they_say_are_refused_with_their_line(gate, codes_of, encoding):
    text = declared(gate, encoding or "UTF-8", "x")
    text = text if encoding else text.partition("\n")[2]
    content = text.encode().replace(b'name="x"', b'name="\x81\xff"')
    outcome = gate(content)
    assert codes_of(outcome) == ["encoding"]
    assert outcome.errors[0].line == (3 if encoding else 2)
    assert "0x81" in outcome.errors[0].message and "UTF-8" in outcome.errors[0].message_zh


@pytest.mark.parametrize("sign", ["\x00", "\x08", "\x1f", "\ufffe", "\uffff"])
def test_a_character_that_xml_forbids_is_refused_with_its_place(gate, codes_of, sign):
    outcome = gate(declared(gate, "UTF-8", f"x{sign}").encode())
    assert codes_of(outcome) == ["not-xml"]
    assert "U+" in outcome.errors[0].message_zh
    assert outcome.errors[0].line == 3


@pytest.mark.parametrize(
    ("damage", "zh"),
    [
        (("</process>", "</proces>"), "第 3 行的 <process> 被 </proces> 关闭"),
        (("</process></definitions>", ""), "还没有关闭"),
        (('id="s"', 'id="s" id="s"'), "属性“id”重复"),
        (('id="s"', "id=s"), "没有引号"),
        (('id="s"', "id"), "属性“id”没有值"),
        (('id="s"', 'id="s'), "属性值中有“<”"),
        (('id="s"', 'id="s"name=""'), "缺少空格"),
        (('id="s"', 'x:y="s"'), "前缀“x:”没有声明"),
        (('id="s"', 'id="&nbsp;"'), "实体“&nbsp;”未知"),
        (('id="s"', 'id="a & b"'), "“&amp;”"),
        (("<startEvent", "<1"), "不是元素的开始"),
        (("<?xml", " <?xml"), "不在文件的最开头"),
        (("</definitions>", "</definitions><a/>"), "根元素结束后还有内容"),
        (("<startEvent", "<!-- <startEvent"), "注释没有结束"),
        (("<startEvent", "<![CDATA[ <startEvent"), "CDATA 段没有结束"),
        (("<startEvent", "&#0;<startEvent"), "XML 不允许的字符"),
    ],
)
def test_malformed_xml_is_told_in_our_own_words_with_line_and_column(gate, codes_of, damage, zh):
    text = gate.diagram('<startEvent id="s"/>').decode()
    assert damage[0] in text
    outcome = gate(text.replace(damage[0], damage[1], 1).encode())
    assert codes_of(outcome) == ["not-xml"]
    [finding] = outcome.errors
    assert zh in finding.message_zh
    assert finding.message_zh.count("列") == 1
    assert f"line {finding.line}, column " in finding.message
    sentence = finding.message_zh.replace("process", "").replace("nbsp", "").replace("amp", "")
    assert not any(word in sentence for word in ("expected", "parse", "tag", "StartTag", "Char"))
