"""The file of the clock register at every start: what it says anew counts, what the office changed stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import InvalidInput
from redress import content
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deadlines.policies.loading import load_policies
from tasks.deadlines.policies.register import NoSuchPolicy, Policy
from tasks.deadlines.policies.rows import read_row
from tasks.deadlines.policies.tables import ClockPolicy
from tasks.deadlines.policies.versions import Fresh, add_versions, all_versions
from tests.tasks.office import CLOCKS, TestOffice

COUNT = sa.select(sa.func.count()).select_from(ClockPolicy)
DAYS = next(row for row in CLOCKS if row["code"] == "T.days")


def load(office: TestOffice, rows: Sequence[dict[str, str]]) -> int:
    with office.deps.sessions.begin() as session:
        return load_policies(session, rows, now=office.clock.now())


def with_days(**changed: str) -> list[dict[str, str]]:
    """The office's file with another row T.days."""
    return [{**row, **changed} if row["code"] == "T.days" else row for row in CLOCKS]


def on_the_page(office: TestOffice, limit: str, *, ended: bool = False, code: str = "T.days") -> None:
    terms, mistakes = read_row({"code": code, "limit": limit, "unit": "cd"})
    assert terms is not None, mistakes
    with office.deps.sessions.begin() as session:
        fresh = [Fresh(terms, day_of(office.clock.now()), ended)]
        add_versions(session, all_versions(session), fresh, at=office.clock.now(), by="somebody")


def found(office: TestOffice, code: str = "T.days") -> Policy:
    with office.deps.sessions() as session:
        return office.deps.office.current(session).policies.find(code)


def test_the_same_file_again_changes_nothing(office: TestOffice) -> None:
    before = office.scalar(COUNT)
    assert load(office, CLOCKS) == 0
    assert office.scalar(COUNT) == before


def test_what_the_office_changed_outlives_every_start_with_the_same_file(office: TestOffice) -> None:
    on_the_page(office, "9")
    assert load(office, CLOCKS) == 0
    assert found(office).amount == 9


def test_a_row_that_the_file_says_anew_counts_and_the_others_stay_as_the_office_has_them(
    office: TestOffice,
) -> None:
    on_the_page(office, "9")
    on_the_page(office, "5", code="T.own")
    changed = [{**row, "limit": "2"} if row["code"] == "T.working" else row for row in CLOCKS]
    assert load(office, changed) == 1
    assert (found(office, "T.working").amount, found(office).amount, found(office, "T.own").amount) == (
        2,
        9,
        5,
    )
    assert load(office, with_days(limit="8")) == 2  # T.working as at first, T.days newly 8
    assert (found(office, "T.working").amount, found(office).amount) == (3, 8)


def test_a_file_that_comes_to_agree_with_the_office_is_remembered(office: TestOffice) -> None:
    on_the_page(office, "9")
    load(office, with_days(limit="9"))
    on_the_page(office, "11")
    assert load(office, with_days(limit="9")) == 0
    assert found(office).amount == 11


def test_a_row_gone_from_the_file_ends_unless_the_office_has_changed_it(office: TestOffice) -> None:
    on_the_page(office, "9")
    load(office, [row for row in CLOCKS if row["code"] == "T.check"])
    assert found(office).amount == 9
    with pytest.raises(NoSuchPolicy):
        found(office, "T.working")
    load(office, CLOCKS)
    assert found(office, "T.working").amount == 3


def test_a_row_that_the_office_ended_does_not_come_back_with_the_next_start(office: TestOffice) -> None:
    on_the_page(office, "7", ended=True)
    load(office, CLOCKS)
    with pytest.raises(NoSuchPolicy):
        found(office)


def test_a_folder_without_a_register_leaves_the_register_alone(office: TestOffice, tmp_path: Path) -> None:
    (tmp_path / "empty.bpmn").write_bytes((Path("bpmn") / "shared" / "supervision.bpmn").read_bytes())
    (tmp_path / "supervise.dmn").write_bytes((Path("bpmn") / "decisions" / "supervise.dmn").read_bytes())
    with office.deps.sessions.begin() as session:
        content.load(session, office.deps, tmp_path)
    assert found(office).amount == 7


def test_the_column_of_older_files_becomes_the_first_rung(office: TestOffice) -> None:
    load(office, with_days(warn_ratio="0.75"))
    assert found(office).rungs == "75% 100% +4h +24h"
    load(office, with_days(warn_ratio="1"))
    assert found(office).rungs == "100% +4h +24h"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"warn_ratio": "1.5"}, "no share"),
        ({"warn_ratio": "nine tenths"}, "no share"),
        ({"warn_ratio": "0.9", "rungs": "80% 100%"}, "beside rungs"),
        ({"limit": ""}, "no number"),
        ({"rung": "90%"}, "Did you mean rungs?"),
    ],
)
def test_what_a_file_says_wrongly_is_told_and_nothing_is_loaded(
    office: TestOffice, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        load(office, with_days(**changed))
    assert found(office).amount == 7


def test_rows_that_stand_twice_or_reach_beyond_the_headings_are_refused(office: TestOffice) -> None:
    beyond: dict[str | None, object] = {**DAYS, "code": "T.more", None: ["more"]}
    with pytest.raises(InvalidInput) as refused:
        load(office, [*CLOCKS, DAYS, beyond])  # type: ignore[list-item]
    assert "stands there twice" in str(refused.value)
    assert "outside the headings" in str(refused.value)


def test_what_counts_on_a_day_is_the_last_version_that_has_begun(office: TestOffice) -> None:
    today = day_of(office.clock.now())
    terms, _ = read_row({"code": "T.days", "limit": "20", "unit": "cd"})
    assert terms is not None
    with office.deps.sessions.begin() as session:
        fresh = [Fresh(terms, today + timedelta(days=2))]
        add_versions(session, all_versions(session), fresh, at=office.clock.now(), by="somebody")
    assert found(office).amount == 7
    office.clock.advance(timedelta(days=2))
    assert found(office).amount == Decimal(20)
