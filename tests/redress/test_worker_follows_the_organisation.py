"""The real worker takes the job that a change of the organisation leaves behind, step by step to its end."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.worker import build_job_app
from tasks.organisation.assigning import rerouting
from tasks.organisation.assigning.dates import look_at_dates
from tasks.organisation.assigning.rerouting import reroute
from tasks.organisation.changing.loading import load_organisation
from tasks.organisation.revision import REROUTE
from tasks.user_task import UserTask
from tests.tasks.office import ORGANISATION, PASSWORD, open_office


def test_a_worker_brings_all_open_work_to_its_new_unit(
    database_url: str, sessions: sessionmaker[Session], clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerouting, "BATCH", 2)
    office = open_office(sessions, clock)
    for _ in range(5):
        office.file()
    units = [
        {**unit, "parent": "zhejiang"} if unit["code"] == "henan_hotline" else unit
        for unit in ORGANISATION["units"]
    ]
    with sessions.begin() as session:
        load_organisation(
            session, {"units": units}, now=clock.now(), passwords=office.deps.passwords, password=PASSWORD
        )

    async def work() -> None:
        app = build_job_app(
            office.deps.engine,
            sessions,
            database_url,
            extra={REROUTE: partial(reroute, deps=office.deps)},
            hourly={"redress.look_at_dates": partial(look_at_dates, deps=office.deps)},
        )
        async with app.open_async():
            await app.configure_task("redress.look_at_dates").defer_async(timestamp=0)
            await app.run_worker_async(wait=False, install_signal_handlers=False, concurrency=1)

    asyncio.run(work())
    with sessions() as session:
        groups = set(session.scalars(sa.select(UserTask.candidate_group)))
        states = sa.text("SELECT DISTINCT status::text FROM procrastinate_jobs")
        assert list(session.scalars(states)) == ["succeeded"]
    assert groups == {"channel@/hq/zhejiang/henan_hotline/"}
