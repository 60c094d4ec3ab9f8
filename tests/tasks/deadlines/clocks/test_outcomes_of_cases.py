"""`case.outcome`: where it is passed the case has turned out so, and what ends with it ends for this reason."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.dialect import SourceFile
from tasks.cases.tables import Case
from tasks.deadlines.clocks.tables import Clock
from tests.tasks.deadlines.clocks.test_said_beginnings_and_ends import said, told, warnings
from tests.tasks.deadlines.clocks.timekeeping import clock_of, filed, register, send
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

ALL = {"code": "T.all", "limit": "24", "unit": "h", "pauses": "customer"}
PART = drawn(
    "part",
    '<bpmn:startEvent id="ps"/>'
    '<bpmn:userTask id="inner" name="办理" camunda:candidateGroups="channel">'
    f'{said(sla__policy="T.check")}</bpmn:userTask><bpmn:endEvent id="pe"/>'
    '<bpmn:sequenceFlow id="pf1" sourceRef="ps" targetRef="inner"/>'
    '<bpmn:sequenceFlow id="pf2" sourceRef="inner" targetRef="pe"/>',
)


def case_of(
    process: str = "", called: str = "", border: str = "", after: str = "", end: str = ""
) -> SourceFile:
    """A call activity with a task in it, an interrupting message `withdraw` at its border that leads to the task `note`, and
    beside both the task `beside`; each element with properties.
    """
    source = drawn(
        "whole",
        process + '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="fork"/>'
        f'<bpmn:callActivity id="doing" calledElement="part">{called}</bpmn:callActivity>'
        f'<bpmn:boundaryEvent id="gone" attachedToRef="doing">{border}'
        '<bpmn:messageEventDefinition id="md" messageRef="m1"/></bpmn:boundaryEvent>'
        f'<bpmn:userTask id="note" camunda:candidateGroups="channel">{after}</bpmn:userTask>'
        f'<bpmn:userTask id="beside" camunda:candidateGroups="channel">{said(sla__policy="T.check")}</bpmn:userTask>'
        f'<bpmn:endEvent id="e1">{end}</bpmn:endEvent><bpmn:endEvent id="e2"/><bpmn:endEvent id="e3"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="fork"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="fork" targetRef="doing"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="fork" targetRef="beside"/>'
        '<bpmn:sequenceFlow id="f4" sourceRef="doing" targetRef="e1"/>'
        '<bpmn:sequenceFlow id="f5" sourceRef="gone" targetRef="note"/>'
        '<bpmn:sequenceFlow id="f6" sourceRef="note" targetRef="e2"/>'
        '<bpmn:sequenceFlow id="f7" sourceRef="beside" targetRef="e3"/>',
    )
    text = source.content.decode()
    message = '<bpmn:message id="m1" name="withdraw"/><bpmn:process'
    return SourceFile(source.name, text.replace("<bpmn:process", message, 1).encode())


def opened(office: TestOffice, **properties: str) -> str:
    register(office, ALL)
    office.deploy(PART, case_of(process=said(sla__policy="T.all"), **properties))
    return office.file("li_na", "whole", {}).number


def outcome(office: TestOffice, number: str) -> Any:
    return office.scalar(sa.select(Case.outcome).where(Case.number == number))


def done(office: TestOffice, number: str, activity: str) -> None:
    task = office.task(activity, number)
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {})


def reasons(office: TestOffice, number: str) -> dict[tuple[str, str], str]:
    with office.deps.sessions() as session:
        rows = session.execute(
            sa.select(Clock.activity_id, Clock.code, Clock.stop_reason).where(Clock.number == number)
        )
        return {(row.activity_id, row.code): row.stop_reason for row in rows}


def test_an_interrupting_event_ends_tasks_and_all_clocks_of_the_case_with_its_outcome(
    office: TestOffice,
) -> None:
    number = opened(
        office,
        called=said(sla__policy="T.days"),
        border=said(case__outcome="withdrawn"),
        after=said(sla__policy="T.check"),
    )
    assert outcome(office, number) is None
    send(office, "withdraw", number)
    assert outcome(office, number) == "withdrawn"
    assert reasons(office, number) == {
        ("whole", "T.all"): "withdrawn",
        ("doing", "T.days"): "withdrawn",
        ("inner", "T.check"): "withdrawn",
        ("beside", "T.check"): "withdrawn",
        ("note", "T.check"): "",
    }
    inner, beside, note = (office.task(name, number) for name in ("inner", "beside", "note"))
    assert (inner.state, inner.end_reason) == ("cancelled", "withdrawn")
    assert (beside.state, beside.end_reason, beside.due_at) == ("created", None, None)
    assert note.due_at is not None, "what begins with the outcome has its time"


def test_what_was_done_in_the_same_move_stays_done(office: TestOffice) -> None:
    number = opened(office, called=said(sla__policy="T.days"), end=said(case__outcome="resolved"))
    done(office, number, "inner")
    assert outcome(office, number) == "resolved"
    found = reasons(office, number)
    assert found[("inner", "T.check")] == found[("doing", "T.days")] == "done"
    assert found[("whole", "T.all")] == found[("beside", "T.check")] == "resolved"
    assert office.task("inner", number).end_reason is None


def test_the_last_outcome_that_is_passed_counts_and_outlives_the_process(office: TestOffice) -> None:
    number = opened(office, border=said(case__outcome="withdrawn"), after=said(case__outcome="resolved"))
    send(office, "withdraw", number)
    done(office, number, "note")
    done(office, number, "beside")
    assert outcome(office, number) == "resolved"
    assert reasons(office, number)[("whole", "T.all")] == "withdrawn"


def test_a_process_that_is_over_in_its_first_move_has_its_outcome_and_a_stopped_clock(
    office: TestOffice,
) -> None:
    register(office, ALL)
    at_end = (
        said(sla__policy="T.all", case__outcome="resolved")
        + '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e"/>'
    )
    number = filed(office, drawn("short", at_end))
    assert outcome(office, number) == "resolved"
    assert clock_of(office, number, "T.all").stop_reason == "resolved"


def test_a_case_that_waits_and_ends_with_an_outcome_waits_no_more(office: TestOffice) -> None:
    number = opened(office, border=said(case__outcome="court"), after=said(sla__pause="customer"))
    done(office, number, "beside")
    send(office, "withdraw", number)
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(Case).where(Case.number == number).values(paused_at=office.clock.now()))
    done(office, number, "note")
    assert office.scalar(sa.select(Case.paused_at).where(Case.number == number)) is None


def test_what_is_not_passed_is_no_outcome(office: TestOffice) -> None:
    number = opened(office, called=said(case__outcome="resolved"), border=said(colour="red"))
    send(office, "withdraw", number)
    assert outcome(office, number) is None
    assert reasons(office, number)[("inner", "T.check")] == "cancelled"
    assert office.task("inner", number).end_reason is None


def test_an_outcome_may_be_computed_from_what_was_answered(office: TestOffice) -> None:
    number = opened(office, border=said(case__outcome='="with" + "drawn"'))
    send(office, "withdraw", number)
    assert outcome(office, number) == "withdrawn"


def test_what_is_no_code_is_said_and_not_kept(office: TestOffice) -> None:
    for value, warned in (("x" * 10_000, True), ("=1 + 1", False)):
        source = case_of(border=said(case__outcome=value))
        assert any("case.outcome" in one for one in warnings(office, source)) is warned
        office.deploy(PART, source)
        number = office.file("li_na", "whole", {}).number
        send(office, "withdraw", number)
        assert outcome(office, number) is None
        assert "is no code of 1 to 60 characters" in told(office, number)
        assert reasons(office, number)[("inner", "T.check")] == "cancelled"
    assert warnings(office, case_of(border=said(case__outcome="a_code_of_their_own"))) == []
