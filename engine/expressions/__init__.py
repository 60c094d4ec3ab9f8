"""FEEL and DMN: the only place that evaluates anything a diagram, a form or a decision table says.

Imports nothing from the rest of the project, so that it can be used on its own.
"""

from __future__ import annotations

from datetime import UTC, datetime

from engine.expressions.errors import ConditionError, EvaluationLimit, ExpressionError, Finding, Warning
from engine.expressions.feel import literals, temporal
from engine.expressions.feel.api import (
    Compiled,
    CompiledCondition,
    CompiledTests,
    compile_condition,
    compile_expression,
    compile_unary_tests,
)
from engine.expressions.feel.runtime import DEFAULT, Evaluation, Limits, Scope
from engine.expressions.feel.temporal import (
    DateTime,
    DaysDuration,
    InvalidTemporal,
    MonthsDuration,
    to_datetime,
)
from engine.expressions.feel.values import to_plain


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
            moved = DateTime(temporal.add_months(start.date, duration.months), start.time)
        else:
            moved = temporal.at_instant(start.instant + duration.nanos, start.time.offset, start.time.zone)
        return temporal.to_datetime(moved).astimezone(instant.tzinfo or UTC)
    except InvalidTemporal as problem:
        raise _refused(problem, str(duration)) from None


__all__ = [
    "DEFAULT", "Compiled", "CompiledCondition", "CompiledTests", "ConditionError", "Evaluation", "EvaluationLimit",
    "ExpressionError", "Finding", "Limits", "Scope", "Warning", "add_duration", "compile_condition",
    "compile_expression", "compile_unary_tests", "parse_date_time", "parse_duration", "to_datetime",
    "to_plain",
]  # fmt: skip
