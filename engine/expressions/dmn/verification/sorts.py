"""Sorts of values that can stand in an input cell, and where a value stands among its sort.

A sort is what can be compared with each other: times with and without a zone are two. A value's key orders it within
its sort: numbers and strings are their own, dates and times count nanoseconds, durations nanoseconds or months.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from engine.expressions.feel.data.temporal import (
    DAY,
    MAX_OFFSET,
    SECOND,
    Date,
    DateTime,
    DaysDuration,
    InvalidTemporal,
    MonthsDuration,
    Time,
    at_instant,
    civil_from_days,
    make_date,
)
from engine.expressions.feel.data.values import NUMBERS, text_of

NUMBER, STRING, BOOLEAN, DATE = "number", "string", "boolean", "date"
TIME, ZONED_TIME = "time", "time with zone"
DATE_TIME, ZONED_DATE_TIME = "date and time", "date and time with zone"
DAYS, MONTHS, NULL = "days and time duration", "years and months duration", "null"

OF_KIND: Final[dict[str, tuple[str, ...]]] = {
    NUMBER: (NUMBER,),
    STRING: (STRING,),
    BOOLEAN: (BOOLEAN,),
    DATE: (DATE,),
    TIME: (TIME, ZONED_TIME),
    DATE_TIME: (DATE_TIME, ZONED_DATE_TIME),
    DAYS: (DAYS,),
    MONTHS: (MONTHS,),
}
"""The sorts of each scalar type of FEEL."""

EQUATABLE: Final = {sort: frozenset(sorts) for sorts in OF_KIND.values() for sort in sorts}
"""With which sorts `=` answers true or false (DMN 1.5 table 42); with others it answers null."""

_MOMENTS: Final = frozenset({DATE, DATE_TIME, ZONED_DATE_TIME})
_TIMES: Final = frozenset({TIME, ZONED_TIME})
COMPARABLE: Final[dict[str, frozenset[str]]] = {
    **{sort: frozenset({sort}) for sorts in OF_KIND.values() for sort in sorts},
    BOOLEAN: frozenset(),
    **dict.fromkeys(_MOMENTS, _MOMENTS),
    **dict.fromkeys(_TIMES, _TIMES),
}
"""With which sorts `<` answers: a date counts as its midnight, and what has no zone takes over that of the other."""

_HOUR, _MINUTE = 3600 * SECOND, 60 * SECOND
_CLOCK: Final = (DAY, _HOUR, _MINUTE, SECOND, 1)
_UNITS: Final[dict[str, tuple[int, ...]]] = {
    DATE: (DAY,),
    TIME: _CLOCK,
    ZONED_TIME: _CLOCK,
    DATE_TIME: _CLOCK,
    ZONED_DATE_TIME: _CLOCK,
    DAYS: _CLOCK,
    MONTHS: (12, 1),
}
"""What people count in, largest first."""

_YEAR_2000: Final = 10_957 * DAY
_USUAL: Final[dict[str, int]] = {
    DATE: _YEAR_2000,
    DATE_TIME: _YEAR_2000,
    ZONED_DATE_TIME: _YEAR_2000,
    TIME: 9 * _HOUR,
    ZONED_TIME: 9 * _HOUR,
    DAYS: DAY,
    MONTHS: 12,
}

OTHER_TEXTS: Final = ("other", "something else", "none of these")
"""What stands for "any text but the listed ones" in an example."""


def place(value: Any) -> tuple[str, Any] | None:
    """The sort and the key of a FEEL value; None for lists, contexts, ranges and functions."""
    kind = type(value)
    if kind is Decimal:
        return NUMBER, value
    if kind is str:
        return STRING, value
    if kind is bool:
        return BOOLEAN, value
    if value is None:
        return NULL, None
    if kind is Date:
        return DATE, value.days * DAY
    if kind is DateTime:
        return (ZONED_DATE_TIME if value.time.zoned else DATE_TIME), value.instant
    if kind is Time:
        return (ZONED_TIME if value.zoned else TIME), value.nanos - (value.utc_offset() or 0) * SECOND
    if kind is DaysDuration:
        return DAYS, value.nanos
    if kind is MonthsDuration:
        return MONTHS, value.months
    return None


def sort_of(value: Any) -> str:
    """The sort of a value that has one."""
    found = place(value)
    assert found is not None
    return found[0]


def key_on(sort: str, value: Any) -> Any | None:
    """Where a border stands among the values of a sort it can be compared with; None when that depends on the value.

    Beside a border with a zone, a local time counts as one of that zone: the border stands at its wall-clock time. Beside
    a border without, a time with a zone counts by its own wall clock, which its place in time does not tell.
    """
    own, key = place(value) or ("", None)
    if own == sort:
        return key
    if sort in (ZONED_TIME, ZONED_DATE_TIME):
        return None
    if type(value) is DateTime:
        return value.local_nanos
    return value.nanos if type(value) is Time else key


def written(value: Any) -> str:
    """A value as an author writes it in a cell."""
    sort = place(value)
    if sort is None or sort[0] in (NUMBER, STRING, BOOLEAN, NULL):
        return text_of(value, nested=True)
    return f'@"{value}"'


def at(sort: str, key: Any, like: Any = None) -> Any | None:
    """The value at a key, None where the sort has none there. like: whose zone it takes."""
    if sort in (NUMBER, STRING, BOOLEAN):
        return key
    if sort == DAYS:
        return DaysDuration(key)
    if sort == MONTHS:
        return MonthsDuration(key)
    try:
        if sort == DATE:
            return None if key % DAY else make_date(*civil_from_days(key // DAY))
        if sort == DATE_TIME:
            return at_instant(key, None, None)
        if sort == ZONED_DATE_TIME:
            zone = like.time if type(like) is DateTime and like.time.zoned else Time(0, 0)
            return at_instant(key, zone.offset, zone.zone)
    except InvalidTemporal:
        return None
    if sort == TIME:
        return Time(key) if 0 <= key < DAY else None
    return _zoned_time(key, (like.utc_offset() or 0) if type(like) is Time else 0)


def _zoned_time(key: int, offset: int) -> Time | None:
    """The time of day that many nanoseconds after midnight UTC, in that offset if it can be, else in the nearest."""
    if key + offset * SECOND < 0:
        offset = -(key // SECOND)
    elif key + offset * SECOND >= DAY:
        offset = (DAY - 1 - key) // SECOND
    return Time(key + offset * SECOND, offset) if abs(offset) <= MAX_OFFSET else None


def between(sort: str, low: Any, high: Any, like: Any = None, whole: bool = False) -> Any | None:
    """A readable value strictly between two keys (None: no end), or None when there is none.

    whole: only a number without a fraction, or whole seconds, will do.
    """
    if sort == BOOLEAN:
        return None
    if sort == STRING:
        return _text(low, high)
    if sort == NUMBER:
        return _number(low, high, whole)
    if low is None and high is None:
        return at(sort, _USUAL[sort], like)
    if high is None and (sort == TIME or (sort == ZONED_TIME and low < DAY - 1)):
        high = DAY
    key = _round(low, high, _UNITS[sort], whole)
    return None if key is None else at(sort, key, like)


def _round(low: int | None, high: int | None, units: tuple[int, ...], whole: bool) -> int | None:
    """The first key above `low` (or the last below `high`) that is round in the largest unit that fits."""
    for unit in units:
        if whole and unit < SECOND <= units[0]:
            return None
        key = -(-(high or 0) // unit) * unit - unit if low is None else (low // unit + 1) * unit
        if high is None or key < high:
            return key
    return None


def _number(low: Decimal | None, high: Decimal | None, whole: bool) -> Decimal | None:
    if low is None:
        if high is None:
            return Decimal(0)
        found = NUMBERS.subtract(high.to_integral_value(ROUND_CEILING), 1)
        found = found if found < high else NUMBERS.next_minus(high)
        return found if found.is_finite() else None
    found = NUMBERS.add(low.to_integral_value(ROUND_FLOOR), 1)
    found = found if found > low else NUMBERS.next_plus(low)
    if high is None or found < high:
        return found if found.is_finite() else None
    if whole:
        return None
    found = NUMBERS.divide(NUMBERS.add(low, high), 2)
    return found if low < found < high else None


def _text(low: str | None, high: str | None) -> str | None:
    if low is None:
        return OTHER_TEXTS[0] if high is None else "" if high else None
    return next((low + tail for tail in ("a", " ", "\x00") if high is None or low + tail < high), None)
