"""The working calendars of one office revision: the nation's, and those of regions that depart from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import DAY_MINUTES, Calendar, OfficeHours
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


def calendars_of(
    published: Iterable[int],
    workdays: Iterable[tuple[str, date, bool]],
    day: date,
    hours: Mapping[str, OfficeHours] | None = None,
) -> Calendars:
    """The calendars that make of the published years and of days (region, day, worked). `day` is today, so that there is
    always a year to count in; a year between that is not published has its statutory days.
    """
    known_years = frozenset(published)
    last = max([day.year, *known_years])
    years = range(min([day.year - 1, *known_years]), last + YEARS_AHEAD + 1)
    exceptions: dict[str, dict[date, bool]] = {
        NATION: {off: False for year in years if year not in known_years for off in statutory_days(year)}
    }
    for region, each, worked in workdays:
        exceptions.setdefault(region, {})[each] = worked
    return Calendars(tuple(years), known_years, exceptions, hours or {})


def read_calendars(session: Session, day: date) -> Calendars:
    """Read the calendar as it stands; `day` is today. Three statements."""
    published = session.scalars(sa.select(table(CalendarYear).c.year)).all()
    days = table(Workday).c
    rows = session.execute(sa.select(days.region, days.day, days.kind)).all()
    hours = table(OfficeHoursRow).c
    spans = {
        row.region: read_hours(row.spans) for row in session.execute(sa.select(hours.region, hours.spans))
    }
    return calendars_of(published, ((row.region, row.day, row.kind == WORK) for row in rows), day, spans)


SPAN = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")


def read_hours(text: str) -> OfficeHours:
    """Read spans such as `09:00-12:00,13:00-18:00`. Raises InvalidInput unless they are in order, do not touch or overlap,
    and lie inside a day, which may end at 24:00.
    """
    spans: list[tuple[time, time]] = []
    behind = -1
    for part in (part.strip() for part in text.split(",")):
        found = SPAN.fullmatch(part)
        begin, end = (
            (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
        )
        if found is None or max(int(found[2]), int(found[4])) > 59 or end > DAY_MINUTES:
            raise _wrong_hours(
                text, f"'{part}' is no span such as 09:00-12:00", f"“{part}”不是 09:00-12:00 这样的时段"
            )
        if end <= begin:
            raise _wrong_hours(text, f"{part} does not end after its beginning", f"{part} 的结束不晚于开始")
        if begin <= behind:
            raise _wrong_hours(
                text, f"{part} does not begin after the end of the span before it", f"{part} 没有在上一时段结束之后开始"
            )  # fmt: skip
        behind = end
        spans.append((_time(begin), _time(end)))
    return OfficeHours(tuple(spans))


def written_hours(hours: OfficeHours) -> str:
    """Office hours as `read_hours` reads them."""
    return ",".join(f"{begin:%H:%M}-{_end(end)}" for begin, end in hours.spans)


def _end(at: time) -> str:
    return "24:00" if at == time.min else f"{at:%H:%M}"


def _time(minute: int) -> time:
    return time(*divmod(minute % DAY_MINUTES, 60))


def _wrong_hours(text: str, what: str, what_zh: str) -> InvalidInput:
    return InvalidInput(
        f"The office hours '{text[:200]}' were given, but {what}.",
        message_zh=f"办公时间“{text[:200]}”不对：{what_zh}。",
    )
