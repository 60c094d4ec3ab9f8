"""Questions people ask of the calendar in words: dates, amounts and units as they were typed, answers as they are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.errors import InvalidInput
from tasks.deadlines.calendar.arithmetic import SHANGHAI, Calendar, OutsideCalendar, day_of, end_of
from tasks.deadlines.calendar.limits import (
    CALENDAR_DAYS,
    HOURS,
    WORKING_DAYS,
    YEARS,
    Limit,
    last_day,
    reckon,
    shown,
)

HALF_DAYS = "half"
UNITS = {
    WORKING_DAYS: "working days 工作日",
    CALENDAR_DAYS: "calendar days 自然日",
    HOURS: "natural hours 小时",
    HALF_DAYS: "half working days 半个工作日",
}
MOST = 10_000
"""Of any unit: more than any limit, and not yet beyond every calendar."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S{0,20}")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,3})?")
_MIDNIGHT = re.compile(r"(.*[T ])24:00(:00)?(.*)$")


class NotPublished(OutsideCalendar):
    """What was asked is counted over an unpublished year, and only published ones were to count."""


@dataclass(frozen=True, slots=True)
class Answer:
    """text: the day, or the instant in Shanghai. provisional: the unpublished years it was counted over."""

    text: str
    at: datetime
    provisional: tuple[int, ...] = ()

    @property
    def day(self) -> date:
        """The day it ends with."""
        return last_day(self.at)


@dataclass(frozen=True, slots=True)
class Start:
    """A day, or an instant, as it was given."""

    at: datetime
    is_day: bool

    @property
    def day(self) -> date:
        return day_of(self.at)


def read_start(text: str) -> Start:
    """Read `2026-02-13`, `2026-03-02T10:00` (Shanghai unless it names a zone) or `2026-03-02 24:00`. Raises InvalidInput."""
    given = text.strip()
    try:
        if not YEARS[0] <= int(given[:4]) <= YEARS[1]:
            raise ValueError("no year that is counted in")
        if _DAY.fullmatch(given):
            return Start(datetime.combine(date.fromisoformat(given), time.min, SHANGHAI), True)
        if not _INSTANT.fullmatch(given):
            raise ValueError("no instant as people write it")
        midnight = _MIDNIGHT.fullmatch(given)
        at = datetime.fromisoformat(f"{midnight[1]}00:00{midnight[3]}" if midnight else given)
        at = at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at
        return Start((at + timedelta(days=bool(midnight))).astimezone(SHANGHAI), False)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"The day '{text[:60]}' was given, but it is neither a day such as 2026-02-13 nor an instant such as "
            "2026-03-02T10:00.",
            message_zh=f"“{text[:60]}”不是 2026-02-13 这样的日期，也不是 2026-03-02T10:00 这样的时刻。",
        ) from None


def read_amount(text: str, unit: str = WORKING_DAYS) -> Decimal:
    """Read a positive number of a unit. Raises InvalidInput for none, zero, less than zero, and more than MOST."""
    given = text.strip()
    found = Decimal(given) if _NUMBER.fullmatch(given) else None
    if unit not in UNITS:
        raise InvalidInput(
            f"The unit '{unit[:20]}' was given; there are {', '.join(UNITS)}.",
            message_zh=f"没有单位“{unit[:20]}”；可用 {'、'.join(UNITS)}。",
        )
    if found is None or not 0 < found <= MOST:
        raise InvalidInput(
            f"A limit of '{text[:40]}' was given; it must be a number above 0 and at most {MOST}.",
            message_zh=f"时限“{text[:40]}”不成立：应为大于 0、不超过 {MOST} 的数。",
        )
    return found


def add(
    calendar: Calendar,
    start: str,
    amount: str,
    unit: str = WORKING_DAYS,
    *,
    rolls: bool = True,
    published_only: bool = False,
) -> Answer:
    """When a limit that starts then ends. Raises InvalidInput, OutsideCalendar, NotPublished."""
    begin, number = read_start(start), read_amount(amount, unit)
    limit = Limit(number / 2, WORKING_DAYS, rolls) if unit == HALF_DAYS else Limit(number, unit, rolls)
    if limit.unit != HOURS:
        calendar.works(begin.day)
    reckoned = reckon(calendar, limit, begin.at)
    counted = (begin.day, last_day(reckoned.at)) if reckoned.provisional else None
    whole_days = begin.is_day and reckoned.at == end_of(last_day(reckoned.at)) and limit.unit != HOURS
    text = str(last_day(reckoned.at)) if whole_days else shown(reckoned.at)
    return _answered(calendar, Answer(text, reckoned.at, _unpublished(calendar, counted)), published_only)


def subtract(
    calendar: Calendar, end: str, amount: str, unit: str = WORKING_DAYS, *, published_only: bool = False
) -> Answer:
    """On which day a limit of whole days, or when one of hours, must start to end then. Raises as `add` does."""
    until, number = read_start(end), read_amount(amount, unit)
    if unit == HOURS:
        at = until.at - timedelta(microseconds=int(number * 3_600_000_000))
        return Answer(f"{at:%Y-%m-%d %H:%M}", at)
    if unit == HALF_DAYS or number % 1:
        raise InvalidInput(
            f"Going back {amount[:40]} of the unit {unit} was asked for; only whole days and hours are counted backwards.",
            message_zh="倒推只支持整天（wd、cd）和小时（h）。",
        )
    if unit == CALENDAR_DAYS:
        day = until.day - timedelta(days=int(number))
        return Answer(str(day), end_of(day))
    day = calendar.subtract(until.day, int(number))
    counted = _unpublished(calendar, (day, until.day))
    return _answered(calendar, Answer(str(day), end_of(day), counted), published_only)


@dataclass(frozen=True, slots=True)
class Between:
    """How much lies between two days or instants, and over which unpublished years it was counted."""

    amount: Decimal
    provisional: tuple[int, ...] = ()


def between(
    calendar: Calendar, first: str, last: str, unit: str = WORKING_DAYS, *, published_only: bool = False
) -> Between:
    """How many working days, calendar days, natural hours, or half working days (4 office hours each) lie between; days
    after the first up to and with the last. Negative where last is before first. Raises as `add` does.
    """
    begin, end = read_start(first), read_start(last)
    read_amount("1", unit)
    if unit == HOURS:
        return Between(_exact(end.at - begin.at, timedelta(hours=1)))
    if unit == CALENDAR_DAYS:
        return Between(Decimal((end.day - begin.day).days))
    if unit == HALF_DAYS:
        amount = _exact(calendar.office_time(begin.at, end.at), timedelta(hours=4))
    else:
        amount = Decimal(calendar.between(begin.day, end.day))
    counted = _unpublished(calendar, (min(begin.day, end.day), max(begin.day, end.day)))
    _refuse(counted, published_only)
    return Between(amount, counted)


def _exact(duration: timedelta, unit: timedelta) -> Decimal:
    return round(
        Decimal(duration // timedelta(microseconds=1)) / Decimal(unit // timedelta(microseconds=1)), 3
    )


def _unpublished(calendar: Calendar, counted: tuple[date, date] | None) -> tuple[int, ...]:
    if counted is None:
        return ()
    return tuple(
        year for year in range(counted[0].year, counted[1].year + 1) if year not in calendar.published
    )


def _answered(calendar: Calendar, answer: Answer, published_only: bool) -> Answer:
    _refuse(answer.provisional, published_only)
    return answer


def _refuse(years: tuple[int, ...], published_only: bool) -> None:
    if published_only and years:
        raise not_published(years)


def not_published(years: tuple[int, ...]) -> NotPublished:
    """The refusal to count over unpublished years."""
    told = ", ".join(map(str, years))
    return NotPublished(
        f"A count over {told} was asked for with published years only; {told} is an unpublished year: the State Council's "
        "schedule for it has not been imported.",
        message_zh=f"要求只按已公布的年份计算，但 {told} 年的放假安排尚未公布（未导入）。",
    )
