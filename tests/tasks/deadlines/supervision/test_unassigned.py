"""R35, the complaint of the forum thread: filed, and for two days nobody answers. Here somebody is made to (domain R35)."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from tasks.core import table
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.policies.loading import load_policies
from tests.bpmn.drawing import CONTENT
from tests.tasks.deadlines.supervision import hung
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice

CENTRE = "provincial_centre@/hq/henan/henan_centre/"
DESK = "headquarters@/hq/hq_service/"


@pytest.fixture
def office(settled: TestOffice) -> TestOffice:
    """The office with the clock register it ships, and a regime whose diagram says nothing of time."""
    with (CONTENT / "organisation" / "clocks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with settled.deps.sessions.begin() as session:
        load_policies(session, rows, now=settled.clock.now())
    settled.deploy(*hung.supervision_files(), thread())
    return settled


def thread() -> SourceFile:
    return one_task("thread", 'camunda:candidateGroups="provincial_centre"')


def clocks(office: TestOffice, number: str) -> list[Any]:
    with office.deps.sessions() as session:
        return list(session.execute(sa.select(table(Clock)).where(Clock.number == number)))


def test_a_complaint_nobody_takes_climbs_until_headquarters_knows(office: TestOffice) -> None:
    filed = office.file("li_na", "thread", {})
    office.settle()
    (clock,) = clocks(office, filed.number)
    assert (clock.code, clock.due_at - clock.started_at) == ("R35.unassigned", timedelta(hours=48))

    office.clock.advance(timedelta(hours=47))
    office.settle()
    assert hung.told(office, clock.id) == [[CENTRE]]  # a warning to those who could take it

    office.clock.advance(timedelta(hours=1))
    office.settle()
    assert hung.rung(office, clock.id)[-1] == "100%"
    assert hung.told(office, clock.id)[-1] == ["person@sun_qiang", CENTRE]
    assert hung.orders(office, filed.number)[-1].candidate_group == "person@sun_qiang"

    office.clock.advance(timedelta(hours=4))
    office.settle()
    assert hung.told(office, clock.id)[-1] == [DESK, CENTRE]  # nobody else stands above in this office
    office.clock.advance(timedelta(hours=20))
    office.settle()
    assert hung.rung(office, clock.id) == ["90%", "100%", "+4h", "+24h"]
    assert hung.told(office, clock.id)[-1] == [DESK, CENTRE]


@pytest.mark.parametrize("after", [1, 49, 60])
def test_taking_it_stops_the_alarm_and_what_it_has_set_in_motion(office: TestOffice, after: int) -> None:
    filed = office.file("li_na", "thread", {})
    (clock,) = clocks(office, filed.number)
    office.clock.advance(timedelta(hours=after))
    office.settle()
    before = hung.rung(office, clock.id)
    office.claim("wang_lei", office.task("work", filed.number).id)
    office.settle()
    office.clock.advance(timedelta(days=9))
    office.settle()
    assert hung.rung(office, clock.id) == before
    assert {order.state for order in hung.orders(office, filed.number)} <= {"cancelled"}
    assert all(one.close_reason == "claim" for one in hung.supervisions(office, filed.number))
    assert bool(hung.supervisions(office, filed.number)) == (after > 2)


@pytest.mark.parametrize(("code", "share"), [("R01.revisit", 0.5), ("R01.all", None), ("R02.verify", 0)])
def test_work_with_a_limit_of_its_own_may_wait_for_half_of_it(
    office: TestOffice, code: str, share: float | None
) -> None:
    """7 days: half of them; 24 hours: the limit itself rings first; 3 working days from Monday: not less than the two days."""
    policy = f'<camunda:property name="sla.policy" value="{code}"/>'
    office.deploy(one_task("limited", 'camunda:candidateGroups="provincial_centre"', policy))
    filed = office.file("li_na", "limited", {})
    found = {clock.code: clock.due_at - clock.started_at for clock in clocks(office, filed.number)}
    own = found.pop(code)
    waits = {} if share is None else {"R35.unassigned": max(timedelta(hours=48), own * share)}
    assert found == waits


def test_work_without_a_clock_of_its_own_may_wait_for_half_of_what_is_left_when_it_is_given_back(
    office: TestOffice,
) -> None:
    due = 'camunda:candidateGroups="provincial_centre" camunda:dueDate="2026-03-12T09:00:00+08:00"'
    office.deploy(one_task("dated", due))
    filed = office.file("li_na", "dated", {})
    task = office.task("work", filed.number)
    office.claim("wang_lei", task.id)
    office.clock.advance(timedelta(days=2))
    office.release("wang_lei", task.id)
    first, second = sorted(clocks(office, filed.number), key=lambda clock: clock.started_at)
    assert first.due_at - first.started_at == timedelta(days=5)
    assert second.due_at - second.started_at == timedelta(days=4)
