"""An event-based gateway waits for several events and goes on with the first."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import MessageNotAwaited
from engine.testing import Harness
from tests.engine.diagrams import process

WAITING = process(
    "waiting", "start s", "user u", "events g", "catch answered message=answer", "catch late "
    "timeDuration=PT4H",
    "receive withdrawn message=withdraw", "user thank", "user urge", "user close",
    "s -> u -> g", "g -> answered -> thank", "g -> late -> urge", "g -> withdrawn -> close",
)  # fmt: skip


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    harness = Harness(sessions, clock)
    harness.deploy(WAITING)
    harness.start("waiting")
    harness.complete("u")
    return harness


@pytest.mark.parametrize(("message", "task"), [("answer", "thank"), ("withdraw", "close")])
def test_the_first_message_wins_and_nothing_else_is_awaited_any_more(run: Harness, message: str, task: str):
    run.correlate(message)
    assert run.waiting() == [task]
    with pytest.raises(MessageNotAwaited):
        run.correlate({"answer": "withdraw", "withdraw": "answer"}[message])
    run.advance(hours=5)
    run.settle()
    assert run.waiting() == [task]


def test_when_nothing_happens_the_timer_wins(run: Harness):
    run.advance(hours=5)
    run.settle()
    assert run.waiting() == ["urge"]
    with pytest.raises(MessageNotAwaited):
        run.correlate("answer")


def test_what_follows_must_be_an_event_of_its_own(gate):
    outcome = gate(
        process(
            "wrong", "start s", "events g", "user u", "catch c message=answer", "task t",
            "s -> g", "g -> u", "g -> c", "s -> c -> t",
        ).content
    )  # fmt: skip
    assert [(f.code, f.element_id) for f in outcome.errors] == [
        ("awaited-event-shared", "c"), ("not-an-awaited-event", "u"),
    ]  # fmt: skip
