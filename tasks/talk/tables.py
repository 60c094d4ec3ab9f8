"""The rows of talk: comments, which are never changed, and notices with who has read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant


class Comment(Base):
    """One comment. `task_id` says which task it is about, where it is about one; a task without a case has comments too.

    `once`: what the form it came from was marked with, so that a second click writes nothing. `step`: of what was not written
    as a comment but said with a step on the task, a key of `tasks.talk.steps.STEPS`.
    """

    __tablename__ = "comment"
    __table_args__ = (
        sa.Index("ix_comment_case_id_at_id", "case_id", "at", "id"),
        sa.Index("ix_comment_task_id_at_id", "task_id", "at", "id"),
        sa.UniqueConstraint("author_id", "once"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    case_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    task_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    text: Mapped[str] = mapped_column(sa.Text)
    author_id: Mapped[UUID] = mapped_column(sa.Uuid)
    author_name: Mapped[str] = mapped_column(sa.Text)
    author_unit: Mapped[str] = mapped_column(sa.Text, default="")
    once: Mapped[UUID | None] = mapped_column(sa.Uuid)
    step: Mapped[str | None] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Instant)


class Notice(Base):
    """One notice to one receiver. `key` names what caused it and who is told, so that nobody is told twice.

    cause: a key of `tasks.talk.causes.CAUSES`, whose sentence is filled with `fields` when it is read; what a diagram
    has told (`told`) has its own `text`, and `template` as the diagram calls it. audience: unit (`to_group` is the
    candidate group), person (`to_person`) or customer. `business_key`: the case number, empty for what is about no case.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index("ix_notice_to_group_created_at", "to_group", "created_at"),
        sa.Index("ix_notice_business_key", "business_key"),
        sa.Index("ix_notice_to_person_created_at", "to_person", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text, unique=True)
    cause: Mapped[str] = mapped_column(sa.Text, default="told", server_default="told")
    business_key: Mapped[str] = mapped_column(sa.Text, default="")
    instance_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    activity_id: Mapped[str] = mapped_column(sa.Text, default="")
    audience: Mapped[str] = mapped_column(sa.Text)
    to_group: Mapped[str] = mapped_column(sa.Text, default="")
    to_person: Mapped[UUID | None] = mapped_column(sa.Uuid)
    task_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    template: Mapped[str] = mapped_column(sa.Text, default="")
    text: Mapped[str] = mapped_column(sa.Text, default="")
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=sa.text("'{}'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(Instant)


class NoticeRead(Base):
    """Somebody has seen a notice; a notice to a group is read by each of its people."""

    __tablename__ = "notice_read"

    notice_id: Mapped[UUID] = mapped_column(sa.ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(Instant)


class NoticeMark(Base):
    """Everything told to somebody until then counts as read: what saves a row for each of thousands of notices."""

    __tablename__ = "notice_mark"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    until: Mapped[datetime] = mapped_column(Instant)
