"""What the worker looks for at every sweep: clocks whose next rung has come, and supervision whose reason is gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.instance import ACTIVE, SUSPENDED, ProcessInstance
from tasks.core import table
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.supervision.tables import Supervision

RING, END, PRESS = "redress.ring_clock", "redress.end_supervision", "redress.supervise"
"""Jobs: ring one rung of a clock; end a supervision instance; open one because somebody presses. Stored data."""

FORGOTTEN = timedelta(hours=1)
"""What has been queued for so long was given up by its job, and is queued again."""

_CLOCK, _SUPERVISION, _INSTANCE = table(Clock), table(Supervision), table(ProcessInstance)


def sweep_clocks(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Turn clocks whose next rung has come into jobs, the earliest first; return how many.

    Rows another sweep holds are skipped. Jobs of one instance run one after the other.
    """
    due = (
        sa.select(_CLOCK.c.id)
        .where(_CLOCK.c.next_at <= now, _CLOCK.c.queued_at.is_(None))
        .order_by(_CLOCK.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte(
            "due"
        )  # evaluated once: a plan may run a subquery again for every row, and take more than the limit
    )
    rows = session.execute(
        sa.update(_CLOCK)
        .where(_CLOCK.c.id.in_(sa.select(due.c.id)))
        .values(queued_at=now)
        .returning(*_CLOCK.c["id", "revision", "next_rung", "instance_id", "next_at"])
    ).all()
    return jobs.defer_many(
        session,
        (
            jobs.Item(
                RING,
                {"clock_id": str(row.id), "revision": row.revision, "rung": row.next_rung},
                lock=f"i:{row.instance_id}",
            )
            for row in sorted(rows, key=lambda row: (row.next_at, row.id))
        ),
    )


def sweep_supervision(session: Session, now: datetime, *, limit: int = 500) -> int:
    """Have jobs end the supervision whose clock has stopped, or, where somebody pressed, whose case is over; return how
    many.
    """
    over = sa.or_(
        _CLOCK.c.stopped_at.is_not(None),
        sa.and_(_CLOCK.c.id.is_(None), _INSTANCE.c.status.not_in((ACTIVE, SUSPENDED))),
    )
    done = (
        sa.select(_SUPERVISION.c.instance_id)
        .select_from(
            _SUPERVISION.outerjoin(_CLOCK, _CLOCK.c.id == _SUPERVISION.c.clock_id).outerjoin(
                _INSTANCE, _INSTANCE.c.id == _SUPERVISION.c.about_id
            )
        )
        .where(_SUPERVISION.c.closed_at.is_(None), _SUPERVISION.c.queued_at.is_(None), over)
        .limit(limit)
        .with_for_update(skip_locked=True, of=_SUPERVISION)
        .cte("done")
    )
    rows = session.execute(
        sa.update(_SUPERVISION)
        .where(_SUPERVISION.c.instance_id.in_(sa.select(done.c.instance_id)))
        .values(queued_at=now)
        .returning(_SUPERVISION.c.instance_id)
    ).all()
    return jobs.defer_many(
        session,
        (jobs.Item(END, {"instance_id": str(row.instance_id)}, lock=f"i:{row.instance_id}") for row in rows),
    )


def queue_again(session: Session, now: datetime) -> int:
    """Give back to the sweeps what their jobs have given up: a rung is late then, and never lost. Returns how much."""
    before = now - FORGOTTEN
    clocks: Any = session.execute(
        sa.update(_CLOCK)
        .where(_CLOCK.c.queued_at <= before, _CLOCK.c.next_at.is_not(None))
        .values(queued_at=None)
    )
    closing: Any = session.execute(
        sa.update(_SUPERVISION)
        .where(_SUPERVISION.c.queued_at <= before, _SUPERVISION.c.closed_at.is_(None))
        .values(queued_at=None)
    )
    return int(clocks.rowcount) + int(closing.rowcount)
