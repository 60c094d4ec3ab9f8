"""Comments: what people write to each other on a case or one of its tasks. A comment is never changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant


class Comment(Base):
    """One comment; `task_id` says which task it is about, where it is about one."""

    __tablename__ = "comment"
    __table_args__ = (sa.Index("ix_comment_case_id_id", "case_id", "id"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(sa.Uuid)
    task_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    text: Mapped[str] = mapped_column(sa.Text)
    author_id: Mapped[UUID] = mapped_column(sa.Uuid)
    author_name: Mapped[str] = mapped_column(sa.Text)
    author_unit: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)
