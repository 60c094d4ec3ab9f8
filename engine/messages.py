"""Messages: who waits for which (subscriptions), and what diagrams have thrown and not yet delivered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
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


def undelivered(session: Session, business_key: str, names: list[str]) -> list[UUID]:
    """Return the thrown messages of a case with one of these names that nobody has taken yet."""
    return list(
        session.scalars(
            sa.select(Message.id)
            .where(
                Message.business_key == business_key, Message.name.in_(names), Message.settled_at.is_(None)
            )
            .order_by(Message.id)
        )
    )
