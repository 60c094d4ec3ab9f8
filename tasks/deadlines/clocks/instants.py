"""Dates and times that diagrams say of a clock (`sla.from`, `sla.due`, `sla.promise`), as FEEL gives them or as they are written.
Pure.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from engine.expressions.feel import ExpressionError, parse_date_time, to_datetime
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.calendar.limits import YEARS, in_our_time

LONGEST = 64
"""Characters of a date and time; what is longer is none."""


def read_instant(value: Any) -> datetime | None:
    """A date and time as FEEL gives it, or its text; local time is Shanghai's. None for what is none, or
    lies in a year no limit reaches.
    """
    if isinstance(value, str):
        value = _written(value.strip()) if len(value) <= LONGEST else None
    if not isinstance(value, datetime):
        return None
    at = value if value.tzinfo is not None else value.replace(tzinfo=SHANGHAI)
    return at if in_our_time(at) else None


def _written(text: str) -> datetime | None:
    try:
        return to_datetime(parse_date_time(text))  # as FEEL writes it, 24:00 too
    except (ExpressionError, ValueError, OverflowError):
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def read_day(value: Any) -> date | None:
    """A date as FEEL gives it, or its text; None for what is none (also a date and time), or in a year no limit reaches."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip()) if len(value) <= LONGEST else None
        except ValueError:
            return None
    if not isinstance(value, date) or isinstance(value, datetime):
        return None
    return value if YEARS[0] <= value.year <= YEARS[1] else None


def read_beginning(value: Any) -> datetime | None:
    """An instant, or the first of a day in Shanghai; None for what is neither."""
    day = read_day(value)
    return datetime.combine(day, time.min, SHANGHAI) if day is not None else read_instant(value)
