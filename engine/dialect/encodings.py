"""Bytes → the characters they stand for: decided once, before anything is parsed, and the same for every reader.

The bytes' own mark decides (a byte order mark, or the zero bytes of UTF-16); where there is none, the XML declaration
does; without either it is UTF-8 (XML 1.0, 4.3.3 and appendix F). What does not decode without a loss is refused.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from engine.dialect.refusal import Refused

BY_NAME = {
    "utf8": "utf-8",
    "utf16": "utf-16",
    "utf16le": "utf-16",
    "utf16be": "utf-16",
    "ascii": "ascii",
    "usascii": "ascii",
    # GB 18030 holds all of GBK, which holds all of GB 2312: files say the smaller name and use the larger.
    "gb2312": "gb18030",
    "euccn": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "gb18030": "gb18030",
    **{f"iso8859{n}": f"iso8859-{n}" for n in (*range(1, 12), 13, 14, 15, 16)},
    "latin1": "iso8859-1",
    **{f"windows125{n}": f"cp125{n}" for n in range(9)},
    **{f"cp125{n}": f"cp125{n}" for n in range(9)},
}
"""The encodings that are read: the declared name without signs, in small letters → Python's name of it."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00\x00\x00", "UTF-32"),
    (b"\x00\x00\x00<", "UTF-32"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "EBCDIC"),
    (b"+ADw", "UTF-7"),
)
"""How a file begins → what it is encoded as; the longer marks first. What is in capitals is not read."""

_DECLARED = re.compile(r"<\?xml\s[^>]{0,300}?\bencoding\s*=\s*([\"'])([^\"'<>]{1,60})\1")
_LEGAL = "\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
_ILLEGAL = re.compile(f"[^{_LEGAL}]")


@dataclass(frozen=True, slots=True)
class Text:
    """The characters of a file.

    encoding: Python's name of what it was decoded as. declared: what its declaration says, or empty. disagrees: that
    the bytes are something else than they say.
    """

    characters: str
    encoding: str
    declared: str = ""
    disagrees: bool = False

    @property
    def utf8(self) -> bytes:
        """The same document in UTF-8, declared as UTF-8: what every parser behind the gate is given."""
        found = _DECLARED.match(self.characters)
        if found is None:
            return self.characters.encode()
        return (self.characters[: found.start(2)] + "UTF-8" + self.characters[found.end(2) :]).encode()


def read(content: bytes) -> Text:
    """Return the characters of an XML file. Raises Refused for an encoding that is not read or does not fit."""
    mark = next((name for start, name in _MARKS if content.startswith(start)), "")
    if mark.isupper():
        raise _unread(mark)
    head = content[:1200].decode(mark or "latin-1", "replace").removeprefix("\ufeff")
    found = _DECLARED.match(head)
    declared = found[2].strip() if found else ""
    said = BY_NAME.get(re.sub(r"[\W_]", "", declared.lower()), "") if declared else "utf-8"
    if not said:
        raise _unread(declared)
    # "UTF-16" over single bytes is what .NET writes when a text becomes a file: the bytes say it is none.
    encoding = mark or ("utf-8" if said == "utf-16" else said)
    characters = _decoded(content, encoding, declared).removeprefix("\ufeff")
    illegal = _ILLEGAL.search(characters)
    if illegal is not None:
        raise _illegal(characters, illegal)
    return Text(characters, encoding, declared, bool(declared) and not encoding.startswith(said))


def _decoded(content: bytes, encoding: str, declared: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        en = f"declared as {declared}" if declared else "without a declared encoding, so UTF-8"
        zh = f"声明的编码是 {declared}" if declared else "没有声明编码，应为 UTF-8"
        raise Refused(
            "encoding",
            f"The file is {en}, but the byte {content[error.start]:#04x} at position {error.start + 1} is none of it. "
            "Save the file as UTF-8.",
            f"文件{zh}，但第 {error.start + 1} 个字节 {content[error.start]:#04x} 不符合该编码。请另存为 UTF-8。",
            line,
        ) from None


def _illegal(characters: str, found: re.Match[str]) -> Refused:
    line, column = line_and_column(characters, found.start())
    sign = f"U+{ord(found[0]):04X}"
    return Refused(
        "not-xml",
        f"Line {line}, column {column} holds the character {sign}, which XML does not allow. Delete it.",
        f"第 {line} 行第 {column} 列有 XML 不允许的字符 {sign}。请删除该字符。",
        line,
    )


def _unread(name: str) -> Refused:
    return Refused(
        "encoding",
        f"The file is encoded as {name}, which is not read here; save it as UTF-8.",
        f"文件编码为 {name}，这里不读取；请另存为 UTF-8。",
        1,
    )


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return where a character stands, both counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
