"""History: append-only lines of what happened, typed, in the past tense. Nothing here is ever changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from engine.deployment import Timestamp

KINDS = (
    "instance_started",
    "instance_suspended",
    "instance_resumed",
    "instance_migrated",
    "instance_completed",
    "instance_cancelled",
    "activity_entered",
    "activity_completed",
    "activity_cancelled",
    "decision_evaluated",
    "message_thrown",
    "message_correlated",
    "message_expired",
    "signal_thrown",
    "signal_caught",
    "timer_armed",
    "timer_moved",
    "timer_fired",
    "escalation_thrown",
    "error_thrown",
    "incident_raised",
    "incident_resolved",
    "warning_recorded",
    "listener_called",
    "variables_set",
)
"""Every kind of line, stored data: a name here is never changed."""


class HistoryEvent(Base):
    """One line: what happened, to which activity of which instance, when, and who did it."""

    __tablename__ = "history_event"
    # One index for half a dozen rows per action: the key begins with the instance, which is how history is read. The
    # other holds the few warnings only, so that a list of cases can show who has some.
    __table_args__ = (
        sa.PrimaryKeyConstraint("instance_id", "id"),
        sa.Index(
            "ix_history_event_warning", "instance_id", postgresql_where=sa.text("kind = 'warning_recorded'")
        ),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity())
    # No foreign key: the hot path writes half a dozen lines per action, and each would be checked against the row
    # the same transaction holds locked anyway.
    instance_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column(Timestamp)
    kind: Mapped[str] = mapped_column(sa.Text)
    activity_id: Mapped[str | None] = mapped_column(sa.Text)
    activity_name: Mapped[str | None] = mapped_column(sa.Text)
    activity_type: Mapped[str | None] = mapped_column(sa.Text)
    scope: Mapped[str | None] = mapped_column(sa.Text)
    """Key of the process the activity is drawn in."""
    token_id: Mapped[UUID | None] = mapped_column()
    actor_id: Mapped[str] = mapped_column(sa.Text)
    actor_name: Mapped[str] = mapped_column(sa.Text)
    data: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
