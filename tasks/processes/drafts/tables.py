"""The rows of process drafts, of their files, and of what was saved before."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant


class ProcessDraft(Base):
    """A bundle of files somebody works on. state: open, submitted (a second process owner is asked) or deployed (and not
    changed since).

    based_key, based_version, based_definition_id: the version it goes on from, if any. bases: by process key the version
    this draft goes on from, of every process in it. revision: counts the changes of any file. writers: by person who has
    changed files since the draft was last deployed, {"name", "at": when their stretch of work was last recorded}.
    pinned: by file the revision that was submitted; submission: counts the times, so that a decision is about what was
    seen. rejection: why it was last rejected. deployment_id: what it was last deployed as.
    """

    __tablename__ = "process_draft"
    __table_args__ = (sa.Index("ix_process_draft_changed_at", "changed_at"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    owner_id: Mapped[UUID] = mapped_column(sa.Uuid, index=True)
    owner_name: Mapped[str] = mapped_column(sa.Text)
    based_key: Mapped[str] = mapped_column(sa.Text, server_default="")
    based_version: Mapped[int | None] = mapped_column(sa.Integer)
    based_definition_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    bases: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    revision: Mapped[int] = mapped_column(sa.Integer, server_default="1")
    note: Mapped[str] = mapped_column(sa.Text, server_default="")
    state: Mapped[str] = mapped_column(sa.Text, server_default="open")
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by_name: Mapped[str] = mapped_column(sa.Text, server_default="")
    writers: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    submission: Mapped[int] = mapped_column(sa.Integer, server_default="0")
    pinned: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    submitted_by: Mapped[UUID | None] = mapped_column(sa.Uuid)
    submitted_by_name: Mapped[str] = mapped_column(sa.Text, server_default="")
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    rejection: Mapped[str] = mapped_column(sa.Text, server_default="")
    rejected_by_name: Mapped[str] = mapped_column(sa.Text, server_default="")
    rejected_at: Mapped[datetime | None] = mapped_column(Instant)
    deployment_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    deployed_at: Mapped[datetime | None] = mapped_column(Instant)


class ProcessDraftFile(Base):
    """One file of a draft as it stands. kind: bpmn, dmn, form or other. revision: of the file; it only ever counts up."""

    __tablename__ = "process_draft_file"

    draft_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("process_draft.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    size: Mapped[int] = mapped_column(sa.Integer)
    sha256: Mapped[str] = mapped_column(sa.Text)
    revision: Mapped[int] = mapped_column(sa.Integer)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[UUID] = mapped_column(sa.Uuid)
    saved_by_name: Mapped[str] = mapped_column(sa.Text)


class ProcessDraftRevision(Base):
    """One revision of a file, the one that stands among them; content is deflated (zlib). They outlive a file that was
    dropped from its draft.
    """

    __tablename__ = "process_draft_revision"

    draft_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("process_draft.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    revision: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    size: Mapped[int] = mapped_column(sa.Integer)
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[UUID] = mapped_column(sa.Uuid)
    by_name: Mapped[str] = mapped_column(sa.Text)
