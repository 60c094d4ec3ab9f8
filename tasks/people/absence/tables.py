"""The row of one absence, and which state it is in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant, TextList

PLANNED, RUNNING, ENDED, CALLED_OFF = "planned", "running", "ended", "called_off"
STATES: dict[str, tuple[str, str]] = {
    PLANNED: ("未开始", "still to begin"),
    RUNNING: ("进行中", "under way"),
    ENDED: ("已结束", "over"),
    CALLED_OFF: ("已取消", "called off"),
}
"""state → (Chinese, English)."""

TO_SUBSTITUTE, TO_QUEUE = "substitute", "queue"
HANDED_TO: dict[str, tuple[str, str]] = {
    TO_SUBSTITUTE: ("交给代理人", "to the substitute"),
    TO_QUEUE: ("退回队列", "back to the queues"),
}
"""Where a desk goes that is handed over → (Chinese, English)."""


class Absence(Base):
    """Somebody is away from `from_at` until just before `until_at`; the substitute, if there is one, does their work.

    roles: the candidate roles whose work the substitute does; None: all of it. approvals: what is decided as a supervisor
    too. hand_over: where what the absent person holds goes when it begins, a key of HANDED_TO; None: nowhere.
    handed_over_at: when that was done. A running one that is called off ends at that instant, `called_off_at`, which is its
    `until_at` then. look_at: when somebody's standing changes by it next (`settling`).
    """

    __tablename__ = "absence"
    __table_args__ = (
        sa.CheckConstraint("from_at < until_at OR called_off_at IS NOT NULL", name="period"),
        sa.CheckConstraint("substitute_id <> person_id", name="somebody_else"),
        sa.CheckConstraint("hand_over in ('substitute', 'queue')", name="hand_over"),
        sa.Index(None, "person_id", "from_at"),
        sa.Index(None, "substitute_id", "from_at"),
        sa.Index(None, "until_at"),
        sa.Index(None, "look_at", postgresql_where=sa.text("look_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime] = mapped_column(Instant)
    substitute_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    roles: Mapped[list[str] | None] = mapped_column(TextList)
    approvals: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    hand_over: Mapped[str | None] = mapped_column(sa.Text)
    handed_over_at: Mapped[datetime | None] = mapped_column(Instant)
    entered_by: Mapped[UUID] = mapped_column(sa.Uuid)
    entered_by_name: Mapped[str] = mapped_column(sa.Text)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    called_off_at: Mapped[datetime | None] = mapped_column(Instant)
    look_at: Mapped[datetime | None] = mapped_column(Instant)


def state_of(row: Any, now: datetime) -> str:
    """PLANNED, RUNNING, ENDED or CALLED_OFF: asked of the instants, never stored."""
    if row.called_off_at is not None:
        return CALLED_OFF
    if now < row.from_at:
        return PLANNED
    return RUNNING if now < row.until_at else ENDED
