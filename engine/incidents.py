"""Incidents: an activity that failed rests at its own id, with the sentence, until an operator retries it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from engine.deployment import Timestamp


class Incident(Base):
    """One failing activity. It stays one incident over all its retries; `resolved_at` is set when one succeeds."""

    __tablename__ = "incident"
    __table_args__ = (
        sa.Index("ix_incident_instance", "instance_id"),
        sa.Index("ix_incident_open", "raised_at", postgresql_where=sa.text("resolved_at IS NULL")),
        sa.Index(
            "uq_incident_open_token", "token_id", unique=True, postgresql_where=sa.text("resolved_at IS NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"))
    token_id: Mapped[UUID] = mapped_column()
    activity_id: Mapped[str] = mapped_column(sa.Text)
    activity_name: Mapped[str] = mapped_column(sa.Text, default="")
    kind: Mapped[str] = mapped_column(sa.Text)
    """expression, condition, decision, call, operation, conflict, error, loop, message or timer."""
    message: Mapped[str] = mapped_column(sa.Text)
    message_zh: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """The sentence in Chinese; empty where it has none, as what an operation raised."""
    expression: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """The text of the expression that failed, where it was one; what people wrote in the diagram, no data."""
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    """The character of the expression that is meant, counted from 1; 0 for none."""
    raised_at: Mapped[datetime] = mapped_column(Timestamp)
    attempts: Mapped[int] = mapped_column(default=1)
    resolved_at: Mapped[datetime | None] = mapped_column(Timestamp)
    resolved_by: Mapped[str | None] = mapped_column(sa.Text)
