"""The rows of supervision: every rung that has rung, and the supervision instance it started or moved on."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant


class ClockRing(Base):
    """One rung that has rung: once per clock, due revision and rung, whatever is killed when. Feeds the indicators.

    step: the rung as the register writes it (`90%`, `+4h`). planned_at: when it should have rung. holder: the candidate
    group that had the work then, path: its unit's. told: who got a work order or was told, as `Told` of `pressing.py`.
    """

    __tablename__ = "clock_ring"
    __table_args__ = (
        sa.UniqueConstraint("clock_id", "revision", "rung"),
        sa.Index("ix_clock_ring_rung_at", "rung_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    clock_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clock.id"))
    revision: Mapped[int] = mapped_column(sa.Integer)
    rung: Mapped[int] = mapped_column(sa.Integer)
    step: Mapped[str] = mapped_column(sa.Text)
    planned_at: Mapped[datetime] = mapped_column(Instant)
    rung_at: Mapped[datetime] = mapped_column(Instant)
    holder: Mapped[str] = mapped_column(sa.Text)
    path: Mapped[str] = mapped_column(sa.Text(collation="C"))
    told: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    supervision_id: Mapped[UUID | None] = mapped_column(sa.Uuid)


class Supervision(Base):
    """A supervision instance and what it is about: linked to the case, never a part of its process.

    about_id: the instance that is pressed. reason: `clock` or `urge` 催办. clock_id: the clock that called for it, if one
    did. key: what it was opened for, once. queued_at: when a job was deferred that ends it, because what it presses is done.
    """

    __tablename__ = "supervision"
    __table_args__ = (
        sa.Index("ix_supervision_case", "case_id", "opened_at"),
        sa.Index("ix_supervision_clock", "clock_id", "opened_at"),
        sa.Index(
            "ix_supervision_open",
            "instance_id",
            postgresql_where=sa.text("closed_at is null and queued_at is null"),
        ),
    )

    instance_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    about_id: Mapped[UUID] = mapped_column(sa.Uuid)
    clock_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("clock.id"))
    case_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    number: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text)
    key: Mapped[str] = mapped_column(sa.Text, unique=True)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    queued_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    close_reason: Mapped[str] = mapped_column(sa.Text, default="")
