"""Temporal functions (DMN 1.5 table 82) and the two that ask the clock."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from engine.expressions.feel.builtins.registry import builtin
from engine.expressions.feel.data import temporal as tm
from engine.expressions.feel.data.temporal import Date, DateTime
from engine.expressions.feel.runtime import Run

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@builtin("now()")
def now(run: Run) -> DateTime | None:
    return run.now()


@builtin("today()")
def today(run: Run) -> Date | None:
    at = run.now()
    return at.date if at is not None else None


@builtin("day of year(date: date)")
def day_of_year(run: Run, date: Date) -> Decimal:
    return Decimal(date.day_of_year)


@builtin("day of week(date: date)")
def day_of_week(run: Run, date: Date) -> str:
    return _DAYS[date.weekday - 1]


@builtin("month of year(date: date)")
def month_of_year(run: Run, date: Date) -> str:
    return _MONTHS[date.month - 1]


@builtin("week of year(date: date)")
def week_of_year(run: Run, date: Date) -> Decimal:
    """ISO 8601: the week that holds the year's first Thursday is week 1."""
    thursday = tm.add_days(date, 4 - date.weekday)
    return Decimal((thursday.day_of_year - 1) // 7 + 1)


for _name, _body in (
    ("day of year", day_of_year),
    ("day of week", day_of_week),
    ("month of year", month_of_year),
    ("week of year", week_of_year),
):

    def _of_date_time(run: Run, value: DateTime, _body: object = _body) -> object:
        return _body(run, value.date)  # type: ignore[operator]

    builtin(f"{_name}(date: date and time)")(_of_date_time)
