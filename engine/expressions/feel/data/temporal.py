"""FEEL's dates, times, date-times and the two durations: years −999,999,999…999,999,999, nanoseconds, zones.

Python's own classes stop at year 9999 and at microseconds, which the standard does not. Values are immutable; equality
of Python (`==`) is structural, FEEL's own comparison lives in `operators`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

MAX_YEAR: Final = 999_999_999
SECOND: Final = 1_000_000_000
DAY: Final = 86_400 * SECOND
MAX_OFFSET: Final = 18 * 3600
"""Of a zone offset, as in XML Schema implementations everywhere; the standard's own text says ±14:00."""


class InvalidTemporal(ValueError):
    """A text or a set of components is not a date, time or duration."""


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar."""
    year -= month <= 2
    era = year // 400
    yoe = year - era * 400
    doy = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """The inverse of days_from_civil."""
    days += 719468
    era = days // 146097
    doe = days - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + (3 if mp < 10 else -9)
    return yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) // 5 + 1


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


@dataclass(frozen=True, slots=True)
class Date:
    year: int
    month: int
    day: int

    @property
    def days(self) -> int:
        return days_from_civil(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """Monday is 1, Sunday 7."""
        return (self.days + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        return self.days - days_from_civil(self.year, 1, 1) + 1

    def __str__(self) -> str:
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class Time:
    """nanos since midnight; at most one of offset (seconds east of UTC) and zone (IANA name)."""

    nanos: int
    offset: int | None = None
    zone: str | None = None

    @property
    def hour(self) -> int:
        return self.nanos // (3600 * SECOND)

    @property
    def minute(self) -> int:
        return self.nanos // (60 * SECOND) % 60

    @property
    def second(self) -> int:
        return self.nanos // SECOND % 60

    @property
    def zoned(self) -> bool:
        return self.offset is not None or self.zone is not None

    def utc_offset(self) -> int | None:
        """Seconds east of UTC; a named zone without a date counts with its offset on 1 January 1970."""
        if self.zone is None:
            return self.offset
        return zone_offset(self.zone, 0, self.nanos)

    def __str__(self) -> str:
        text = f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{_fraction(self.nanos % SECOND)}"
        if self.zone is not None:
            return f"{text}@{self.zone}"
        return text if self.offset is None else text + offset_text(self.offset)


@dataclass(frozen=True, slots=True)
class DateTime:
    date: Date
    time: Time

    def utc_offset(self) -> int | None:
        if self.time.zone is None:
            return self.time.offset
        return zone_offset(self.time.zone, self.date.days, self.time.nanos)

    @property
    def local_nanos(self) -> int:
        return self.date.days * DAY + self.time.nanos

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z; a local date-time counts as if it were UTC."""
        return self.local_nanos - (self.utc_offset() or 0) * SECOND

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


@dataclass(frozen=True, slots=True)
class DaysDuration:
    """A days and time duration, in nanoseconds."""

    nanos: int

    def __str__(self) -> str:
        if not self.nanos:
            return "PT0S"
        left = abs(self.nanos)
        days, left = divmod(left, DAY)
        hours, left = divmod(left, 3600 * SECOND)
        minutes, left = divmod(left, 60 * SECOND)
        seconds, left = divmod(left, SECOND)
        text = ("-P" if self.nanos < 0 else "P") + (f"{days}D" if days else "")
        clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
        if seconds or left:
            clock += f"{seconds}{_fraction(left)}S"
        return text + ("T" + clock if clock else "")


@dataclass(frozen=True, slots=True)
class MonthsDuration:
    """A years and months duration, in months."""

    months: int

    def __str__(self) -> str:
        if not self.months:
            return "P0M"
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-P" if self.months < 0 else "P") + text


def _fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def offset_text(offset: int) -> str:
    """`Z`, or `±hh:mm`, with seconds only where there are any."""
    if offset == 0:
        return "Z"
    hours, left = divmod(abs(offset), 3600)
    minutes, seconds = divmod(left, 60)
    text = f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=512)
def zone_name(name: str) -> str:
    """The IANA name a text means, in IANA's own capitals (`europe/paris`). Raises InvalidTemporal for an unknown one."""
    known = _zones().get(name.lower())
    if known is None:
        raise InvalidTemporal(f'there is no time zone "{name[:64]}"')
    return known


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    # tzdata's own list: looking through the machine's files takes 100 ms and finds names that are only this machine's.
    return {name.lower(): name for name in resources.files("tzdata").joinpath("zones").read_text().split()}


def zone_offset(zone: str, days: int, nanos: int) -> int:
    """The zone's offset in seconds at that local wall-clock time (the earlier one where it is ambiguous)."""
    found = _near(days, nanos).replace(tzinfo=_zone(zone)).utcoffset()
    return int(found.total_seconds()) if found is not None else 0


def _near(days: int, nanos: int) -> dt.datetime:
    """The same moment of a year Python knows and in which zones behave alike, said to be in UTC.

    Before the years of the calendar every zone keeps its first offset; after them its last rules go on, and weekdays
    come again after 400 years.
    """
    year, month, day = civil_from_days(days)
    if year < 2:
        year = 4
    elif year > 9998:
        year = 2400 + year % 400
    return dt.datetime(year, month, day, tzinfo=dt.UTC) + dt.timedelta(seconds=nanos // SECOND)


def date_time(date: Date, time: Time) -> DateTime:
    """The two together. A time that clocks of a named zone skip on that day is moved on by what they skip."""
    made = DateTime(date, time)
    return made if time.zone is None else at_instant(made.instant, None, time.zone)


def at_instant(instant: int, offset: int | None, zone: str | None) -> DateTime:
    """The date-time whose `instant` that is, written in the given offset or zone (neither: local)."""
    shift = _offset_at_instant(zone, instant) if zone is not None else offset or 0
    days, nanos = divmod(instant + shift * SECOND, DAY)
    return DateTime(make_date(*civil_from_days(days)), Time(nanos, offset, zone))


def _offset_at_instant(zone: str, instant: int) -> int:
    found = _near(*divmod(instant, DAY)).astimezone(_zone(zone)).utcoffset()
    return int(found.total_seconds()) if found is not None else 0


def make_date(year: int, month: int, day: int) -> Date:
    """Raises InvalidTemporal when there is no such day."""
    if not -MAX_YEAR <= year <= MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= month_length(year, month):
        raise InvalidTemporal(f"there is no day {year}-{month}-{day}")
    return Date(year, month, day)


def make_time(
    hour: int, minute: int, second: int, nanos: int = 0, offset: int | None = None, zone: str | None = None
) -> Time:
    """Raises InvalidTemporal when there is no such time of day."""
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59 and 0 <= nanos < SECOND):
        raise InvalidTemporal(f"there is no time {hour}:{minute}:{second}")
    if offset is not None and abs(offset) > MAX_OFFSET:
        raise InvalidTemporal("a zone offset lies between -18:00 and +18:00")
    return Time(((hour * 60 + minute) * 60 + second) * SECOND + nanos, offset, zone)


def add_months(date: Date, months: int) -> Date:
    """Moves by whole months; a day the target month does not have becomes its last day."""
    year, month0 = divmod(date.year * 12 + date.month - 1 + months, 12)
    if abs(year) > MAX_YEAR:
        raise InvalidTemporal("a year beyond 999,999,999")
    return make_date(year, month0 + 1, min(date.day, month_length(year, month0 + 1)))


def add_days(date: Date, days: int) -> Date:
    return make_date(*civil_from_days(date.days + days))


def from_datetime(value: dt.datetime) -> DateTime:
    """A Python datetime; an aware one keeps its zone's name where it has one, else its offset."""
    zone = value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key else None
    found = value.utcoffset()
    offset = None if found is None or zone else int(found.total_seconds())
    nanos = ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond * 1000
    return DateTime(Date(value.year, value.month, value.day), Time(nanos, offset, zone))


def from_time(value: dt.time) -> Time:
    found = value.utcoffset()
    nanos = ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond * 1000
    return Time(nanos, None if found is None else int(found.total_seconds()))


def from_timedelta(value: dt.timedelta) -> DaysDuration:
    return DaysDuration((value.days * 86_400 + value.seconds) * SECOND + value.microseconds * 1000)


def to_datetime(value: DateTime) -> dt.datetime:
    """A Python datetime (aware when the value has an offset or zone); raises InvalidTemporal beyond years 1–9999."""
    if not 1 <= value.date.year <= 9999:
        raise InvalidTemporal(f"the year of {value} is outside 1 to 9999")
    offset = value.utc_offset()
    zone = None if offset is None else dt.timezone(dt.timedelta(seconds=offset))
    made = dt.datetime(value.date.year, value.date.month, value.date.day, tzinfo=zone)
    return made + dt.timedelta(microseconds=value.time.nanos // 1000)


def iso(value: DateTime) -> str:
    """ISO 8601: as FEEL writes it, but a named zone becomes its offset, which other software reads."""
    if value.time.zone is None:
        return str(value)
    return f"{value.date}T{Time(value.time.nanos, value.utc_offset())}"
