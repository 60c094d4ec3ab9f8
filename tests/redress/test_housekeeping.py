"""What a worker clears away by itself, so that the tables stay small."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from api.idempotency import IdempotencyKey
from engine.clock import FrozenClock
from engine.testing import Harness
from engine.worker import build_job_app
from redress.bootstrap import KEEP_ANSWERS, housekeeping
from tasks.deps import Deps
from tasks.organisation.office import Office

ANSWER = {
    "request_hash": b"request",
    "status": 201,
    "content_type": "application/json",
    "location": None,
    "body": b"{}",
}


def test_an_answer_is_kept_for_three_days_and_then_forgotten(
    database_url: str, sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    with sessions.begin() as session:
        for scope, age in ((b"old", KEEP_ANSWERS + timedelta(seconds=1)), (b"young", KEEP_ANSWERS)):
            kept = {"caller_id": uuid.uuid4(), "scope": scope, "created_at": clock.now() - age}
            session.execute(sa.insert(IdempotencyKey).values(kept | ANSWER))

    async def one_round() -> None:
        engine = Harness(sessions, clock).engine
        jobs = housekeeping(Deps(sessions, engine, clock, None, Office(clock)))
        app = build_job_app(engine, sessions, database_url, hourly=jobs)
        async with app.open_async():
            for name in (*jobs, "redress.remove_old_jobs", "redress.recover_stalled"):
                await app.configure_task(name).defer_async(timestamp=0)
            await app.run_worker_async(wait=False, install_signal_handlers=False)

    asyncio.run(one_round())
    with sessions() as session:
        assert list(session.scalars(sa.select(IdempotencyKey.scope))) == [b"young"]
        failed = sa.text("SELECT task_name FROM procrastinate_jobs WHERE status <> 'succeeded'")
        assert list(session.scalars(failed)) == []
