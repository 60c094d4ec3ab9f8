"""A diagram from a Camunda modeler brings ${…}; it is shown as FEEL, or refused with its position."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.feel import ExpressionError, Scope, compile_expression
from engine.expressions.feel.juel import looks_like_juel, translate


@pytest.mark.parametrize(
    ("juel", "feel"),
    [
        ("${approved}", "approved"),
        ("#{approved}", "approved"),
        (" ${ approved && amount > 100 } ", "approved and amount > 100"),
        ("${approved and amount gt 100 or not vip}", "approved and amount > 100 or not(vip)"),
        ("${x == 'a'}", 'x = "a"'),
        ('${x != "it\'s"}', 'x != "it\'s"'),
        ("${x eq 1 || y ne 2}", "x = 1 or y != 2"),
        ("${!flag}", "not(flag)"),
        ("${!(a || b)}", "not(a or b)"),
        ("${(a || b) && !c}", "(a or b) and not(c)"),
        ("${a.b.c}", "a.b.c"),
        ("${a['b c']}", 'get value(a, "b c")'),
        ("${a[0].name}", "a[1].name"),
        ("${a ? 1 : 2}", "if a then 1 else 2"),
        ("${a + 1 >= b * 2 - c / 4}", "a + 1 >= b * 2 - c / 4"),
        ("${a % 2 == 0}", "modulo(a, 2) = 0"),
        ("${x == null}", "x = null"),
        ("${empty x}", '(x = null or x = "" or x = [])'),
        ("${not empty x}", 'not(x = null or x = "" or x = [])'),
        ("${状态 == '已受理'}", '状态 = "已受理"'),
        ("${a < -1}", "a < -1"),
    ],
)
def test_what_has_a_twin_in_feel_is_translated(juel: str, feel: str) -> None:
    assert looks_like_juel(juel)
    assert translate(juel) == feel
    compile_expression(feel)


@pytest.mark.parametrize(
    ("juel", "position"),
    [
        ("${bean.method()}", 13),
        ("${execution.getVariable('x')}", 2),
        ("${a = 1}", 4),
        ("${a; b}", 3),
        ("${}", 2),
        ("${a &&}", 6),
        ("${a b}", 4),
        ("Hello ${name}", 0),
        ("plain", 0),
        ("${'open}", 2),
        ("${a == b == c}", 9),
        ("${a[i]}", 4),
    ],
)
def test_what_has_no_twin_is_refused_with_its_position(juel: str, position: int) -> None:
    with pytest.raises(ExpressionError) as refused:
        translate(juel)
    assert refused.value.position == position
    assert refused.value.hint


@pytest.mark.parametrize(
    ("value", "expected"), [(None, True), ("", True), ([], True), ("a", False), ([1], False), (0, False)]
)
def test_empty_keeps_its_meaning(value: Any, expected: bool) -> None:
    compiled = compile_expression(translate("${empty x}"))
    found = compiled.evaluate(Scope({"x": value})).value
    assert found is expected or (found is None and not expected)


def test_brackets_that_hide_a_bomb_are_refused() -> None:
    with pytest.raises(ExpressionError):
        translate("${" + "(" * 500 + "1" + ")" * 500 + "}")
    with pytest.raises(ExpressionError):
        translate("${" + "!" * 5000 + "a}")
