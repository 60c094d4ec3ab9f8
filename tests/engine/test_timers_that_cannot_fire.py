"""A timer that cannot be fired: it blocks nobody, is tried again later each time, and operators hear of it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine import firing, timers
from engine.clock import FrozenClock
from engine.incidents import Incident
from engine.testing import TESTER, Harness
from engine.timers import Timer
from engine.worker import build_job_app, sweep_once
from tests.engine.diagrams import process

WAITS = process(
    "p",
    "start s",
    "user a",
    "boundary late at=a timeDuration=PT1H",
    "user b",
    "end e",
    "s -> a -> e",
    "late -> b -> e",
)


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    found = Harness(sessions, clock)
    found.deploy(WAITS)
    return found


def poison(run: Harness, instance_id: UUID, state: bytes = b"not a state") -> bytes:
    """Make the instance one that cannot be restored; return what it was before."""
    before = run.scalar(
        sa.text("SELECT state FROM process_instance WHERE id = :id").bindparams(id=instance_id)
    )
    with run.sessions.begin() as session:
        session.execute(
            sa.text("UPDATE process_instance SET state = :state WHERE id = :id"),
            {"state": state, "id": instance_id},
        )
    return bytes(before)


def row(run: Harness, instance_id: UUID) -> Any:
    return run.rows(
        sa.select(Timer.attempts, Timer.again_at, Timer.queued_at, Timer.fired_at).where(
            Timer.instance_id == instance_id
        )
    )[0]


def open_incidents(run: Harness) -> list[Any]:
    return run.rows(sa.select(Incident).where(Incident.resolved_at.is_(None)))


def try_until(run: Harness, instance_id: UUID, attempts: int) -> datetime:
    """Let time pass until firing has failed so often; return when it is tried again."""
    run.settle()
    while row(run, instance_id).attempts < attempts:
        run.clock.advance(row(run, instance_id).again_at - run.clock.now())
        assert run.settle() == 1
    return row(run, instance_id).again_at  # type: ignore[no-any-return]


def test_it_rests_longer_each_time_and_blocks_no_other(run: Harness) -> None:
    poisoned, sound = run.start("p", "K-1"), run.start("p", "K-2")
    poison(run, poisoned)
    run.advance(hours=1)
    assert row(run, sound).fired_at is not None and row(run, poisoned).fired_at is None
    for attempts, seconds in ((1, 2), (2, 4), (3, 8), (4, 16)):
        assert try_until(run, poisoned, attempts) - run.clock.now() == timedelta(seconds=seconds)
        assert sweep_once(run.engine, run.sessions) == 0
    assert firing.pause(40) == timedelta(hours=1)


def test_operators_are_told_once_after_the_third_time(run: Harness) -> None:
    instance_id = run.start("p")
    poison(run, instance_id)
    run.clock.advance(timedelta(hours=1))
    try_until(run, instance_id, 2)
    assert open_incidents(run) == []
    try_until(run, instance_id, 5)
    [(incident,)] = open_incidents(run)
    assert (incident.kind, incident.activity_id, incident.attempts) == ("timer", "late", 5)
    assert "could not be fired" in incident.message and "无法触发" not in incident.message
    assert "的定时应于" in incident.message_zh
    told = run.rows(sa.text("SELECT activity_id FROM history_event WHERE kind = 'incident_raised'"))
    assert [line.activity_id for line in told] == ["late"]


def test_it_fires_once_when_what_was_wrong_is_right_and_the_incident_is_resolved(run: Harness) -> None:
    instance_id = run.start("p")
    state = poison(run, instance_id)
    run.clock.advance(timedelta(hours=1))
    again = try_until(run, instance_id, 3)
    poison(run, instance_id, state)
    run.settle()
    assert run.waiting() == ["a"]
    run.clock.advance(again - run.clock.now())
    run.settle()
    assert run.waiting() == ["b"] and open_incidents(run) == []
    kinds = run.rows(sa.text("SELECT kind FROM history_event ORDER BY id"))
    assert [line.kind for line in kinds].count("timer_fired") == 1
    assert [line.kind for line in kinds].count("incident_resolved") == 1


def test_an_operator_need_not_wait_for_the_pause_to_end(run: Harness) -> None:
    instance_id = run.start("p")
    state = poison(run, instance_id)
    run.clock.advance(timedelta(hours=1))
    try_until(run, instance_id, 4)
    poison(run, instance_id, state)
    [(incident,)] = open_incidents(run)
    with run.sessions.begin() as session:
        run.engine.retry(session, incident.id, actor=TESTER)
    run.settle()
    assert run.waiting() == ["b"] and open_incidents(run) == []


def test_the_incident_ends_with_the_work_its_timer_was_about(run: Harness) -> None:
    instance_id = run.start("p")
    state = poison(run, instance_id)
    run.clock.advance(timedelta(hours=1))
    try_until(run, instance_id, 3)
    poison(run, instance_id, state)
    run.complete("a")
    assert open_incidents(run) == [] and run.rows(sa.select(Timer)) == []


def test_a_timer_that_was_moved_after_the_sweep_took_it_waits_for_its_new_time(run: Harness) -> None:
    instance_id = run.start("p")
    run.clock.advance(timedelta(hours=1))
    assert sweep_once(run.engine, run.sessions) == 1
    later = run.clock.now() + timedelta(hours=3)
    with run.sessions.begin() as session:
        session.execute(sa.update(Timer).values(due_at=later))
    run.settle()
    assert run.waiting() == ["a"]
    assert (row(run, instance_id).queued_at, row(run, instance_id).fired_at) == (None, None)


def test_a_timer_whose_job_is_gone_is_swept_again(run: Harness) -> None:
    lost, waiting = run.start("p", "K-1"), run.start("p", "K-2")
    run.clock.advance(timedelta(hours=1))
    assert sweep_once(run.engine, run.sessions) == 2
    gone = "DELETE FROM procrastinate_jobs WHERE lock = :lock"
    with run.sessions.begin() as session:
        session.execute(sa.text(gone), {"lock": f"i:{lost}"})
    run.clock.advance(timedelta(minutes=4))
    with run.sessions.begin() as session:
        assert timers.release_lost(session, run.clock.now()) == 0
    run.clock.advance(timedelta(minutes=2))
    with run.sessions.begin() as session:
        assert timers.release_lost(session, run.clock.now()) == 1
    assert row(run, lost).queued_at is None and row(run, waiting).queued_at is not None
    run.settle()
    assert run.waiting() == ["b", "b"]


def test_its_job_ends_at_once_and_leaves_its_instance_to_other_jobs(run: Harness, database_url: str) -> None:
    instance_id = run.start("p")
    poison(run, instance_id)
    run.clock.advance(timedelta(hours=1))
    assert sweep_once(run.engine, run.sessions) == 1

    async def work() -> None:
        app = build_job_app(run.engine, run.sessions, database_url)
        async with app.open_async():
            await app.run_worker_async(
                queues=["engine"], wait=False, install_signal_handlers=False, delete_jobs="successful"
            )

    asyncio.run(work())
    assert row(run, instance_id).attempts == 1
    assert run.rows(sa.text("SELECT 1 FROM procrastinate_jobs WHERE queue_name = 'engine'")) == []
