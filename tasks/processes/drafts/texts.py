"""Files of a draft as text: what an editor is given, what is kept of what it sends, and which names and sizes can be.

Bytes nobody has edited stay as they were brought, whatever they are encoded in. An editor is given characters, and what it
saves is UTF-8, declared as UTF-8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.dialect import SourceFile, encodings
from engine.dialect.compiler import GENERATED
from engine.dialect.encodings import Text
from engine.dialect.files import ARCHIVES, MOST_BYTES, MOST_FILES, classify, trouble_with
from engine.dialect.findings import Report, shown
from engine.dialect.refusal import Refused
from engine.dialect.safe_xml import MAX_BYTES
from engine.errors import InvalidInput
from tasks.core import legible

LONGEST_NAME = 200
LONGEST_TITLE = 120
KINDS = ("bpmn", "dmn", "form", "other")
_ENDINGS = {".bpmn": "bpmn", ".bpmn2": "bpmn", ".bpmn20.xml": "bpmn", ".dmn": "dmn", ".form": "form"}
_XML = ("bpmn", "dmn")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a file. problem, problem_zh: why some of them are not what its author wrote, or empty."""

    text: str
    problem: str = ""
    problem_zh: str = ""


def kind_of(name: str, content: bytes) -> str:
    """Return what a file is: by its ending or, where that says too little, by its content."""
    lower = name.lower()
    named = next((kind for ending, kind in _ENDINGS.items() if lower.endswith(ending)), "")
    if named:
        return named
    if not lower.endswith((".xml", ".json")):
        return "other"
    found = classify(SourceFile(name, content), Report(name)).kind
    return found if found in KINDS else "other"


def decoded(kind: str, content: bytes) -> Decoded:
    """Return a file as an editor is given it. What cannot be decoded is shown with marks in its place, and said."""
    if kind in _XML:
        try:
            return Decoded(encodings.read(content).utf8.decode())
        except Refused as refused:
            return Decoded(content.decode("utf-8", "replace"), refused.en, refused.zh)
    try:
        return Decoded(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Decoded(
            content.decode("utf-8", "replace"),
            f"The file is not UTF-8: the byte {content[error.start]:#04x} at position {error.start + 1} is none of it.",
            f"文件不是 UTF-8：第 {error.start + 1} 个字节 {content[error.start]:#04x} 不符合该编码。",
        )


def encoded(name: str, kind: str, text: str) -> bytes:
    """Return the bytes that are kept of a text an editor sends. Raises InvalidInput for one that is no Unicode or too large."""
    text = text.removeprefix("\ufeff")
    try:
        content = Text(text, "utf-8").utf8 if kind in _XML else text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"To save the file {named(name)} was asked, but its character {error.start + 1} is half of a pair and cannot be "
            "kept.",
            message_zh=f"文件“{named(name)}”没有保存：第 {error.start + 1} 个字符不完整，无法保存。",
        ) from None
    check_size(name, len(content))
    return content


def check_size(name: str, size: int) -> None:
    """Raise InvalidInput for more than a file may have."""
    if size > MAX_BYTES:
        raise InvalidInput(
            f"The file {named(name)} has {size} bytes; a file of a draft has at most {MAX_BYTES}, as in a deployment.",
            message_zh=f"文件“{named(name)}”有 {size} 字节；草稿的一个文件最多 {MAX_BYTES} 字节，与部署相同。",
        )


def check_bundle(files: int, size: int) -> None:
    """Raise InvalidInput for more files, or more bytes of all of them, than a deployment may have."""
    if files > MOST_FILES:
        raise InvalidInput(
            f"A draft of {files} files was asked for; it holds at most {MOST_FILES}, as a deployment does.",
            message_zh=f"草稿会有 {files} 个文件；最多 {MOST_FILES} 个，与部署相同。",
        )
    if size > MOST_BYTES:
        raise InvalidInput(
            f"A draft of {size} bytes was asked for; all its files together have at most {MOST_BYTES}.",
            message_zh=f"草稿的文件总共会有 {size} 字节；最多 {MOST_BYTES} 字节。",
        )


def check_name(name: str) -> None:
    """Raise InvalidInput for what no file of a draft can be called."""
    trouble = trouble_with(name)
    if trouble is None and len(name) > LONGEST_NAME:
        trouble = (
            f"has {len(name)} characters; at most {LONGEST_NAME} are kept",
            f"有 {len(name)} 个字符，最多 {LONGEST_NAME} 个",
        )
    if trouble is None and not legible(name):
        trouble = "cannot be read", "无法辨认"
    if trouble is None and name != name.strip():
        trouble = "begins or ends with a space", "开头或结尾有空格"
    if trouble is None and name.lower().endswith(ARCHIVES):
        trouble = (
            "is an archive's; upload the archive, and its files are taken out",
            ("是压缩文件；请上传压缩文件，其中的文件会被取出"),
        )
    if trouble is None and name.startswith(GENERATED):
        trouble = (
            f"is in {GENERATED}, where forms stand that a deployment makes by itself",
            (f"位于 {GENERATED}，那里只放部署时自动生成的表单"),
        )
    if trouble is not None:
        raise InvalidInput(
            f'The file name "{named(name)}" {trouble[0]}.', message_zh=f"文件名“{named(name)}”{trouble[1]}。"
        )


def title_of(name: object) -> str:
    """Return the name of a draft. Raises InvalidInput."""
    text = re.sub(r"[\r\n\t ]+", " ", name).strip() if isinstance(name, str) else ""
    if not 1 <= len(text) <= LONGEST_TITLE or not legible(text):
        raise InvalidInput(
            f"A draft was to be called {named(str(name))!r}; its name has 1 to {LONGEST_TITLE} characters that can be read.",
            message_zh=f"草稿名称要有 1 到 {LONGEST_TITLE} 个可辨认的字符。",
        )
    return text


def named(name: str) -> str:
    """Return a name somebody sent as it can stand in a sentence."""
    return shown("".join(sign if sign.isprintable() else "�" for sign in name[:80]))
