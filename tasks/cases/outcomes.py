"""How a case turned out, and what it is marked as: the codes diagrams set with `case.outcome` and `case.mark` where they are
passed, and what people read.

Any code may be set, written or computed; one that is not among OUTCOMES or MARKS is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from engine.expressions.feel import Compiled, ExpressionError, Scope, compile_expression
from engine.ports import Move
from tasks.core import storable

PROPERTY, MARK = "case.outcome", "case.mark"
LONGEST = 60
"""Characters of a code."""

OUTCOMES = {
    "resolved": ("已办结", "resolved"),
    "plan": ("已承诺解决方案和时间", "a solution is promised"),
    "explained": ("口径达成一致", "agreed on an explanation"),
    "answered": ("已答复", "answered"),
    "agreed": ("已达成一致", "agreed"),
    "not_agreed": ("未达成一致", "not agreed"),
    "not_accepted": ("不予受理", "not accepted"),
    "withdrawn": ("客户撤诉", "withdrawn"),
    "upgraded": ("转为升级投诉", "upgraded"),
    "merged": ("已并案", "merged"),
    "court": ("进入司法程序", "before a court"),
    "impersonated": ("冒名申诉", "impersonated"),
    "concluded": ("已作出结论", "concluded"),
    "settled": ("已和解", "settled"),
    "dismissed": ("立案撤消", "dismissed"),
    "unreachable": ("无法联系客户", "customer not reached"),
}
"""Code → Chinese, English."""

MARKS = {"key": ("关键", "key"), "difficult": ("疑难", "difficult")}
"""Code → Chinese, English."""

TAKEN_AWAY = frozenset({"withdrawn", "upgraded", "merged", "not_accepted", "court", "impersonated"})
"""Those with which nobody owes any more what a clock measured: neither kept nor missed."""


def outcome_words(code: str) -> tuple[str, str]:
    """A code in Chinese and English."""
    return OUTCOMES.get(code, (code, code))


def mark_words(code: str) -> tuple[str, str]:
    """A mark in Chinese and English."""
    return MARKS.get(code, (code, code))


def passed(move: Move, name: str = PROPERTY) -> tuple[str, list[str]]:
    """The code a move has set with a property (the last of several, empty for none), and the sentences about what is no code.

    A property that begins with "=" is FEEL over what the scope of the passed element holds, such as the closing code that was
    chosen; null sets none.
    """
    code, problems = "", []
    for over in move.over:
        drawn = str(over.properties.get(name) or "").strip() if over.done else ""
        given = _computed(drawn, over.variables, move) if drawn.startswith("=") else drawn
        if given == "":
            continue
        if not isinstance(given, str) or len(given) > LONGEST or not storable(given):
            problems.append(f"{name} {drawn!r:.80} is no code of 1 to {LONGEST} characters.")
        else:
            code = given
    return code, problems


def _computed(text: str, variables: Mapping[str, Any], move: Move) -> Any:
    """What FEEL gives; a number where it cannot be evaluated, which is no code either."""
    compiled = _compiled(text[1:])
    if compiled is None:
        return 0
    at = move.at or datetime.min.replace(tzinfo=UTC)
    try:
        found = compiled.evaluate(
            Scope(variables={**dict.fromkeys(compiled.names), **variables}, now=lambda: at)
        )
    except ExpressionError:
        return 0
    return "" if found.value is None and not found.warnings else found.value


@lru_cache(maxsize=200)
def _compiled(text: str) -> Compiled | None:
    try:
        return compile_expression(text)
    except ExpressionError:
        return None
