"""`sla.choose`: a running clock takes the limit of the level the case has now, from the same start."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from tasks.audit.tables import AuditEvent
from tasks.deadlines.clocks.tables import Clock
from tests.tasks.deadlines.clocks.timekeeping import (
    clock_of,
    extend,
    filed,
    pause,
    properties,
    register,
    requests,
    resume,
    revisions,
    timer_of,
)
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

HOUR = timedelta(hours=1)
ALL = {"code": "T.all", "unit": "h", "pauses": "customer mass_event", "rungs": "50% 100%"}
LEVELS = [
    {**ALL, "level": "", "limit": "24"},
    {**ALL, "level": "provincial", "limit": "48", "rungs": "90% 100% +4h"},
    {**ALL, "level": "national", "limit": "72"},
]


def judged(key: str, level: str, *, first: str = "", own: str = "", code: str = "T.all") -> SourceFile:
    """A case clock, a task, a level judged anew, and a task on which a timer waits that is bound to the clock."""
    return drawn(
        key,
        (properties(sla_policy=code, **({"sla_limit": own} if own else {})) if code else "")
        + '<bpmn:startEvent id="s"/>'
        + f'<bpmn:scriptTask id="judge" scriptFormat="feel"><bpmn:script>decision.level = "{first}"</bpmn:script></bpmn:scriptTask>'
        '<bpmn:userTask id="before" camunda:candidateGroups="channel" camunda:dueDate="=due(&quot;T.all&quot;)"/>'
        '<bpmn:scriptTask id="again" scriptFormat="feel">'
        f'{properties(sla_choose="T.none, T.all")}<bpmn:script>decision.level = "{level}"</bpmn:script></bpmn:scriptTask>'
        '<bpmn:userTask id="after" camunda:candidateGroups="channel"/>'
        '<bpmn:userTask id="beside" camunda:candidateGroups="channel" camunda:dueDate="=due(&quot;T.all&quot;)"/>'
        '<bpmn:boundaryEvent id="over" attachedToRef="beside"><bpmn:timerEventDefinition id="t">'
        '<bpmn:timeDate xsi:type="bpmn:tFormalExpression">=due("T.all")</bpmn:timeDate>'
        '</bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="e"/><bpmn:endEvent id="e2"/>'
        '<bpmn:sequenceFlow id="f0" sourceRef="s" targetRef="judge"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="judge" targetRef="before"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="judge" targetRef="beside"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="before" targetRef="again"/>'
        '<bpmn:sequenceFlow id="f4" sourceRef="again" targetRef="after"/>'
        '<bpmn:sequenceFlow id="f5" sourceRef="after" targetRef="e"/>'
        '<bpmn:sequenceFlow id="f6" sourceRef="over" targetRef="e2"/>',
    )


@pytest.fixture
def levels(office: TestOffice) -> TestOffice:
    register(office, *LEVELS)
    return office


def judge_again(office: TestOffice, number: str) -> Any:
    """The task before the judgement is done; the case's clock afterwards."""
    task = office.task("before", number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {})
    return clock_of(office, number, "T.all")


def test_the_limit_of_the_new_level_counts_from_the_same_start(levels: TestOffice) -> None:
    began = levels.clock.now()
    number = filed(levels, judged("judged", "provincial"))
    levels.clock.advance(5 * HOUR)
    clock = judge_again(levels, number)
    assert (clock.started_at, clock.due_at) == (began, began + 48 * HOUR)
    assert (clock.amount, clock.rungs, clock.next_at) == (48, "90% 100% +4h", began + 43.2 * HOUR)
    assert levels.task("beside", number).due_at == timer_of(levels, number) == clock.due_at
    assert [(one.cause, one.due_at) for one in revisions(levels, clock.id)] == [
        ("start", began + 24 * HOUR),
        ("level", began + 48 * HOUR),
    ]
    written = levels.scalar(
        sa.select(AuditEvent.after).where(
            AuditEvent.verb == "clock.recompute", AuditEvent.subject_id == str(clock.id)
        )
    )
    assert json.loads(written)["cause"] == "level"


def test_a_level_that_stays_leaves_the_clock_as_it_is_also_when_the_register_has_changed(
    levels: TestOffice,
) -> None:
    number = filed(levels, judged("judged", "unknown"))
    register(levels, {**LEVELS[0], "limit": "30"}, *LEVELS[1:])
    clock = judge_again(levels, number)
    assert (clock.amount, clock.revision) == (24, 1)


def test_extensions_and_pauses_stay(levels: TestOffice) -> None:
    began = levels.clock.now()
    number = filed(levels, judged("judged", "provincial"))
    extend(levels, clock_of(levels, number, "T.all").id, 6)
    pause(levels, number)
    levels.clock.advance(3 * HOUR)
    resume(levels, number)
    clock = judge_again(levels, number)
    assert (clock.extended, clock.due_at) == (6, began + (48 + 6 + 3) * HOUR)


def test_a_clock_that_stands_still_has_the_new_limit_when_it_goes_on(levels: TestOffice) -> None:
    began = levels.clock.now()
    number = filed(levels, judged("judged", "provincial"))
    pause(levels, number)
    clock = judge_again(levels, number)
    assert (clock.due_at, clock.amount) == (None, 48)
    levels.clock.advance(2 * HOUR)
    resume(levels, number)
    assert clock_of(levels, number, "T.all").due_at == began + 50 * HOUR


def test_a_shorter_limit_waits_for_a_supervisor_where_the_longer_was_promised(office: TestOffice) -> None:
    register(office, *[{**row, "promised": "yes"} for row in LEVELS])
    began = office.clock.now()
    number = filed(office, judged("judged", "provincial", first="national"))
    clock = judge_again(office, number)
    assert (clock.due_at, clock.revision) == (began + 72 * HOUR, 1)
    (asked,) = requests(office, clock.id)
    assert (asked.kind, asked.reason, asked.due_after) == ("shortening", "level", began + 48 * HOUR)


def test_a_longer_limit_does_not_promise_anything_again(office: TestOffice) -> None:
    register(office, *[{**row, "promised": "yes"} for row in LEVELS])
    began = office.clock.now()
    clock = judge_again(office, filed(office, judged("judged", "national")))
    assert (clock.due_at, clock.promised_at) == (began + 72 * HOUR, began + 24 * HOUR)


def test_an_amount_of_the_diagrams_own_stays(levels: TestOffice) -> None:
    began = levels.clock.now()
    clock = judge_again(levels, filed(levels, judged("judged", "national", own="=30")))
    assert (clock.amount, clock.due_at) == (Decimal(30), began + 30 * HOUR)


def test_a_level_the_register_has_no_row_for_leaves_the_clock_and_is_written_down(office: TestOffice) -> None:
    register(office, {**LEVELS[0], "level": "general"})
    number = filed(office, judged("judged", "national", first="general"))
    clock = judge_again(office, number)
    assert (clock.amount, clock.revision) == (24, 1)
    said = office.scalar(
        sa.select(AuditEvent.after)
        .where(AuditEvent.verb == "instance.move")
        .order_by(AuditEvent.at.desc(), AuditEvent.seq.desc())
    )
    assert any("no row" in problem for problem in json.loads(said)["clock_problems"])


def test_a_process_beside_the_case_moves_the_cases_clock_too(levels: TestOffice) -> None:
    began = levels.clock.now()
    number = filed(levels, judged("judged", "general"))
    levels.deploy(judged("aside", "provincial", code=""))
    levels.start("aside", number)
    judge_again(levels, number)
    assert levels.scalar(sa.select(sa.func.count()).where(Clock.code == "T.all")) == 1
    assert clock_of(levels, number, "T.all").amount == 24
    levels.settle()
    clock = clock_of(levels, number, "T.all")
    assert (clock.amount, clock.due_at) == (48, began + 48 * HOUR)
    assert timer_of(levels, number) == clock.due_at
