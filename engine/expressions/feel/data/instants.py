"""ISO 8601 texts and Python's datetimes for hosts: a timer's value, a moved instant."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.expressions.feel.data import literals, temporal
from engine.expressions.feel.data.temporal import DateTime, DaysDuration, InvalidTemporal, MonthsDuration
from engine.expressions.feel.errors import ExpressionError


def _refused(problem: InvalidTemporal, text: str) -> ExpressionError:
    sentence = str(problem)
    return ExpressionError(f"{sentence[0].upper()}{sentence[1:]}.", f"“{text[:60]}”不是有效的时间写法。")


def parse_duration(text: str) -> DaysDuration | MonthsDuration:
    """`P3DT4H` or `P1Y2M` as a FEEL duration. Raises ExpressionError."""
    try:
        return literals.parse_duration(text)
    except InvalidTemporal as problem:
        raise _refused(problem, text) from None


def parse_date_time(text: str) -> DateTime:
    """`2026-01-31T10:30:00+08:00` (or a date: its midnight) as a FEEL date and time. Raises ExpressionError."""
    try:
        return literals.parse_date_and_time(text)
    except InvalidTemporal as problem:
        raise _refused(problem, text) from None


def add_duration(instant: datetime, duration: DaysDuration | MonthsDuration) -> datetime:
    """An aware datetime moved by a FEEL duration, in its own zone; months keep the day or take the month's last.

    Raises ExpressionError when the result lies outside the years 1 to 9999.
    """
    start = temporal.from_datetime(instant)
    try:
        if isinstance(duration, MonthsDuration):
            moved = temporal.date_time(temporal.add_months(start.date, duration.months), start.time)
        else:
            moved = temporal.at_instant(start.instant + duration.nanos, start.time.offset, start.time.zone)
        return temporal.to_datetime(moved).astimezone(instant.tzinfo or UTC)
    except InvalidTemporal as problem:
        raise _refused(problem, str(duration)) from None
