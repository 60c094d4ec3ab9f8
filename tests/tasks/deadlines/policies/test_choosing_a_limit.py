"""Which row of the register counts: compared with a plain reading of the table, over any table, case and day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.deadlines.functions import chosen_by
from tasks.deadlines.policies.register import NoSuchPolicy, Policies, Policy
from tasks.deadlines.policies.rows import Terms
from tasks.deadlines.policies.rungs import read_rungs
from tasks.deadlines.policies.versions import Version, line_of

WORDS = {
    "regime": ("", "complaint", "upgrade"),
    "level": ("", "general", "national"),
    "customer_level": ("", "normal", "vip"),
    "network": ("", "fixed", "3g"),
}
NARROWED = st.fixed_dictionaries({name: st.sampled_from(words) for name, words in WORDS.items()})
TABLES = st.lists(NARROWED, max_size=12, unique_by=lambda row: tuple(row.values()))
MONDAY = date(2026, 3, 2)


def plain_reading(table: list[dict[str, str]], case: Mapping[str, str]) -> int | None:
    """Cross out, column by column, whatever names something else; and where a row names it, the rows that do not."""
    left = list(range(len(table)))
    for name in WORDS:
        has = case[name]
        left = [number for number in left if table[number][name] in ("", has)]
    for name in WORDS:
        has = case[name]
        naming = [number for number in left if has and table[number][name] == has]
        left = naming or left
    return left[0] if left else None


@given(TABLES, NARROWED)
def test_the_row_chosen_is_the_one_a_plain_reading_of_the_table_finds(
    table: list[dict[str, str]], case: dict[str, str]
) -> None:
    rows = tuple(
        Policy(code="T.any", amount=Decimal(number + 1), unit="h", **row) for number, row in enumerate(table)
    )
    policies = Policies({"T.any": rows, "T.other": (Policy(code="T.other", amount=Decimal(99), unit="h"),)})
    wanted = plain_reading(table, case)
    if wanted is None:
        with pytest.raises(NoSuchPolicy, match=r"T\.any"):
            policies.find("T.any", **case)
    else:
        assert policies.find("T.any", **case) is rows[wanted]


@given(st.lists(st.integers(-20, 20), max_size=8), st.integers(-25, 25))
def test_on_any_day_the_last_version_that_has_begun_counts(begins: list[int], today: int) -> None:
    versions = [
        Version(
            id=UUID(int=number),
            version=number,
            terms=Terms(code="T.any", amount=Decimal(number), unit="h"),
            effective_from=MONDAY + timedelta(days=days),
            ended=False,
            changed_at=datetime(2026, 3, 2, tzinfo=UTC),
            changed_by="",
            changed_by_name="",
            note="",
        )
        for number, days in enumerate(begins, start=1)
    ]

    def counts(day: date) -> Version | None:
        begun = [version for version in versions if version.effective_from <= day]
        return max(begun, key=lambda version: version.version) if begun else None

    day = MONDAY + timedelta(days=today)
    current, following = line_of(versions, day)
    assert current is counts(day)
    for version in following:
        assert version.effective_from > day
        assert counts(version.effective_from) is version
    seen = {counts(MONDAY + timedelta(days=later)) for later in range(today, 46)}
    assert {current, *following} == seen


@pytest.mark.parametrize(
    ("variables", "chosen"),
    [
        ({}, ("", "", "", "")),
        ({"case": {"regime": "complaint"}}, ("complaint", "", "", "")),
        ({"decision": {"level": "national"}}, ("", "national", "", "")),
        ({"decision": {"level": {"level": "national"}}}, ("", "national", "", "")),
        ({"decision": {"level": None}, "case": {"customer": None}}, ("", "", "", "")),
        ({"decision": "no", "case": ["no"]}, ("", "", "", "")),
        ({"case": {"customer": {"level": "vip", "network": "3g"}}}, ("", "", "vip", "3g")),
    ],
)
def test_what_a_case_is_chosen_by_is_read_from_its_decisions_and_facts(
    variables: dict[str, object], chosen: tuple[str, ...]
) -> None:
    assert tuple(chosen_by(variables).values()) == chosen
    assert list(chosen_by(variables)) == list(WORDS)


def test_a_rung_has_one_name_however_it_is_written() -> None:
    assert [rung.text for rung in read_rungs("90.0% 100.00% +4.50h")] == ["90%", "100%", "+4.5h"]
