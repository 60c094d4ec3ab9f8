"""What an input cell tests, read from its syntax tree: values, intervals, or something only an evaluation can tell.

Follows the evaluation of unary tests in `feel/unary.py` case by case (DMN 1.5 §7.3.3, tables 53-55).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from engine.expressions.dmn.verification import sorts
from engine.expressions.feel.compiling.compile import Compiler
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.errors import EvaluationLimit
from engine.expressions.feel.runtime import Env, Run, Scope
from engine.expressions.feel.syntax import tree as t


@dataclass(frozen=True, slots=True)
class Equal:
    """`5`, `= 5`, or not equal: `!= 5`. The value is a scalar or null."""

    value: Any
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Interval:
    """`[1..5)`, `< 5`. An end that is None is open to infinity."""

    low: Any
    low_closed: bool
    high: Any
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Among:
    """`[1, 2, [5..9]]`: a list in a cell."""

    items: tuple[Equal | Interval, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """`[5..3]`: null, so that nothing passes. text: as the author wrote it; low: its first value."""

    text: str = ""
    low: Any = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A function call, another variable, `?`: cannot be told beforehand."""


Test = Equal | Interval | Among | Nothing | Unknown


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the tests must pass, or none of them when negated. No tests: everything passes."""

    tests: tuple[Test, ...] = ()
    negated: bool = False

    @property
    def opaque(self) -> bool:
        return any(isinstance(test, Unknown) for test in self.tests)

    @property
    def asks_null(self) -> bool:
        """Does it say what to do with null?"""
        return any(isinstance(test, Equal) and test.value is None for test in self.tests)

    def values(self) -> Iterator[Any]:
        """Every value it mentions."""
        for test in self.tests:
            yield from _values(test)


ANYTHING: Final = Cell()
_UNKNOWN: Final = object()
_MAKERS: Final = frozenset(
    {"date", "time", "date and time", "duration", "years and months duration", "number"}
)
"""Built-ins that authors write constants with."""


def read_cell(node: t.UnaryTests, names: Collection[str] = ()) -> Cell:
    """The cell's tests. names: variables in reach, which hide a built-in function of the same name."""
    return Cell(tuple(_test(one, names) for one in node.tests), node.negated) if node.tests else ANYTHING


def constant(node: t.Node, names: Collection[str] = ()) -> tuple[bool, Any]:
    """Is the expression one value always, and which?"""
    found = _constant(node, names)
    return (False, None) if found is _UNKNOWN else (True, found)


def _test(node: t.Node, names: Collection[str]) -> Test:
    if isinstance(node, t.Test):
        return _operator(node, names)
    if isinstance(node, t.RangeLiteral):
        return _range(node, names)
    if isinstance(node, t.ListLiteral):
        items = [_test(one, names) for one in node.items]
        plain = tuple(one for one in items if isinstance(one, Equal | Interval))
        # An operator in a list (`[< 5]`) and a wrong range are rare enough to be left to the evaluation.
        simple = all(isinstance(one, t.Literal | t.RangeLiteral) for one in node.items)
        return Among(plain) if simple and len(plain) == len(items) else Unknown()
    found = _constant(node, names)
    if found is _UNKNOWN or sorts.place(found) is None:
        return Unknown()
    return Equal(found)


def _operator(node: t.Test, names: Collection[str]) -> Test:
    end = _constant(node.operand, names)
    if end is _UNKNOWN or sorts.place(end) is None:
        return Unknown()
    if node.operator in ("=", "!="):
        return Equal(end, node.operator == "!=")
    if op.order(end, end) is None:
        return Nothing(f"{node.operator} {sorts.written(end)}", end)
    closed = node.operator in ("<=", ">=")
    if node.operator in ("<", "<="):
        return Interval(None, False, end, closed)
    return Interval(end, closed, None, False)


def _range(node: t.RangeLiteral, names: Collection[str]) -> Test:
    low, high = _constant(node.low, names), _constant(node.high, names)
    if low is _UNKNOWN or high is _UNKNOWN:
        return Unknown()
    left, right = "[" if node.low_closed else "(", "]" if node.high_closed else ")"
    text = f"{left}{sorts.written(low)}..{sorts.written(high)}{right}"
    found = None if low is None or high is None else op.order(low, high)
    if found is None or found > 0:
        return Nothing(text, low)
    return Interval(low, node.low_closed, high, node.high_closed)


def _constant(node: t.Node, names: Collection[str]) -> Any:
    if isinstance(node, t.Literal):
        return node.value
    if not _computable(node, names):
        return _UNKNOWN
    run = Run(Scope())
    try:
        found = Compiler().compile(node)(Env({}, None, {}, run))
    except (EvaluationLimit, RecursionError):
        return _UNKNOWN
    return _UNKNOWN if run.warnings or found is None or type(found) is bool else found


def _computable(node: t.Node, names: Collection[str]) -> bool:
    """Made of literals, arithmetic and the functions that make values."""
    pending = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, t.Negate):
            pending.append(one.operand)
        elif isinstance(one, t.Arithmetic):
            pending += [one.first, *(step.operand for step in one.rest)]
        elif isinstance(one, t.Call):
            callee = one.callee.name if isinstance(one.callee, t.Name) else ""
            if callee not in _MAKERS or callee in names or one.names is not None:
                return False
            pending += one.arguments
        elif not isinstance(one, t.Literal):
            return False
    return True


def _values(test: Test) -> Iterator[Any]:
    if isinstance(test, Equal):
        yield test.value
    elif isinstance(test, Interval):
        yield from (end for end in (test.low, test.high) if end is not None)
    elif isinstance(test, Nothing):
        if sorts.place(test.low) is not None:
            yield test.low
    elif isinstance(test, Among):
        for item in test.items:
            yield from _values(item)
