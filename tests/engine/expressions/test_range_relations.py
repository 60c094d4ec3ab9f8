"""The relations of two ranges are those of the points that lie in them (DMN 1.5 table 78)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from engine.expressions.feel import Scope, compile_expression
from engine.expressions.feel.data.values import Range, number

RANGES = [
    Range(number(low), number(high), low_closed, high_closed)
    for low, high in ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3))
    for low_closed, high_closed in product((True, False), repeat=2)
]
"""Every way two ranges can lie towards each other, with every pair of brackets."""


def points(r: Range) -> set[int]:
    """The quarters that lie inside: between two different ends there is always one."""
    low, high = int(r.low) * 4, int(r.high) * 4
    return set(range(low if r.low_closed else low + 1, high + 1 if r.high_closed else high))


def before(a: set[int], b: set[int]) -> bool:
    return max(a) < min(b)


def overlaps_before(a: set[int], b: set[int]) -> bool:
    return min(a) < min(b) and bool(a & b) and max(a) <= max(b)


RELATIONS = {
    "before": before,
    "after": lambda a, b: before(b, a),
    "overlaps": lambda a, b: bool(a & b),
    "overlaps before": overlaps_before,
    "overlaps after": lambda a, b: overlaps_before(b, a),
    "includes": lambda a, b: a >= b,
    "during": lambda a, b: a <= b,
    "starts": lambda a, b: min(a) == min(b) and a <= b,
    "started by": lambda a, b: min(a) == min(b) and a >= b,
    "finishes": lambda a, b: max(a) == max(b) and a <= b,
    "finished by": lambda a, b: max(a) == max(b) and a >= b,
    "coincides": lambda a, b: a == b,
    "meets": lambda a, b: max(a) == min(b),
    "met by": lambda a, b: min(a) == max(b),
}


@pytest.mark.parametrize("name", RELATIONS)
def test_a_relation_holds_exactly_when_the_points_say_so(name: str) -> None:
    asked, holds = compile_expression(f"{name}(a, b)", names=["a", "b"]), RELATIONS[name]
    wrong = [
        (a, b)
        for a, b in product(RANGES, repeat=2)
        if asked.evaluate(Scope({"a": a, "b": b})).value is not holds(points(a), points(b))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a missing end lies infinitely far away
        ("before(> 7, <= 3)", False),
        ("after(> 7, <= 3)", True),
        ("includes(>= 7, 8)", True),
        ("includes(< 7, [3..6])", True),
        ("during([3..8], < 7)", False),
        ("overlaps(< 7, > 6)", True),
        ("finishes(> 7, > 3)", True),
        ("starts(< 3, < 7)", True),
        ("coincides(>= 7, >= 7)", True),
        ("coincides(>= 7, > 7)", False),
        # three-valued: false and null is false, otherwise what has no order has no answer
        ('meets([1..3), ["c".."d"])', False),
        ('meets([1..3], ["c".."d"])', None),
        ('finishes("c", [1..3))', False),
        ('before(1, "c")', None),
        ("before(true, false)", None),
        ("coincides(true, true)", True),
        ("coincides(null, null)", None),
        ("before(null, 3)", None),
        # a list of one stands for its item, a context is no point
        ("during([5], [1..9])", True),
        ("before([1..3], [[7]])", None),
        ("before({a: 1}, 3)", None),
        # a parameter's name tells which form is meant
        ("before(point: 1, range: [2..3])", True),
        ("before(point: [1..2], range: [2..3])", None),
        ("starts(range1: [1..2], range2: [1..3])", True),
        ('includes(range: [@"2026-01-01"..@"2026-12-31"], point: @"2026-05-04")', True),
        ('before(@"2026-05-04", @"2026-05-04T00:00:01Z")', True),
    ],
)
def test_points_and_open_ends(text: str, expected: Any) -> None:
    assert compile_expression(text).evaluate(Scope()).value is expected


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("[3..7)", "[3..7)"),
        ("]3..7[", "(3..7)"),
        ("[-7.5 .. -3]", "[-7.5..-3]"),
        ("(..7]", "(<= 7)"),
        ("[3..)", "(>= 3)"),
        (']\\"a\\"..\\"..\\\\\\"\\"]', '("a".."..\\""]'),
        ('[@\\"P1D\\"..@\\"P2D\\"]', '[@"P1D"..@"P2D"]'),
        ('[date(2026, 1, 31)..date(\\"2026-02-01\\")]', '[@"2026-01-31"..@"2026-02-01"]'),
        (
            '[date and time(date(2026,1,1), time(\\"10:00:00\\"))..date and time(\\"2026-01-02\\")]',
            '[@"2026-01-01T10:00:00"..@"2026-01-02T00:00:00"]',
        ),
    ],
)
def test_a_text_says_a_range(text: str, same_as: str) -> None:
    scope = Scope()
    wanted = compile_expression(same_as).evaluate(scope).value
    assert compile_expression(f'range("{text}")').evaluate(scope).value == wanted


@pytest.mark.parametrize(
    "text",
    [
        "", "3..7", "[3..7", "[..]", "(..)", "[..7]", "[3..]", "[7..3]", "[3..7]]", "[a..b]", "[1+2..7]", "[3,7]",
        '[3..\\"7\\"]', "[null..7]", "[abs(3)..7]", '[date(\\"2026-02-30\\")..)', "(- 3..7)..", '[\\"a..\\"b\\"]',
        '[@\\"P1D\\"..@\\"P1Y\\"]', '[@\\"2026-01-01\\"..@\\"2026-01-01T00:00:00Z\\"]', "[-@\\\"P1D\\\"..)", "；",
        "[" * 900, "[1e99999..)",
    ],
)  # fmt: skip
def test_a_text_that_is_no_range_gives_null(text: str) -> None:
    found = compile_expression(f'range("{text}")').evaluate(Scope())
    assert found.value is None
    assert found.warnings
