"""and, or, comparisons, between and in: the operators whose answer is true, false or null (DMN 1.5 tables 50-55)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from engine.expressions.feel.compiling.scoping import Code
from engine.expressions.feel.compiling.unary import INPUT, SIGNS, TestCode, mentions_input, test_code
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data.values import kind
from engine.expressions.feel.runtime import Env
from engine.expressions.feel.syntax import tree as t

if TYPE_CHECKING:
    from engine.expressions.feel.compiling.compile import Compiler

_BOOLEAN: Final = (t.Comparison, t.Logic, t.Between, t.In, t.Quantified, t.InstanceOf)


def logic_code(compiler: Compiler, node: t.Logic) -> Code:
    """`a and b`, `a or b`: what is neither true nor false counts as unknown (table 50)."""
    codes = tuple(compiler.compile(one) for one in node.operands)
    decides = node.operator == "or"
    position, word = node.position, node.operator

    def pair(env: Env) -> bool | None:
        verdict: bool | None = not decides
        for code in codes:
            value = code(env)
            if value is decides:
                return value is True
            if type(value) is not bool:
                if value is not None:
                    env.run.warn("type-mismatch", f'"{word}" cannot take a {kind(value)}.', position)
                verdict = None
        return verdict

    return pair


def comparison_code(compiler: Compiler, node: t.Comparison) -> Code:
    """`=` and `!=` of values of one kind (table 53), `<` and its like of values with an order (table 54)."""
    left, right, position = compiler.compile(node.left), compiler.compile(node.right), node.position
    if node.operator in ("=", "!="):
        asks_null = any(isinstance(one, t.Literal) and one.value is None for one in (node.left, node.right))
        return _equality(left, right, node.operator == "=", asks_null, position)
    return _ordering(left, right, node.operator, position)


def _equality(left: Code, right: Code, wanted: bool, asks_null: bool, position: int) -> Code:
    def compare(env: Env) -> bool | None:
        a, b = left(env), right(env)
        t = type(a)
        if t is type(b) and (t is str or t is Decimal or t is bool):
            return bool(a == b) is wanted
        found = op.equal(a, b, env.run)
        if found is None:
            env.run.mismatch("A comparison", a, b, position)
            return None
        if (a is None) is not (b is None) and not asks_null:
            env.run.warn("null-operand", "A comparison met null.", position)
        return found is wanted

    return compare


def _ordering(left: Code, right: Code, operator: str, position: int) -> Code:
    signs = SIGNS[operator]

    def compare(env: Env) -> bool | None:
        a, b = left(env), right(env)
        found = op.order(a, b)
        if found is None:
            env.run.mismatch(f'"{operator}"', a, b, position)
            return None
        return found in signs

    return compare


def between_code(compiler: Compiler, node: t.Between) -> Code:
    """`e1 between e2 and e3`: `e1 >= e2 and e1 <= e3` (table 55)."""
    value, low, high = compiler.compile(node.value), compiler.compile(node.low), compiler.compile(node.high)
    position = node.position

    def between(env: Env) -> bool | None:
        v, a, b = value(env), low(env), high(env)
        above, below = op.order(v, a), op.order(v, b)
        if above == -1 or below == 1:
            return False
        if above is None or below is None:
            env.run.mismatch('"between"', v, a if above is None else b, position)
            return None
        return True

    return between


def in_code(compiler: Compiler, node: t.In) -> Code:
    """`e in test` and `e in (test, …)`. In a test that is a condition, `?` stands for e (table 55, last row)."""
    value = compiler.compile(node.value)
    if any(_asks_about(compiler, one) for one in node.tests):
        with compiler.frame({INPUT}):
            return _about_input(value, [test_code(compiler, one, False, True) for one in node.tests])
    tests = [test_code(compiler, one, False, False) for one in node.tests]
    return lambda env: _any_of(tests, env, value(env))


def _asks_about(compiler: Compiler, test: t.Node) -> bool:
    """Does `?` in this test mean the value before `in`? In a cell, `"a" in ?` still means the cell's own input."""
    if not mentions_input(test):
        return False
    in_cell = any(frame.names is not None and INPUT in frame.names for frame in compiler.frames)
    return not in_cell or isinstance(test, _BOOLEAN)


def _about_input(value: Code, tests: list[TestCode]) -> Code:
    def is_in(env: Env) -> bool | None:
        v = value(env)
        return _any_of(tests, Env({INPUT: v}, env, env.root, env.run), v)

    return is_in


def _any_of(tests: list[TestCode], env: Env, value: object) -> bool | None:
    verdict: bool | None = False
    for test in tests:
        found = test(env, value)
        if found is True:
            return True
        if found is None:
            verdict = None
    return verdict
