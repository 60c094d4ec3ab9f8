"""What people keep of their lists."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base


class SavedFilter(Base):
    """A named list with what it is narrowed by, as somebody calls it. criteria: `tasks.lists.filters.TaskFilter` as JSON;
    shared_group: whose members read it besides; position: its place among the owner's.
    """

    __tablename__ = "saved_filter"
    __table_args__ = (
        sa.UniqueConstraint("owner_id", "name"),
        sa.Index(
            "ix_saved_filter_shared_group",
            "shared_group",
            postgresql_where=sa.text("shared_group is not null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.Text)
    list: Mapped[str] = mapped_column(sa.Text)
    sort: Mapped[str] = mapped_column(sa.Text)
    criteria: Mapped[dict[str, Any]] = mapped_column(JSONB)
    shared_group: Mapped[str | None] = mapped_column(sa.Text(collation="C"))
    position: Mapped[int] = mapped_column(sa.Integer)
