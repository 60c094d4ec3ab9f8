"""The rows of the ball-in-court ledger: who held a piece of work from when to when, and what became of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant

DONE, REFUSED, CANCELLED, REROUTED = "done", "refused", "cancelled", "rerouted"


class Holding(Base):
    """A candidate group held a task from `from_at` to `to_at`; a task that is routed anew has a row per `turn`, from 1.

    holder: the group. unit: path of its unit, for a person's own group that of the unit they sat in; empty when nobody at
    all answers. inside: the tokens the task stood in, innermost first, by which it is known what stage it was a part of.
    outcome: empty while it lasts, then `done`, `refused` 退单, `cancelled` or `rerouted`. assisting: 协办, whose
    time is not the case's own while somebody else works on it (domain §1.14 #24).
    """

    __tablename__ = "holding"
    __table_args__ = (
        sa.PrimaryKeyConstraint("task_id", "turn"),
        sa.Index("ix_holding_case", "case_id", "from_at"),
    )

    task_id: Mapped[UUID] = mapped_column(sa.Uuid)
    turn: Mapped[int] = mapped_column(sa.Integer)
    case_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    number: Mapped[str] = mapped_column(sa.Text)
    instance_id: Mapped[UUID] = mapped_column(sa.Uuid)
    activity_id: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    holder: Mapped[str] = mapped_column(sa.Text)
    unit: Mapped[str] = mapped_column(sa.Text)
    assisting: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    from_at: Mapped[datetime] = mapped_column(Instant)
    to_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(sa.Text, default="")
    inside: Mapped[list[UUID]] = mapped_column(sa.ARRAY(sa.Uuid), default=list, server_default="{}")
