"""The calendar as a file: the columns day, kind and name of `bpmn/organisation/workdays.csv`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import table
from tasks.deadlines.calendar.tables import NATION, REST, WORK, CalendarYear, Workday
from tasks.organisation.revision import bump_office

SOURCE = "国务院办公厅放假通知"


def load_workdays(session: Session, rows: Iterable[Mapping[str, str]], *, now: datetime) -> int:
    """Load the years that the calendar does not hold yet; what is there is the office's and stays as it is.

    Returns how many days were added. Raises InvalidInput naming every wrong row.
    """
    wrong: list[str] = []
    years: dict[int, dict[date, dict[str, Any]]] = {}
    for number, row in enumerate(rows, start=1):
        try:
            day = date.fromisoformat((row.get("day") or "").strip())
        except ValueError:
            wrong.append(f"row {number}: '{row.get('day')}' is no day")
            continue
        kind = (row.get("kind") or "").strip()
        if kind not in (REST, WORK):
            wrong.append(f"row {number}: '{kind}' is neither {REST} nor {WORK}")
        days = years.setdefault(day.year, {})
        if day in days:
            wrong.append(f"row {number} repeats {day}")
        days[day] = {
            "day": day, "region": NATION, "kind": kind, "name": (row.get("name") or "").strip(), "source": SOURCE,
            "changed_at": now, "changed_by": "",
        }  # fmt: skip
    if wrong:
        raise InvalidInput("The working calendar cannot be loaded: " + "; ".join(wrong) + ".")
    there = set(session.scalars(sa.select(table(CalendarYear).c.year)))
    fresh = [year for year in years if year not in there]
    if not fresh:
        return 0
    session.execute(
        sa.insert(table(CalendarYear)),
        [
            {"year": year, "source": SOURCE, "published_on": None, "imported_at": now, "imported_by": ""}
            for year in fresh
        ],
    )
    added = [day for year in fresh for day in years[year].values()]
    session.execute(sa.insert(table(Workday)), added)
    bump_office(session, moves_work=False)
    return len(added)
