"""A case that another one was opened for sees the earlier facts under its own, and so do those who handle it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import WrongState
from tasks.cases.confiding import confide_case
from tasks.cases.facts import laid_over
from tasks.cases.linking.links import links_of
from tasks.cases.reading import read_case
from tasks.cases.tables import Case, CaseKey
from tests.tasks.cases.drawings import asking, operation, process, work
from tests.tasks.office import FACTS, TestOffice
from tests.tasks.systems import add_systems

UPGRADE = operation(
    "upgrade",
    "open_case",
    regime="second",
    kind="upgraded_from",
    refers="=true",
    facts='={demand: "再次退费", source: case.number}',
)
SECOND = work("centre_work", "provincial_centre", route__unit="=case.customer.name")


@pytest.fixture
def upgraded(office: TestOffice) -> tuple[TestOffice, str, str]:
    """A complaint and the case that was opened from it, in an office that has a regulator outside."""
    add_systems(office)
    office.deploy(process("first", UPGRADE), asking("first"), process("second", SECOND))
    earlier = office.file(regime="first").number
    office.settle()
    later = office.scalar(sa.select(Case.number).where(Case.regime == "second"))
    return office, earlier, later


def _case(office: TestOffice, number: str) -> Any:
    with office.deps.sessions() as session:
        return session.scalars(sa.select(Case).where(Case.number == number)).one()


def test_the_later_case_sees_the_earlier_facts_under_its_own_and_copies_none(
    upgraded: tuple[TestOffice, str, str],
) -> None:
    office, earlier, later = upgraded
    task = office.task("centre_work", later)
    assert task.properties["route.unit"] == FACTS["customer"]["name"]  # FEEL reads through
    assert _case(office, later).facts == {"demand": "再次退费", "source": earlier}
    with office.acting("wang_lei") as (session, caller):
        row = read_case(session, office.deps, caller, later)
    assert laid_over(row.facts, row.earlier)["customer"]["phone"] == FACTS["customer"]["phone"]
    assert laid_over(row.facts, row.earlier)["demand"] == "再次退费"


def test_who_gets_work_of_the_later_case_sees_the_earlier_one(upgraded: tuple[TestOffice, str, str]) -> None:
    office, earlier, later = upgraded
    with office.acting("wang_lei") as (session, caller):  # the centre never touched the earlier one
        assert read_case(session, office.deps, caller, earlier).number == earlier
        (link,) = links_of(session, caller, read_case(session, office.deps, caller, later).id)
    assert (link.number, link.kind, link.earlier, link.open) == (earlier, "upgraded_from", True, False)


def test_the_confidential_mark_goes_along_with_the_facts_that_are_read(
    upgraded: tuple[TestOffice, str, str],
) -> None:
    office, earlier, later = upgraded
    with office.acting("sun_qiang") as (session, caller):
        confide_case(session, office.deps, caller, earlier, confidential=True, reason="名人")
    assert _case(office, later).confidential
    with (
        pytest.raises(WrongState, match="open that one first"),
        office.acting("sun_qiang") as (session, caller),
    ):
        confide_case(session, office.deps, caller, later, confidential=False, reason="误标")
    for number in (earlier, later):
        with office.acting("sun_qiang") as (session, caller):
            confide_case(session, office.deps, caller, number, confidential=False, reason="误标")
    with office.acting("wang_lei") as (session, caller):
        assert read_case(session, office.deps, caller, earlier).number == earlier


def test_a_case_is_found_by_what_it_reads_through(upgraded: tuple[TestOffice, str, str]) -> None:
    office, _, later = upgraded
    keys = sa.select(CaseKey.key).where(CaseKey.case_id == _case(office, later).id)
    with office.deps.sessions() as session:
        assert session.scalars(keys).all() == ["phone:13800000000"]


def test_an_operation_that_comes_twice_opens_one_case(office: TestOffice) -> None:
    office.deploy(process("first", UPGRADE), asking("first"), process("second", SECOND))
    office.file(regime="first")
    office.settle()
    key = office.scalar(sa.select(Case.opened_by).where(Case.regime == "second"))
    assert key is not None
    with pytest.raises(sa.exc.IntegrityError), office.deps.sessions.begin() as session:
        session.execute(sa.update(Case).where(Case.regime == "first").values(opened_by=key))
    assert office.scalar(sa.select(sa.func.count()).where(Case.regime == "second")) == 1


def test_own_facts_hide_earlier_ones_but_what_is_empty_hides_nothing() -> None:
    own = {"customer": {"phone": "2", "name": ""}, "tags": ["b"], "note": None}
    earlier = [
        {"customer": {"phone": "1", "name": "张三"}, "tags": ["a"], "note": "n"},
        {"customer": {"level": "vip"}},
    ]
    assert laid_over(own, earlier) == {
        "customer": {"phone": "2", "name": "张三", "level": "vip"},
        "tags": ["b"],
        "note": "n",
    }
