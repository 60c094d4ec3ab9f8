"""FEEL, the expression language of DMN 1.5: text → tree → closures. Sees plain data and nothing else.

Imports nothing outside this package but the standard library and `regex`, so that it can be published on its own.
"""

from engine.expressions.feel.api import (
    Compiled,
    CompiledCondition,
    CompiledTests,
    compile_condition,
    compile_expression,
    compile_unary_tests,
)
from engine.expressions.feel.data.instants import add_duration, parse_date_time, parse_duration
from engine.expressions.feel.data.temporal import DateTime, DaysDuration, MonthsDuration, to_datetime
from engine.expressions.feel.data.values import to_plain
from engine.expressions.feel.errors import ConditionError, EvaluationLimit, ExpressionError, Finding, Warning
from engine.expressions.feel.runtime import DEFAULT, Evaluation, Limits, Scope

__all__ = [
    "DEFAULT", "Compiled", "CompiledCondition", "CompiledTests", "ConditionError", "DateTime", "DaysDuration",
    "Evaluation", "EvaluationLimit", "ExpressionError", "Finding", "Limits", "MonthsDuration", "Scope", "Warning",
    "add_duration", "compile_condition", "compile_expression", "compile_unary_tests", "parse_date_time",
    "parse_duration", "to_datetime", "to_plain",
]  # fmt: skip
