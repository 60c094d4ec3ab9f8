"""Boxed expressions ask more of their parts than the same words in a text do (DMN 1.5 §10.2.2)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.feel import to_plain
from tests.engine.expressions.tables import decision, literal, read, table


def value(logic: str, **variables: Any) -> Any:
    return to_plain(read(decision("d", logic)).evaluate("d", variables).value)


def choice(condition: str) -> str:
    parts = (("if", condition), ("then", '"yes"'), ("else", '"no"'))
    return (
        "<conditional>" + "".join(f"<{tag}>{literal(text)}</{tag}>" for tag, text in parts) + "</conditional>"
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("true", "yes"),
        ("false", "no"),
        ("null", "no"),
        ("1 = null", "no"),
        ('"true"', None),
        ("[true]", None),
    ],
)
def test_the_condition_of_a_boxed_choice_is_true_or_false(condition: str, expected: Any) -> None:
    assert value(choice(condition)) == expected


@pytest.mark.parametrize(
    ("items", "test", "expected"),
    [
        ("[1, 2, 3]", "item > 1", [2, 3]),
        ("[{a: 1}, {a: 2}]", "a = 2", [{"a": 2}]),
        ("5", "item > 1", [5]),
        ("[]", "item > 1", []),
        ('[1, "a"]', "item > 0", None),
        ("[1, null]", "item > 0", None),
        ("[1, 2]", "2", None),
        ("null", "true", None),
    ],
)
def test_the_test_of_a_boxed_filter_says_true_or_false_of_every_item(
    items: str, test: str, expected: Any
) -> None:
    assert value(f"<filter><in>{literal(items)}</in><match>{literal(test)}</match></filter>") == expected


@pytest.mark.parametrize(
    ("word", "items", "test", "expected"),
    [
        ("some", "[1, 2]", "i > 1", True),
        ("some", "[]", "i > 1", False),
        ("some", "[true, 1]", "i", True),
        ("some", "[1, true]", "i", None),
        ("some", "[null, true]", "i", None),
        ("every", "[1, 2]", "i > 0", True),
        ("every", "[]", "i > 0", True),
        ("every", "[false, 1]", "i", False),
        ("every", "[1, false]", "i", None),
        ("every", "null", "i > 0", None),
    ],
)
def test_the_test_of_a_boxed_quantifier_says_true_or_false(
    word: str, items: str, test: str, expected: Any
) -> None:
    parts = f"<in>{literal(items)}</in><satisfies>{literal(test)}</satisfies>"
    assert value(f'<{word} iteratorVariable="i">{parts}</{word}>') == expected


def test_the_same_words_in_a_text_pass_over_what_is_neither() -> None:
    assert value(literal("[1, null][item > 0]")) == [1]
    assert value(literal("some i in [1, true] satisfies i")) is True
    assert value(literal('if "true" then 1 else 2')) == 2


def test_a_function_may_stand_in_a_cell() -> None:
    logic = table(["x"], [(["function(n) n > 10"], '"big"'), (["<= 10"], '"small"')])
    assert value(logic, x=11) == "big"
    assert value(logic, x=10) == "small"


@pytest.mark.parametrize(
    ("cell", "x", "matches"),
    [
        # In a cell, the question mark after `in` is still the input, unless the test is a condition of its own.
        ('"a" in ?', ["a", "b"], True),
        ('"a" in ?', ["b"], False),
        ('"a" in ?', True, False),
        ("? in (> 3, 1)", 4, True),
        ("? in (> 3, 1)", 2, False),
        ("count(?) in (? > 1)", [1, 2], True),
        ("count(?) in (? > 1)", [5], False),
        ("not(? = 1)", 1, False),
        ("not([1..3])", 4, True),
        # §7.3.2, UnaryTests a and b: a list is equal to itself and contains its items.
        ("[1, 2]", [1, 2], True),
        ("[1, 2]", 2, True),
        ("1", [1], False),
        ("[[1..2], [5..6]]", 5, True),
    ],
)
def test_a_cell_asks_about_its_input(cell: str, x: Any, matches: bool) -> None:
    assert value(table(["x"], [([cell], "true")]), x=x) is (True if matches else None)


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER"])
def test_the_default_is_the_result_itself_whatever_the_policy(policy: str) -> None:
    logic = table(["x"], [(["> 10"], "1")], policy=policy)
    logic = logic.replace(
        '<output name="y"/>',
        '<output name="y"><defaultOutputEntry><text>0</text></defaultOutputEntry></output>',
    )
    assert value(logic, x=1) == 0


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("RULE ORDER", None), ("COLLECT", []), ("COLLECT+COUNT", 0), ("COLLECT+SUM", None)],
)
def test_no_rule_and_no_default_is_nothing(policy: str, expected: Any) -> None:
    assert value(table(["x"], [(["> 10"], "1")], policy=policy), x=1) == expected


def test_input_values_must_be_satisfied_by_rules_that_ignore_the_input_too() -> None:
    logic = table(["x"], [(["-"], '"any"')]).replace(
        "</input>", "<inputValues><text>1, 2</text></inputValues></input>"
    )
    assert value(logic, x=2) == "any"
    assert value(logic, x=3) is None


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("SUM", {"y": 3, "z": 30}), ("MAX", {"y": 2, "z": 20}), ("COUNT", 2)],
)
def test_each_output_is_aggregated_for_itself_where_there_are_several(
    aggregation: str, expected: Any
) -> None:
    logic = table(["x"], [(["-"], "1"), (["> 1"], "2")], policy=f"COLLECT+{aggregation}")
    logic = logic.replace('<output name="y"/>', '<output name="y"/><output name="z"/>')
    for text in "12":
        entry = f"<outputEntry><text>{text}</text></outputEntry>"
        logic = logic.replace(entry, entry + f"<outputEntry><text>{text}0</text></outputEntry>")
    assert value(logic, x=5) == expected
