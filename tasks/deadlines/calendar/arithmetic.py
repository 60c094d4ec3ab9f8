"""Counting days the way the State Council's calendar says. Pure: dates in, dates out, nothing read from anywhere.

Count rules (Civil Code art. 201, 203; domain §5): the day a limit starts on is not counted; the last day ends at 24:00,
which is 00:00 of the day after it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.errors import InvalidInput, RedressError

SHANGHAI = ZoneInfo("Asia/Shanghai")

HALF_DAY_HOURS = Decimal(4)
"""Half a working day is four office hours (domain §1.10 #18)."""


DAY_MINUTES = 24 * 60


class OutsideCalendar(RedressError):
    """A day is asked about, or a limit reaches one, that the working calendar does not hold."""


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When the office works on a working day: spans of local time, in order, not touching each other; an end of 00:00 is
    24:00.
    """

    spans: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13), time(18)))

    @property
    def minutes(self) -> int:
        """How long a working day is, in minutes."""
        return sum(minute_of(end, ends=True) - minute_of(begin) for begin, end in self.spans)


class Calendar:
    """The working days of one region, from the first to the last day it knows. Immutable and shared by threads.

    exceptions: day → whether it is worked, for every day that differs from Monday to Friday. published: the years whose
    schedule the State Council has published; of the others only the statutory days are known, so whatever is counted
    over them is provisional.
    """

    def __init__(
        self,
        exceptions: Mapping[date, bool],
        years: Iterable[int],
        published: Iterable[int],
        hours: OfficeHours = OfficeHours(),
    ) -> None:
        known = sorted(set(years))
        self.first, self.last = date(known[0], 1, 1), date(known[-1], 12, 31)
        self.published = frozenset(published)
        self.hours = hours
        self._worked = [
            day
            for day in range(self.first.toordinal(), self.last.toordinal() + 1)
            if exceptions.get(date.fromordinal(day), date.fromordinal(day).weekday() < 5)
        ]
        self._set = frozenset(self._worked)

    def works(self, day: date) -> bool:
        """Whether `day` is worked. Raises OutsideCalendar."""
        self._known(day)
        return day.toordinal() in self._set

    def provisional(self, first: date, last: date) -> bool:
        """Whether a count from `first` to `last` passes a year whose schedule is not published."""
        return any(year not in self.published for year in range(first.year, last.year + 1))

    def add(self, day: date, days: int) -> date:
        """The last day of a limit of `days` working days (at least 1) that starts on `day`. Raises OutsideCalendar."""
        self._known(day)
        _at_least_one(days)
        return self._at(bisect_right(self._worked, day.toordinal()) + days - 1, day, days)

    def subtract(self, day: date, days: int) -> date:
        """The day `days` working days (at least 1) before `day`: subtract(add(d, n), n) = d for a working day d. Raises
        OutsideCalendar.
        """
        self._known(day)
        _at_least_one(days)
        return self._at(bisect_left(self._worked, day.toordinal()) - days, day, -days)

    def between(self, first: date, last: date) -> int:
        """How many working days lie after `first` up to and with `last`; negative where last is before first."""
        self._known(first)
        self._known(last)
        return bisect_right(self._worked, last.toordinal()) - bisect_right(self._worked, first.toordinal())

    def on_or_after(self, day: date) -> date:
        """`day` if it is worked, else the next working day: where a calendar-day limit rolls to."""
        self._known(day)
        return self._at(bisect_left(self._worked, day.toordinal()), day, 0)

    def _at(self, index: int, day: date, days: int) -> date:
        if not 0 <= index < len(self._worked):
            raise OutsideCalendar(
                f"{days:+d} working days from {day} were asked for, but the working calendar only holds "
                f"{self.first} to {self.last}.",
                message_zh=f"从 {day} 起 {days:+d} 个工作日超出了工作日历的范围（{self.first} 至 {self.last}）。",
            )
        return date.fromordinal(self._worked[index])

    def _known(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise OutsideCalendar(
                f"{day} was asked about, but the working calendar only holds {self.first} to {self.last}.",
                message_zh=f"{day} 不在工作日历的范围（{self.first} 至 {self.last}）之内。",
            )

    # -- office hours ---------------------------------------------------------------------------------------------

    def add_office_time(self, start: datetime, duration: timedelta) -> datetime:
        """`start` (aware) plus so much time (not negative) in which the office works. Raises OutsideCalendar."""
        if duration < timedelta():
            raise InvalidInput(
                f"Office time of {duration} was to be added to {start}; it cannot be negative."
            )
        local = start.astimezone(SHANGHAI)
        day, left = local.date(), duration
        if self.works(day):
            for begin, end in self._spans(day):
                begin = max(begin, local)
                if begin < end:
                    if left <= end - begin:
                        return (begin + left).astimezone(UTC)
                    left -= end - begin
        whole = timedelta(minutes=self.hours.minutes)
        full = -(-left // whole) - 1 if left > timedelta() else 0
        if full > 0:
            day, left = self.add(day, full), left - full * whole
        return self.into(self.add(day, 1), left)

    def office_time(self, start: datetime, end: datetime) -> timedelta:
        """How much time the office works between two aware instants; negative where end is before start."""
        if end < start:
            return -self.office_time(end, start)
        begin, stop = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
        if begin.date() == stop.date():
            return self._worked_between(begin, stop)
        first = self._worked_between(begin, _midnight(begin.date() + timedelta(days=1)))
        full = self.between(begin.date(), stop.date()) - self.works(stop.date())
        last = self._worked_between(_midnight(stop.date()), stop)
        return first + full * timedelta(minutes=self.hours.minutes) + last

    def into(self, day: date, duration: timedelta) -> datetime:
        """The instant at which the office has worked for `duration` on the working day `day`, at most its closing time."""
        spans = self._spans(day)
        for begin, end in spans:
            if duration <= end - begin:
                return (begin + duration).astimezone(UTC)
            duration -= end - begin
        return spans[-1][1].astimezone(UTC)

    def _worked_between(self, begin: datetime, end: datetime) -> timedelta:
        if not self.works(begin.date()):
            return timedelta()
        worked = (min(end, until) - max(begin, since) for since, until in self._spans(begin.date()))
        return sum((part for part in worked if part > timedelta()), timedelta())

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        opens = _midnight(day)
        return [
            (
                opens + timedelta(minutes=minute_of(begin)),
                opens + timedelta(minutes=minute_of(end, ends=True)),
            )
            for begin, end in self.hours.spans
        ]


def _at_least_one(days: int) -> None:
    if days < 1:
        raise InvalidInput(
            f"A limit of {days} working days was asked for; a limit has at least 1.",
            message_zh=f"时限 {days} 个工作日不成立：至少 1 个工作日。",
        )


def end_of(day: date) -> datetime:
    """24:00 of `day` in Shanghai, in UTC."""
    return _midnight(day + timedelta(days=1)).astimezone(UTC)


def day_of(at: datetime) -> date:
    """The day in Shanghai on which an aware instant lies."""
    return at.astimezone(SHANGHAI).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def minute_of(at: time, *, ends: bool = False) -> int:
    """The minute of the day; 00:00 is the last one where a span ends with it."""
    return at.hour * 60 + at.minute or (DAY_MINUTES if ends else 0)
