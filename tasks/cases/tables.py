"""The rows of a case. What moves is in the engine; a case row is what was said when it was filed, and its
links.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import TextList


class Case(Base):
    """One file. `facts` are the start form's answers; `paths` every unit that touched it and every unit above
    those. `confidential` narrows who of them sees it.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        sa.Index("ix_case_file_paths", "paths", postgresql_using="gin"),
        sa.Index("ix_case_file_filed_at_id", "filed_at", "id"),
        sa.Index("ix_case_file_regime_filed_at", "regime", "filed_at"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(sa.Text, unique=True)
    regime: Mapped[str] = mapped_column(sa.Text)
    query_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    org_code: Mapped[str] = mapped_column(sa.Text)
    org_path: Mapped[str] = mapped_column(sa.Text(collation="C"))
    province: Mapped[str] = mapped_column(sa.Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    paths: Mapped[list[str]] = mapped_column(TextList)
    filed_by: Mapped[UUID] = mapped_column(sa.Uuid)
    filed_by_name: Mapped[str] = mapped_column(sa.Text)
    filed_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    instance_id: Mapped[UUID | None] = mapped_column(sa.Uuid, unique=True)
    archived_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    confidential: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    confidential_reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    paused_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Since when the case waits for somebody outside: clocks that begin meanwhile and may stand still begin so."""
    pause_reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    paused_by: Mapped[list[str]] = mapped_column(TextList, default=list, server_default="{}")
    """What keeps it waiting, as in `ClockPause.held_by`."""


class CaseLink(Base):
    """One file refers to an earlier one, for example an upgrade complaint to the complaint before it."""

    __tablename__ = "case_link"

    from_id: Mapped[UUID] = mapped_column(sa.ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True)
    to_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class CaseSequence(Base):
    """The last number given on a day by a unit."""

    __tablename__ = "case_sequence"

    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    org: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    last: Mapped[int] = mapped_column(sa.Integer)
