"""Whether completing a task refuses the work 退单: what its diagram says of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from engine.expressions.feel import Compiled, ExpressionError, Scope, Warning, compile_expression
from engine.ports import FormWarning

PROPERTY = "ball.refused"
"""Property of a user task: FEEL over its answers, without a leading "=", because that is evaluated when the task begins."""


def is_refusal(
    properties: Mapping[str, Any],
    answers: Mapping[str, Any],
    *,
    now: datetime,
    context: Mapping[str, Any],
    warnings: list[FormWarning],
) -> bool:
    """Whether `ball.refused` of the task holds for the answers; only true counts.

    context: what it may read besides the answers, such as `case`. An expression that does not compile, says neither true nor
    false or is stopped is no refusal and no reason to refuse the completion: the person who completed cannot repair the
    diagram. It is told in `warnings`, which the engine keeps in the instance's history.
    """
    text = properties.get(PROPERTY)
    if text is None or text == "":
        return False
    compiled = _compiled(str(text))
    if isinstance(compiled, Warning):
        warnings.append(FormWarning(str(text), compiled))
        return False
    variables = {**dict.fromkeys(compiled.names), **context, **answers}
    try:
        found = compiled.evaluate(Scope(variables=variables, now=lambda: now))
    except ExpressionError as error:
        warnings.append(FormWarning(str(text), _told(error)))
        return False
    warnings += [FormWarning(str(text), warning) for warning in found.warnings]
    if not isinstance(found.value, bool) and not found.warnings:
        warnings.append(
            FormWarning(
                str(text),
                Warning(
                    "type-mismatch",
                    f"{PROPERTY} says whether the work is refused; it came to neither true nor false.",
                    0,
                ),
            )
        )
    return found.value is True


@lru_cache(maxsize=1000)
def _compiled(text: str) -> Compiled | Warning:
    try:
        return compile_expression(text)
    except ExpressionError as error:
        return _told(error)


def _told(error: ExpressionError) -> Warning:
    return Warning("limit", f"{PROPERTY}: {error.message}", error.position)
