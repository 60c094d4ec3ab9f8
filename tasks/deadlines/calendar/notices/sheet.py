"""A notice as a table: CSV or XLSX with the columns day, kind and name (日期, 类型, 名称)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from tasks.deadlines.calendar.notices.stated import Reading, Stated
from tasks.deadlines.calendar.tables import REST, WORK
from tasks.organisation.exchange.columns import restored
from tasks.organisation.exchange.reading import csv_rows
from tasks.organisation.exchange.workbook import sheets

_COLUMNS = {
    "day": ("day", "date", "日期", "日子"),
    "kind": ("kind", "type", "类型", "类别", "性质", "安排"),
    "name": ("name", "holiday", "名称", "节日", "假日", "节假日"),
}
_KINDS = {
    **dict.fromkeys(("rest", "off", "holiday", "休", "休息", "放假", "休假", "节假日", "周末"), REST),
    **dict.fromkeys(("work", "workday", "班", "上班", "补班", "调休上班", "工作", "工作日"), WORK),
}
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]0{1,2}:00(?::00)?)?$")
_MOST_WRONG = 500
WHOLE = 200
"""A table with so many days of a year means to list all of them."""


def read_sheet(name: str, content: bytes, year: int = 0) -> Reading:
    """Read a table; the year is the one most days lie in, unless `year` says it. Raises InvalidInput for what is no table."""
    found = Reading(title=name[:200])
    if content.startswith(b"PK"):
        for sheet, rows in sheets(content):
            _read(found, f"{sheet[:40]} ", rows)
    else:
        _read(found, "", csv_rows(name, content, lambda cell: _column(cell) is not None))
    years = Counter(each.day.year for each in found.days)
    found.year = year or (years.most_common(1)[0][0] if years else 0)
    found.whole = years[found.year] > WHOLE
    return found


def _read(found: Reading, sheet: str, rows: Iterable[Sequence[Any]]) -> None:
    places: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        cells = [_text(cell) for cell in row]
        where = f"{sheet}行 row {number}"
        if not any(cells) or len(found.mistakes) >= _MOST_WRONG:
            continue
        if not places:
            places = {column: at for at, cell in enumerate(cells) if (column := _column(cell))}
            if "day" not in places or "kind" not in places:
                found.wrong(
                    where, ",".join(cells), "the first row must name the columns day and kind.",
                    "首行应写明列名 day（日期）和 kind（类型）。",
                )  # fmt: skip
                return
            continue
        told = {column: cells[at] if at < len(cells) else "" for column, at in places.items()}
        day, kind = _day(told["day"]), _KINDS.get(told["kind"].lower())
        if day is None:
            found.wrong(where, told["day"], "there is no such day.", "没有这一天。")
        if kind is None:
            found.wrong(
                where, told["kind"], "it is neither rest (休) nor work (班).", "既不是休（rest）也不是班（work）。"
            )  # fmt: skip
        if day is not None and kind is not None:
            found.days.append(Stated(day, kind, told.get("name", "")[:60], where))


def _column(cell: str) -> str | None:
    words = cell.strip().lower().split()
    return next((column for column, known in _COLUMNS.items() if any(word in known for word in words)), None)


def _day(text: str) -> date | None:
    found = _DAY.match(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return restored(str(cell if cell is not None else "").strip())
