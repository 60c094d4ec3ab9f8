"""The sweep: what is due becomes jobs, in few statements, whatever else goes wrong beside it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import chain
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine import jobs, timers
from engine.clock import FrozenClock
from engine.instance import locked
from engine.testing import Harness
from engine.timers import Timer
from engine.worker import sweep_once
from tests.engine.diagrams import process

WAITS = process("p", "start s", "catch wait timeDuration=PT1H", "user a", "end e", "s -> wait -> a -> e")
JOBS = sa.text("SELECT task_name, args, lock FROM procrastinate_jobs ORDER BY id")


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    found = Harness(sessions, clock)
    found.deploy(WAITS)
    return found


def waiting(run: Harness, count: int) -> None:
    """Start instances whose timers are due one second after the other, from in an hour on."""
    for number in range(count):
        run.start("p", f"K-{number}")
        run.clock.advance(timedelta(seconds=1))


def test_all_that_is_due_is_swept_oldest_first_with_the_lock_of_its_instance(run: Harness) -> None:
    waiting(run, 3)
    run.clock.advance(timedelta(minutes=59, seconds=58))
    assert sweep_once(run.engine, run.sessions) == 2
    oldest = run.rows(sa.select(Timer.id, Timer.instance_id).order_by(Timer.due_at))[:2]
    assert [(row.task_name, row.args["timer_id"], row.lock) for row in run.rows(JOBS)] == [
        (jobs.FIRE_TIMER, str(row.id), f"i:{row.instance_id}") for row in oldest
    ]


def test_many_jobs_are_deferred_in_one_statement(
    run: Harness, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    batch = jobs._manager.batch_defer_jobs

    def counted(found: list[object], **options: object) -> object:
        sent.append(len(found))
        return batch(found, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs._manager, "batch_defer_jobs", counted)
    with sessions.begin() as session:
        assert (
            jobs.defer_many(session, (jobs.Item("redress.other", {"n": n}, f"l:{n}") for n in range(300)))
            == 300
        )
        assert jobs.defer_many(session, []) == 0
    assert sent == [300]
    assert [(row.args["n"], row.lock) for row in run.rows(JOBS)] == [(n, f"l:{n}") for n in range(300)]


def test_jobs_deferred_in_a_transaction_that_is_taken_back_were_never_there(
    run: Harness, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        jobs.defer_many(session, [jobs.Item("redress.other", {})])
        session.rollback()
    assert run.rows(JOBS) == []


def test_a_sweep_that_fails_is_logged_and_stops_no_other(
    run: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    waiting(run, 1)
    run.clock.advance(timedelta(hours=1))
    later: list[str] = []

    def broken(session: Session, now: datetime) -> int:
        session.execute(sa.text("DELETE FROM timer"))
        raise RuntimeError("the calendar cannot be read")

    def sound(session: Session, now: datetime) -> int:
        later.append(now.isoformat())
        return 4

    with caplog.at_level(logging.ERROR, "redress.worker"):
        assert sweep_once(run.engine, run.sessions, [broken, sound]) == 1 + 4
    assert later == [run.clock.now().isoformat()]
    assert "the calendar cannot be read" in caplog.text
    assert len(run.rows(JOBS)) == 1 and run.scalar(sa.select(Timer.queued_at)) == run.clock.now()


def test_what_another_sweep_holds_is_left_to_it(run: Harness, sessions: sessionmaker[Session]) -> None:
    waiting(run, 4)
    run.clock.advance(timedelta(hours=1))
    now = run.clock.now()
    with sessions.begin() as one, sessions.begin() as other:
        held = one.scalars(sa.select(Timer.id).order_by(Timer.due_at).limit(3).with_for_update()).all()
        free = timers.sweep(other, now)
        assert len(free) == 1 and free[0][0] not in held
    with sessions.begin() as session:
        assert {timer for timer, _ in timers.sweep(session, now)} == set(held)


@pytest.mark.parametrize("analysed", [False, True])
def test_nothing_due_costs_a_look_at_the_index_however_many_timers_are_armed(
    run: Harness, sessions: sessionmaker[Session], analysed: bool
) -> None:
    waiting(run, 1)
    with sessions.begin() as session:
        session.execute(
            sa.text(
                "INSERT INTO timer (id, instance_id, token_id, activity_id, kind, due_at, held) "
                "SELECT gen_random_uuid(), instance_id, gen_random_uuid(), 'wait', 'duration', "
                "due_at + n * interval '1 second', false FROM timer, generate_series(1, 20000) n"
            )
        )
        if analysed:
            session.execute(sa.text("ANALYZE timer"))
    for plans in ("force_generic_plan", "force_custom_plan"):
        with sessions.begin() as session:
            session.execute(sa.text(f"SET LOCAL plan_cache_mode = {plans}"))
            explained = timers._SWEEP.text.replace("%(now)s", "$1")
            session.execute(sa.text(f"PREPARE looking (timestamptz) AS {explained}"))
            plan = "\n".join(
                session.scalars(
                    sa.text("EXPLAIN (ANALYZE, COSTS OFF) EXECUTE looking ('2026-03-02 09:00+08')")
                )
            )
            session.execute(sa.text("DEALLOCATE looking"))
        assert "ix_timer_due" in plan and "Seq Scan" not in plan, plan


def test_many_timers_share_jobs_those_of_one_instance_the_same(run: Harness) -> None:
    instances = [uuid4() for _ in range(100)]
    due = [(uuid4(), instances[number % 100]) for number in range(400)]
    with run.sessions.begin() as session:
        assert jobs.defer_timers(session, due) == 400
    found = run.rows(JOBS)
    assert {row.task_name for row in found} == {timers.FIRE_TIMERS} and {row.lock for row in found} == {None}
    chunks = [[item["timer_id"] for item in row.args["items"]] for row in found]
    assert sorted(chain.from_iterable(chunks)) == sorted(str(timer) for timer, _ in due)
    assert max(map(len, chunks)) == jobs.FIRED_TOGETHER
    first = [str(timer) for timer, instance in due if instance == instances[0]]
    assert chunks[0][:4] == first


def test_timers_fired_together_fire_each_in_its_own_transaction(run: Harness) -> None:
    count = 2 * jobs.MANY
    waiting(run, count)
    broken = run.scalar(sa.select(Timer.instance_id).order_by(Timer.due_at).offset(3).limit(1))
    with run.sessions.begin() as session:
        session.execute(sa.text("UPDATE process_instance SET state = 'x' WHERE id = :id"), {"id": broken})
    run.advance(hours=2)
    assert run.waiting() == ["a"] * (count - 1)
    row = run.rows(sa.select(Timer.instance_id, Timer.attempts).where(Timer.fired_at.is_(None)))
    assert row == [(broken, 1)]


def test_a_timer_whose_instance_is_busy_gets_a_job_of_its_own_and_holds_up_no_other(run: Harness) -> None:
    waiting(run, 2)
    run.clock.advance(timedelta(hours=2))
    with run.sessions.begin() as session:
        due = timers.sweep(session, run.clock.now())
    arguments = {"items": [{"timer_id": str(timer)} for timer, _ in due]}
    with run.sessions.begin() as session:
        locked(session, due[0][1])
        jobs.fire_together(run.engine, run.sessions, arguments, lambda _timer, _error: None)
    assert run.waiting() == ["a"]
    [job] = run.rows(JOBS)
    assert (job.task_name, job.args, job.lock) == (
        timers.FIRE_TIMER,
        {"timer_id": str(due[0][0])},
        f"i:{due[0][1]}",
    )
    run.settle()
    assert run.waiting() == ["a", "a"]


def test_the_sweep_waits_while_very_many_jobs_that_fire_timers_wait(run: Harness) -> None:
    waiting(run, 1)
    run.clock.advance(timedelta(hours=1))
    with run.sessions.begin() as session:
        jobs.defer_many(session, [jobs.Item("redress.work", {})] * jobs.MOST_WAITING)
        jobs.defer_many(session, [jobs.Item(timers.FIRE_TIMERS, {"items": []})] * jobs.MOST_WAITING)
    assert sweep_once(run.engine, run.sessions) == 0
    assert run.scalar(sa.select(Timer.queued_at)) is None
    with run.sessions.begin() as session:
        session.execute(
            sa.text("DELETE FROM procrastinate_jobs WHERE task_name = :one"), {"one": timers.FIRE_TIMERS}
        )
    assert sweep_once(run.engine, run.sessions) == 1
