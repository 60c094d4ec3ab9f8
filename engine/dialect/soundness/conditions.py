"""Tells where two conditions can never hold together, as far as that can be seen from their text."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from engine.expressions.feel.api import parse
from engine.expressions.feel.errors import ExpressionError
from engine.expressions.feel.syntax import tree as t

LONGEST = 300
"""Characters of a condition that is looked at."""

_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!="}


def exclude_each_other(one: str, other: str) -> bool:
    """Tell whether two FEEL conditions certainly never hold at once: both compare the same thing, and contradict."""
    mine, theirs = _atoms(one), _atoms(other)
    return any(_contradict(a, b) for a in mine for b in theirs)


@lru_cache(maxsize=2_000)
def _atoms(condition: str) -> tuple[tuple[str, str, Any], ...]:
    """What has to hold for a condition to hold, of what compares something with a literal: (thing, operator, value)."""
    text = condition.strip().removeprefix("=")
    if not text or len(text) > LONGEST:
        return ()
    try:
        tree, _ = parse(text)
    except (ExpressionError, RecursionError):
        return ()
    return tuple(_of(tree))


def _of(tree: t.Node) -> list[tuple[str, str, Any]]:
    if isinstance(tree, t.Logic):
        return [atom for one in tree.operands for atom in _of(one)] if tree.operator == "and" else []
    if isinstance(tree, t.Comparison) and tree.operator in _MIRRORED:
        if isinstance(tree.right, t.Literal):
            return [(repr(tree.left), tree.operator, tree.right.value)]
        if isinstance(tree.left, t.Literal):
            return [(repr(tree.right), _MIRRORED[tree.operator], tree.left.value)]
    if isinstance(tree, t.Between):
        return _of(t.In(0, tree.value, (t.RangeLiteral(0, tree.low, tree.high, True, True),)))
    if isinstance(tree, t.In):
        return [
            (repr(tree), "=", True),
            *(_tested(tree.value, tree.tests[0]) if len(tree.tests) == 1 else ()),
        ]
    if isinstance(tree, t.Call) and repr(tree.callee) == repr(t.Name(0, "not")) and len(tree.arguments) == 1:
        inner = tree.arguments[0]
        if isinstance(inner, t.Comparison) and (compared := _of(inner)):
            return [(thing, _OPPOSITE[operator], value) for thing, operator, value in compared]
        return [(repr(inner), "=", False)]
    # Whatever it says: it never holds together with its not().
    return [] if isinstance(tree, t.Literal) else [(repr(tree), "=", True)]


def _tested(value: t.Node, test: t.Node) -> list[tuple[str, str, Any]]:
    """What has to hold of a value that passes one test: a comparison, an interval, a literal."""
    if isinstance(test, t.Test) and test.operator in _MIRRORED and isinstance(test.operand, t.Literal):
        return [(repr(value), test.operator, test.operand.value)]
    if isinstance(test, t.Literal):
        return [(repr(value), "=", test.value)]
    if not isinstance(test, t.RangeLiteral):
        return []
    ends = ((">=" if test.low_closed else ">", test.low), ("<=" if test.high_closed else "<", test.high))
    return [(repr(value), operator, end.value) for operator, end in ends if isinstance(end, t.Literal)]


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _contradict(one: tuple[str, str, Any], other: tuple[str, str, Any]) -> bool:
    """Tell whether two comparisons of the same thing leave no value for it."""
    (thing, mine, a), (beside, theirs, b) = one, other
    if thing != beside:
        return False
    if mine == "=" and theirs == "=":
        return bool(a != b or type(a) is not type(b))
    if {mine, theirs} == {"=", "!="}:
        return bool(a == b and type(a) is type(b))
    if type(a) is not type(b) or isinstance(a, bool | None) or "!=" in (mine, theirs):
        return False
    try:
        if mine == "=" or theirs == "=":
            value, operator, limit = (a, theirs, b) if mine == "=" else (b, mine, a)
            return not _holds(value, operator, limit)
        if mine[0] == theirs[0]:
            return False
        upper, lower = (a, b) if mine[0] == "<" else (b, a)
        return bool(upper < lower or (upper == lower and not (len(mine) == len(theirs) == 2)))
    except TypeError:
        return False


def _holds(value: Any, operator: str, limit: Any) -> bool:
    if operator[0] == "<":
        return bool(value < limit or (operator == "<=" and value == limit))
    return bool(value > limit or (operator == ">=" and value == limit))
