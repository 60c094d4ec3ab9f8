"""The calendar that the product ships, for tests that count days."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from tasks.deadlines.calendar.arithmetic import Calendar, OfficeHours
from tasks.deadlines.calendar.provisional import statutory_days

FILE = Path(__file__).parents[4] / "bpmn" / "organisation" / "workdays.csv"
YEARS = range(2004, 2030)
PUBLISHED = range(2004, 2027)


def shipped(hours: OfficeHours | None = None) -> Calendar:
    """2004 to 2026 as published, 2027 to 2029 with the statutory days only."""
    exceptions = {off: False for year in YEARS if year not in PUBLISHED for off in statutory_days(year)}
    with FILE.open(encoding="utf-8") as rows:
        exceptions.update(
            {date.fromisoformat(row["day"]): row["kind"] == "work" for row in csv.DictReader(rows)}
        )
    return Calendar(exceptions, YEARS, PUBLISHED, hours or OfficeHours())
