"""Cells of an XLSX file from a stranger. Nothing is evaluated; a formula is the value it was saved with.

calamine reads the cells, but only of an archive that was unpacked, measured and packed again here: it keeps a sheet as a
full rectangle and every cell as its own text, so that a few bytes could ask for any amount of memory.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from engine.errors import InvalidInput

MOST_PARTS = 500
MOST_BYTES = 32 * 1024 * 1024
"""Of all parts together, unpacked."""
MOST_ROWS = 50_000
MOST_COLUMNS = 32
MOST_TEXT = 64 * 1024 * 1024
"""Characters of all cells together, a shared text counted wherever it stands."""

_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})\Z")


def sheets(content: bytes) -> Iterator[tuple[str, list[list[Any]]]]:
    """Each sheet's name and rows, from the first row and column on. Raises InvalidInput for what is no XLSX file or is too
    large.
    """
    parts = _unpacked(content)
    if "xl/workbook.xml" not in parts:
        raise _refused("it is no XLSX workbook", "不是 XLSX 工作簿")
    _measure(parts)
    clean = BytesIO()
    with ZipFile(clean, "w", ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    clean.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(clean)
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError) as error:
        raise _refused("it cannot be read as a workbook", "无法作为工作簿读取") from error


def _unpacked(content: bytes) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    left = MOST_BYTES
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_PARTS:
                raise _refused(f"it has {len(entries)} parts", "部件过多")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as opened:
                        part = opened.read(left + 1)
                    left -= len(part)
                    if left < 0:
                        raise _refused(f"unpacked it has more than {MOST_BYTES} bytes", "解压后过大")
                    parts[entry.filename] = part
    except (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _refused("it is no XLSX workbook", "不是 XLSX 工作簿") from error
    return parts


def _measure(parts: dict[str, bytes]) -> None:
    """Refuse what would become too large in memory. Every part counts, whatever the workbook calls it."""
    shared: list[int] = []
    for part in parts.values():
        for place, length in enumerate(_shared_texts(part)):
            if place < len(shared):
                shared[place] = max(shared[place], length)
            else:
                shared.append(length)
    text = 0
    for part in parts.values():
        text += _cells(part, shared)
        if text > MOST_TEXT:
            raise _refused("its cells hold too much text", "单元格文字过多")


def _shared_texts(part: bytes) -> Iterator[int]:
    for _, item in _elements(part, "{*}si"):
        yield sum(len(text) for text in item.itertext())
        item.clear()


def _cells(part: bytes, shared: list[int]) -> int:
    row = column = text = 0
    for event, element in _elements(part, ("{*}row", "{*}c"), ("start", "end")):
        kind = etree.QName(element).localname
        if kind == "row":
            if event == "start":
                row, column = _number(element.get("r"), row + 1), 0
            else:
                element.clear()
        elif event == "start":
            found = _PLACE.match(element.get("r") or "")
            if found:
                column, row = _letters(found[1]), int(found[2])
            else:
                column += 1
        else:
            value = "".join(str(each) for each in element.itertext())
            at = _number(value, -1) if element.get("t") == "s" else -1
            text += shared[at] if 0 <= at < len(shared) else len(value)
        if row > MOST_ROWS or column > MOST_COLUMNS:
            raise _refused(
                f"a sheet reaches beyond row {MOST_ROWS} or column {MOST_COLUMNS}",
                f"工作表超出 {MOST_ROWS} 行或 {MOST_COLUMNS} 列",
            )
    return text


def _elements(part: bytes, tag: Any, events: tuple[str, ...] = ("end",)) -> Iterator[tuple[str, Any]]:
    if b"\x00" in part or b"<!" in part.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        raise _refused("a part of it is not plain XML", "部件不是普通 XML")
    try:
        yield from etree.iterparse(
            BytesIO(part), events=events, tag=tag, resolve_entities=False, no_network=True, load_dtd=False
        )
    except etree.XMLSyntaxError as error:
        raise _refused("a part of it is not XML", "部件不是 XML") from error


def _letters(text: str) -> int:
    column = 0
    for sign in text.upper():
        column = column * 26 + ord(sign) - 64
    return column


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.strip().isdecimal() and len(text) < 10 else default


def _refused(reason: str, reason_zh: str) -> InvalidInput:
    return InvalidInput(
        f"Importing a workbook was asked for; {reason}. Nothing was changed.",
        message_zh=f"没有导入：{reason_zh}。",
    )
