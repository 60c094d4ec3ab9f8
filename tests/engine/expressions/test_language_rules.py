"""The corners of the language, each with the clause of DMN 1.5 that decides it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions.feel import Scope, compile_expression, to_plain
from engine.expressions.feel.errors import ExpressionError


def value(text: str, **variables: Any) -> Any:
    compiled = compile_expression(text, names=variables)
    return to_plain(compiled.evaluate(Scope(variables)).value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Table 54: a time without an offset takes over the offset of the other one.
        ('@"09:00:00" < @"10:00:00+08:00"', True),
        ('@"11:00:00" < @"10:00:00+08:00"', False),
        ('@"2026-05-01T09:00:00" < @"2026-05-01T10:00:00+08:00"', True),
        ('@"2026-05-01T10:00:00Z" > @"2026-05-01T09:00:00"', True),
        ('@"2026-05-01T09:30:00" in [@"2026-05-01T09:00:00Z"..@"2026-05-01T10:00:00Z"]', True),
        # Table 53: equality has no such rule, and instants are compared, not clock faces.
        ('@"2026-05-01T09:00:00" = @"2026-05-01T09:00:00Z"', False),
        ('@"2026-05-01T09:00:00Z" = @"2026-05-01T17:00:00+08:00"', True),
        ('@"09:00:00Z" = @"17:00:00+08:00"', True),
        # Table 57: the difference of two times is one of seconds since midnight.
        ('@"10:00:00Z" - @"09:00:00"', "PT1H"),
        ('@"2026-05-01T10:00:00Z" - @"2026-05-01T09:00:00"', None),
        # Table 57: a date is its midnight, so a day less an hour is the day before.
        ('@"2026-05-02" - @"PT1H"', "2026-05-01"),
        ('@"2026-05-02" + @"PT47H"', "2026-05-03"),
        # Table 60: no power outside the numbers.
        ("0 ** -1", None),
        ("0 ** 0", 1),
        ("2 ** 3 ** 2", 64),
        ("-4 ** 2", 16),
        # Table 66: seconds are decimals.
        ('@"10:00:05.25".second', 5.25),
        ('@"PT1M2.5S".seconds', 2.5),
        ('@"-PT2.5S".seconds', -2.5),
    ],
)
def test_times_and_powers_follow_their_tables(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Table 55, last row: in a condition after `in`, the question mark is the value before it.
        ("4 in (? > 3)", True),
        ("4 in (? > 3 and ? < 4)", False),
        ("[1, 2] in (count(?) = 2)", True),
        ('"Henan" in (starts with(?, "He"), "Hubei")', True),
        ("7 in (> 8, ? = 7)", True),
        # §10.3.2.14: an iteration leaves out the open ends of its range.
        ("for i in (1..4) return i", [2, 3]),
        ("for i in ]1..4] return i", [2, 3, 4]),
        # Table 55: between is an "and" of two comparisons, and false with anything is false.
        ("5 between 1 and 3", False),
        ("5 between null and 3", False),
        ("0 between 1 and null", False),
        ("2 between null and 3", None),
        # Table 55: a list of ranges, and of values and ranges.
        ("6 in [[1..3], [5..9]]", True),
        ("6 in (1, [5..9])", True),
        ("4 in ]3..5[", True),
        ("3 in ]3..5[", False),
        ("null in [1, null]", True),
        ('"b" in ["a".."c"]', True),
        # §10.3.2.7: the start of a range lies before its end, so there is no such range.
        ("4 in [5..3]", None),
        # …and a value without order ends no range, be it written with one end only.
        ("{limit: null, band: (< limit), r: 4 in band}.r", None),
        ("(>= [1, 2])", None),
    ],
)
def test_in_takes_every_kind_of_test(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Table 68: a position is evaluated outside the items, a condition inside each of them.
        ("{l: [{i: 1}, {i: 2}], i: 2, r: l[i]}.r", {"i": 2}),
        ("[10, 20][item]", None),
        ("[10, 20, 30][item > 10][1]", 20),
        ("[{item: 5}, {item: 6}][item = 6]", [{"item": 6}]),
        ("[][1]", None),
        ("[][item = 1]", []),
        ("7[1]", 7),
        ("7[2]", None),
        ("7[item > 5]", [7]),
        ("7[item > 8]", []),
        ("null[item = null]", None),
        ("[1, 2][1.5]", None),
        ('[1, 2]["a"]', None),
    ],
)
def test_a_filter_takes_a_position_or_a_condition(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Table 53: functions are the same with the same parameters, body and scope.
        ("{f: function(x) x + 1, g: function(x) x + 1, r: f = g}.r", True),
        ("{f: function(x) x + 1, g: function(x) x + 2, r: f = g}.r", False),
        ("{f: function(x) x + 1, g: function(y) y + 1, r: f = g}.r", False),
        ("{f: function(x) x, r: f = abs}.r", False),
        ("{f: function(x) function() x, r: f(1) = f(2)}.r", False),
        # §10.3.2.13.5: what a call by name leaves out is null.
        ("(function(a, b) b)(a: 1)", None),
        ("(function(a, b) a)(a: 1)", 1),
        ("(function(a) a)(a: 1, c: 2)", None),
        # §10.3.2.11.1: the functions of a context know each other, in whatever order they stand.
        (
            "{even: function(n) if n = 0 then true else odd one(n - 1), "
            "odd one: function(n) if n = 0 then false else even(n - 1), r: even(7)}.r",
            False,
        ),
        ("{r: twice(4), twice: function(n) n * 2}.r", 8),
        # §10.3.2.6: values see what stands above them.
        ("{a: 1, b: a + 1, c: b * 10}.c", 20),
        # §10.3.2.9.4: arguments are converted to and from lists of one, and dates to date-times.
        ("(function(x: number) x)([5])", 5),
        ("(function(x: list<number>) x)(5)", [5]),
        ('(function(x: number) x)("5")', None),
        ('(function(x: date and time) x)(@"2026-05-01")', "2026-05-01T00:00:00Z"),
    ],
)
def test_functions_are_values_with_named_arguments(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1] instance of list<number>", True),
        ("[1] instance of list<Any>", True),
        ("[null] instance of list<string>", True),
        ("{a: 1, b: 2} instance of context<a: number>", True),
        ("{a: 1} instance of context<a: number, b: number>", False),
        ("(function(x: number) x) instance of function<number> -> Any", True),
        ("[1..2] instance of range<number>", True),
        ("null instance of Null", True),
        ("null instance of Any", False),
        # A container type without its parameters stands for any of its kind.
        ("[1] instance of list", True),
        ("1 instance of list", False),
        ("[1..2] instance of range", True),
        ("{a: 1} instance of context", True),
        ("(function(x) x) instance of function", True),
    ],
)
def test_instance_of_asks_for_a_type(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "blank", ["\u0085", "\u00a0", "\u1680", "\u180e", "\u200b", "\u2028", "\u3000", "\ufeff"]
)
def test_every_white_space_of_the_standard_separates_words(blank: str) -> None:
    assert value(f"1{blank}+{blank}2") == 3
    assert value(f"order{blank}total * 2", **{"order total": 4}) == 8
    assert value(f"{{unit{blank}price: 3, r: unit price + 1}}.r") == 4


def test_a_name_ends_where_the_longest_known_name_ends() -> None:
    known = {"a": 5, "b": 2, "a-b": 100, "profit and loss": 7, "什么": 3, "𝒳 𝒴": 6, "what if": 9}
    assert value("a-b", **known) == 100
    # §10.3.1.6: a space is no token, so it does not help to write a - b; brackets do.
    assert value("a - b", **known) == 100
    assert value("a -b + 1", **known) == 101
    assert value("a - b", a=5, b=2) == 3
    assert value("a - bb", **known, bb=1) == 4
    assert value("{net - total: 4, r: net-total + net  -  total}.r") == 8
    assert value("[{net-total: 4}, {net-total: 5}][net - total > 4]") == [{"net-total": 5}]
    assert value("(a)-(b)", **known) == 3
    assert value("profit and loss + 什么", **known) == 10
    assert value("𝒳 𝒴 * 2", **known) == 12
    assert value("if what if > 8 then 1 else 0", **known) == 1


def test_a_type_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ExpressionError, match="There is no type") as refused:
        compile_expression("1 instance of nummber")
    assert "number" in refused.value.hint


@pytest.mark.parametrize(
    "text", ["null in [5..1]", "null in (5..1)", 'null in [1.."b"]', "null in ([5..1], 1)"]
)
def test_null_is_not_in_a_range_that_is_none(text: str) -> None:
    assert value(text) is None
