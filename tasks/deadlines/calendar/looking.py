"""Looking at the calendar: the years it knows, and a year of a region day by day. For everybody of the company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.calendar.alarm import missing_years
from tasks.deadlines.calendar.arithmetic import Calendar, OutsideCalendar
from tasks.deadlines.calendar.provisional import holiday_names, statutory_days
from tasks.deadlines.calendar.reading import written_hours
from tasks.deadlines.calendar.region import path_of, reaches
from tasks.deadlines.calendar.tables import NATION, REST, WORK, CalendarYear, OfficeHoursRow, Workday
from tasks.deps import Deps
from tasks.organisation.tree import upwards
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

WEEKDAY, NOTICE, LAW, REGION = "weekday", "notice", "law", "region"
WHY: Mapping[str, tuple[str, str]] = {
    WEEKDAY: ("按星期", "by its weekday"),
    NOTICE: ("按通知", "by the notice"),
    LAW: ("法定，暂定", "by law, provisional"),
    REGION: ("本单位安排", "decided by a unit"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """One day: `kind` rest or work, and why. name: of the holiday, or the reason of the unit `region` that decided it."""

    day: date
    kind: str
    why: str
    name: str = ""
    region: str = ""

    @property
    def mark(self) -> str:
        """休 on a day off that is one by more than its weekday, 班 on such a working day, else nothing."""
        if self.why == WEEKDAY:
            return ""
        return "休" if self.kind == REST else "班"


@dataclass(frozen=True, slots=True)
class YearView:
    """A year of a region. provisional: its schedule is not published."""

    year: int
    region: str
    provisional: bool
    hours: str
    days: list[Day]

    @property
    def worked(self) -> int:
        """How many days are worked."""
        return sum(day.kind == WORK for day in self.days)

    def months(self) -> list[list[Day]]:
        """The days by month."""
        return [[day for day in self.days if day.day.month == month] for month in range(1, 13)]

    @staticmethod
    def weeks(days: Sequence[Day]) -> list[list[Day | None]]:
        """The days of a month in rows from Monday to Sunday; None before its first and after its last day."""
        cells: list[Day | None] = [*[None] * days[0].day.weekday(), *days]
        cells += [None] * (-len(cells) % 7)
        return [cells[at : at + 7] for at in range(0, len(cells), 7)]


@dataclass(frozen=True, slots=True)
class KnownYear:
    """A year that can be counted in. source, published_on, imported_at and imported_by: of its notice, if it has one."""

    year: int
    published: bool
    source: str = ""
    published_on: date | None = None
    imported_at: datetime | None = None
    imported_by: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """A day a unit has decided. `mine`: the caller may take it back."""

    region: str
    day: date
    kind: str
    reason: str
    changed_at: datetime
    changed_by: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Hours:
    """Office hours of a unit's own. `mine`: the caller may take them back."""

    region: str
    spans: str
    changed_at: datetime
    changed_by: str
    mine: bool


def years(session: Session, deps: Deps, caller: Caller) -> tuple[list[KnownYear], list[int]]:
    """Every year that can be counted in, and those that are missing although they should be published by now."""
    require(caller, "calendar.read")
    snapshot = deps.office.current(session)
    calendar = snapshot.calendars.of()
    known = {row.year: row for row in session.execute(sa.select(table(CalendarYear)))}
    found = [
        KnownYear(year, True, row.source, row.published_on, row.imported_at, row.imported_by)
        if (row := known.get(year))
        else KnownYear(year, False)
        for year in range(calendar.first.year, calendar.last.year + 1)
    ]
    return found, missing_years(calendar.published, snapshot.day)


def year(session: Session, deps: Deps, caller: Caller | None, number: int, region: str = "") -> YearView:
    """A year as the unit `region` keeps it, the nation where empty. Raises NotFound, OutsideCalendar."""
    if caller is not None:
        require(caller, "calendar.read")
    path = path_of(session, deps, region)
    calendar = deps.office.current(session).calendars.of(path)
    require_year(calendar, number)
    return view(calendar, number, decided(session, path, number), region)


def decided(session: Session, path: str, number: int) -> dict[date, Day]:
    """What notices and units have decided for days of a year, as the unit at `path` keeps them. One statement."""
    regions = [NATION, *(code for code in path.split("/") if code)]
    days = table(Workday).c
    rows = session.execute(
        sa.select(days.day, days.region, days.kind, days.name, days.source).where(
            days.region.in_(regions), sa.func.extract("year", days.day) == number
        )
    ).all()
    found: dict[date, Day] = {}
    for row in sorted(
        rows, key=lambda each: regions.index(each.region)
    ):  # the nearest unit comes last and wins
        found[row.day] = (
            Day(row.day, row.kind, REGION, row.source, row.region)
            if row.region
            else Day(row.day, row.kind, NOTICE, row.name)
        )
    return found


def view(calendar: Calendar, number: int, known: Mapping[date, Day], region: str = "") -> YearView:
    """The days of a year; `known` are those that somebody has decided. Raises OutsideCalendar."""
    require_year(calendar, number)
    provisional = number not in calendar.published
    by_law = statutory_days(number) if provisional else frozenset[date]()
    names = holiday_names(number)
    days = []
    day = date(number, 1, 1)
    while day.year == number:
        kind = WORK if calendar.works(day) else REST
        if found := known.get(day):
            days.append(found)
        elif day in by_law:
            days.append(Day(day, kind, LAW, names.get(day, "")))
        else:
            days.append(Day(day, kind, WEEKDAY, names.get(day, "")))
        day += timedelta(days=1)
    return YearView(number, region, provisional, written_hours(calendar.hours), days)


def require_year(calendar: Calendar, number: int) -> None:
    """Raise OutsideCalendar for a year the calendar does not hold."""
    if not calendar.first.year <= number <= calendar.last.year:
        raise OutsideCalendar(
            f"The year {number} was asked for, but the working calendar only holds {calendar.first.year} to "
            f"{calendar.last.year}: it is an unpublished year.",
            message_zh=f"工作日历只有 {calendar.first.year} 至 {calendar.last.year} 年，没有 {number} 年：该年尚未公布。",
        )


def overrides(session: Session, deps: Deps, caller: Caller, number: int, region: str = "") -> list[Override]:
    """What units have decided for days of a year: all of them, or the unit `region` and those around and below it."""
    require(caller, "calendar.read")
    path = path_of(session, deps, region)
    places = deps.office.current(session).organisation.places
    days = table(Workday)
    rows = session.execute(
        sa.select(days)
        .where(days.c.region != NATION, sa.func.extract("year", days.c.day) == number)
        .order_by(days.c.day, days.c.region)
    )
    return [
        Override(
            row.region, row.day, row.kind, row.source, row.changed_at, row.changed_by,
            _mine(caller, places.get(row.region)),
        )
        for row in rows
        if not path or _touches(path, places.get(row.region))
    ]  # fmt: skip


def office_hours(session: Session, deps: Deps, caller: Caller) -> list[Hours]:
    """The units that have office hours of their own."""
    require(caller, "calendar.read")
    places = deps.office.current(session).organisation.places
    rows = session.execute(sa.select(table(OfficeHoursRow)).order_by(OfficeHoursRow.region))
    return [
        Hours(row.region, row.spans, row.changed_at, row.changed_by, _mine(caller, places.get(row.region)))
        for row in rows
    ]


def _mine(caller: Caller, path: str | None) -> bool:
    return path is not None and reaches(caller, path)


def _touches(path: str, other: str | None) -> bool:
    return other is not None and (other.startswith(path) or other in upwards(path))
