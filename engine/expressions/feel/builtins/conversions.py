"""Conversion functions (DMN 1.5 table 72), not() and is(); range() has a file of its own."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from engine.expressions.feel.builtins.registry import Fails, builtin
from engine.expressions.feel.data import literals
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data import temporal as tm
from engine.expressions.feel.data.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.expressions.feel.data.values import NUMBERS, kind, text_of
from engine.expressions.feel.runtime import Run

_NUMBER: Final = re.compile(r"-?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,5})?", re.ASCII)
"""Grammar rule 37, numeric literal."""


def _part(value: Decimal) -> int:
    """A component of a date or time as an int: its domain is any number, and the calendar counts in whole ones."""
    if value.adjusted() > 12:
        raise Fails(f"{value:.3e} is too large for a part of a date or time")
    return int(value)


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
    return tm.make_date(_part(year), _part(month), _part(day))


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
    """Seconds may have a fraction (of nanoseconds at most), hours and minutes lose theirs."""
    seconds, nanos = divmod(int(NUMBERS.multiply(second, Decimal(tm.SECOND))), tm.SECOND)
    east = None if offset is None else offset.nanos // tm.SECOND
    return tm.make_time(_part(hour), _part(minute), seconds, nanos, east)


@builtin("date and time(from: string)")
def date_time_from_text(run: Run, text: str) -> DateTime:
    return literals.parse_date_and_time(text)


@builtin("date and time(date: date, time: time)")
def date_time_from_date(run: Run, date: Date, time: Time) -> DateTime:
    return tm.date_time(date, time)


@builtin("date and time(date: date and time, time: time)")
def date_time_from_both(run: Run, date: DateTime, time: Time) -> DateTime:
    return tm.date_time(date.date, time)


@builtin("date and time(date: date and time, timezone: string)")
def date_time_in_zone(run: Run, date: DateTime, timezone: str) -> DateTime:
    """The same instant in another zone (a local date-time is placed there as it stands).

    No function of the standard: the modelers' engine has it.
    """
    if not timezone:
        raise Fails("the time zone is empty")
    there = literals.parse_time("00:00:00" + (timezone if timezone[:1] in "+-Zz" else "@" + timezone))
    if not date.time.zoned:
        return tm.date_time(date.date, Time(date.time.nanos, there.offset, there.zone))
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
    if not _NUMBER.fullmatch(text):
        raise Fails(f'"{text[:40]}" is not a number')
    return NUMBERS.create_decimal(text)


@builtin("number(from: number)")
def number_from_number(run: Run, value: Decimal) -> Decimal:
    return value


@builtin("number(from: string, grouping separator: string?, [decimal separator: string?])")
def number_with_separators(run: Run, text: str, grouping: str | None, point: str | None = None) -> Decimal:
    """The text must be a numeric literal once its grouping is gone and its decimal separator is a period (note 1)."""
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
    if value is not None and type(value) is not bool:
        raise Fails(f'"negand" must be of type boolean, not {kind(value)}')
    return None if value is None else not value


@builtin("is(value1: any?, value2: any?)")
def is_(run: Run, left: Any, right: Any) -> bool:
    """The same value in the same form: unlike `=`, 10:00Z is not 10:00 in a named zone."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Date | Time | DateTime):
        return bool(left == right)
    return op.equal(left, right, run) is True
