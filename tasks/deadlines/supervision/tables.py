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

    step: the rung as the register writes it (`90%`, `+4h`). planned_at: when it should have rung. told: who was told.
    """

    __tablename__ = "clock_ring"
    __table_args__ = (sa.Index("ix_clock_ring_rung_at", "rung_at"),)

    clock_id: Mapped[UUID] = mapped_column(sa.ForeignKey("clock.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    rung: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    step: Mapped[str] = mapped_column(sa.Text)
    planned_at: Mapped[datetime] = mapped_column(Instant)
    rung_at: Mapped[datetime] = mapped_column(Instant)
    holder: Mapped[str] = mapped_column(sa.Text)
    told: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    supervision_id: Mapped[UUID | None] = mapped_column(sa.Uuid)


class Supervision(Base):
    """A supervision instance and what it is about: linked to the case, never a part of its process.

    reason: `clock` or `urge` 催办. clock_id: the clock that called for it, if one did.
    """

    __tablename__ = "supervision"
    __table_args__ = (
        sa.Index("ix_supervision_case", "case_id", "opened_at"),
        sa.Index(
            "ix_supervision_open", "clock_id", unique=True, postgresql_where=sa.text("closed_at is null")
        ),
    )

    instance_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    clock_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("clock.id"))
    case_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    number: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
