"""Messages: who waits for which (subscriptions), and what diagrams have thrown and not yet delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base, Statement
from engine.deployment import Timestamp
from engine.instance import ACTIVE, ProcessInstance


class MessageSubscription(Base):
    """One token waits for one message of its case."""

    __tablename__ = "message_subscription"
    __table_args__ = (sa.Index(None, "business_key", "name"),)

    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    activity_id: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    business_key: Mapped[str] = mapped_column(sa.Text)


class Message(Base):
    """A message a diagram threw. It is kept until somebody takes it or its time is over."""

    __tablename__ = "message"
    __table_args__ = (
        sa.Index(
            "ix_message_waiting", "business_key", "name", postgresql_where=sa.text("settled_at IS NULL")
        ),
        sa.Index("ix_message_expiry", "expires_at", postgresql_where=sa.text("settled_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    business_key: Mapped[str] = mapped_column(sa.Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    thrown_by: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"), index=True)
    activity_id: Mapped[str] = mapped_column(sa.Text)
    token_id: Mapped[UUID] = mapped_column()
    thrown_at: Mapped[datetime] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
    settled_at: Mapped[datetime | None] = mapped_column(Timestamp)
    outcome: Mapped[str | None] = mapped_column(sa.Text)
    """delivered or expired."""


def awaiting_instances(session: Session, name: str, business_key: str) -> list[UUID]:
    """Return the instances of a case in which a token waits for this message: those that can move first, then by age."""
    return list(
        session.scalars(
            sa.select(MessageSubscription.instance_id)
            .join(ProcessInstance, ProcessInstance.id == MessageSubscription.instance_id)
            .where(MessageSubscription.business_key == business_key, MessageSubscription.name == name)
            .group_by(MessageSubscription.instance_id, ProcessInstance.status)
            .order_by(ProcessInstance.status != ACTIVE, MessageSubscription.instance_id)
        )
    )


_MIRROR = Statement(
    """WITH gone AS (
    DELETE FROM message_subscription WHERE token_id = ANY(ARRAY(SELECT unnest(%(gone)s::uuid[])))),
  begun AS (
    INSERT INTO message_subscription (token_id, instance_id, activity_id, name, business_key)
    SELECT t, %(instance_id)s, a, n, %(business_key)s
    FROM unnest(%(tokens)s::uuid[], %(activities)s::text[], %(names)s::text[]) AS r(t, a, n))
  SELECT EXISTS (SELECT FROM message WHERE business_key = %(business_key)s AND settled_at IS NULL
                 AND name = ANY(ARRAY(SELECT unnest(%(names)s::text[])))) AS thrown"""
)
"""With what is asked of the array itself, PostgreSQL would plan it anew for each."""


def mirror(
    session: Session,
    instance_id: UUID,
    business_key: str,
    begun: Sequence[tuple[UUID, str, str]],
    gone: Sequence[UUID],
) -> bool:
    """Write who waits now and who does no longer, in one statement. begun: token, activity and message name of each.

    Returns whether a message that was thrown before and nobody has taken waits for one of those that begin.
    """
    tokens, activities, names = zip(*begun, strict=True) if begun else ((), (), ())
    given = {
        "gone": list(gone),
        "instance_id": instance_id,
        "business_key": business_key,
        "tokens": list(tokens),
        "activities": list(activities),
        "names": list(names),
    }
    if begun:
        return bool(_MIRROR.one(session, given).thrown)
    if gone:
        _MIRROR.later(session, given)
    return False


def undelivered(session: Session, business_key: str, names: list[str]) -> bool:
    """Return whether a thrown message of a case with one of these names waits for somebody to take it."""
    return session.execute(
        sa.select(
            sa.exists().where(
                Message.business_key == business_key, Message.name.in_(names), Message.settled_at.is_(None)
            )
        )
    ).scalar_one()
