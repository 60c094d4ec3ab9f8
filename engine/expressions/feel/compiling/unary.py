"""Unary tests: what stands in an input cell of a decision table, or after `in` (DMN 1.5 §7.3.3, tables 53-55)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data.values import Function
from engine.expressions.feel.runtime import Env
from engine.expressions.feel.syntax import tree as t

if TYPE_CHECKING:
    from engine.expressions.feel.compiling.compile import Compiler

INPUT: Final = "?"
"""The name of the tested value inside a test."""

TestCode = Callable[[Env, Any], bool | None]
SIGNS: Final[Mapping[str, tuple[int, ...]]] = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}
"""Which answers of `operators.order` a comparison accepts."""


def test_code(compiler: Compiler, node: t.Node, is_cell: bool, asks: bool) -> TestCode:
    """One positive unary test as a function of the environment and the input value.

    is_cell: it stands in a cell, whose input is `?`. asks: it stands after `in`, and `?` is the value before.
    """
    compiler.nodes += 1
    if isinstance(node, t.Test):
        return _operator_test(compiler, node)
    if isinstance(node, t.Literal):
        constant = node.value
        if constant is None and not is_cell:
            return lambda env, value: True if value is None else None
        return lambda env, value: op.equal(value, constant, env.run)
    code = compiler.compile(node)
    if (is_cell or asks) and mentions_input(node):

        def about_input(env: Env, value: Any) -> bool | None:
            found = code(env)
            if type(found) is bool:
                return found
            return None if found is None else op.matches(value, found, env.run)

        return about_input
    # A comparison in a cell that does not mention the input (`order.total > 5`) decides by itself; `= ?` would
    # otherwise compare the input with true.
    is_range = isinstance(node, t.RangeLiteral)
    decides = is_cell and isinstance(node, t.Comparison | t.Logic | t.Between | t.In | t.Quantified)

    def expression(env: Env, value: Any) -> bool | None:
        found = code(env)
        if type(found) is bool and decides and type(value) is not bool:
            return found
        if found is None:
            # A range that is none (`[5..1]`) is unknown; any other null is a value that null equals.
            return True if value is None and not is_range else None
        if type(found) is Function and type(value) is not Function:
            # §7.3.2, UnaryTests c: what says true when it is applied to the value.
            said = env.run.call(found, [value], node.position) if len(found.parameters) == 1 else None
            return said if type(said) is bool else None
        return op.matches(value, found, env.run)

    return expression


def _operator_test(compiler: Compiler, node: t.Test) -> TestCode:
    operand, operator, position = compiler.compile(node.operand), node.operator, node.position
    if operator in ("=", "!="):

        def equality(env: Env, value: Any) -> bool | None:
            found = op.equal(value, operand(env), env.run)
            return None if found is None else found is (operator == "=")

        return equality
    signs = SIGNS[operator]

    def ordering(env: Env, value: Any) -> bool | None:
        end = operand(env)
        found = op.order(value, end)
        if found is None:
            env.run.mismatch(f'"{operator}"', value, end, position)
            return None
        return found in signs

    return ordering


def tests_code(compiler: Compiler, node: t.UnaryTests) -> TestCode:
    """All tests of a cell: any of them, or none of them when negated; no tests let everything through."""
    tests = [test_code(compiler, one, True, False) for one in node.tests]
    negated = node.negated
    if not tests:
        return lambda env, value: True
    texts = texts_of(node)
    if texts is not None:
        return lambda env, value: (
            value in texts if type(value) is str else (None if value is not None else False)
        )
    if len(tests) == 1 and not negated:
        return tests[0]

    def any_of(env: Env, value: Any) -> bool | None:
        verdict: bool | None = False
        for test in tests:
            found = test(env, value)
            if found is True:
                return not negated
            if found is None:
                verdict = None
        return None if verdict is None else negated

    return any_of


def texts_of(node: t.UnaryTests) -> frozenset[str] | None:
    """The texts a cell lists (`"a","b"`), or None when it is any other kind of cell."""
    texts = frozenset(
        one.value for one in node.tests if isinstance(one, t.Literal) and type(one.value) is str
    )
    whole = bool(node.tests) and not node.negated and all(isinstance(one, t.Literal) for one in node.tests)
    return texts if whole and all(type(getattr(one, "value", None)) is str for one in node.tests) else None


def mentions_input(node: Any) -> bool:
    """Does the tree contain `?`?"""
    pending = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, t.Name) and one.name == INPUT:
            return True
        if isinstance(one, t.Node | t.Iterator):
            pending.extend(getattr(one, field) for field in one.__dataclass_fields__)
        elif isinstance(one, tuple):
            pending.extend(one)
    return False
