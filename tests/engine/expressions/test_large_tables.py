"""A large table answers as its rules do one by one, and tests few of them."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.expressions.dmn.evaluation.index import MAX_BORDERS, indexes, rows_of
from engine.expressions.feel import Scope, compile_unary_tests
from engine.expressions.feel.api import parse
from tests.engine.expressions.tables import decision, read, table

NUMBERS = st.integers(-3, 3).map(str)
NUMBER_CELLS = st.one_of(
    NUMBERS,
    st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), NUMBERS),
    st.builds("{}{}..{}{}".format, st.sampled_from("[(]"), NUMBERS, NUMBERS, st.sampled_from("])[")),
    st.lists(NUMBERS, min_size=2, max_size=3).map(", ".join),
    st.builds("not({})".format, NUMBERS),
    st.sampled_from(["-", "null", "? > 0", "limit", '"a"', "true", "[1..2], > 2, -3"]),
)
TEXT_CELLS = st.one_of(
    st.sampled_from(
        ['"a"', '"b"', '"a", "c"', 'not("a")', "-", "null", '> "a"', '["a".."b"]', 'other, "b"', "3"]
    )
)
VALUES = st.sampled_from([-3, -1, 0, 1, Decimal("1.5"), 2, 3, 7, "a", "b", "zz", None, True, [1, 2]])


cell = lru_cache(compile_unary_tests)


@settings(max_examples=60, deadline=None)
@given(
    rules=st.lists(st.tuples(NUMBER_CELLS, TEXT_CELLS), min_size=16, max_size=40),
    first=VALUES,
    second=VALUES,
    policy=st.sampled_from(["COLLECT", "FIRST"]),
)
def test_it_finds_the_rules_that_match_one_by_one(
    rules: list[tuple[str, str]], first: Any, second: Any, policy: str
) -> None:
    data = {"n": first, "s": second, "limit": 2, "other": "c"}
    whole = read(decision("d", table(["n", "s"], [(cells, "1") for cells in rules], policy=policy)))
    found = [hit.row for hit in whole.evaluate("d", data).matched]
    scope = Scope(data)
    alone = [
        row
        for row, (n, s) in enumerate(rules, 1)
        if cell(n).evaluate(scope, first).value is True and cell(s).evaluate(scope, second).value is True
    ]
    assert found == (alone if policy == "COLLECT" else alone[:1])


def candidates(cells: list[str], value: Any) -> list[int]:
    """The rows a one-column table would test for a value."""
    tests = [[parse(cell, unary=True)[0]] for cell in cells]
    (index,) = indexes(1, tests)  # type: ignore[arg-type]
    found = index.candidates(value)
    assert found is not None
    return list(rows_of(found))


@pytest.mark.parametrize(
    ("cells", "value", "tested"),
    [
        ([f'"k{row}"' for row in range(100)], "k7", [7]),
        ([f'"k{row}"' for row in range(100)], "other", []),
        ([f"[{row}0..{row}9]" for row in range(100)], Decimal(455), [45]),
        ([f"{row}" for row in range(50)] + ["-", "f(1)"], Decimal(3), [3, 50, 51]),
        ([f"> {row}" for row in range(40)], Decimal(2), [0, 1]),
        (["true", "false"] * 10, True, list(range(0, 20, 2))),
        ([f'@"2026-01-{day:02}"' for day in range(1, 29)], None, []),
        ([f"< {row}" for row in range(20)] + ["null"], None, [0, 20]),
    ],
)
def test_only_rules_that_may_match_are_tested(cells: list[str], value: Any, tested: list[int]) -> None:
    assert candidates(cells, value) == tested


def test_thousands_of_borders_share_pieces_and_none_is_lost() -> None:
    cells = [f"[{row}..{row + 1})" for row in range(2_000)]
    for value in (0, 999, 1_999):
        tested = candidates(cells, Decimal(value))
        assert value in tested
        assert len(tested) <= 2_000 // MAX_BORDERS + 3


def test_a_value_of_another_kind_is_told_so_once_not_by_every_row() -> None:
    model = read(decision("d", table(["n"], [([f"< {row}"], "1") for row in range(50)], policy="FIRST")))
    (warning,) = model.evaluate("d", {"n": None}).warnings
    assert warning.place is not None and (warning.place.row, warning.place.column) == (1, "n")
