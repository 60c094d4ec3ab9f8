"""The row of one turn of duty."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant


class DutyRoster(Base):
    """Somebody is on duty for a unit from `from_at` until just before `until_at`."""

    __tablename__ = "duty_roster"
    __table_args__ = (
        sa.CheckConstraint("from_at < until_at", name="period"),
        sa.Index(None, "unit_id", "until_at"),
        sa.Index(None, "person_id", "until_at"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("org_unit.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(sa.Text, default="")
