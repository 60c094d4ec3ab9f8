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
        ("${empty x}", 'list contains([null, "", []], x)'),
        ("${not empty x}", 'not(list contains([null, "", []], x))'),
        ("${items.size() > 2}", "count(items) > 2"),
        ("${name.length()}", "string length(name)"),
        ("${!items.isEmpty()}", 'not(list contains(["", []], items))'),
        ("${state.equals('open') && b}", '(state = "open") and b'),
        ("${state.equalsIgnoreCase('OPEN')}", '(lower case(state) = lower case("OPEN"))'),
        (
            "${tags.contains('a')}",
            '(if tags instance of string then contains(tags, "a") else list contains(tags, "a"))',
        ),
        ("${n.startsWith('A') || n.endsWith('Z')}", 'starts with(n, "A") or ends with(n, "Z")'),
        ("${items.get(0).name}", "items[1].name"),
        ("${map.get('k')}", 'get value(map, "k")'),
        ("${text.substring(2, 5)}", "substring(text, 3, 3)"),
        ("${execution.getVariable('x') == 1}", "x = 1"),
        ('${execution.getVariableTyped("x").value.y}', "x.y"),
        ("${task.getVariableTyped('x').getValue()}", "x"),
        ("${now()}", "now()"),
        ("${dateTime().plusDays(3).toDate()}", '(now() + duration("P3D"))'),
        ("${dateTime().minusWeeks(2)}", '(now() - duration("P14D"))'),
        ("${var:lowerThan(amount, 10)}", "(amount < 10)"),
        ("${variables:equals('state', 'open')}", '(state = "open")'),
        ("${a ? vars : b}", "if a then vars else b"),
        ("${true}", "true"),
        ("${a.b.toString().toUpperCase()}", "upper case(string(a.b))"),
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
        ("${bean.method()}", 7),
        ("${bean(1)}", 6),
        ("${execution.hasVariable('x')}", 2),
        ("${execution.getVariable(x + 1)}", 2),
        ("${execution.id}", 2),
        ("${order.getAmount() > 1}", 8),
        ("${now(1)}", 2),
        ("${var:exists(x)}", 2),
        ("${a.contains(}", 13),
        ("${a.b.if}", 6),
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
    ("value", "expected"),
    [(None, True), ("", True), ([], True), ("a", False), ([1], False), (0, False), ({"a": 1}, False)],
)
def test_empty_keeps_its_meaning(value: Any, expected: bool) -> None:
    found = compile_expression(translate("${empty x}")).evaluate(Scope({"x": value}))
    assert (found.value, list(found.warnings)) == (expected, [])
    turned = compile_expression(translate("${not empty x}")).evaluate(Scope({"x": value}))
    assert turned.value is not expected


@pytest.mark.parametrize(
    ("juel", "variables", "expected"),
    [
        ("${x.contains('b')}", {"x": "abc"}, True),
        ("${x.contains('b')}", {"x": ["a"]}, False),
        ("${x.substring(1)}", {"x": "abc"}, "bc"),
        ("${x.substring(0, 2)}", {"x": "abc"}, "ab"),
        ("${x.containsKey('a') && !x.containsKey('b')}", {"x": {"a": 1}}, True),
        ("${x.get(1)}", {"x": [1, 2]}, 2),
        ("${x.matches('[ab]+')}", {"x": "abc"}, False),
        ("${vars:isNotEmpty(x)}", {"x": [1]}, True),
        ("${vars:isNotEmpty(x)}", {"x": ""}, False),
        ("${vars:isNotEmpty(x)}", {"x": {}}, True),
        ("${x.compareTo(2) < 0}", {"x": 1}, True),
    ],
)
def test_a_translated_call_gives_what_java_gives(juel: str, variables: dict[str, Any], expected: Any) -> None:
    found = compile_expression(translate(juel)).evaluate(Scope(variables))
    assert (found.value, list(found.warnings)) == (expected, [])


def test_brackets_that_hide_a_bomb_are_refused() -> None:
    with pytest.raises(ExpressionError):
        translate("${" + "(" * 500 + "1" + ")" * 500 + "}")
    with pytest.raises(ExpressionError):
        translate("${" + "!" * 5000 + "a}")
    with pytest.raises(ExpressionError):
        translate("${" + "a.contains(" * 20 + "1" + ")" * 20 + "}")
    with pytest.raises(ExpressionError):
        translate("${a" + ".compareTo(1)" * 40 + "}")
