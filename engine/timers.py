"""Due timers are rows: indexed by their instant, turned into jobs by the sweep, kept after they fired."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base, Statement
from engine.deployment import Timestamp


class Timer(Base):
    """One instant one token waits for. A row that fired stays as a record; one that is no longer needed is deleted."""

    __tablename__ = "timer"
    __table_args__ = (
        sa.Index(
            "ix_timer_due", "due_at", postgresql_where=sa.text("fired_at IS NULL AND queued_at IS NULL")
        ),
        sa.Index(
            "ix_timer_queued",
            "queued_at",
            postgresql_where=sa.text("fired_at IS NULL AND queued_at IS NOT NULL AND NOT held"),
        ),
        sa.Index("ix_timer_instance", "instance_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"))
    token_id: Mapped[UUID] = mapped_column()
    activity_id: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text)
    due_at: Mapped[datetime] = mapped_column(Timestamp)
    queued_at: Mapped[datetime | None] = mapped_column(Timestamp)
    """When the sweep turned it into a job."""
    held: Mapped[bool] = mapped_column(default=False)
    """It fell due while its instance was suspended, and fires when the instance is resumed."""
    fired_at: Mapped[datetime | None] = mapped_column(Timestamp)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often firing it has failed."""
    again_at: Mapped[datetime | None] = mapped_column(Timestamp)
    """Where firing has failed: when the sweep may take it again."""


SWEPT_AT_ONCE = 500
"""How many due timers one sweep takes: in one statement, and as many jobs in another."""

# Both the instant and the plan are to hold for every size of table and every state of its statistics: LIMIT is written
# out, because a plan for any limit would read the whole table, and what is due is found before anything is joined to it.
_SWEEP = Statement(
    f"""UPDATE timer SET queued_at = %(now)s
        WHERE id = ANY(ARRAY(
            SELECT id FROM timer WHERE due_at <= %(now)s AND fired_at IS NULL AND queued_at IS NULL
                AND (again_at IS NULL OR again_at <= %(now)s)
            ORDER BY due_at LIMIT {SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED))
        RETURNING id, instance_id, due_at"""
)


def sweep(session: Session, now: datetime) -> list[tuple[UUID, UUID]]:
    """Take the timers that are due and not yet queued, at most SWEPT_AT_ONCE, skipping rows another sweep holds.

    Returns (timer id, instance id) pairs, oldest first, already marked as queued; the caller defers their jobs in
    the same transaction.
    """
    rows = _SWEEP.all(session, {"now": now})
    return [(row.id, row.instance_id) for row in sorted(rows, key=lambda row: (row.due_at, row.id))]


def release_held(session: Session, instance_id: UUID) -> int:
    """Hand the timers that fell due during a suspension back to the sweep; return how many."""
    done: Any = session.execute(
        sa.update(Timer)
        .where(Timer.instance_id == instance_id, Timer.held, Timer.fired_at.is_(None))
        .values(held=False, queued_at=None)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


FIRE_TIMER, FIRE_TIMERS = "redress.fire_timer", "redress.fire_timers"
"""The names of the jobs that fire one timer and several: stored data."""
LOST_AFTER = timedelta(minutes=5)
"""How long a job may have been on its way before the timer it was to fire is looked for."""

_RELEASE_LOST = sa.text(
    """UPDATE timer SET queued_at = NULL
       WHERE id = ANY(ARRAY(
           SELECT id FROM timer
           WHERE queued_at < :before AND fired_at IS NULL AND NOT held AND NOT EXISTS (
               SELECT FROM procrastinate_jobs AS job
               WHERE job.status IN ('todo', 'doing') AND (
                   job.task_name = :one AND job.args ->> 'timer_id' = timer.id::text
                   OR job.task_name = :many AND job.args -> 'items' @> jsonb_build_array(jsonb_build_object('timer_id', timer.id::text))))
           FOR UPDATE SKIP LOCKED))"""
)


def release_lost(session: Session, now: datetime) -> int:
    """Hand timers that were queued long ago and have no job any more back to the sweep; return how many.

    A job is gone where somebody removed it, or where its failure could not be written down.
    """
    lost: Any = session.execute(
        _RELEASE_LOST, {"before": now - LOST_AFTER, "one": FIRE_TIMER, "many": FIRE_TIMERS}
    )
    return int(lost.rowcount)
