"""The ledger says at every moment who holds the work, and what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from engine.clock import FrozenClock
from engine.history import HistoryEvent
from tasks.audit.tables import AuditEvent
from tasks.core import table
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.court.tables import Holding
from tasks.organisation.assigning.rerouting import reroute
from tasks.processes import steering
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice
from tests.tasks.reorganising import FORWARD, change, forwarded

_HOLDING = table(Holding)


def ledger(office: TestOffice, activity: str) -> list[Any]:
    with office.deps.sessions() as session:
        wanted = sa.select(_HOLDING).where(_HOLDING.c.activity_id == activity)
        return list(session.execute(wanted.order_by(_HOLDING.c.from_at, _HOLDING.c.turn)).all())


def only(office: TestOffice, activity: str) -> Any:
    (found,) = ledger(office, activity)
    return found


def test_work_is_held_from_when_it_appears_until_it_is_done(office: TestOffice, clock: FrozenClock) -> None:
    filed = office.file()
    begun = clock.now()
    held = only(office, "check_request")
    assert (held.holder, held.unit) == ("channel@/hq/henan/henan_hotline/", "/hq/henan/henan_hotline/")
    assert (held.case_id, held.number, held.turn) == (filed.id, filed.number, 1)
    assert (held.from_at, held.to_at, held.outcome, held.assisting) == (begun, None, "", False)
    clock.advance(timedelta(hours=1))
    task = office.task("check_request")
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, FORWARD)
    held, following = only(office, "check_request"), only(office, "handle_request")
    assert (held.to_at, held.outcome) == (begun + timedelta(hours=1), "done")
    assert (following.from_at, following.unit) == (held.to_at, "/hq/henan/")


def test_what_the_process_takes_away_ends_as_cancelled(office: TestOffice) -> None:
    filed = office.file()
    with office.acting("li_na") as (session, caller):
        steering.send_message(session, office.deps, caller, filed.number, "withdraw", {})
    assert only(office, "check_request").outcome == "cancelled"


def test_work_for_one_person_is_held_by_the_unit_they_sit_in(office: TestOffice) -> None:
    office.deploy(one_task("direct", 'camunda:assignee="wang_lei"'))
    office.start("direct")
    held = only(office, "work")
    assert (held.holder, held.unit) == ("person@wang_lei", "/hq/henan/henan_centre/")


def _judged(office: TestOffice, says: str) -> Any:
    office.deploy(
        one_task(
            "judged",
            'camunda:candidateGroups="channel" camunda:formRef="check_request"',
            f"<camunda:property name='ball.refused' value='{says}'/>"
            '<camunda:property name="ball.assisting" value="true"/>',
        )
    )
    office.start("judged", office.file().number)
    task = office.task("work")
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "close", "amount": 3})
    return only(office, "work")


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ('outcome = "close"', "refused"),
        ('outcome = "forward"', "done"),
        ('amount &gt; 2 and case.regime = "request"', "refused"),
        ("amount", "done"),
        ("nothing_of_this_name", "done"),
    ],
)
def test_a_completion_refuses_the_work_where_the_diagram_says_so_of_its_answers(
    office: TestOffice, says: str, outcome: str
) -> None:
    held = _judged(office, says)
    assert (held.outcome, held.assisting) == (outcome, True)
    audited = office.scalar(
        sa.select(AuditEvent.after).where(AuditEvent.verb == "task.complete").order_by(AuditEvent.seq.desc())
    )
    assert ('"refused": true' in audited or '"refused":true' in audited) == (outcome == "refused")


@pytest.mark.parametrize("says", ["amount", "nothing_of_this_name", "amount + outcome"])
def test_what_cannot_be_judged_is_no_refusal_and_leaves_a_line(office: TestOffice, says: str) -> None:
    assert _judged(office, says).outcome == "done"
    lines = sa.select(HistoryEvent.data).where(HistoryEvent.kind == "warning_recorded")
    with office.deps.sessions() as session:
        (line,) = [found for found in session.scalars(lines) if found["expression"] == says]
    assert line["message"]


def test_rerouting_ends_one_holding_and_begins_the_next_and_the_clock_goes_along(
    settled: TestOffice, clock: FrozenClock
) -> None:
    forwarded(settled)
    task = settled.task("handle_request")
    with settled.deps.sessions.begin() as session:
        session.execute(sa.insert(table(Clock)), [a_clock(task, clock)])
    clock.advance(timedelta(hours=2))
    change(settled, {"henan_network": {"roles": []}})
    settled.settle()
    first, second = ledger(settled, "handle_request")
    assert (first.unit, first.outcome, first.to_at) == ("/hq/henan/", "rerouted", clock.now())
    assert (second.unit, second.turn, second.to_at) == ("/hq/henan/henan_billing/", 2, None)
    assert (second.from_at, second.case_id, second.name) == (first.to_at, first.case_id, first.name)
    running = settled.scalar(sa.select(Clock).where(Clock.token_id == task.id))
    assert (running.holder, running.region) == (second.holder, second.unit)
    settled.claim("deng_li", task.id)
    settled.complete("deng_li", task.id, {})
    assert [each.outcome for each in ledger(settled, "handle_request")] == ["rerouted", "done"]


def test_a_change_that_does_not_concern_a_task_leaves_its_holding(settled: TestOffice) -> None:
    settled.file()
    change(settled, {"zhejiang_centre": {"roles": []}})
    settled.settle()
    assert only(settled, "check_request").outcome == ""


def test_work_of_a_person_goes_along_to_their_new_unit(settled: TestOffice, clock: FrozenClock) -> None:
    settled.deploy(one_task("direct", 'camunda:assignee="wang_lei"'))
    settled.start("direct")
    clock.advance(timedelta(hours=1))
    change(settled, people=[{"login": "wang_lei", "name": "王磊", "unit": "zhejiang_centre"}])
    settled.settle()
    first, second = ledger(settled, "work")
    assert (first.outcome, second.unit) == ("rerouted", "/hq/zhejiang/zhejiang_centre/")


def test_a_task_whose_clock_somebody_is_writing_is_left_for_later(
    settled: TestOffice, clock: FrozenClock
) -> None:
    forwarded(settled)
    task = settled.task("handle_request")
    with settled.deps.sessions.begin() as session:
        session.execute(sa.insert(table(Clock)), [a_clock(task, clock)])
    change(settled, {"henan_network": {"roles": []}})
    with settled.deps.sessions() as busy:
        busy.execute(sa.select(Clock).with_for_update())
        with settled.deps.sessions.begin() as session:
            reroute(session, {}, settled.deps)
        assert only(settled, "handle_request").outcome == ""
    settled.settle()
    assert len(ledger(settled, "handle_request")) == 2


def test_the_clocks_of_a_unit_that_moves_are_counted_by_its_new_place(
    settled: TestOffice, clock: FrozenClock
) -> None:
    settled.file()
    task = settled.task("check_request")
    with settled.deps.sessions.begin() as session:
        session.execute(sa.insert(table(Clock)), [a_clock(task, clock)])
    change(settled, {"henan_hotline": {"parent": "zhejiang"}})
    settled.settle()
    running = settled.scalar(sa.select(Clock).where(Clock.token_id == task.id))
    assert running.region == "/hq/zhejiang/henan_hotline/"
    assert running.holder == "channel@/hq/zhejiang/henan_hotline/"


def a_clock(task: Any, clock: FrozenClock) -> dict[str, Any]:
    """An open clock of a task: a row."""
    return {
        "id": uuid4(),
        "kind": "task",
        "code": "T.check",
        "name": task.name,
        "case_id": task.case_id,
        "number": task.business_key,
        "instance_id": task.instance_id,
        "token_id": task.id,
        "activity_id": task.activity_id,
        "region": task.candidate_group.partition("@")[2],
        "holder": task.candidate_group,
        "amount": 4,
        "unit": "h",
        "rolls": True,
        "rungs": "100%",
        "pausable": [],
        "stops_on": "complete",
        "started_at": clock.now(),
        "due_at": clock.now() + timedelta(hours=4),
    }
