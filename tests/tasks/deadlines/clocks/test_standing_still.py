"""What begins, is granted or ends while a clock stands still comes out as if it had gone on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from tasks.cases.tables import Case
from tasks.deadlines.clocks.tables import Clock, ClockPause
from tasks.user_task import NEVER
from tests.tasks.deadlines.clocks.timekeeping import (
    clock_of,
    decide_day,
    extend,
    filed,
    ledger,
    pause,
    properties,
    register,
    resume,
    timed,
)
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TUESDAY = date(2026, 3, 3)


def staged(own: str = "") -> SourceFile:
    """A stage with a clock around two tasks, the second of which is due when the stage is."""
    limit = {"sla_limit": own} if own else {}
    return drawn(
        "staged",
        f'<bpmn:startEvent id="s"/><bpmn:subProcess id="stage">{properties(sla_policy="T.check", **limit)}'
        '<bpmn:startEvent id="s1"/><bpmn:userTask id="first" camunda:candidateGroups="channel" '
        'camunda:dueDate="=due(&quot;T.check&quot;)"/>'
        '<bpmn:userTask id="second" camunda:candidateGroups="channel" camunda:dueDate="=due(&quot;T.check&quot;)"/>'
        '<bpmn:endEvent id="e1"/><bpmn:sequenceFlow id="g1" sourceRef="s1" targetRef="first"/>'
        '<bpmn:sequenceFlow id="g2" sourceRef="first" targetRef="second"/>'
        '<bpmn:sequenceFlow id="g3" sourceRef="second" targetRef="e1"/></bpmn:subProcess>'
        '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="stage"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="stage" targetRef="e"/>',
    )


def done(office: TestOffice, number: str, activity: str) -> None:
    task = office.task(activity, number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {})


def test_a_task_entered_while_its_stage_stands_still_stands_still_too(office: TestOffice) -> None:
    number = filed(office, staged())
    due = clock_of(office, number).due_at
    pause(office, number)
    office.clock.advance(HOUR)
    done(office, number, "first")
    task = office.task("second", number)
    assert (task.due_at, task.warn_at, task.sort_at) == (None, None, NEVER)
    assert task.paused_at == clock_of(office, number).paused_at
    office.clock.advance(HOUR)
    resume(office, number)
    task = office.task("second", number)
    assert task.due_at == task.sort_at == clock_of(office, number).due_at == due + 2 * HOUR
    assert task.paused_at is None


def test_a_task_entered_with_its_stage_is_due_when_the_stage_is_whatever_the_register_says(
    office: TestOffice,
) -> None:
    number = filed(office, staged(own="=10"))
    task, clock = office.task("first", number), clock_of(office, number)
    assert task.due_at == clock.due_at == office.clock.now() + 10 * HOUR
    assert task.warn_at == clock.warn_at
    pause(office, number)
    assert office.task("first", number).due_at is None


@pytest.mark.parametrize("extended", [False, True])
def test_a_clock_stopped_while_it_stood_still_is_counted_in_its_own_unit(
    office: TestOffice, extended: bool
) -> None:
    office.clock.advance(4 * DAY)  # Friday; three working days end on Wednesday
    number = filed(office, timed("bound", "T.working"))
    clock = clock_of(office, number, "T.working")
    assert clock.due_at == datetime(2026, 3, 11, 16, tzinfo=UTC)
    pause(office, number)
    if extended:
        extend(office, clock.id, 1)
    office.clock.advance(3 * DAY)  # over a weekend: one working day
    done(office, number, "work")
    office.settle()
    stopped = clock_of(office, number, "T.working")
    assert stopped.due_at == datetime(2026, 3, 13 if extended else 12, 16, tzinfo=UTC)
    assert office.task("work", number).due_at == stopped.due_at
    assert (stopped.stop_reason, stopped.next_at, stopped.queued_at) == ("done", None, None)
    office.settle()
    assert clock_of(office, number, "T.working").revision == stopped.revision


def test_what_was_promised_holds_for_a_clock_stopped_while_it_stood_still(office: TestOffice) -> None:
    register(office, {"code": "T.said", "limit": "3", "unit": "wd", "pauses": "customer", "promised": "yes"})
    decide_day(office, "henan", TUESDAY, "rest")
    number = filed(office, timed("bound", "T.said"))
    promised = clock_of(office, number, "T.said").due_at
    pause(office, number)
    decide_day(office, "henan", TUESDAY, "work")
    office.clock.advance(HOUR)
    done(office, number, "work")
    office.settle()
    assert clock_of(office, number, "T.said").due_at >= promised


def test_a_process_that_begins_and_ends_while_its_case_waits_leaves_a_stopped_clock(
    office: TestOffice,
) -> None:
    number = filed(office)
    pause(office, number)
    office.deploy(
        drawn(
            "short",
            f'{properties(sla_policy="T.working")}<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
            '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e"/>',
        )
    )
    office.start("short", number)
    clock = clock_of(office, number, "T.working")
    assert clock.stopped_at == office.clock.now()
    assert (clock.paused_at, clock.due_at is not None) == (None, True)
    left = sa.select(sa.func.count()).where(ClockPause.clock_id == clock.id, ClockPause.to_at.is_(None))
    assert office.scalar(left) == 0
    assert office.scalar(sa.select(sa.func.count()).where(Clock.paused_at.is_not(None))) == 1


def test_a_case_that_is_over_waits_for_nobody(office: TestOffice) -> None:
    number = filed(office, timed("hurried"))
    pause(office, number)
    with office.deps.sessions.begin() as session:
        instance = session.scalars(sa.select(Case.instance_id).where(Case.number == number)).one()
        office.deps.engine.cancel(session, instance, reason="撤诉", actor=SYSTEM)
    with office.deps.sessions() as session:
        case = session.scalars(sa.select(Case).where(Case.number == number)).one()
    assert (case.paused_at, case.pause_reason, case.paused_by) == (None, "", [])
    assert ledger(office, clock_of(office, number).id)[0].to_at == office.clock.now()
