"""Messages: from outside now or never, from diagrams kept until somebody takes them; and what may not be done when."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import MessageNotAwaited, NotFound, WrongState
from engine.incidents import Incident
from engine.instance import ProcessInstance
from engine.messages import Message, MessageSubscription
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


SENDER = process(
    "sender", "start s", "user a", "throw t message=result", "user b", "end e", "s -> a -> t -> b -> e"
)
RECEIVER = process(
    "receiver", "start s", "user r", "receive w message=result", "user z", "end e", "s -> r -> w -> z -> e"
)


def test_a_message_nobody_waits_for_is_refused_with_where_the_case_is(run: Harness) -> None:
    run.deploy(SENDER)
    instance_id = run.start("sender")
    with pytest.raises(
        MessageNotAwaited, match="Message 'withdraw' was refused: no activity of case K-1 waits for it"
    ):
        run.correlate("withdraw")
    with run.sessions.begin() as session, pytest.raises(MessageNotAwaited, match="it is at a"):
        run.engine.correlate(session, "withdraw", instance_id=instance_id, actor=TESTER)
    assert run.waiting() == ["a"]


def test_a_thrown_message_reaches_who_waits_in_the_same_case_only(run: Harness) -> None:
    run.deploy(SENDER, RECEIVER)
    run.start("receiver", "K-1")
    run.complete("r")
    run.start("receiver", "K-2")
    run.complete("r")
    run.start("sender", "K-1")
    run.complete("a")
    run.settle()
    assert run.waiting() == ["b", "z"]


def test_a_thrown_message_waits_for_a_receiver_that_comes_later(run: Harness) -> None:
    run.deploy(SENDER, RECEIVER)
    run.start("sender", "K-1")
    run.start("receiver", "K-1")
    run.complete("a")
    run.settle()
    assert run.waiting() == ["b", "r"]
    run.complete("r")
    run.settle()
    assert run.waiting() == ["b", "z"]


def test_a_thrown_message_nobody_takes_becomes_an_incident_that_can_be_retried(run: Harness) -> None:
    run.deploy(SENDER, RECEIVER)
    run.start("sender", "K-1")
    run.complete("a")
    run.advance(days=2)
    incident = run.rows(sa.select(Incident.id, Incident.kind, Incident.activity_id))[0]
    assert (incident.kind, incident.activity_id) == ("message", "t")
    run.start("receiver", "K-1")
    run.complete("r")
    with run.sessions.begin() as session:
        run.engine.retry(session, incident.id, actor=TESTER)
    run.settle()
    assert "z" in run.waiting()
    assert run.scalar(sa.select(Message.outcome)) == "delivered"


def test_a_message_start_event_starts_the_process(run: Harness) -> None:
    run.deploy(process("appeal", "start s message=regulator_case", "user check", "end e", "s -> check -> e"))
    run.correlate("regulator_case", "SS-1", regulator="工信部")
    assert run.waiting() == ["check"]
    assert run.scalar(sa.select(ProcessInstance.business_key)) == "SS-1"


def test_a_finished_instance_waits_for_nothing(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "boundary w at=a message=withdraw",
            "end e",
            "end e2",
            "s -> a -> e",
            "w -> e2",
        )
    )
    run.start("p")
    assert run.scalar(sa.select(sa.func.count()).select_from(MessageSubscription)) == 1
    run.complete("a")
    assert run.scalar(sa.select(sa.func.count()).select_from(MessageSubscription)) == 0


def test_a_suspended_instance_cannot_be_moved_and_says_so(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "boundary w at=a message=withdraw",
            "end e",
            "end e2",
            "s -> a -> e",
            "w -> e2",
        )
    )
    instance_id = run.start("p")
    with run.sessions.begin() as session:
        run.engine.suspend(session, instance_id, reason="核查", actor=TESTER)
    for attempt in (lambda: run.complete("a"), lambda: run.correlate("withdraw")):
        with pytest.raises(WrongState, match="is suspended"):
            attempt()
    with run.sessions.begin() as session:
        run.engine.resume(session, instance_id, actor=TESTER)
    assert run.complete("a").ended


def test_a_second_completion_and_an_unknown_task_are_refused(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "and f",
            "user a",
            "user b",
            "and j",
            "end e",
            "s -> f -> a -> j",
            "f -> b -> j",
            "j -> e",
        )
    )
    instance_id = run.start("p")
    task_id = run.recorder.named("a")[0].id
    run.complete("a")
    for unknown in (task_id, uuid4()):
        with (
            run.sessions.begin() as session,
            pytest.raises(WrongState, match="no activity of case K-1 waits under this id"),
        ):
            run.engine.complete(session, instance_id, unknown, {}, actor=TESTER)
    with run.sessions.begin() as session, pytest.raises(NotFound, match="there is none with this id"):
        run.engine.complete(session, uuid4(), task_id, {}, actor=TESTER)


def test_cancelling_cancels_everything_once(run: Harness) -> None:
    run.deploy(RECEIVER)
    instance_id = run.start("receiver")
    with run.sessions.begin() as session:
        move = run.engine.cancel(session, instance_id, reason="误录", actor=TESTER)
    assert len(move.cancelled) == 1 and run.waiting() == []
    with run.sessions.begin() as session, pytest.raises(WrongState, match="is cancelled"):
        run.engine.cancel(session, instance_id, reason="again", actor=TESTER)


def test_a_message_goes_to_the_instance_that_can_move(run: Harness) -> None:
    run.deploy(RECEIVER)
    first = run.start("receiver", "K-1")
    run.complete("r")
    run.start("receiver", "K-1")
    run.complete("r")
    with run.sessions.begin() as session:
        run.engine.suspend(session, first, reason="核查", actor=TESTER)
    run.correlate("result")
    assert run.waiting() == ["z"]
