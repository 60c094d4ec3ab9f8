"""What is kept of moving all instances of a version: how far it is, and who was left behind and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base

_INSTANT = sa.DateTime(timezone=True)


class Migration(Base):
    """All instances of one version on their way to another, in batches. `after`: the last instance that was looked at."""

    __tablename__ = "migration"

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    process_key: Mapped[str] = mapped_column(sa.Text, index=True)
    from_definition_id: Mapped[UUID] = mapped_column(sa.Uuid)
    from_version: Mapped[int] = mapped_column(sa.Integer)
    to_definition_id: Mapped[UUID] = mapped_column(sa.Uuid)
    to_version: Mapped[int] = mapped_column(sa.Integer)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    by_id: Mapped[UUID] = mapped_column(sa.Uuid)
    by_login: Mapped[str] = mapped_column(sa.Text)
    by_name: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(_INSTANT)
    total: Mapped[int] = mapped_column(sa.Integer)
    moved: Mapped[int] = mapped_column(sa.Integer, default=0)
    refused: Mapped[int] = mapped_column(sa.Integer, default=0)
    after: Mapped[UUID | None] = mapped_column(sa.Uuid)
    finished_at: Mapped[datetime | None] = mapped_column(_INSTANT)


class MigrationRefusal(Base):
    """An instance that such a migration left where it was. reasons: as `engine.migrating.verdict.Reason.to_plain`."""

    __tablename__ = "migration_refusal"

    migration_id: Mapped[UUID] = mapped_column(
        sa.Uuid, sa.ForeignKey("migration.id", ondelete="CASCADE"), primary_key=True
    )
    instance_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
