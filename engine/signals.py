"""Signals: who waits for which (subscriptions), and what has been thrown. A signal reaches everybody who waits for it.

Which activities a signal reaches is decided when it is thrown, by number: whoever begins to wait later waits for the next
one. So a job that comes twice finds nobody left, and an activity that waits again is not reached by the same signal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.actor import Actor
from engine.db import Base
from engine.deployment import Timestamp


class SignalSubscription(Base):
    """One token waits for a signal. `number` counts up over the whole installation."""

    __tablename__ = "signal_subscription"
    __table_args__ = (sa.Index(None, "name", "number"),)

    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    activity_id: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity())


class Signal(Base):
    """A signal that was thrown, by a diagram or from outside. It stays as a record."""

    __tablename__ = "signal"
    __table_args__ = (sa.Index(None, "name", "reach"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reach: Mapped[int] = mapped_column(sa.BigInteger)
    """The highest number of a subscription to it when it was thrown; 0 where nobody waited."""
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity())
    """The order in which signals were thrown."""
    thrown_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    """The instance whose diagram threw it; null when it came from outside."""
    activity_id: Mapped[str | None] = mapped_column(sa.Text)
    thrown_at: Mapped[datetime] = mapped_column(Timestamp)
    actor_id: Mapped[str] = mapped_column(sa.Text)
    actor_name: Mapped[str] = mapped_column(sa.Text)
    actor_kind: Mapped[str] = mapped_column(sa.Text)


def record(
    session: Session,
    signal_id: UUID,
    name: str,
    payload: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    thrown_by: UUID | None = None,
    activity_id: str | None = None,
) -> int:
    """Write down that a signal was thrown now; return how many activities of how many instances it reaches at most."""
    found = session.execute(
        sa.select(sa.func.max(SignalSubscription.number), sa.func.count()).where(
            SignalSubscription.name == name
        )
    ).one()
    session.execute(
        sa.insert(Signal),
        [
            {
                "id": signal_id,
                "name": name,
                "payload": dict(payload),
                "reach": found[0] or 0,
                "thrown_by": thrown_by,
                "activity_id": activity_id,
                "thrown_at": at,
                "actor_id": actor.id,
                "actor_name": actor.name,
                "actor_kind": actor.kind,
            }
        ],
    )
    return int(found[1])


def reached_instances(session: Session, signal: Signal, *, after: int, limit: int) -> list[tuple[int, UUID]]:
    """Return (number, instance id) of the subscriptions a signal reaches, in order, behind the number `after`."""
    rows = session.execute(
        sa.select(SignalSubscription.number, SignalSubscription.instance_id)
        .where(
            SignalSubscription.name == signal.name,
            SignalSubscription.number > after,
            SignalSubscription.number <= signal.reach,
        )
        .order_by(SignalSubscription.number)
        .limit(limit)
    )
    return [(row.number, row.instance_id) for row in rows]


def reached_tokens(session: Session, signal: Signal, instance_id: UUID) -> frozenset[UUID]:
    """Return the tokens of an instance that a signal reaches and that have not caught it yet."""
    return frozenset(
        session.scalars(
            sa.select(SignalSubscription.token_id).where(
                SignalSubscription.instance_id == instance_id,
                SignalSubscription.name == signal.name,
                SignalSubscription.number <= signal.reach,
            )
        )
    )


def missed(session: Session, instance_id: UUID) -> list[UUID]:
    """Return the signals that reach an instance and that it has not caught yet, in the order they were thrown."""
    return list(
        session.scalars(
            sa.select(Signal.id)
            .join(
                SignalSubscription,
                sa.and_(SignalSubscription.name == Signal.name, SignalSubscription.number <= Signal.reach),
            )
            .where(SignalSubscription.instance_id == instance_id)
            .group_by(Signal.id)
            .order_by(Signal.number)
        )
    )
