"""What a diagram says of time: clocks of the case and of stages, where they stop, stand still, and what timers are bound to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.dialect import SourceFile
from engine.timers import Timer
from tasks.cases.tables import Case
from tasks.deadlines.clocks.tables import Clock, ClockPromise
from tests.tasks.deadlines.clocks.timekeeping import (
    clock_of,
    decide_day,
    filed,
    ledger,
    pause,
    properties,
    register,
    resume,
    send,
    timed,
    timer_of,
)
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

HOUR = timedelta(hours=1)

WAITING = (
    '<bpmn:message id="m1" name="answered"/>',
    '<bpmn:startEvent id="s"/><bpmn:userTask id="work" camunda:candidateGroups="channel">{task}</bpmn:userTask>'
    '<bpmn:intermediateCatchEvent id="wait">{wait}<bpmn:messageEventDefinition id="w" messageRef="m1"/>'
    "</bpmn:intermediateCatchEvent>"
    '<bpmn:userTask id="more" camunda:candidateGroups="channel">{more}</bpmn:userTask><bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="wait"/>'
    '<bpmn:sequenceFlow id="f3" sourceRef="wait" targetRef="more"/>'
    '<bpmn:sequenceFlow id="f4" sourceRef="more" targetRef="e"/>',
)
ALL = {"code": "T.all", "limit": "24", "unit": "h", "pauses": "customer"}


def waiting(process: str = "", task: str = "", wait: str = "", more: str = "") -> SourceFile:
    """A task, an event that waits for the message `answered`, another task; each with properties."""
    source = drawn("waiting", process + WAITING[1].format(task=task, wait=wait, more=more))
    text = source.content.decode().replace("<bpmn:process", WAITING[0] + "<bpmn:process", 1)
    return SourceFile(source.name, text.encode())


def work(office: TestOffice, number: str, activity: str = "work") -> None:
    task = office.task(activity, number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {})


def test_the_case_has_a_clock_from_its_filing_to_where_the_diagram_stops_it(office: TestOffice) -> None:
    register(office, ALL)
    number = filed(office, waiting(properties(sla_policy="T.all"), task=properties(sla_stop="T.all")))
    clock = clock_of(office, number, "T.all")
    assert (clock.kind, clock.token_id, clock.region) == (
        "case",
        clock.instance_id,
        "/hq/henan/henan_hotline/",
    )
    assert clock.due_at == office.clock.now() + 24 * HOUR
    office.clock.advance(HOUR)
    work(office, number)
    stopped = clock_of(office, number, "T.all")
    assert (stopped.stopped_at, stopped.stop_reason) == (office.clock.now(), "passed")
    assert stopped.due_at == clock.due_at


def test_a_case_clock_nobody_stopped_ends_with_its_process(office: TestOffice) -> None:
    register(office, ALL)
    number = filed(office, waiting(properties(sla_policy="T.all")))
    work(office, number)
    send(office, "answered", number)
    work(office, number, "more")
    assert clock_of(office, number, "T.all").stop_reason == "completed"


def test_a_stage_has_a_clock_while_a_token_is_there(office: TestOffice) -> None:
    number = filed(office, waiting(wait=properties(sla_policy="T.check")))
    assert clock_of(office, number) is None
    work(office, number)
    clock = clock_of(office, number)
    assert (clock.kind, clock.activity_id, clock.stopped_at) == ("stage", "wait", None)
    send(office, "answered", number)
    assert clock_of(office, number).stop_reason == "done"


def test_clocks_stand_still_while_a_token_waits_for_the_customer(office: TestOffice) -> None:
    register(office, ALL)
    number = filed(
        office,
        waiting(
            properties(sla_policy="T.all"),
            wait=properties(sla_pause="customer"),
            more=properties(sla_policy="T.check"),
        ),
    )
    due = clock_of(office, number, "T.all").due_at
    work(office, number)
    standing = clock_of(office, number, "T.all")
    assert (standing.due_at, standing.pause_reason) == (None, "customer")
    assert office.scalar(sa.select(Case.paused_at).where(Case.number == number)) == office.clock.now()
    office.clock.advance(5 * HOUR)
    send(office, "answered", number)
    assert clock_of(office, number, "T.all").due_at == due + 5 * HOUR
    assert office.scalar(sa.select(Case.paused_at).where(Case.number == number)) is None
    assert clock_of(office, number).paused_at is None, "what begins afterwards goes"
    assert [each.to_at - each.from_at for each in ledger(office, standing.id)] == [5 * HOUR]


def test_what_a_person_has_paused_stays_so_when_the_token_goes_on(office: TestOffice) -> None:
    register(office, ALL)
    number = filed(office, waiting(properties(sla_policy="T.all"), wait=properties(sla_pause="customer")))
    pause(office, number)
    work(office, number)
    send(office, "answered", number)
    assert clock_of(office, number, "T.all").paused_at is not None
    resume(office, number)
    assert clock_of(office, number, "T.all").paused_at is None


def test_a_diagram_promises_the_customer_a_date(office: TestOffice) -> None:
    register(office, ALL)
    until = "2026-03-04T18:00:00+08:00"
    number = filed(
        office,
        waiting(
            properties(sla_policy="T.all"),
            wait=properties(sla_promise=f"=date and time(&quot;{until}&quot;)"),
        ),
    )
    work(office, number)
    clock = clock_of(office, number, "T.all")
    assert clock.promised_at == datetime(2026, 3, 4, 10, tzinfo=UTC)
    assert clock.due_at == clock.started_at + 24 * HOUR
    assert office.scalar(sa.select(sa.func.count()).select_from(ClockPromise)) == 1


def test_a_register_that_promises_its_limit_writes_the_first_due_down(office: TestOffice) -> None:
    register(office, {**ALL, "promised": "yes"})
    number = filed(office, waiting(properties(sla_policy="T.all")))
    clock = clock_of(office, number, "T.all")
    assert clock.promised_at == clock.due_at
    assert office.scalar(sa.select(ClockPromise.promised_at)) == clock.due_at


@pytest.mark.parametrize("more", [{"sla_limit": "=10"}, {"sla_warnRatio": "0.25"}])
@pytest.mark.parametrize("asks", ['=due("T.check")', '=warn("T.check")', '=warn("T.check", 0.8)'])
def test_a_task_and_its_timer_have_the_same_instant_from_the_first_moment(
    office: TestOffice, more: dict[str, str], asks: str
) -> None:
    number = filed(office, timed("bound", asks=asks, **more))
    clock = clock_of(office, number)
    share = 0.8 * float(clock.amount) * HOUR
    expected = {
        '=due("T.check")': clock.due_at,
        '=warn("T.check")': clock.warn_at,
        '=warn("T.check", 0.8)': clock.started_at + share,
    }
    assert timer_of(office, number) == expected[asks]


def test_a_timer_counts_by_the_calendar_of_the_unit_that_has_the_work(office: TestOffice) -> None:
    decide_day(office, "henan", date(2026, 3, 4), "rest")
    number = filed(office, timed("bound", "T.working"))
    clock = clock_of(office, number, "T.working")
    assert clock.due_at == datetime(2026, 3, 6, 16, tzinfo=UTC), "one working day later than the nation"
    assert timer_of(office, number) == clock.due_at


def test_a_timer_without_a_clock_around_it_has_one_of_its_own(office: TestOffice) -> None:
    office.deploy(
        drawn(
            "alone",
            '<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="wait">'
            '<bpmn:timerEventDefinition id="t"><bpmn:timeDate xsi:type="bpmn:tFormalExpression">'
            "=due(&quot;T.check&quot;)</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
            '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="wait"/>'
            '<bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="e"/>',
        )
    )
    number = office.file(regime="alone", facts={}).number
    clock = clock_of(office, number)
    assert (clock.kind, clock.activity_id, clock.due_at) == ("stage", "wait", timer_of(office, number))
    pause(office, number)
    assert timer_of(office, number) is None
    office.clock.advance(HOUR)
    resume(office, number)
    assert timer_of(office, number) == clock.due_at + HOUR
    office.clock.advance(5 * HOUR)
    office.settle()
    assert clock_of(office, number).stop_reason in ("done", "completed")
    assert office.scalar(sa.select(Timer.fired_at)) is not None


def test_a_timer_that_begins_while_the_case_waits_has_no_row(office: TestOffice) -> None:
    number = filed(office, waiting(more=properties(sla_policy="T.check")))
    work(office, number)
    office.deploy(timed("later"))
    pause_case_by_hand(office, number)
    office.start("later", number)
    assert clock_of(office, number).paused_at is not None
    assert timer_of(office, number) is None


def pause_case_by_hand(office: TestOffice, number: str) -> None:
    """The case waits, though none of its clocks runs just now."""
    pause(office, number)
    assert office.scalar(sa.select(Case.paused_at).where(Case.number == number)) is not None


def test_a_case_clock_answers_for_timers_anywhere_in_the_case(office: TestOffice) -> None:
    register(office, ALL)
    number = filed(office, waiting(properties(sla_policy="T.all")))
    office.clock.advance(HOUR)
    office.deploy(timed("other", "T.check", asks='=due("T.all")'))
    office.start("other", number)
    with office.deps.sessions() as session:
        (due,) = session.scalars(sa.select(Timer.due_at))
        codes = list(session.scalars(sa.select(Clock.code).order_by(Clock.code)))
    assert due == clock_of(office, number, "T.all").due_at
    assert codes == ["T.all", "T.check"], "it needs none of its own"


def test_reasons_and_limits_nobody_knows_are_said_and_stop_nothing(office: TestOffice) -> None:
    number = filed(
        office,
        waiting(properties(sla_policy="T.nowhere"), wait=properties(sla_pause="weather", sla_promise="soon")),
    )
    work(office, number)
    send(office, "answered", number)
    with office.deps.sessions() as session:
        told = session.execute(
            sa.text("SELECT string_agg(after::text, ' ') FROM audit_event WHERE chain = :n"), {"n": number}
        ).scalar()
    assert "T.nowhere" in told and "weather" in told and "soon" in told


@pytest.mark.parametrize("ratio", ["0", "1.01", '"NaN"', '"sNaN"', '"Infinity"', "true", "[1]", "1e300"])
def test_a_ratio_that_is_none_is_an_incident_in_words(office: TestOffice, ratio: str) -> None:
    office.deploy(timed("odd", asks=f'=warn("T.check", {ratio})'))
    office.file(regime="odd", facts={})
    told = office.scalar(sa.text("SELECT message FROM incident"))
    assert "but it is a number above 0 and up to 1" in told and "decimal" not in told
