"""Who does whose work, and from when to when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.errors import NotFound, NotPermitted
from engine.history import HistoryEvent
from tasks.cases.tables import Case
from tasks.people.absence import entering
from tasks.people.absence.covering import Absences, Away
from tasks.people.caller import Caller
from tasks.permissions.visibility import visible_to
from tests.tasks.office import TestOffice

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def away(office: TestOffice, by: str, **values: Any) -> Any:
    """Enter an absence that begins in an hour and lasts two, unless said otherwise."""
    now = office.clock.now()
    values = {"from": now + HOUR, "until": now + 3 * HOUR, **values}
    with office.acting(by) as (session, caller):
        return entering.enter(session, office.deps, caller, values)


def standing(office: TestOffice, login: str) -> Caller:
    with office.acting(login) as (_, caller):
        return caller


def test_a_substitute_does_the_work_from_the_instant_an_absence_begins_and_no_longer(
    office: TestOffice,
) -> None:
    office.file()
    task = office.task("check_request").id
    away(office, "sun_qiang", person="li_na", substitute="feng_bo")
    office.clock.advance(HOUR - SECOND)
    with pytest.raises(NotFound):
        office.read("feng_bo", task)
    office.clock.advance(SECOND)
    office.claim("feng_bo", task)
    office.clock.advance(2 * HOUR - SECOND)
    assert office.read("feng_bo", task).number
    office.clock.advance(SECOND)
    with pytest.raises((NotFound, NotPermitted)):
        office.complete("feng_bo", task, {"outcome": "close"})


def test_what_a_substitute_holds_when_it_ends_waits_again_for_everybody(office: TestOffice) -> None:
    office.file()
    task = office.task("check_request").id
    away(office, "sun_qiang", person="li_na", substitute="feng_bo")
    office.clock.advance(HOUR)
    office.claim("feng_bo", task)
    office.settle()
    assert office.task("check_request").assignee_name == "冯博"
    office.clock.advance(2 * HOUR)
    office.settle()
    row = office.task("check_request")
    assert (row.state, row.assignee_id) == ("created", None)
    assert office.claim("li_na", task).state == "assigned"


def test_calling_it_off_or_naming_somebody_else_takes_the_work_from_the_substitute(
    office: TestOffice,
) -> None:
    office.file()
    task = office.task("check_request").id
    absence = away(office, "sun_qiang", person="li_na", substitute="feng_bo")
    office.clock.advance(HOUR)
    office.claim("feng_bo", task)
    with office.acting("sun_qiang") as (session, caller):
        entering.change(session, office.deps, caller, absence.id, {"substitute": "deng_li"})
    office.settle()
    assert office.task("check_request").assignee_id is None
    office.claim("deng_li", task)
    with office.acting("li_na") as (session, caller):
        entering.cancel(session, office.deps, caller, absence.id)
    office.settle()
    assert office.task("check_request").assignee_id is None
    assert not standing(office, "deng_li").standing.covers


@pytest.mark.parametrize(("owner", "delegate"), [("feng_bo", "he_jing"), ("he_jing", "feng_bo")])
def test_of_a_delegated_task_the_other_has_it_when_the_substitute_no_longer_is_one(
    office: TestOffice, owner: str, delegate: str
) -> None:
    office.file()
    task = office.task("check_request").id
    away(office, "sun_qiang", person="li_na", substitute="feng_bo")
    office.clock.advance(HOUR)
    office.claim(owner, task)
    office.delegate(owner, task, delegate)
    office.clock.advance(2 * HOUR)
    office.settle()
    row = office.task("check_request")
    assert (row.state, row.assignee_name, row.owner_id) == ("assigned", "何菁", None)
    assert row.note == ("请代查" if delegate == "he_jing" else None)  # what she was asked to do, she still is


def test_a_substitute_who_goes_away_too_gives_back_what_they_hold_for_somebody(office: TestOffice) -> None:
    office.file()
    task = office.task("check_request").id
    away(office, "sun_qiang", person="li_na", substitute="feng_bo")
    office.clock.advance(HOUR)
    office.claim("feng_bo", task)
    away(office, "sun_qiang", person="feng_bo", **{"from": office.clock.now()})
    office.settle()
    assert office.task("check_request").state == "created"


def test_the_work_follows_a_substitute_who_is_absent_too(office: TestOffice) -> None:
    away(office, "sun_qiang", person="li_na", substitute="feng_bo")
    away(
        office, "sun_qiang", person="feng_bo", substitute="deng_li",
        **{"from": office.clock.now() + 2 * HOUR, "until": office.clock.now() + 4 * HOUR},
    )  # fmt: skip
    hotline = "channel@/hq/henan/henan_hotline/"
    office.clock.advance(HOUR)
    assert hotline in standing(office, "feng_bo").groups
    assert hotline not in standing(office, "deng_li").groups
    office.clock.advance(HOUR)
    assert hotline not in standing(office, "feng_bo").groups
    assert [cover.login for cover in standing(office, "deng_li").standing.covers] == ["feng_bo", "li_na"]
    assert {hotline, "department@/hq/henan/henan_network/"} <= set(standing(office, "deng_li").groups)
    office.clock.advance(HOUR)
    assert hotline not in standing(office, "deng_li").groups


def test_a_substitute_gets_work_and_never_rights(office: TestOffice) -> None:
    away(office, "sun_qiang", substitute="wang_lei")
    office.clock.advance(HOUR)
    deputy = standing(office, "wang_lei")
    assert "person@sun_qiang" in deputy.groups
    assert not [group for group in deputy.groups if group.startswith(("supervisor@", "unrouted@"))]
    assert "supervisor" not in deputy.roles
    office.clock.advance(2 * HOUR)
    away(office, "sun_qiang", substitute="wang_lei", approvals=True)
    office.clock.advance(HOUR)
    deputy = standing(office, "wang_lei")
    assert "supervisor@/hq/henan/" in deputy.groups
    assert "supervisor" in deputy.roles
    office.clock.advance(2 * HOUR)
    assert "supervisor" not in standing(office, "wang_lei").roles


def test_who_stands_in_for_a_lead_without_the_approvals_does_not_see_what_the_lead_sees(
    office: TestOffice,
) -> None:
    """孙强 works in the centre and leads the province; the work of the centre is also written for the units above it."""
    filed = office.file()
    for approvals, sees in ((False, False), (True, True)):
        away(office, "sun_qiang", substitute="feng_bo", approvals=approvals)
        office.clock.advance(HOUR)
        assert "provincial_centre@/hq/henan/henan_centre/" in standing(office, "feng_bo").groups
        with office.acting("feng_bo") as (session, caller):
            found = session.scalar(sa.select(Case.id).where(Case.number == filed.number, visible_to(caller)))
        assert (found is not None) == sees
        office.clock.advance(2 * HOUR)


def test_only_the_work_of_the_roles_that_were_named_comes(office: TestOffice) -> None:
    away(office, "sun_qiang", person="wang_lei", substitute="feng_bo", roles=["archive"])
    office.clock.advance(HOUR)
    groups = standing(office, "feng_bo").groups
    assert "archive@/hq/henan/henan_centre/" in groups
    assert not [each for each in groups if each.startswith("provincial_centre@") or each.endswith("wang_lei")]


def test_history_and_trail_say_for_whom_it_was_done(office: TestOffice) -> None:
    office.file()
    task = office.task("check_request").id
    away(office, "sun_qiang", person="li_na", substitute="feng_bo")
    office.clock.advance(HOUR)
    office.claim("feng_bo", task)
    office.complete("feng_bo", task, {"outcome": "close"})
    assert office.task("check_request").completed_by_name == "冯博（代李楠）"
    done = sa.select(HistoryEvent.actor_name).where(
        HistoryEvent.kind == "activity_completed", HistoryEvent.activity_id == "check_request"
    )
    assert office.scalar(done) == "冯博（代李楠）"
    trail = sa.text("SELECT after FROM audit_event WHERE verb = :verb")
    for verb in ("task.claim", "task.complete"):
        with office.deps.sessions() as session:
            assert '"on_behalf_of":"li_na"' in (session.scalar(trail, {"verb": verb}) or "")


def test_chains_that_come_back_reach_nobody() -> None:
    """Two changes cannot enter one; what a database holds all the same ends."""
    begin = datetime.fromisoformat("2026-03-02T09:00+08:00")
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    ring = {one: two, two: three, three: one}
    absences = Absences.of(
        Away(who, str(who), "", begin, begin + HOUR, to, None, True) for who, to in ring.items()
    )
    assert [absences.covered_by(each, begin) for each in ring] == [[], [], []]
