"""Jobs of a worker that was killed are given to another, each of them."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.testing import Harness
from engine.worker import build_job_app

JOB = sa.text(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status) "
    "VALUES ('engine', :name, :lock, CAST(:status AS procrastinate_job_status))"
)


def test_a_job_whose_like_waits_already_keeps_no_other_from_being_given_back(
    sessions: sessionmaker[Session], clock: FrozenClock, database_url: str
) -> None:
    run = Harness(sessions, clock)
    with sessions.begin() as session:
        for name, lock, status in (
            ("hourly", "once", "doing"),
            ("hourly", "once", "todo"),
            ("other", None, "doing"),
            ("another", "alone", "doing"),
        ):
            session.execute(JOB, {"name": name, "lock": lock, "status": status})

    async def recover() -> None:
        app = build_job_app(run.engine, sessions, database_url)
        async with app.open_async():
            await app.configure_task("redress.recover_stalled").defer_async(timestamp=0)
            await app.run_worker_async(
                queues=["housekeeping"], wait=False, install_signal_handlers=False, delete_jobs="successful"
            )

    asyncio.run(recover())
    left = run.rows(
        sa.text(
            "SELECT task_name, status::text FROM procrastinate_jobs WHERE queue_name = 'engine' ORDER BY 1"
        )
    )
    assert left == [("another", "todo"), ("hourly", "todo"), ("other", "todo")]
