"""What a built-in does with arguments at the edge of its domain and beyond it (DMN 1.5 §10.3.4)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.feel import ExpressionError, Scope, compile_expression, to_plain


def value(text: str) -> Any:
    return to_plain(compile_expression(text).evaluate(Scope()).value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # an argument left out by name is null (table 63) …
        ("is(value1: null)", True),
        ("list contains(list: [7, null])", True),
        ("index of(list: [null, 7])", [1]),
        ('context put(context: {a: 1}, key: "b")', {"a": 1, "b": None}),
        ("insert before(list: [7], position: 1)", [None, 7]),
        ("list replace(newItem: 8, position: -1, list: [7])", [8]),
        ("append(list: [7])", [7]),
        ("append(item: null, list: [7])", [7, None]),
        ("floor(n: 7.5)", 7),
        # … and what is null although it may not be, gives null
        ("floor(7.5, null)", None),
        ("round up(7.5, null)", None),
        ("substring(null, 1)", None),
        ("union([7], null)", None),
        ("sort([2, 1], null)", [1, 2]),
        ("string join([], null)", ""),
        # a list of one stands for its item where no list is wanted, an item for a list of one where one is
        ('upper case(["a"])', "A"),
        ("count(7)", 1),
        ("floor([[7.5]])", None),
        ("get entries([{a: 1}])", [{"key": "a", "value": 1}]),
        ("list contains([7], [7])", False),
        ("is([7], 7)", False),
    ],
)
def test_null_and_missing_arguments(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "floor()",
        "floor(1, 2, 3)",
        "round up(7.5)",
        "round up(n: 7.5)",
        "count([1], [2])",
        "sort(precedes: function(a, b) a < b)",
        "before(range: [1..2])",
        "get value(context: {a: 1}, key: \"a\")",
        "get entries(context: {a: 1})",
        "sum(n: 7)",
        "substring(text: \"abc\", start position: 1)",
        "concatenate()",
    ],
)  # fmt: skip
def test_arguments_no_form_takes_are_refused_where_they_are_written(text: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        compile_expression(text)
    assert "does not take" in refused.value.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("kitten", -3, 2)', "te"),
        ('substring("kitten", 5, 9)', "en"),
        ('substring("kitten", 2, 2.9)', "it"),
        ('substring("kitten", 2.5)', None),
        ('substring("kitten", 0)', None),
        ('substring("kitten", 7)', None),
        ('substring("kitten", 1, 0.9)', None),
        ('substring("kitten", 2, 1e6000)', "itten"),
        ('substring("a\\U01F9A9c", -2, 1)', "\U0001f9a9"),
        ("sublist([5, 6, 7], 2, 2)", [6, 7]),
        ("sublist([5, 6, 7], 2, 3)", None),
        ("sublist([5, 6, 7], -2, 2.5)", [6, 7]),
        ("sublist([5, 6, 7], -2, -1e6000)", None),
        ("sublist([5, 6, 7], 1.5)", None),
        ("sublist([], 1)", None),
        ("insert before([5, 6], -2, 4)", [4, 5, 6]),
        ("insert before([5, 6], 3, 4)", None),
        ("insert before([], 1, 4)", None),
        ("remove([5, 6], 0)", None),
        ("remove([5, 6], 1.5)", None),
        ("list replace([5, 6], -3, 4)", None),
    ],
)  # fmt: skip
def test_positions_and_lengths(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
        ("sort([{n: 2, k: 1}, {n: 1, k: 2}, {n: 2, k: 3}], function(a, b) a.n < b.n).k", [2, 1, 3]),
        ("sort([3, null, 2], function(a, b) a < b)", None),
        ("sort([3, 1], function(a) true)", None),
        ('sort([3, "a"])', None),
        ("sort([true])", [True]),
        ("sort([])", []),
        ("sort([5, 1], before)", [1, 5]),
        ("list replace([3, 8], function(item, newItem) item > 5, 0)", [3, 0]),
        ("list replace([3, null], function(item, newItem) item > 5, 0)", None),
        ("list replace([], function(item) true, 0)", None),
        ("list replace([3], function(item, newItem) 1, 0)", None),
        ("min([@\"P1D\", @\"PT25H\"])", "P1D"),
        ("max([1, null])", None),
        ("max(true, false)", None),
        ("sum([@\"P1D\"])", None),
        ("sum([])", None),
        ("stddev([7])", None),
        ("mode([])", []),
        ("mode([2.0, 1, 2.00])", [2]),
        ("median([])", None),
        ("mean([1, null])", None),
        ("all([])", True),
        ("all([true, 1])", None),
        ("any(null)", None),
        ("distinct values([1, null, 1.0, null, \"1\"])", [1, None, "1"]),
        ("flatten([[], [[null]]])", [None]),
        ("concatenate([1], 2, [[3]])", [1, 2, [3]]),
        ("product([3, null])", None),
    ],
)  # fmt: skip
def test_lists_at_the_edge_of_the_domain(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('number("7.5e2")', 750),
        ('number("-.5")', -0.5),
        ('number(" 7")', None),
        ('number("7.")', None),
        ('number("+7")', None),
        ('number("七")', None),
        ('number("")', None),
        ('number("7 500,25", " ", ",")', 7500.25),
        ('number("7.500.000", ".", null)', 7500000),
        ('number("7.5", null, ",")', 7.5),
        ('number("7,5,0", null, ",")', None),
        ('number("75", "", ".")', None),
        ('number("75", ",", ",")', None),
        ("number(7.5)", 7.5),
        ('number("1e9999")', None),
        ("decimal(1/3, 2.9)", 0.33),
        ("decimal(2.5, -6112)", None),
        ("decimal(2.5, 6176)", 2.5),
        ("round half up(-2.5, 0)", -3),
        ("round half down(-2.5, 0)", -2),
        ("round up(-0.001, 2)", -0.01),
        ("round down(1250, -2)", 1200),
        ("ceiling(-0.5)", 0),
        ("floor(0, 3)", 0),
        ("modulo(1e33, 0.7)", 0.4),
        ("modulo(-7, 1e33)", 999999999999999999999999999999993),
        ("modulo(7, -2.5)", -0.5),
        ("modulo(0, 7)", 0),
        ("odd(7.0)", True),
        ("odd(7.5)", None),
        ("even(7.5)", None),
        ("even(1e40)", True),
        ("sqrt(-0.01)", None),
        ("log(0)", None),
        ("exp(1e9)", None),
        ("string(2/3)", "0.6666666666666666666666666666666667"),
        ("string(1e21)", "1000000000000000000000"),
        ('abs(@"-P1Y2M")', "P1Y2M"),
    ],
)  # fmt: skip
def test_numbers(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected or found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('get value({a: {b: 7}}, ["a", "b"])', 7),
        ('get value({a: 7}, "b")', None),
        ("get value({a: 7}, 1)", None),
        ('context put({}, [], 7)', None),
        ('context put({a: {b: 1}, c: 2}, ["a", "d"], 7)', {"a": {"b": 1, "d": 7}, "c": 2}),
        ('context put({a: 1}, ["a", "d"], 7)', None),
        ('context put({a: 1}, ["a", 2], 7)', None),
        ("context merge([])", {}),
        ("context merge({a: 1})", {"a": 1}),
        ("context merge([{a: 1}, null])", None),
        ('context([{key: "a", value: null, more: 1}])', {"a": None}),
        ('context({key: "a", value: 7})', {"a": 7}),
        ('context([{key: "a"}])', None),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
        ("get entries({})", []),
    ],
)  # fmt: skip
def test_contexts(text: str, expected: Any) -> None:
    assert value(text) == expected
