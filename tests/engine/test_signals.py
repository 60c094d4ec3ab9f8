"""Signals: thrown from diagrams and from outside, they reach everybody who waits, once, by jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine import broadcasting, jobs
from engine.clock import FrozenClock
from engine.errors import InvalidInput
from engine.history import HistoryEvent
from engine.instance import ProcessInstance
from engine.signals import Signal, SignalSubscription
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def throw(run: Harness, name: str, **payload: Any) -> int:
    with run.sessions.begin() as session:
        return run.engine.signal(session, name, payload=payload, actor=TESTER)


WAITER = process("waiter", "start s", "catch w signal=go", "user z", "end e", "s -> w -> z -> e")
THROWER = process(
    "thrower", "start s", "user a", "throw t signal=go", "user b", "end e", "s -> a -> t -> b -> e"
)


def test_it_reaches_every_instance_that_waits_and_no_other(run: Harness) -> None:
    run.deploy(
        WAITER, process("other", "start s", "catch w signal=stop", "user z", "end e", "s -> w -> z -> e")
    )
    for number in range(3):
        run.start("waiter", f"K-{number}")
    run.start("other", "K-9")
    assert throw(run, "go", amount=3) == 3
    assert run.waiting() == []  # nothing moves in the thrower's transaction
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["z", "z", "z"]
    assert run.recorder.named("z")[0].variables["signal"] == {"w": {"amount": 3}}


def test_a_diagram_throws_it_and_the_thrower_goes_on_at_once(run: Harness) -> None:
    run.deploy(WAITER, THROWER)
    run.start("waiter", "K-1")
    run.start("thrower", "K-2")
    run.complete("a")
    assert run.waiting() == ["b"]
    run.settle()
    assert run.waiting() == ["b", "z"]
    kinds = {row.kind for row in run.rows(sa.select(HistoryEvent.kind))}
    assert {"signal_thrown", "signal_caught"} <= kinds


def test_an_end_event_throws_it_and_a_boundary_event_and_a_gateway_wait_for_it(run: Harness) -> None:
    run.deploy(
        process("ender", "start s", "user a", "end e signal=go", "s -> a -> e"),
        process(
            "border",
            "start s",
            "user c",
            "boundary x at=c signal=go",
            "user y",
            "end e",
            "s -> c -> e",
            "x -> y -> e",
        ),
        process(
            "gate",
            "start s",
            "events g",
            "catch one signal=go",
            "catch two message=m",
            "user v",
            "end e",
            "s -> g -> one -> v -> e",
            "g -> two -> e",
        ),
    )
    run.start("border", "K-1")
    run.start("gate", "K-2")
    run.start("ender", "K-3")
    assert run.complete("a").ended
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["v", "y"]


def test_a_signal_nobody_waits_for_has_no_effect(run: Harness) -> None:
    run.deploy(THROWER)
    run.start("thrower")
    run.complete("a")
    run.settle()
    assert throw(run, "unheard") == 0
    run.settle()
    run.deploy(WAITER)
    run.start("waiter", "K-2")
    run.settle()
    assert run.waiting() == ["b"]  # who begins to wait later waits for the next one


def test_who_waits_again_waits_for_the_next_signal(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "boundary x at=a signal=go only_listens=1",
            "user y",
            "end e",
            "end e2",
            "s -> a -> e",
            "x -> y -> e2",
        )
    )
    run.start("p")
    throw(run, "go")
    run.settle()
    assert run.waiting() == ["a", "y"]
    throw(run, "go")
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["a", "y", "y"]


def test_an_instance_that_throws_and_then_waits_does_not_hear_itself(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "and f",
            "catch before signal=go",
            "user heard",
            "throw t signal=go",
            "catch w signal=go",
            "user late",
            "end e",
            "s -> f -> before -> heard -> e",
            "f -> t -> w -> late -> e",
        )
    )
    run.start("p")
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["heard"]
    throw(run, "go")
    run.settle()
    assert run.waiting() == ["heard", "late"]


def test_a_suspended_instance_gets_it_on_resume_once(run: Harness) -> None:
    run.deploy(WAITER)
    instance = run.start("waiter")
    with run.sessions.begin() as session:
        run.engine.suspend(session, instance, reason="核查", actor=TESTER)
    throw(run, "go", round=1)
    throw(run, "go", round=2)
    run.settle()
    check_mirrors(run)
    assert run.waiting() == []
    with run.sessions.begin() as session:
        run.engine.resume(session, instance, actor=TESTER)
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["z"]
    assert run.recorder.named("z")[0].variables["signal"] == {"w": {"round": 1}}


def test_a_job_that_comes_twice_does_nothing_the_second_time(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "catch w signal=go", "catch again signal=go", "end e", "s -> w -> again -> e"
        ),
        process("born", "start s signal=go", "user u", "end e", "s -> u -> e"),
    )
    instance = run.start("p")
    throw(run, "go")
    run.settle()
    signal_id = run.scalar(sa.select(Signal.id))
    for task, arguments in (
        (jobs.ANNOUNCE, {"after": 0}),
        (jobs.SIGNAL, {"instance_id": str(instance)}),
        (jobs.SIGNAL_START, {"process_key": "born"}),
    ):
        with run.sessions.begin() as session:
            jobs.perform(run.engine, session, task, {"signal_id": str(signal_id), **arguments})
        run.settle()
    check_mirrors(run)
    assert run.waiting() == ["u"]
    assert {row.activity_id for row in run.rows(sa.select(SignalSubscription.activity_id))} == {"again"}


def test_it_starts_the_newest_version_of_a_process(run: Harness) -> None:
    run.deploy(process("born", "start s signal=go", "user old", "end e", "s -> old -> e"))
    run.deploy(process("born", "start s", "start g signal=go", "user u", "end e", "s -> u -> e", "g -> u"))
    run.deploy(process("gone", "start s signal=go", "user x", "end e", "s -> x -> e"))
    run.deploy(process("gone", "start s", "user x", "end e", "s -> x -> e"))
    throw(run, "go", amount=7)
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["u"]
    assert run.recorder.named("u")[0].variables["signal"] == {"g": {"amount": 7}}
    assert run.scalar(sa.select(ProcessInstance.version)) == 2


def test_many_are_reached_batch_by_batch(run: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasting, "BATCH", 2)
    run.deploy(WAITER)
    for number in range(5):
        run.start("waiter", f"K-{number}")
    throw(run, "go")
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["z"] * 5


def test_what_cannot_be_kept_is_refused(run: Harness) -> None:
    with run.sessions.begin() as session, pytest.raises(InvalidInput, match="Signal 'go' was refused"):
        run.engine.signal(session, "go", payload={"x": {1, 2}}, actor=TESTER)
    assert run.scalar(sa.select(sa.func.count()).select_from(Signal)) == 0


def test_a_signal_survives_a_stop_between_throwing_and_reaching(
    run: Harness, sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    run.deploy(WAITER)
    run.start("waiter")
    throw(run, "go")
    again = Harness(sessions, clock)  # another process over the same database
    again.settle()
    assert again.waiting() == ["z"]


def test_every_job_of_a_signal_names_what_it_is_for(run: Harness) -> None:
    run.deploy(WAITER)
    instance = run.start("waiter")
    throw(run, "go")
    [job] = run.rows(sa.text("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo'"))
    arguments = orjson.loads(job.args) if isinstance(job.args, str) else job.args
    assert job.task_name == "redress.announce_signal"
    with run.sessions.begin() as session:
        assert broadcasting.announce(session, UUID(arguments["signal_id"]), 0) == 1
        assert broadcasting.deliver(run.engine, session, UUID(arguments["signal_id"]), instance) is not None
