"""What the desk keeps beside the tasks themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant


class TaskReturn(Base):
    """One return: somebody had taken a task and gave it back to its queue with a reason."""

    __tablename__ = "task_return"
    __table_args__ = (sa.Index("ix_task_return_task_id_person_id", "task_id", "person_id"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    task_id: Mapped[UUID] = mapped_column(sa.Uuid)
    person_id: Mapped[UUID] = mapped_column(sa.Uuid)
    person_name: Mapped[str] = mapped_column(sa.Text)
    reason: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Instant)


class TaskDraft(Base):
    """What somebody has filled in of a task's form and not sent yet. revision: counts the times it was saved."""

    __tablename__ = "task_draft"

    task_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    revision: Mapped[int] = mapped_column(sa.Integer)
    at: Mapped[datetime] = mapped_column(Instant)
