"""What is kept of the rulebook: the register as it was loaded, and papers that were found later."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base


class ClauseRegister(Base):
    """The register of clauses, one row: the file as it was loaded last (`tasks.clauses.register` reads it)."""

    __tablename__ = "clause_register"

    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    content: Mapped[str] = mapped_column(sa.Text)
    loaded_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class SourceDocument(Base):
    """A paper the sources cite that somebody has found and handed in. None is replaced: the newest of a key counts."""

    __tablename__ = "source_document"
    __table_args__ = (sa.Index(None, "key", "uploaded_at"),)

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text)
    name: Mapped[str] = mapped_column(sa.Text)
    media_type: Mapped[str] = mapped_column(sa.Text)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[bytes] = mapped_column(sa.LargeBinary)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    uploaded_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    uploaded_by: Mapped[UUID] = mapped_column(sa.Uuid)
    uploaded_by_name: Mapped[str] = mapped_column(sa.Text)
