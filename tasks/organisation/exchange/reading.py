"""A file of units, posts or people into rows: CSV as Excel writes it, or XLSX with one sheet per table."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from engine.errors import InvalidInput
from tasks.organisation.changing.mistakes import Mistake
from tasks.organisation.changing.rows import Row, Tables
from tasks.organisation.exchange.columns import TABLES, column_of, heading, restored
from tasks.organisation.exchange.workbook import MOST_COLUMNS, MOST_ROWS, sheets

MOST_BYTES = 8 * 1024 * 1024
"""Of one file as it is sent."""


def read_files(files: Sequence[tuple[str, bytes]]) -> Tables:
    """All rows of the files (name, content), and every mistake of their shape.

    A table is known by its headings. Raises InvalidInput for a file that is neither CSV nor XLSX, or too large.
    """
    if not files:
        raise InvalidInput("Importing was asked for without a file.", message_zh="没有选择文件。")
    found = Tables()
    for name, content in files:
        for sheet, rows in cells_of(name, content, lambda cell: column_of(cell) is not None):
            _table(found, sheet, rows)
    return found


def cells_of(
    name: str, content: bytes, known: Callable[[str], bool]
) -> Iterator[tuple[str, list[list[Any]]]]:
    """The sheets of a file, each its name and rows of cells; a CSV file is one (`csv_rows`). Raises InvalidInput for what
    is neither CSV nor XLSX, or too large.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            f"Importing {name[:100]} was asked for; it has {len(content)} bytes, and at most {MOST_BYTES} are taken.",
            message_zh=f"文件“{name[:100]}”过大，最多 {MOST_BYTES} 字节。",
        )
    if content.startswith(b"PK"):
        yield from sheets(content)
    else:
        yield name, csv_rows(name, content, known)


def csv_rows(name: str, content: bytes, known: Callable[[str], bool]) -> list[list[Any]]:
    """The rows of a CSV file between commas, semicolons or tabs: whichever makes most cells of the first row `known`
    headings. Raises InvalidInput.
    """
    text = decoded(name, content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    between = max(",;\t", key=lambda sign: sum(known(cell) for cell in first.split(sign)))
    try:
        rows: list[list[Any]] = []
        for row in csv.reader(StringIO(text, newline=""), delimiter=between, strict=True):
            if len(rows) >= MOST_ROWS or len(row) > MOST_COLUMNS:
                raise InvalidInput(
                    f"Importing {name[:100]} was asked for; it has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns.",
                    message_zh=f"文件“{name[:100]}”超过 {MOST_ROWS} 行或 {MOST_COLUMNS} 列。",
                )
            rows.append(list(row))
    except csv.Error as error:
        raise InvalidInput(
            f"Importing {name[:100]} was asked for; it is no CSV file: {error}.",
            message_zh=f"文件“{name[:100]}”不是合法的 CSV。",
        ) from error
    return rows


def decoded(name: str, content: bytes) -> str:
    """The text: UTF-8 with or without a mark, UTF-16 with one, else GB18030 as Excel in China writes it."""
    for encoding in (
        ("utf-16", "gb18030") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    ):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise InvalidInput(
        f"Importing {name[:100]} was asked for; it is neither XLSX nor a text in UTF-8 or GB18030.",
        message_zh=f"文件“{name[:100]}”既不是 XLSX，也不是 UTF-8 或 GB18030 文本。",
    )


def _table(found: Tables, sheet: str, rows: Iterable[Sequence[Any]]) -> None:
    """Add the rows of one sheet; the first row that is not empty holds the headings."""
    numbered = ((number, row) for number, row in enumerate(rows, start=1) if any(map(_filled, row)))
    number, headings = next(numbered, (0, ()))
    where = sheet[:60]
    if not number:
        return
    columns = [column_of(cell) if _filled(cell) else None for cell in headings]
    kind = next((name for name, (_, known) in TABLES.items() if known[0] in columns), None)
    if kind is None:
        firsts = ", ".join(heading(known[0]) for _, known in TABLES.values())
        found.mistakes.append(
            Mistake(where, "", "", f"no column is called {firsts}.", f"没有以下任何一列：{firsts}。")
        )
        return
    known = TABLES[kind][1]
    for cell, column in zip(headings, columns, strict=True):
        if _filled(cell) and column not in known:
            found.mistakes.append(
                Mistake(f"{where} {number}", kind, str(cell)[:60], "there is no such column.", "没有这一列。")
            )
        elif column and columns.count(column) > 1:
            found.mistakes.append(
                Mistake(
                    f"{where} {number}", kind, column, "the column stands there twice.", "该列出现了两次。"
                )
            )
    into = {"units": found.units, "posts": found.posts, "people": found.people}[kind]
    for number, row in numbered:
        cells = [*row, *[""] * (len(columns) - len(row))]
        into.append(
            Row(
                f"{where} {number}",
                {
                    column: _cell(cell)
                    for column, cell in zip(columns, cells, strict=False)
                    if column in known
                },
                whole=False,
            )
        )
        for extra in filter(_filled, cells[len(columns) :]):
            found.mistakes.append(
                Mistake(
                    f"{where} {number}",
                    kind,
                    str(extra)[:40],
                    "it stands outside the headings.",
                    "超出了表头范围。",
                )
            )


def _cell(cell: Any) -> Any:
    return restored(cell.strip(" ")) if isinstance(cell, str) else cell


def _filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
