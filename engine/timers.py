"""Due timers are rows: indexed by their instant, turned into jobs by the sweep, kept after they fired."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.actor import Actor
from engine.db import Base, Statement
from engine.deployment import Timestamp
from engine.instance import ACTIVE, SUSPENDED, locked
from engine.ports import Move

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine


class Timer(Base):
    """One instant one token waits for. A row that fired stays as a record; one that is no longer needed is deleted."""

    __tablename__ = "timer"
    __table_args__ = (
        sa.Index(
            "ix_timer_due", "due_at", postgresql_where=sa.text("fired_at IS NULL AND queued_at IS NULL")
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


SWEPT_AT_ONCE = 500
"""How many due timers one sweep takes: in one statement, and as many jobs in another."""

# Both the instant and the plan are to hold for every size of table and every state of its statistics: LIMIT is written
# out, because a plan for any limit would read the whole table, and what is due is found before anything is joined to it.
_SWEEP = Statement(
    f"""UPDATE timer SET queued_at = %(now)s
        WHERE id = ANY(ARRAY(
            SELECT id FROM timer WHERE due_at <= %(now)s AND fired_at IS NULL AND queued_at IS NULL
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


def fire(engine: ProcessEngine, session: Session, timer_id: UUID, actor: Actor) -> Move | None:
    """Fire a due timer, once. Returns None where there is nothing left to fire: the job may come twice."""
    instance_id = session.scalar(sa.select(Timer.instance_id).where(Timer.id == timer_id))
    if instance_id is None:
        return None
    row = locked(session, instance_id)
    timer = session.get(Timer, timer_id, with_for_update=True, populate_existing=True)
    if timer is None or timer.fired_at is not None:
        return None
    if row.status == SUSPENDED:
        timer.held = True
        return None
    instance = engine.acting.restore(session, row)
    token = instance.token(timer.token_id)
    if (
        row.status != ACTIVE
        or token is None
        or datetime.fromisoformat(token.internal_data.get("due", "0001-01-01T00:00:00+00:00")) != timer.due_at
    ):
        session.delete(timer)
        return None
    timer.fired_at = engine.clock.now()
    session.flush()
    token.task_spec.catch(token, None)
    instance.note("timer_fired", token, {"due_at": timer.due_at.isoformat()})
    return engine.acting.settle(session, row, instance, actor)
