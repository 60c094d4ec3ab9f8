"""Listeners that are bound run at their moment; the diagram's readers see the element, not what was generated for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.deployment import ProcessDefinition
from engine.dialect import SourceFile
from engine.dialect.model import is_generated
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.ports import OperationCall
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process


class Told:
    """The operation all listeners here are bound to: remembers where and when it was called."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails = False

    def __call__(self, call: OperationCall) -> dict[str, Any]:
        if self.fails:
            raise RuntimeError("not now")
        self.calls.append(f"{call.activity_id} {call.inputs['event']}")
        return {"ignored": True}


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock, told: Told) -> Harness:
    return Harness(sessions, clock, operations={"tell": told})


def listening(file: SourceFile, *moments: str) -> SourceFile:
    """The file with listeners: "element event", or "element task event" for those of a user task."""
    text = file.content.decode()
    for moment in moments:
        element, *kind, event = moment.split()
        tag = "taskListener" if kind else "executionListener"
        listener = f'<camunda:{tag} class="x.Y" event="{event}"/>'
        opening = re.search(f'<bpmn:[^>]* id="{re.escape(element)}"[^>]*>', text)
        assert opening, element
        at = opening.end()
        if text[at:].startswith("<bpmn:extensionElements>"):
            at = text.index("</bpmn:extensionElements>", at)
            text = text[:at] + listener + text[at:]
        else:
            text = f"{text[:at]}<bpmn:extensionElements>{listener}</bpmn:extensionElements>{text[at:]}"
    return SourceFile(file.name, text.encode())


def deployed(run: Harness, file: SourceFile, *moments: str, target: str = "tell", key: str = "p") -> None:
    """Deploy with listeners and bind all of them."""
    run.deploy(listening(file, *moments))
    bind_all(run, key, target)


def bind_all(run: Harness, key: str, target: str) -> None:
    query = sa.select(ProcessDefinition.id).where(ProcessDefinition.key == key)
    with run.sessions.begin() as session:
        found = session.scalar(query.order_by(ProcessDefinition.version.desc()).limit(1))
        needs = [need.need.key for need in run.engine.needs(session, found)]
        assert needs
        assert run.engine.bind(session, found, dict.fromkeys(needs, target), actor=TESTER).startable


LINE = process("p", "start s", "user a", "user b", "end e", "s -> a -> b -> e")


def test_an_activity_is_told_of_in_the_order_of_its_moments(run: Harness, told: Told) -> None:
    deployed(run, LINE, "a end", "a task complete", "a start", "a task create", "b start")
    run.start("p")
    assert (run.waiting(), told.calls) == ([], [])
    run.settle()
    assert (run.waiting(), told.calls) == (["a"], ["a start", "a create"])
    run.complete("a")
    run.settle()
    assert (run.waiting(), told.calls[2:]) == (["b"], ["a complete", "a end", "b start"])


def test_the_process_its_events_and_its_flows_are_told_of(run: Harness, told: Told) -> None:
    deployed(run, LINE, "p start", "s start", "s end", "flow_1 take", "e start", "e end")
    run.start("p")
    run.settle()
    assert told.calls == ["p start", "s start", "s end", "flow_1 take"]
    run.complete("a")
    run.complete("b")
    run.settle()
    assert told.calls[4:] == ["e start", "e end"]
    assert run.scalar(sa.text("SELECT status FROM process_instance")) == "completed"


def test_only_the_flow_that_is_taken_is_told_of_and_a_gateway_on_every_way_out(
    run: Harness, told: Told
) -> None:
    diamond = process(
        "p", "start s", "xor g", "user a", "user b", "end e",
        "s -> g", "g -> a : =true", "default g -> b", "a -> e", "b -> e",
    )  # fmt: skip
    deployed(run, diamond, "g start", "g end", "flow_2 take", "flow_3 take")
    run.start("p")
    run.settle()
    assert (run.waiting(), told.calls) == (["a"], ["g start", "flow_2 take", "g end"])


def test_a_join_waits_for_all_its_branches_and_is_told_of_on_each(run: Harness, told: Told) -> None:
    fork = process(
        "p", "start s", "and f", "user a", "user b", "and j", "user c", "end e",
        "s -> f", "f -> a -> j", "f -> b -> j", "j -> c -> e",
    )  # fmt: skip
    deployed(run, fork, "f end", "j start", "j end")
    run.start("p")
    run.settle()
    assert told.calls == ["f end", "f end"]
    run.complete("a")
    run.settle()
    assert (run.waiting(), told.calls[2:]) == (["b"], ["j start"])
    run.complete("b")
    run.settle()
    assert (run.waiting(), told.calls[3:]) == (["c"], ["j start", "j end"])


def test_what_an_event_gateway_waits_for_is_told_of_when_it_has_come(run: Harness, told: Told) -> None:
    waits = process(
        "p", "start s", "events g", "catch m message=go", "catch t timeDuration=PT1H", "user a", "user b",
        "end e", "s -> g", "g -> m -> a -> e", "g -> t -> b -> e",
    )  # fmt: skip
    deployed(run, waits, "g start", "g end", "m start", "t start", "flow_2 take")
    run.start("p")
    run.settle()
    assert told.calls == ["g start"]
    run.correlate("go")
    run.settle()
    assert run.waiting() == ["a"]
    assert sorted(told.calls[1:]) == ["flow_2 take", "g end", "m start"]


def test_a_border_and_the_inside_of_a_sub_process_are_told_of(run: Harness, told: Told) -> None:
    nested = process(
        "p", "start s", "sub x {", "start si", "user a", "end ei", "si -> a -> ei", "}",
        "boundary t at=x timeDuration=PT1H", "user b", "end e", "s -> x -> e", "t -> b -> e",
    )  # fmt: skip
    deployed(run, nested, "x start", "x end", "si end", "a start", "t start")
    run.start("p")
    run.settle()
    assert (run.waiting(), told.calls) == (["a"], ["x start", "si end", "a start"])
    run.advance(hours=1)
    assert (run.waiting(), told.calls[3:]) == (["b"], ["t start"])


def test_bound_to_nothing_a_listener_is_not_called(run: Harness, told: Told) -> None:
    deployed(run, LINE, "a start", "p end", "a task assignment", target="nothing")
    run.start("p")
    assert (run.waiting(), told.calls) == (["a"], [])


@pytest.mark.parametrize(
    "moment", ["p end", "a task assignment", "a task delete", "a task update", "a task timeout", "i start"]
)
def test_a_moment_that_cannot_be_run_offers_nothing_only(run: Harness, moment: str) -> None:
    file = process("p", "start s", "user a", 'user i each="=[1,2] as x"', "end e", "s -> a -> i -> e")
    run.deploy(listening(file, moment))
    with run.sessions.begin() as session:
        [need] = run.engine.needs(session, session.scalar(sa.select(ProcessDefinition.id)))
    assert [choice.target for choice in need.choices] == ["nothing"]


def test_history_tells_of_the_call_at_the_element_and_of_nothing_generated(run: Harness) -> None:
    deployed(run, LINE, "a start", "a end", "flow_2 take")
    run.start("p")
    run.settle()
    run.complete("a")
    run.settle()
    lines = run.rows(
        sa.select(HistoryEvent.kind, HistoryEvent.activity_id, HistoryEvent.data).order_by(HistoryEvent.id)
    )
    assert not any(is_generated(line.activity_id or "") for line in lines)
    called = [(line.activity_id, line.data) for line in lines if line.kind == "listener_called"]
    assert called == [
        ("a", {"event": "start", "operation": "tell"}),
        ("a", {"event": "end", "operation": "tell"}),
        ("flow_2", {"event": "take", "operation": "tell"}),
    ]
    assert [line.kind for line in lines if line.activity_id == "a" and line.kind != "listener_called"] == [
        "activity_entered", "activity_completed"]  # fmt: skip


def test_a_listener_that_fails_rests_at_its_element_and_is_retried(run: Harness, told: Told) -> None:
    deployed(run, LINE, "a start")
    told.fails = True
    run.start("p")
    run.settle()
    [incident] = run.rows(sa.select(Incident.id, Incident.activity_id, Incident.message))
    assert incident.activity_id == "a" and "not now" in incident.message
    told.fails = False
    with run.sessions.begin() as session:
        run.engine.retry(session, incident.id, actor=TESTER)
    run.settle()
    assert (run.waiting(), told.calls) == (["a"], ["a start"])
    assert "result" not in run.recorder.named("a")[0].variables
