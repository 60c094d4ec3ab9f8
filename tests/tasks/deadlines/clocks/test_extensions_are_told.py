"""An approved extension is told to the processes of the case that wait for `redress.extended`, in the same transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from engine.errors import NotPermitted, WrongState
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.processes.steering import send_message
from tests.tasks.deadlines.clocks.test_said_beginnings_and_ends import said
from tests.tasks.deadlines.clocks.timekeeping import (
    ask,
    clock_of,
    decide,
    extend,
    filed,
    pause,
    promise,
    timer_of,
)
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

HOUR = timedelta(hours=1)


def listening(key: str = "listening", message: str = "redress.extended") -> SourceFile:
    """A task with a clock and a bound timer, at whose border a message begins the task `progress` beside it."""
    source = drawn(
        key,
        '<bpmn:startEvent id="s"/><bpmn:userTask id="work" camunda:candidateGroups="channel">'
        f"{said(sla__policy='T.check')}</bpmn:userTask>"
        '<bpmn:boundaryEvent id="longer" attachedToRef="work" cancelActivity="false">'
        '<bpmn:messageEventDefinition id="md" messageRef="m1"/></bpmn:boundaryEvent>'
        '<bpmn:boundaryEvent id="over" attachedToRef="work"><bpmn:timerEventDefinition id="t">'
        '<bpmn:timeDate xsi:type="bpmn:tFormalExpression">=due(&quot;T.check&quot;)</bpmn:timeDate>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:userTask id="progress" camunda:candidateGroups="channel">'
        f"{said(told='=message.longer')}</bpmn:userTask>"
        '<bpmn:endEvent id="e1"/><bpmn:endEvent id="e2"/><bpmn:endEvent id="e3"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e1"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="longer" targetRef="progress"/>'
        '<bpmn:sequenceFlow id="f4" sourceRef="progress" targetRef="e2"/>'
        '<bpmn:sequenceFlow id="f5" sourceRef="over" targetRef="e3"/>',
    )
    text = source.content.decode()
    return SourceFile(
        source.name,
        text.replace("<bpmn:process", f'<bpmn:message id="m1" name="{message}"/><bpmn:process', 1).encode(),
    )


def progress(office: TestOffice, number: str) -> Any:
    return office.task("progress", number)


def test_more_time_reaches_the_diagram_with_the_new_instant_and_the_reason(office: TestOffice) -> None:
    number = filed(office, listening())
    clock = clock_of(office, number)
    promise(office, clock.id, office.clock.now() + 7 * HOUR)
    extend(office, clock.id, 3)
    due = clock_of(office, number).due_at
    assert due == clock.due_at + 3 * HOUR
    assert timer_of(office, number) == due
    assert progress(office, number).properties["told"] == {
        "code": "T.check",
        "name": clock.name,
        "due_at": due.astimezone(SHANGHAI).isoformat(),
        "promised_at": (office.clock.now() + 7 * HOUR).astimezone(SHANGHAI).isoformat(),
        "reason": "等厂家",
    }


def test_while_the_clock_stands_still_it_is_told_without_an_instant(office: TestOffice) -> None:
    number = filed(office, listening())
    clock = clock_of(office, number)
    pause(office, number)
    extend(office, clock.id, 3)
    assert progress(office, number).properties["told"]["due_at"] is None


def test_another_instance_of_the_case_hears_of_it_too(office: TestOffice) -> None:
    number = filed(office)
    office.deploy(listening("beside"))
    office.start("beside", number)
    own = office.task("check_request", number)
    clock = next(
        one for one in [clock_of(office, number)] if one is not None and one.token_id != own.id
    )  # of the instance beside
    extend(office, clock.id, 2)
    assert progress(office, number).process_key == "beside"


def test_a_refused_request_and_one_nobody_waits_for_tell_nobody(office: TestOffice) -> None:
    number = filed(office, listening())
    clock = clock_of(office, number)
    decide(office, clock.id, ask(office, clock.id, 1), approve=False)
    assert progress(office, number) is None
    quiet = filed(office, listening("quiet", "something.else"))
    extend(office, clock_of(office, quiet).id, 1)
    assert progress(office, quiet) is None
    assert clock_of(office, quiet).extended == 1


def test_a_suspended_instance_is_not_told_and_keeps_nobody_from_deciding(office: TestOffice) -> None:
    number = filed(office, listening())
    clock = clock_of(office, number)
    with office.deps.sessions.begin() as session:
        office.deps.engine.suspend(session, clock.instance_id, reason="查", actor=SYSTEM)
    extend(office, clock.id, 1)
    assert progress(office, number) is None
    assert clock_of(office, number).extended == 1


def test_what_is_told_goes_with_a_decision_that_is_refused(office: TestOffice) -> None:
    number = filed(office, listening())
    clock = clock_of(office, number)
    request = ask(office, clock.id, 1)
    with pytest.raises(NotPermitted):
        decide(office, clock.id, request, login="li_na")
    assert progress(office, number) is None
    decide(office, clock.id, request)
    with pytest.raises(WrongState):
        decide(office, clock.id, request)
    assert progress(office, number) is not None


def test_only_the_system_says_it(office: TestOffice) -> None:
    number = filed(office, listening())
    with office.acting("li_na") as (session, caller), pytest.raises(WrongState, match="waits for it"):
        send_message(session, office.deps, caller, number, "redress.extended", {"due_at": "2099-01-01"})
