"""Setting a letter on A4 and writing it as PDF/A: the same sheet at the same instant gives the same bytes.

Typst sets it: lines break as Chinese lines do (no stop or closing mark begins one, no opening mark ends one), pages are
numbered, the fonts are embedded as subsets. The page's own text, `letter.typ`, is ours; everything else is handed over as
data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
import typst

from tasks.letters.paper.characters import FONTS, sayable

MOST_CHARACTERS = 100_000
"""Of one letter: some 150 pages, set in less than a second."""


@dataclass(frozen=True, slots=True)
class Block:
    """What stands below another on a sheet. kind: `paragraph`, `heading`, `to` (the addressee), `item` or `row` of a table.

    cells: of a row; every other kind has `text`.
    """

    kind: str
    text: str = ""
    cells: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        return len(self.text) + sum(map(len, self.cells))


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that is printed. number: the letter's own. signed, date: what stands at the end, on the right."""

    unit: str
    number: str
    title: str
    blocks: tuple[Block, ...]
    signed: str
    date: str
    keywords: tuple[str, ...] = ()


def set_sheet(sheet: Sheet, *, at: datetime) -> bytes:
    """The letter as PDF/A-2u. at: the instant that is written into the file as its date."""
    data = {
        "unit": sayable(sheet.unit),
        "number_line": f"编号：{sayable(sheet.number)}",
        "title": sayable(sheet.title),
        "blocks": _joined(sheet.blocks),
        "signed": sayable(sheet.signed),
        "date": sayable(sheet.date),
        "keywords": [sayable(one) for one in sheet.keywords],
    }
    made = typst.compile(
        _page(),
        sys_inputs={"sheet": orjson.dumps(data).decode()},
        font_paths=_fonts(),
        pdf_standards=["a-2u"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(made, bytes)
    return made


def _joined(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """The blocks as `letter.typ` takes them: rows that follow each other are one table, shorter ones filled up."""
    found: list[dict[str, Any]] = []
    for block in blocks:
        if block.kind != "row":
            found.append({"kind": block.kind, "text": sayable(block.text), "mark": "—"})
            continue
        if not found or found[-1]["kind"] != "table":
            found.append({"kind": "table", "rows": []})
        found[-1]["rows"].append([sayable(cell, run=16) for cell in block.cells])
    for table in (one for one in found if one["kind"] == "table"):
        columns = max(len(row) for row in table["rows"])
        table["rows"] = [[*row, *([""] * (columns - len(row)))] for row in table["rows"]]
        table["widths"] = _widths(table["rows"])
    return found


def _widths(rows: Sequence[Sequence[str]]) -> list[float]:
    """How wide the columns are to each other: by their longest cell, none more than four times another."""
    return [max(4.0, *(min(_width(row[at]), 16.0) for row in rows)) for at in range(len(rows[0]))]


def _width(text: str) -> float:
    """Of a text on one line, in Chinese characters."""
    return sum(0.62 if one < "\u2e80" else 1.0 for one in text)


@cache
def _page() -> bytes:
    return files("tasks.letters.paper").joinpath("letter.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS[0].parent)]
    )
