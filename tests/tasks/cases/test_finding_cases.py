"""What a case may find, link with and be merged into: never what those who see it may not know of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.incidents import Incident
from tasks.cases.confiding import confide_case
from tasks.cases.tables import Case, CaseLink
from tasks.user_task import UserTask
from tests.tasks.cases.drawings import asking, operation, process, work
from tests.tasks.office import FACTS, TestOffice

FIND = operation("find", "find_cases", phone="=case.customer.phone", person="=case.customer")
SHOW = work("show", found="=result.find.numbers", matched="=result.find.cases[1].matched")


def _finds(office: TestOffice, login: str = "li_na", **facts: Any) -> list[str]:
    number = office.file(login, "finding", {**FACTS, **facts}).number
    office.settle()
    task = office.task("show", number)
    found: list[str] = task.properties["found"]
    return found


@pytest.fixture
def finding(office: TestOffice) -> TestOffice:
    office.deploy(process("finding", FIND, SHOW), asking("finding"))
    return office


def test_cases_of_the_same_phone_are_found_newest_first_however_it_is_typed(finding: TestOffice) -> None:
    first = finding.file().number
    finding.clock.advance(timedelta(hours=1))
    second = finding.file(facts={**FACTS, "customer": {"name": "别人", "phone": "13800000000"}}).number
    finding.file(facts={**FACTS, "customer": {"name": "张三", "phone": "13900000000"}})
    found = _finds(finding, customer={"name": "张三", "phone": "+86 138-0000-0000"})
    assert found == [second, first]


def test_another_province_and_a_confidential_case_are_never_suggested(finding: TestOffice) -> None:
    finding.file("chen_yu")
    hidden = finding.file().number
    with finding.acting("sun_qiang") as (session, caller):
        confide_case(session, finding.deps, caller, hidden, confidential=True, reason="名人")
    assert _finds(finding) == []


def test_at_most_twenty_are_found_of_many(finding: TestOffice) -> None:
    numbers = []
    for _ in range(23):
        finding.clock.advance(timedelta(minutes=1))
        numbers.append(finding.file().number)
    assert _finds(finding) == numbers[::-1][:20]


def _links(office: TestOffice, kind: str = "prior") -> int:
    count = office.scalar(sa.select(sa.func.count()).select_from(CaseLink).where(CaseLink.kind == kind))
    return int(count)


def test_a_number_out_of_reach_is_linked_no_more_than_one_nobody_has(office: TestOffice) -> None:
    show = work("show", linked="=result.link.linked", missing="=result.link.missing")
    office.deploy(
        process("linking", operation("link", "link_cases", numbers="=case.named", kind="prior"), show),
        asking("linking", "named"),
    )
    near, far = office.file().number, office.file("chen_yu").number
    mine = office.file("he_jing", "linking", {"named": f"{near}, {far} TS0"}).number
    office.settle()
    task = office.task("show", mine)
    assert (task.properties["linked"], task.properties["missing"]) == ([near], [far, "TS0"])
    assert _links(office) == 1


MERGE = operation("merge", "merge_case", into="=case.into")


@pytest.mark.parametrize("what", ["nobody's", "far", "itself", "over"])
def test_a_case_is_merged_only_into_an_open_one_it_may_know_of(office: TestOffice, what: str) -> None:
    office.deploy(process("merging", work("first"), MERGE), asking("merging", "into"))
    target = office.file("chen_yu" if what == "far" else "li_na").number
    if what == "over":
        with office.deps.sessions.begin() as session:
            found = session.scalars(sa.select(Case).where(Case.number == target)).one()
            assert found.instance_id
            office.deps.engine.cancel(session, found.instance_id, reason="x", actor=_actor(office))
    number = office.file(regime="merging", facts={"into": "TS0" if what == "nobody's" else target}).number
    if what == "itself":
        with office.deps.sessions.begin() as session:
            session.execute(sa.update(Case).where(Case.number == number).values(facts={"into": number}))
    task = office.task("first", number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {})
    office.settle()
    sentence = _incident(office)
    assert "case_over" in sentence if what == "over" else "case_missing" in sentence
    if what in ("nobody's", "far"):
        assert "there is no such other case for it" in sentence
    assert _links(office, "merged_into") == 0


def test_of_two_cases_merged_into_each_other_one_is_refused(office: TestOffice) -> None:
    office.deploy(process("merging", work("first"), MERGE, work("last")), asking("merging", "into"))
    one = office.file(regime="merging", facts={"into": ""}).number
    two = office.file(regime="merging", facts={"into": one}).number
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(Case).where(Case.number == one).values(facts={"into": two}))
    for number in (one, two):
        task = office.task("first", number)
        office.claim("li_na", task.id)
        office.complete("li_na", task.id, {})
    office.settle()
    assert _links(office, "merged_into") == 1
    assert "case_over" in _incident(office)
    assert office.scalar(sa.select(sa.func.count()).where(UserTask.activity_id == "last")) == 1


def _incident(office: TestOffice) -> str:
    return str(office.scalar(sa.select(Incident.message)))


def _actor(office: TestOffice) -> Any:
    with office.acting("li_na") as (_, caller):
        return caller.actor
