"""Texts that say a date, a time, a date-time or a duration: the lexical rules of DMN 1.5 table 58 and XML Schema."""

from __future__ import annotations

import re
from typing import Final

from engine.expressions.feel.data.temporal import (
    DAY,
    SECOND,
    Date,
    DateTime,
    DaysDuration,
    InvalidTemporal,
    MonthsDuration,
    Time,
    add_days,
    date_time,
    make_date,
    make_time,
    zone_name,
)

_DATE: Final = r"(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})"
_TIME: Final = (
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z][A-Za-z0-9_+\-/]*))?"
)
_DATE_RE: Final = re.compile(_DATE, re.ASCII)
_TIME_RE: Final = re.compile(_TIME, re.ASCII)
_DATED_RE: Final = re.compile(r"(-?[0-9]{4,9}-[0-9]{2}-[0-9]{2})([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII)
_DAYS_RE: Final = re.compile(
    r"(-)?P(?:([0-9]{1,19})D)?(T(?:([0-9]{1,19})H)?(?:([0-9]{1,19})M)?(?:([0-9]{1,19})(?:\.([0-9]+))?S)?)?",
    re.ASCII,
)
_MONTHS_RE: Final = re.compile(r"(-)?P(?:([0-9]{1,12})Y)?(?:([0-9]{1,12})M)?", re.ASCII)

MAX_MONTHS: Final = 12_000_000_000
MAX_NANOS: Final = (1 << 63) * SECOND - 1


def parse_date(text: str) -> Date:
    """`2026-01-31`. Raises InvalidTemporal."""
    match = _DATE_RE.fullmatch(text)
    if not match or match[1] == "-0000":
        raise InvalidTemporal(f'"{text[:80]}" is not a date (write 2026-01-31)')
    return make_date(int(match[1]), int(match[2]), int(match[3]))


def parse_time(text: str) -> Time:
    """`10:30:00`, with optional fraction and `Z`, `+08:00` or `@Asia/Shanghai`. Raises InvalidTemporal."""
    match = _TIME_RE.fullmatch(text)
    if not match:
        raise InvalidTemporal(f'"{text[:80]}" is not a time (write 10:30:00)')
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    nanos = int((match[4] or "0")[:9].ljust(9, "0"))
    offset: int | None = 0 if match[5] else None
    if match[6]:
        if int(match[8]) > 59 or int(match[9] or 0) > 59:
            raise InvalidTemporal(f'"{text[:80]}" has an impossible offset')
        offset = int(match[7]) * 3600 + int(match[8]) * 60 + int(match[9] or 0)
        offset = -offset if match[6] == "-" else offset
    return make_time(hour, minute, second, nanos, offset, match[10] and zone_name(match[10]))


def parse_date_and_time(text: str) -> DateTime:
    """`2026-01-31T10:30:00+08:00`; a date alone means its midnight, `2026-01-31Z` that of a zone.

    Raises InvalidTemporal.
    """
    date, separator, time = text.partition("T")
    if not separator:
        # The lexical space of XML Schema's date lets a zone follow.
        dated = _DATED_RE.fullmatch(text)
        return DateTime(parse_date(dated[1]), parse_time("00:00:00" + dated[2])) if dated else _midnight(text)
    if time.startswith("24:00:00") and re.fullmatch(r"24:00:00(\.0+)?(Z|z|[+-].*|@.*)?", time):
        # XML Schema: 24:00:00 is the first instant of the next day.
        midnight = parse_time("00" + time[2:])
        days = parse_date(date)
        return date_time(add_days(days, 1), midnight)
    return date_time(parse_date(date), parse_time(time))


def _midnight(date: str) -> DateTime:
    return DateTime(parse_date(date), Time(0))


def parse_duration(text: str) -> DaysDuration | MonthsDuration:
    """`P3DT4H`, `-PT30M`, `P1Y2M`. Years or months and days cannot be mixed. Raises InvalidTemporal."""
    match = _DAYS_RE.fullmatch(text)
    if match and not text.endswith(("P", "T")):
        nanos = int(match[2] or 0) * DAY
        nanos += (int(match[4] or 0) * 3600 + int(match[5] or 0) * 60 + int(match[6] or 0)) * SECOND
        nanos += int((match[7] or "0")[:9].ljust(9, "0"))
        if nanos > MAX_NANOS:
            raise InvalidTemporal(f'"{text[:80]}" is too long a duration')
        return DaysDuration(-nanos if match[1] else nanos)
    match = _MONTHS_RE.fullmatch(text)
    if match and not text.endswith("P"):
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        if months > MAX_MONTHS:
            raise InvalidTemporal(f'"{text[:80]}" is too long a duration')
        return MonthsDuration(-months if match[1] else months)
    raise InvalidTemporal(f'"{text[:80]}" is not a duration (write P3D, PT4H or P1Y2M)')


def parse_temporal(text: str) -> Date | Time | DateTime | DaysDuration | MonthsDuration:
    """The text of an `@"…"` literal: whichever of the five it is. Raises InvalidTemporal."""
    if re.match(r"-?P", text):
        return parse_duration(text)
    if "T" in text and re.match(r"-?[0-9]{4}", text):
        return parse_date_and_time(text)
    if _DATE_RE.fullmatch(text):
        return parse_date(text)
    return parse_time(text)
