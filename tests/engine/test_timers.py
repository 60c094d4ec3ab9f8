"""Timers: armed as rows, fired once by a job, moved by nobody's polling."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.testing import TESTER, Harness
from engine.timers import Timer
from engine.worker import sweep_once
from tests.engine.diagrams import process


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def unfired(run: Harness) -> int:
    return int(run.scalar(sa.select(sa.func.count()).where(Timer.fired_at.is_(None))))


def test_an_intermediate_timer_waits_for_its_time(run: Harness) -> None:
    run.deploy(
        process("p", "start s", "catch wait timeDuration=PT4H", "user a", "end e", "s -> wait -> a -> e")
    )
    run.start("p")
    run.advance(hours=3, minutes=59)
    assert run.waiting() == []
    run.advance(minutes=1)
    assert run.waiting() == ["a"]
    assert unfired(run) == 0


def test_a_boundary_timer_warns_beside_the_work_and_fires_once(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "boundary warn at=a timeDuration=P30D only_listens=1",
            "user note",
            "end e",
            "end e2",
            "s -> a -> e",
            "warn -> note -> e2",
        )
    )
    run.start("p")
    run.advance(days=30)
    assert run.waiting() == ["a", "note"]
    run.advance(days=60)
    assert run.waiting() == ["a", "note"]
    assert run.scalar(sa.select(Timer.fired_at)) is not None


def test_an_interrupting_timer_takes_the_work_away(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "boundary late at=a timeDuration=PT1H",
            "user b",
            "end e",
            "s -> a -> e",
            "late -> b -> e",
        )
    )
    run.start("p")
    run.advance(hours=2)
    assert run.waiting() == ["b"]


def test_completing_the_work_takes_its_timer_away(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "boundary late at=a timeDuration=PT1H",
            "user b",
            "end e",
            "s -> a -> e",
            "late -> b -> e",
        )
    )
    run.start("p")
    assert unfired(run) == 1
    run.complete("a")
    assert unfired(run) == 0


def test_a_repeating_timer_catches_up_once_after_a_long_stop(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "boundary tick at=a timeCycle=R/PT10M only_listens=1",
            "user note",
            "end e",
            "end e2",
            "s -> a -> e",
            "tick -> note -> e2",
        )
    )
    run.start("p")
    run.advance(days=7, minutes=3)
    assert run.waiting() == ["a", "note"]
    run.advance(minutes=7)
    assert run.waiting() == ["a", "note", "note"]


def test_a_repeating_timer_stops_after_its_rounds(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "boundary tick at=a timeCycle=R2/PT10M only_listens=1",
            "user note",
            "end e",
            "end e2",
            "s -> a -> e",
            "tick -> note -> e2",
        )
    )
    run.start("p")
    for _ in range(5):
        run.advance(minutes=10)
    assert run.waiting() == ["a", "note", "note"]


def test_a_timer_may_be_computed_from_what_somebody_answered(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user promise",
            'catch wait timeDate="=form.promise.until"',
            "user a",
            "end e",
            "s -> promise -> wait -> a -> e",
        )
    )
    run.start("p")
    run.complete("promise", {"until": "2026-03-05T18:00:00+08:00"})
    due = run.scalar(sa.select(Timer.due_at))
    assert due == run.clock.now() + timedelta(days=3, hours=9)


def test_a_timer_that_is_no_time_rests_as_an_incident_and_the_work_goes_on(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user q",
            "user a",
            'boundary late at=a timeDate="=form.q.until"',
            "user b",
            "end e",
            "s -> q -> a -> e",
            "late -> b -> e",
        )
    )
    run.start("p")
    run.complete("q", {"until": "next week"})
    assert run.waiting() == ["a"]
    row = run.rows(sa.text("SELECT activity_id, message FROM incident"))[0]
    assert row.activity_id == "late" and "next week" in row.message


def test_a_timer_fired_twice_by_two_jobs_moves_the_process_once(run: Harness) -> None:
    run.deploy(
        process("p", "start s", "catch wait timeDuration=PT1H", "user a", "end e", "s -> wait -> a -> e")
    )
    run.start("p")
    run.clock.advance(timedelta(hours=1))
    assert sweep_once(run.engine, run.sessions) == 1
    assert sweep_once(run.engine, run.sessions) == 0
    timer_id = run.scalar(sa.select(Timer.id))
    for _ in range(2):
        with run.sessions.begin() as session:
            run.engine.fire_timer(session, timer_id)
    assert run.waiting() == ["a"]


def test_a_timer_that_falls_due_while_the_instance_is_suspended_fires_once_on_resume(run: Harness) -> None:
    run.deploy(
        process("p", "start s", "catch wait timeDuration=PT1H", "user a", "end e", "s -> wait -> a -> e")
    )
    instance_id = run.start("p")
    with run.sessions.begin() as session:
        run.engine.suspend(session, instance_id, reason="群发事件", actor=TESTER)
    run.advance(hours=5)
    assert run.waiting() == []
    with run.sessions.begin() as session:
        run.engine.resume(session, instance_id, actor=TESTER)
    run.settle()
    assert run.waiting() == ["a"]


def test_of_the_events_behind_an_event_gateway_the_first_wins(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "events g",
            "catch reply message=customer_reply",
            "catch late timeDuration=P3D",
            "user answer",
            "user remind",
            "end e",
            "s -> g -> reply -> answer -> e",
            "g -> late -> remind -> e",
        )
    )
    run.start("p", "K-1")
    run.correlate("customer_reply", "K-1", text="好的")
    assert run.waiting() == ["answer"] and unfired(run) == 0
    run.start("p", "K-2")
    run.advance(days=3)
    assert run.waiting() == ["answer", "remind"]
