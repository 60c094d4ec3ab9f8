"""Conditional visibility: `conditional.hide` is FEEL over the answers, evaluated in the same sandbox as
diagrams.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.expressions.feel import ExpressionError, Scope, Warning, compile_expression

if TYPE_CHECKING:
    from tasks.forms.fields import Checked

UNANSWERED = frozenset({"null-operand", "missing-entry", "no-item"})
"""Warnings that only say that something is not filled in yet. A form is made for that: they are not kept."""


class Condition:
    """One `hide` expression."""

    def __init__(self, text: str) -> None:
        self._compiled = expression(text)

    @classmethod
    def of(cls, component: Mapping[str, Any]) -> Condition | None:
        conditional = component.get("conditional")
        hide = conditional.get("hide") if isinstance(conditional, Mapping) else None
        return cls(hide) if isinstance(hide, str) and hide.strip() else None

    def holds(self, situation: Checked, local: Mapping[str, Any]) -> bool:
        """Whether the component is hidden; anything but true shows it, as in the browser."""
        return evaluate(self._compiled, situation, local) is True


def expression(text: str) -> Any:
    """Compile a form's FEEL (with or without the leading "="); raises InvalidInput with the position."""
    try:
        return compile_expression(text.strip().removeprefix("="))
    except ExpressionError as error:
        raise InvalidInput(f"An expression of the form does not compile: {text!r}: {error}.") from error


def evaluate(compiled: Any, situation: Checked, local: Mapping[str, Any]) -> Any:
    """Evaluate over the answers; names that were not answered read as null. None when a limit was hit.

    What the expression warns of is added to the situation's warnings.
    """
    variables: dict[str, Any] = dict.fromkeys(compiled.names)
    variables.update(situation.context)
    variables.update(situation.answers)
    if local is not situation.answers:
        variables.update(local)
        variables["this"] = local
    try:
        found = compiled.evaluate(Scope(variables=variables, now=lambda: situation.now))
    except ExpressionError as error:
        situation.warn(compiled.text, Warning("limit", error.message, error.position))
        return None
    for warning in found.warnings:
        if warning.code not in UNANSWERED:
            situation.warn(compiled.text, warning)
    return found.value
