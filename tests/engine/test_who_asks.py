"""A function of the host learns who asks it, wherever an expression stands; and all of an action happens at one instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.history import HistoryEvent
from engine.ports import InstanceRef
from engine.process_engine import ProcessEngine
from engine.testing import TESTER, Harness, Recorder
from tests.engine.diagrams import process
from tests.engine.passages import with_properties

DECISION = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
    '<decision id="grade" name="grade"><literalExpression><text>ask("decision")</text></literalExpression></decision></definitions>'
)


class Passing:
    """A clock no two looks at which are alike, as a machine's."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        self.at += timedelta(microseconds=137)
        return self.at


class Counting(Recorder):
    """Facts that count how often they are asked for what the functions are handed."""

    counted = 0

    def limits(self, session: Session, instance: InstanceRef) -> Any:
        self.counted += 1
        return {"of": instance.business_key, "time": self.counted}


def test_every_place_an_expression_stands_says_who_asks(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    heard: dict[str, Any] = {}

    def ask(context: Any, place: str) -> Any:
        heard[place] = context.asked
        assert context.asked.limits()["of"] == "K-1"
        return 1

    facts = Counting()
    run = Harness(sessions, clock, functions={"ask": ask})
    run.recorder = facts
    run.engine = ProcessEngine(clock=clock, listener=facts, facts=facts, functions={"ask": ask})
    mapped = "<bpmn:extensionElements><camunda:inputOutput><camunda:{0} name='x'>=ask('{0}')</camunda:{0}></camunda:inputOutput></bpmn:extensionElements>"
    file = process(
        "p", "start s", "script f | n = ask(~script~)", "rule t camunda:decisionRef=grade", "xor g",
        "user a camunda:priority==ask(~priority~) | " + mapped.format("inputParameter"),
        "boundary c at=a condition=ask(~conditional~)=2", "end e",
        "s -> f -> t -> g", "g -> a : ask(~condition~) = 1", "default g -> e", "a -> e", "c -> e",
    )  # fmt: skip
    file = with_properties(
        SourceFile(file.name, file.content.replace(b"~", b"&quot;").replace(b"('", b'("').replace(b"')", b'")')),
        p={"sla.limit": '=ask("process")'}, a={"sla.limit": '=ask("property")'},
    )  # fmt: skip
    run.deploy(file, SourceFile("grade.dmn", DECISION.encode()))
    instance = run.start("p")
    assert run.waiting() == ["a"]
    (activity,) = run.recorder.named("a")
    assert heard.keys() == {
        "process", "script", "decision", "condition", "priority", "property", "inputParameter", "conditional",
    }  # fmt: skip
    assert all(asked.instance.id == instance == asked.inside[-1] for asked in heard.values())
    assert {heard[one].inside for one in ("priority", "property", "inputParameter")} == {
        (activity.id, instance)
    }
    assert heard["conditional"].inside[1:] == (activity.id, instance)
    assert facts.counted == 1
    run.complete("a")
    assert facts.counted == 1, "nothing asked"


def test_expressions_that_ask_nobody_ask_for_no_limits(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    facts = Counting()
    run = Harness(sessions, clock, functions={"ask": lambda context: 1})
    run.recorder = facts
    run.engine = ProcessEngine(clock=clock, listener=facts, facts=facts, functions={"ask": lambda context: 1})
    run.deploy(process("p", "start s", "script f | n = ask()", "user a", "end e", "s -> f -> a -> e"))
    run.start("p")
    assert facts.counted == 0


def test_nobody_asks_for_a_timer_that_starts_a_process(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    heard: list[Any] = []

    def ask(context: Any) -> Any:
        heard.append(context.asked)
        return context.now() + timedelta(hours=1)

    run = Harness(sessions, clock, functions={"ask": ask})
    run.deploy(process("p", "start s timeDate==ask()", "user a", "end e", "s -> a -> e"))
    assert heard == [None]
    run.advance(hours=1)
    assert run.waiting() == ["a"]


def test_everything_in_an_action_happens_at_one_instant(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    passing, recorder = Passing(clock.now()), Recorder()

    def ask(context: Any) -> Any:
        return context.now() + timedelta(hours=4)

    engine = ProcessEngine(clock=passing, listener=recorder, facts=recorder, functions={"ask": ask})
    run = Harness(sessions, clock)
    run.engine, run.recorder = engine, recorder
    run.deploy(
        process(
            "p", "start s", "user a camunda:dueDate=PT4H", "boundary b at=a timeDuration=PT4H", "boundary c at=a timeDate==ask()",
            "boundary d at=a timeDate==now()+duration(four)",
            "user z camunda:dueDate==ask()", "end e", "s -> a -> z -> e", "b -> e", "c -> e", "d -> e",
        )
    )  # fmt: skip
    instance = run.start("p", four="PT4H")
    for which in ("a", "z"):
        (move,) = [m for m in recorder.moves if any(one.activity_id == which for one in m.entered)]
        assert move.at is not None
        (activity,) = recorder.named(which)
        assert activity.due_at == move.at + timedelta(hours=4)
        run.complete(which)
    assert recorder.moves[0].at is not None
    four = recorder.moves[0].at + timedelta(hours=4)
    armed = [
        row.data["due_at"]
        for row in run.rows(HistoryEvent.__table__.select().where(HistoryEvent.kind == "timer_armed"))
    ]
    assert [datetime.fromisoformat(due) for due in armed] == [four] * 3
    at = {row.at for row in run.rows(HistoryEvent.__table__.select()) if row.instance_id == instance}
    assert at == {move.at for move in recorder.moves}


@pytest.mark.parametrize("given", ["sort([2,1],ask)", "{f:ask,r:f(1,2)}.r"])
def test_a_function_handed_on_as_a_value_is_told_too(
    sessions: sessionmaker[Session], clock: FrozenClock, given: str
) -> None:
    heard: list[Any] = []

    def ask(context: Any, one: Any, other: Any) -> bool:
        heard.append(context.asked)
        return bool(one < other)

    run = Harness(sessions, clock, functions={"ask": ask})
    run.deploy(process("p", "start s", f"script f | n = {given}", "user a", "end e", "s -> f -> a -> e"))
    instance = run.start("p")
    assert heard and all(asked.instance.id == instance for asked in heard)
    with run.sessions.begin() as session:
        run.engine.cancel(session, instance, reason="test", actor=TESTER)
