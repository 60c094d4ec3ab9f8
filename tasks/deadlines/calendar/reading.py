"""The working calendars of one office revision: the nation's, and those of regions that depart from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.calendar.arithmetic import Calendar, OfficeHours
from tasks.deadlines.calendar.provisional import statutory_days
from tasks.deadlines.calendar.tables import NATION, WORK, CalendarYear, OfficeHoursRow, Workday

YEARS_AHEAD = 3
"""How many years after the last published one, or after this one, limits can be counted into: provisionally."""


@dataclass
class Calendars:
    """exceptions: region → day → whether it is worked. hours: region → office hours. Calendars are made when asked for."""

    years: tuple[int, ...]
    published: frozenset[int]
    exceptions: Mapping[str, Mapping[date, bool]]
    hours: Mapping[str, OfficeHours] = field(default_factory=dict)
    _made: dict[tuple[str, ...], Calendar] = field(default_factory=dict)

    def of(self, path: str = "") -> Calendar:
        """The calendar of the unit with this path (`/hq/henan/`): the nation's, overlaid by each region on the way down."""
        regions = (
            NATION,
            *(code for code in path.split("/") if code in self.exceptions or code in self.hours),
        )
        if regions not in self._made:
            days: dict[date, bool] = {}
            hours = OfficeHours()
            for region in regions:
                days.update(self.exceptions.get(region, {}))
                hours = self.hours.get(region, hours)
            self._made[regions] = Calendar(days, self.years, self.published, hours)
        return self._made[regions]


def read_calendars(session: Session, day: date) -> Calendars:
    """Read the calendar as it stands; `day` is today, so that there is always a year to count in. Three statements."""
    years = table(CalendarYear).c.year
    published = frozenset(session.scalars(sa.select(years)))
    last = max([day.year, *published])
    known = range(min([day.year - 1, *published]), last + YEARS_AHEAD + 1)
    exceptions: dict[str, dict[date, bool]] = {
        NATION: {off: False for year in known if year not in published for off in statutory_days(year)}
    }
    days = table(Workday).c
    for row in session.execute(sa.select(days.region, days.day, days.kind)):
        exceptions.setdefault(row.region, {})[row.day] = row.kind == WORK
    hours = table(OfficeHoursRow).c
    spans = {
        row.region: read_hours(row.spans) for row in session.execute(sa.select(hours.region, hours.spans))
    }
    return Calendars(tuple(known), published, exceptions, spans)


def read_hours(text: str) -> OfficeHours:
    """Read spans such as `09:00-12:00,13:00-18:00`, which have been checked when they were stored."""
    spans = (span.split("-") for span in text.split(","))
    return OfficeHours(tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in spans))
