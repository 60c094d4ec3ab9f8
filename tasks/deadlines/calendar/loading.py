"""The calendar as a file: the columns day, kind and name of `bpmn/organisation/workdays.csv`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import table
from tasks.deadlines.calendar.changed import calendar_changed
from tasks.deadlines.calendar.counting import clocks_over
from tasks.deadlines.calendar.notices.text import NEW_YEAR
from tasks.deadlines.calendar.reading import Calendars, calendars_of
from tasks.deadlines.calendar.tables import NATION, REST, WORK, CalendarYear, Workday
from tasks.organisation.revision import bump_office

SOURCE = "国务院办公厅放假通知"

Row = tuple[date, str, str, int]
"""day, kind, name, and the year whose notice disposes of the day."""


def read_workdays(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """Read the file. A day of December that is off or worked for New Year's Day belongs to the year that begins.

    Raises InvalidInput naming every wrong row.
    """
    wrong: list[str] = []
    found: dict[date, Row] = {}
    for number, row in enumerate(rows, start=1):
        try:
            day = date.fromisoformat((row.get("day") or "").strip())
        except ValueError:
            wrong.append(f"row {number}: '{row.get('day')}' is no day")
            continue
        kind, name = (row.get("kind") or "").strip(), (row.get("name") or "").strip()
        if kind not in (REST, WORK):
            wrong.append(f"row {number}: '{kind}' is neither {REST} nor {WORK}")
        if day in found:
            wrong.append(f"row {number} repeats {day}")
        found[day] = (day, kind, name, day.year + (day.month == 12 and NEW_YEAR in name))
    if wrong:
        raise InvalidInput("The working calendar cannot be loaded: " + "; ".join(wrong) + ".")
    return list(found.values())


def shipped_calendars(rows: Iterable[Mapping[str, str]], day: date) -> Calendars:
    """The calendar of the file alone, for where no office is stored. `day` is today. Raises InvalidInput."""
    read = read_workdays(rows)
    return calendars_of(
        {year for *_, year in read}, ((NATION, each, kind == WORK) for each, kind, _, _ in read), day
    )


def load_workdays(session: Session, rows: Iterable[Mapping[str, str]], *, now: datetime) -> int:
    """Load the years that the calendar does not hold yet; what is there is the office's and stays as it is.

    Returns how many days were added. Raises InvalidInput naming every wrong row.
    """
    read = read_workdays(rows)
    there = set(session.scalars(sa.select(table(CalendarYear).c.year)))
    fresh = sorted({year for *_, year in read} - there)
    if not fresh:
        return 0
    days = table(Workday)
    taken = set(session.scalars(sa.select(days.c.day).where(days.c.region == NATION)))
    added: list[dict[str, Any]] = [
        {
            "day": day, "region": NATION, "kind": kind, "year": year, "name": name, "source": SOURCE,
            "changed_at": now, "changed_by": "",
        }
        for day, kind, name, year in read
        if year in fresh and day not in taken
    ]  # fmt: skip
    session.execute(
        sa.insert(table(CalendarYear)),
        [
            {"year": year, "source": SOURCE, "published_on": None, "imported_at": now, "imported_by": ""}
            for year in fresh
        ],
    )
    if added:
        session.execute(sa.insert(days), added)
    first, last = date(fresh[0], 1, 1), date(fresh[-1], 12, 31)
    if clocks_over(session, first, last):
        calendar_changed(session, first, last, NATION)
    else:
        bump_office(session, moves_work=False)
    return len(added)
