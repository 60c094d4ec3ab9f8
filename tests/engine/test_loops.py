"""Standard loops: an activity of any kind goes round while its condition holds, writes as itself, and costs the same each time."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.incidents import Incident
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process
from tests.engine.spiff.memory import InMemory


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def looped(node: str, **variables: object) -> InMemory:
    return InMemory(process("p", "start s", node, "user after", "s -> n -> after"), **variables)


@pytest.mark.parametrize(
    ("loop", "rounds"),
    [
        ('while="loopCounter &lt; 3"', 3),
        ('while="loopCounter &lt; 3" first=yes', 3),
        ("while=false", 1),
        ("while=false first=yes", 0),
        ("rounds=4", 4),
        ('while="loopCounter &lt; 9" rounds=2', 2),
        ('while="${form.n.more}"', 2),
    ],
)
def test_a_person_is_asked_as_often_as_the_loop_says(loop: str, rounds: int) -> None:
    run = looped(f"user n {loop.replace('&lt;', '<')}")
    for number in range(rounds):
        assert run.waiting() == ["n"]
        run.complete("n", {"more": number == 0, "number": number})
    assert run.waiting() == ["after"]
    if rounds:
        assert run.instance.store.values["form"]["n"]["number"] == rounds - 1


def test_a_round_writes_as_the_activity_itself_would_and_reads_what_the_one_before_wrote() -> None:
    run = looped('script n while="sum < 10" | sum = sum + 1 + loopCounter', sum=0)
    assert run.waiting() == ["after"]
    assert run.instance.store.values["sum"] == 10


@pytest.mark.parametrize(
    "node",
    [
        "task n rounds=3", "manual n rounds=3", "user n rounds=3", "script n rounds=3 | x = 1",
        "call n rounds=3 calledElement=other", "sub n rounds=3 {\nstart i\nuser u\ni -> u\n}", "sub n rounds=3 {\nuser u\n}",
        "sub n rounds=3 {\n}",
        "call n times=3 sequential=true calledElement=other", "task n times=3", "manual n times=3 sequential=true",
    ],
)  # fmt: skip
def test_every_kind_of_activity_can_be_repeated(node: str) -> None:
    other = process("other", "start s", "user u", "s -> u")
    run = InMemory(process("p", "start s", node, "user after", "s -> n -> after"), other)
    times = 0
    while run.waiting() != ["after"]:
        times += 1
        run.complete(run.waiting()[0])
    assert times in ((3,) if any(word in node for word in ("user", "call", "manual")) else (0,))


def test_messages_are_awaited_repeatedly_too(run: Harness) -> None:
    run.deploy(
        process("p", "start s", "receive n message=go rounds=2", "receive m message=go times=2", "user after", "s -> n -> m -> after")
    )  # fmt: skip
    run.start("p")
    for _ in range(3):
        assert run.waiting() == []
        run.correlate("go")
    assert run.waiting() == ["after"]


def test_a_boundary_event_ends_the_whole_loop(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "user n rounds=5", "boundary late at=n timeDuration=PT1H", "user other", "end e", "s -> n -> e", "late -> other"
        )
    )  # fmt: skip
    run.start("p")
    run.complete("n")
    run.advance(hours=1)
    assert run.waiting() == ["other"]


def test_a_condition_that_cannot_say_rests_as_an_incident_and_goes_on_when_it_can(run: Harness) -> None:
    run.deploy(process("p", "start s", 'user n while="case.more"', "user after", "s -> n -> after"))
    run.start("p")
    run.complete("n")
    [incident] = run.rows(sa.select(Incident.id, Incident.activity_id))
    assert (incident.activity_id, run.waiting()) == ("n", [])
    run.recorder.case["more"] = False
    with run.sessions.begin() as session:
        run.engine.retry(session, incident.id, actor=TESTER)
    run.settle()
    assert run.waiting() == ["after"]


def test_a_thousand_rounds_cost_the_same_each() -> None:
    def calls(rounds: int) -> int:
        """Functions called, counted rather than timed, so that a busy machine says the same."""
        made = 0

        def count(_frame: Any, event: str, _told: Any) -> None:
            nonlocal made
            made += event == "call"

        sys.setprofile(count)
        try:
            looped(f"script n rounds={rounds} | x = loopCounter")
        finally:
            sys.setprofile(None)
        return made

    calls(10)
    begun, few, many = calls(1), calls(100), calls(1_000)
    assert many - begun < (few - begun) * 10 * 1.2


def test_what_items_give_is_collected_in_the_order_of_the_collection() -> None:
    loop = (
        '<bpmn:ioSpecification><bpmn:dataInput id="in" name="people"/><bpmn:dataOutput id="out" name="votes"/>'
        "</bpmn:ioSpecification><bpmn:dataInputAssociation><bpmn:sourceRef>object</bpmn:sourceRef>"
        "<bpmn:targetRef>in</bpmn:targetRef></bpmn:dataInputAssociation>"
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>in</bpmn:loopDataInputRef>"
        '<bpmn:loopDataOutputRef>out</bpmn:loopDataOutputRef><bpmn:inputDataItem id="i" name="person"/>'
        '<bpmn:outputDataItem id="o" name="vote"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    file = process(
        "p",
        "start s",
        f"script n | {loop}<bpmn:script>vote = upper case(person)</bpmn:script>",
        "user after",
        "s -> n -> after",
    )
    content = file.content.replace(
        b"<bpmn:scriptTask", b'<bpmn:dataObject id="object" name="team"/><bpmn:scriptTask scriptFormat="feel"'
    )
    run = InMemory(type(file)(file.name, content), team=["a", "b", "c"])
    assert run.instance.store.values["votes"] == ["A", "B", "C"]


def test_items_that_were_stopped_give_nothing_and_the_index_has_a_name() -> None:
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true" camunda:collection="team" camunda:elementVariable="who" '
        'xmlns:flowable="http://flowable.org/bpmn" flowable:elementIndexVariable="place">'
        "<bpmn:loopDataOutputRef>seen</bpmn:loopDataOutputRef>"
        '<bpmn:outputDataItem name="note"/>'
        "<bpmn:completionCondition>${nrOfCompletedInstances == 2}</bpmn:completionCondition>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    node = f"script n scriptFormat=feel | {loop}<bpmn:script>note = who + string(place)</bpmn:script>"
    run = looped(node, team=["a", "b", "c"])
    assert run.instance.store.values["seen"] == ["a0", "b1", None]


@pytest.mark.parametrize("team", [None, "a,b", 3, {"a": 1}])
def test_a_collection_that_is_no_list_is_an_incident_at_the_activity(run: Harness, team: object) -> None:
    run.deploy(process("p", "start s", 'user n each="team as who"', "end e", "s -> n -> e"))
    run.start("p", team=team)
    [(activity, message)] = run.rows(sa.select(Incident.activity_id, Incident.message))
    assert activity == "n"
    assert "not a list" in message
