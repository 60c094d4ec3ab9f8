"""An author makes a mistake and is told what, where, and what to write instead, in both languages."""

from __future__ import annotations

import pytest

from engine.expressions.feel import (
    ConditionError,
    ExpressionError,
    Scope,
    compile_condition,
    compile_expression,
)


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("a == 1", 3, "a = b"),
        ("a && b", 3, "a and b"),
        ("a || b", 3, "a or b"),
        ("a <> b", 3, "a != b"),
        ("!a", 1, "not(a)"),
        ("x = 'a'", 5, '"text"'),
        ("${a}", 1, "${"),
        ("a % 2", 3, "modulo"),
        ("(1 + 2", 7, "bracket"),
        ("[1, 2", 6, "bracket"),
        ("{a: 1,}", 7, ""),
        ("1)", 2, "closing bracket too many"),
        ("a ? 1 : 2", 3, "if … then … else"),
        ('strng length("a")', 1, '"string length"'),
        ("cuont([1])", 1, '"count"'),
        ("abs(1, 2)", 1, "abs(n)"),
        ("sum(values: [1])", 1, "sum(list)"),
        ("a，b", 2, "half-width"),
        ('"open', 1, "Close it"),
        ("1 instance of nubmer", 15, '"number"'),
        ('@"2026-13-01"', 1, ""),
        ("{a: 1, a: 2}", 1, ""),
        ("", 1, ""),
        ("1 +", 4, ""),
        ("if a then b", 12, ""),
    ],
)
def test_the_mistake_is_named_with_its_place_and_a_way_out(text: str, column: int, hint: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        compile_expression(text)
    assert (refused.value.line, refused.value.column) == (1, column)
    assert hint in refused.value.hint
    assert refused.value.message.endswith(".")
    assert refused.value.message_zh.endswith("。")


def test_the_place_counts_lines() -> None:
    with pytest.raises(ExpressionError) as refused:
        compile_expression("1 +\n  2 == 3")
    assert (refused.value.line, refused.value.column, refused.value.position) == (2, 5, 8)


def test_a_function_nobody_has_is_refused_when_the_functions_are_told() -> None:
    with pytest.raises(ExpressionError, match="There is no function"):
        compile_expression("duo(1)", functions=["due"])
    assert compile_expression("due(1)", functions=["due"]).calls == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "case.apprved = true",
        "caze.approved",
        "case.approved = true and fom.x = 1",
        "case.level",
        "case.note",
        '1 = "1"',
    ],
)
def test_a_condition_that_decides_nothing_never_takes_the_default_branch(text: str) -> None:
    scope = Scope({"case": {"approved": True, "level": "A", "note": None}})
    with pytest.raises(ConditionError) as undecided:
        compile_condition(text).evaluate(scope)
    assert text in undecided.value.message


def test_a_condition_says_true_or_false() -> None:
    scope = Scope(
        {"case": {"approved": True, "amount": 150}, "form": {"review": {"dept": "HR", "note": None}}}
    )
    condition = compile_condition('case.approved = true and case.amount > 100 and form.review.dept = "HR"')
    assert condition.evaluate(scope) is True
    assert condition.paths == {"case.approved", "case.amount", "form.review.dept"}
    assert compile_condition("form.review.note != null").evaluate(scope) is False


def test_what_is_not_reached_is_not_asked() -> None:
    scope = Scope({"case": {"approved": False}})
    assert compile_condition("case.approved and case.missing > 1").evaluate(scope) is False


def test_an_empty_list_is_no_misspelling() -> None:
    scope = Scope({"case": {"tags": []}})
    assert compile_condition('case.tags[1] = "vip"').evaluate(scope) is False
