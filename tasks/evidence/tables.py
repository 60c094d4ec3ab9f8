"""The rows of attachments and of the bytes kept in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant


class Attachment(Base):
    """One paper. Without a case it waits for one: its uploader is about to file. `sha256` is of the kept bytes,
    `uploaded_sha256` of what came, which differs where metadata was taken out. `store`: database or disk.
    """

    __tablename__ = "attachment"
    __table_args__ = (sa.Index("ix_attachment_case_id_uploaded_at", "case_id", "uploaded_at"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    case_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    task_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    kind: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    media_type: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[bytes] = mapped_column(sa.LargeBinary)
    uploaded_sha256: Mapped[bytes] = mapped_column(sa.LargeBinary)
    store: Mapped[str] = mapped_column(sa.Text)
    notes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    uploaded_by: Mapped[UUID] = mapped_column(sa.Uuid, index=True)
    uploaded_by_name: Mapped[str] = mapped_column(sa.Text)
    uploaded_at: Mapped[datetime] = mapped_column(Instant)


class AttachmentChunk(Base):
    """A piece of an attachment whose bytes lie in the database."""

    __tablename__ = "attachment_chunk"

    attachment_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
