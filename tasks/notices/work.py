"""What delivery gives the worker: a sweep, two jobs by their task names, and what is done every hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.db import Statement
from tasks.core import table
from tasks.deps import Deps
from tasks.notices.sending import send
from tasks.notices.spreading import spread
from tasks.notices.tables import QUEUED, Delivery

SPREAD, SEND = "redress.spread_notices", "redress.send_notices"
"""Jobs: queue the deliveries of new notices; send what is due through one channel. Stored data."""

KEPT_FOR = timedelta(days=90)
"""How long a delivery that has ended can be looked up."""

_WAITING = Statement(
    f"""SELECT EXISTS (SELECT FROM notice_to_send) AS told, ARRAY(
            SELECT name FROM unnest(%(channels)s::text[]) AS channel (name) WHERE EXISTS (
                SELECT FROM delivery
                WHERE delivery.channel = channel.name AND state = '{QUEUED}' AND next_at <= %(now)s)) AS due"""
)


def sweep(session: Session, now: datetime, *, deps: Deps) -> int:
    """Defer a job for new notices and one for each channel with something due, unless one waits already.

    A channel's jobs run one after the other: a slow server holds up one of the worker's threads and no more. Nothing here
    is so urgent that the next sweep had to follow at once, so nothing counts as found.
    """
    found = _WAITING.one(session, {"channels": list(deps.channels), "now": now})
    if found.told:
        jobs.defer(session, SPREAD, {}, lock=SPREAD, queueing_lock=SPREAD)
    for name in found.due:
        lock = f"{SEND}:{name}"
        jobs.defer(session, SEND, {"channel": name}, lock=lock, queueing_lock=lock)
    return 0


def sweeps(deps: Deps) -> tuple[Callable[[Session, datetime], int], ...]:
    return (partial(sweep, deps=deps),)


def performers(deps: Deps) -> dict[str, Callable[[Session, Mapping[str, Any]], None]]:
    """The jobs, by task name."""
    return {SPREAD: partial(spread, deps=deps), SEND: partial(send, deps=deps)}


def hourly(deps: Deps) -> dict[str, Callable[[Session, Mapping[str, Any]], None]]:
    """What is done every hour, by task name."""

    def forget(session: Session, _: Mapping[str, Any]) -> None:
        row = table(Delivery)
        old = row.c.created_at < deps.clock.now() - KEPT_FOR
        session.execute(sa.delete(row).where(row.c.state != QUEUED, old))

    return {"redress.forget_deliveries": forget}
