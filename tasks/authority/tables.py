"""The log of authority used, granted or not."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base

GRANTED, DUAL, REFUSED = "granted", "dual_sign", "refused"
OUTCOMES: dict[str, tuple[str, str]] = {
    GRANTED: ("授权内", "within the grade"),
    DUAL: ("双签批准", "signed by a second person"),
    REFUSED: ("未获授权", "refused"),
}


class AuthorityUse(Base):
    """One use: who decided on how much, in which scope, by which post and grade, and who signed besides.

    key: of the activation that logged it, so that a job that comes twice logs once. amount: yuan.
    """

    __tablename__ = "authority_use"
    __table_args__ = (
        sa.CheckConstraint("outcome in ('granted', 'dual_sign', 'refused')", name="outcome"),
        sa.Index(None, "person_id", "at"),
        sa.Index(None, "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text, unique=True)
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("case_file.id", ondelete="CASCADE"), index=True)
    number: Mapped[str] = mapped_column(sa.Text)
    activity_id: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    person_id: Mapped[UUID] = mapped_column(sa.Uuid)
    person_name: Mapped[str] = mapped_column(sa.Text)
    unit_path: Mapped[str] = mapped_column(sa.Text(collation="C"))
    post: Mapped[str] = mapped_column(sa.Text)
    grade: Mapped[int] = mapped_column(sa.SmallInteger)
    scope: Mapped[str] = mapped_column(sa.Text)
    amount: Mapped[Decimal] = mapped_column(sa.Numeric(12, 2))
    reason: Mapped[str] = mapped_column(sa.Text)
    outcome: Mapped[str] = mapped_column(sa.Text)
    second_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    second_name: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
