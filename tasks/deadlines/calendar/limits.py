"""When a limit ends, and when a share of it has gone by: one pure rule for every unit, with pauses and extensions.

Positions are counted in the limit's own unit, so that shares of it are in order and a pause moves every later position by
exactly its own length: natural hours for `h`, calendar days for `cd`, working days for `wd`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil

from tasks.deadlines.calendar.arithmetic import (
    HALF_DAY_HOURS,
    SHANGHAI,
    Calendar,
    OutsideCalendar,
    day_of,
    end_of,
)

HOURS, CALENDAR_DAYS, WORKING_DAYS, FIXED = "h", "cd", "wd", "at"
UNITS = (HOURS, CALENDAR_DAYS, WORKING_DAYS)

YEARS = (1900, 2200)
"""The first and the last year instants are taken in, from people and from diagrams: every zone can show them, and time can
be added to them.
"""

Pause = tuple[datetime, datetime]
"""From when to when a clock stood still, both aware."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`amount` of `unit`; with the unit `at`, the instant `fixed`, whatever the amount. One that rolls is the end of a day, and
    is due with the next working day where that day is a day of rest.

    Whole calendar and working days do not count the day they start on and end with the last day; what is left of a share
    falls into the next day (office hours for working days). Less than one working day is office hours from the start:
    ½ = 4 h. rolls: a limit in calendar days that ends on a rest day ends with the next working day.
    """

    amount: Decimal
    unit: str
    rolls: bool = True
    fixed: datetime | None = None

    def plus(self, amount: Decimal) -> Limit:
        """The limit with so much more of its own unit (of hours, where it is a fixed instant)."""
        if self.unit == FIXED and self.fixed is not None:
            return replace(self, fixed=self.fixed + _hours(amount))
        return replace(self, amount=self.amount + amount)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """An instant in UTC; `provisional` where it was counted over a year whose calendar is not published."""

    at: datetime
    provisional: bool = False


def reckon(
    calendar: Calendar,
    limit: Limit,
    start: datetime,
    pauses: Sequence[Pause] = (),
    share: Decimal = Decimal(1),
) -> Reckoned:
    """When `share` of `limit` has gone by since `start` (aware), not counting the pauses, which do not overlap.

    A pause counts for what lies behind its beginning: what had gone by before stays where it was, and nothing that lay
    behind it comes before its end (a working day that was under way when it began on Friday ends on Monday, when it ends
    on Sunday). Raises OutsideCalendar, also for what lies beyond the last day there is.
    """
    count = _COUNTS[limit.unit]
    counted: list[Pause] = []
    start = start.astimezone(
        UTC
    )  # what is added to an instant in a zone with daylight saving would be wall time
    # What stood still before it began has cost it nothing.
    pauses = sorted(
        (max(begin.astimezone(UTC), start), end.astimezone(UTC)) for begin, end in pauses if end > start
    )
    try:
        found = count(calendar, limit, start, counted, share)
        for pause in pauses:
            if found.at <= pause[0]:
                break
            counted.append(pause)
            found = count(calendar, limit, start, counted, share)
            if found.at < pause[1]:
                late = _not_before(calendar, limit, pause[1], share)
                found = Reckoned(late.at, found.provisional or late.provisional)
    except OverflowError:
        raise OutsideCalendar(
            f"A limit of {limit.amount} {limit.unit} from {start} was asked for; it ends beyond the last day there is.",
            message_zh=f"从 {start} 起 {limit.amount} {limit.unit} 的时限超出了日期的范围。",
        ) from None
    return found


def in_our_time(at: datetime) -> bool:
    """Whether an instant lies in YEARS."""
    return YEARS[0] <= at.year <= YEARS[1]


def after(due: datetime, hours: Decimal) -> datetime:
    """So many natural hours after a due instant: where the steps of the ladder lie."""
    return due + _hours(hours)


def _natural(_: Calendar, limit: Limit, start: datetime, pauses: Sequence[Pause], share: Decimal) -> Reckoned:
    return Reckoned((start + _hours(limit.amount * share) + _stood(pauses)).astimezone(UTC))


def _fixed(
    calendar: Calendar, limit: Limit, start: datetime, pauses: Sequence[Pause], share: Decimal
) -> Reckoned:
    assert limit.fixed is not None
    # Of what was over before it began every share is over at its end.
    whole = max(limit.fixed - start, timedelta())
    at = (limit.fixed - whole * float(1 - share) + _stood(pauses)).astimezone(UTC)
    if share != 1 or not limit.rolls:
        return Reckoned(at)
    last = last_day(at)
    worked = calendar.on_or_after(last)
    return Reckoned(at if worked == last else end_of(worked), calendar.provisional(last, worked))


def _calendar_days(
    calendar: Calendar, limit: Limit, start: datetime, pauses: Sequence[Pause], share: Decimal
) -> Reckoned:
    first, rolling = day_of(start), share == 1 and limit.rolls
    days = limit.amount * share
    for begin, end in pauses:
        if rolling and _passed(first, days) <= begin:  # in the days that the limit had been given by rolling
            days = Decimal((_rolled(calendar, first, days)[1] - first).days)
        days += (day_of(end) - day_of(begin)).days
    at = _passed(first, days)
    if not rolling:
        return Reckoned(at)
    last, rolled = _rolled(calendar, first, days)
    return Reckoned(at if rolled == last else end_of(rolled), calendar.provisional(last, rolled))


def _passed(first: date, days: Decimal) -> datetime:
    return end_of(first + timedelta(days=int(days))) + _hours((days % 1) * 24)


def _rolled(calendar: Calendar, first: date, days: Decimal) -> tuple[date, date]:
    """The last day of so many calendar days, and the working day it rolls to."""
    last = first + timedelta(days=ceil(days))
    return last, calendar.on_or_after(last)


def _working_days(
    calendar: Calendar, limit: Limit, start: datetime, pauses: Sequence[Pause], share: Decimal
) -> Reckoned:
    first = day_of(start)
    if limit.amount < 1:
        given = _hours(limit.amount * share * 2 * HALF_DAY_HOURS)
        stood = sum((calendar.office_time(begin, end) for begin, end in pauses), timedelta())
        at = calendar.add_office_time(start, given + stood)
    else:
        days = limit.amount * share + sum(
            calendar.between(day_of(begin), day_of(end)) for begin, end in pauses
        )
        whole, part = int(days), days % 1
        if part:
            minutes = float(part * calendar.hours.minutes)
            at = calendar.into(calendar.add(first, whole + 1), timedelta(minutes=minutes))
        else:
            at = end_of(calendar.add(first, whole))
    return Reckoned(at, calendar.provisional(first, last_day(at)))


_COUNTS = {HOURS: _natural, FIXED: _fixed, CALENDAR_DAYS: _calendar_days, WORKING_DAYS: _working_days}


def _not_before(calendar: Calendar, limit: Limit, end: datetime, share: Decimal) -> Reckoned:
    """What is counted in days and would come before the end of a pause comes with it; a whole limit, at that day's end."""
    if share != 1:
        return Reckoned(end)
    last = day_of(end)
    if limit.unit == CALENDAR_DAYS and not limit.rolls:
        return Reckoned(end_of(last))
    worked = calendar.on_or_after(last)
    return Reckoned(end_of(worked), calendar.provisional(last, worked))


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a limit; all negative when it is over. days: working days after today, up to the last one."""

    natural: timedelta
    office: timedelta
    days: int


def remaining(calendar: Calendar, due: datetime, at: datetime) -> Remaining:
    """What is left at `at` until `due`, both aware. Raises OutsideCalendar."""
    return Remaining(due - at, calendar.office_time(at, due), calendar.between(day_of(at), last_day(due)))


def last_day(due: datetime) -> date:
    """The day a limit ends with: 24:00 belongs to the day that ends there."""
    return day_of(due - timedelta(microseconds=1))


def plain(amount: Decimal) -> str:
    """An amount without needless zeros: `48`, `0.5`."""
    return f"{amount.normalize():f}"


def shown(due: datetime) -> str:
    """A due instant for people, Shanghai time: `2026-03-02 24:00`, never 00:00 of the day after."""
    local = due.astimezone(SHANGHAI)
    if local.time() == time.min:
        return f"{last_day(due)} 24:00"
    return local.strftime("%Y-%m-%d %H:%M")


def _stood(pauses: Sequence[Pause]) -> timedelta:
    return sum((end - begin for begin, end in pauses), timedelta())


def _hours(hours: Decimal) -> timedelta:
    return timedelta(microseconds=int(hours * 3_600_000_000))
