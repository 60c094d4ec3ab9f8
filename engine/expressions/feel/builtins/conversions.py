"""Conversion functions (DMN 1.5 table 75), not(), is() and range()."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from engine.expressions.feel import literals
from engine.expressions.feel import operators as op
from engine.expressions.feel import temporal as tm
from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.builtins.strings import whole
from engine.expressions.feel.runtime import Run
from engine.expressions.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.expressions.feel.values import NUMBERS, Range, text_of

_NUMBER: Final = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,5})?", re.ASCII)


@builtin("date(from: string)")
def date_from_text(run: Run, text: str) -> Date:
    return literals.parse_date(text)


@builtin("date(from: date)")
def date_from_date(run: Run, value: Date) -> Date:
    return value


@builtin("date(from: date and time)")
def date_from_date_time(run: Run, value: DateTime) -> Date:
    return value.date


@builtin("date(year: number, month: number, day: number)")
def date_from_parts(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Date:
    return tm.make_date(whole(year, "year"), whole(month, "month"), whole(day, "day"))


@builtin("time(from: string)")
def time_from_text(run: Run, text: str) -> Time:
    return literals.parse_time(text)


@builtin("time(from: time)")
def time_from_time(run: Run, value: Time) -> Time:
    return value


@builtin("time(from: date)")
def time_from_date(run: Run, value: Date) -> Time:
    """A date counts as its midnight in UTC."""
    return Time(0, 0)


@builtin("time(from: date and time)")
def time_from_date_time(run: Run, value: DateTime) -> Time:
    return value.time


@builtin("time(hour: number, minute: number, second: number, [offset: days and time duration?])")
def time_from_parts(
    run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None
) -> Time:
    seconds, nanos = divmod(int(NUMBERS.multiply(second, Decimal(tm.SECOND))), tm.SECOND)
    east = None if offset is None else offset.nanos // tm.SECOND
    return tm.make_time(whole(hour, "hour"), whole(minute, "minute"), seconds, nanos, east)


@builtin("date and time(from: string)")
def date_time_from_text(run: Run, text: str) -> DateTime:
    return literals.parse_date_and_time(text)


@builtin("date and time(from: date and time)")
def date_time_from_value(run: Run, value: DateTime) -> DateTime:
    return value


@builtin("date and time(date: date, time: time)")
def date_time_from_date(run: Run, date: Date, time: Time) -> DateTime:
    return DateTime(date, time)


@builtin("date and time(date: date and time, time: time)")
def date_time_from_both(run: Run, date: DateTime, time: Time) -> DateTime:
    return DateTime(date.date, time)


@builtin("date and time(date: date and time, timezone: string)")
def date_time_in_zone(run: Run, date: DateTime, timezone: str) -> DateTime:
    """The same instant in another zone (a local date-time is placed there as it stands)."""
    there = literals.parse_time("00:00:00" + (timezone if timezone[:1] in "+-Zz" else "@" + timezone))
    if not date.time.zoned:
        return DateTime(date.date, Time(date.time.nanos, there.offset, there.zone))
    return tm.at_instant(date.instant, there.offset, there.zone)


@builtin("duration(from: string)")
def duration_from_text(run: Run, text: str) -> DaysDuration | MonthsDuration:
    return literals.parse_duration(text)


@builtin("duration(from: duration)")
def duration_from_value(run: Run, value: DaysDuration | MonthsDuration) -> DaysDuration | MonthsDuration:
    return value


@builtin("years and months duration(from: date and time, to: date and time)")
def years_and_months_duration(run: Run, start: DateTime, end: DateTime) -> MonthsDuration:
    """Whole months from one date to the other, towards zero; the time of day does not count."""
    sign = 1
    a, b = start.date, end.date
    if b.days < a.days:
        a, b, sign = b, a, -1
    months = (b.year - a.year) * 12 + b.month - a.month
    if b.day < a.day:
        months -= 1
    return MonthsDuration(sign * months)


@builtin("number(from: string)")
def number_from_text(run: Run, text: str) -> Decimal:
    return _number(text)


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text.strip()):
        raise Fails(f'"{text[:40]}" is not a number')
    return NUMBERS.create_decimal(text.strip())


@builtin("number(from: number)")
def number_from_number(run: Run, value: Decimal) -> Decimal:
    return value


@builtin("number(from: string, grouping separator: string?, [decimal separator: string?])")
def number_with_separators(run: Run, text: str, grouping: str | None, point: str | None = None) -> Decimal:
    if (
        grouping not in (None, " ", ",", ".")
        or point not in (None, ",", ".")
        or (grouping and grouping == point)
    ):
        raise Fails(
            'the grouping separator is " ", "," or ".", the decimal separator "," or ".", and they differ'
        )
    if grouping:
        text = text.replace(grouping, "")
    if point == ",":
        if "." in text:
            raise Fails(f'"{text[:40]}" is not a number')
        text = text.replace(",", ".")
    return _number(text)


@builtin("string(from: any)")
def string(run: Run, value: Any) -> str | None:
    if value is None:
        return None
    run.measure(value)
    return text_of(value)


@builtin("not(negand: any?)")
def not_(run: Run, value: Any) -> bool | None:
    return not value if type(value) is bool else None


@builtin("is(value1: any?, value2: any?)")
def is_(run: Run, left: Any, right: Any) -> bool:
    """The same value in the same form: unlike `=`, 10:00Z is not 10:00 in a named zone."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Date | Time | DateTime):
        return bool(left == right)
    return op.equal(left, right, run) is True


@builtin("range(from: string)")
def range_(run: Run, text: str) -> Range:
    """The interval a text such as "[1..10]" says; its ends may only be literals."""
    # Only blanks that are cut off first keep this from trying every way to share them out.
    match = (
        None
        if len(text) > 1000
        else re.fullmatch(r"([\[\](])(.*?)\.\.(.*)([\])\[])", text.strip(), re.DOTALL)
    )
    if not match:
        raise Fails(f'"{text[:60]}" is not a range')
    low, high = _end(match[2].strip()), _end(match[3].strip())
    unbounded = low is None or high is None
    # An end that is left out is open (grammar rule 67).
    closed_nothing = (low is None and match[1] == "[") or (high is None and match[4] == "]")
    if closed_nothing or (low is None and high is None):
        raise Fails(f'"{text[:60]}" is not a range')
    if not unbounded and op.order(low, high) in (None, 1):
        raise Fails(f'"{text[:60]}" is not a range')
    return Range(low, high, match[1] == "[", match[4] == "]", unbounded)


def _end(text: str) -> Any:
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return NUMBERS.create_decimal(text)
    quoted = re.fullmatch(r'(@|date and time|date|time|duration)?\s*(\()?\s*"([^"\\]*)"\s*(\))?', text)
    if not quoted or bool(quoted[2]) != bool(quoted[4]) or (quoted[2] and quoted[1] in (None, "@")):
        raise Fails(f'"{text[:60]}" is not a literal')
    if quoted[1] is None:
        return quoted[3]
    readers = {
        "@": literals.parse_temporal,
        "date": literals.parse_date,
        "time": literals.parse_time,
        "date and time": literals.parse_date_and_time,
        "duration": literals.parse_duration,
    }
    return readers[quoted[1]](quoted[3])
