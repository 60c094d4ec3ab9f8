"""The rows of letter templates. A letter itself is an attachment of its case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant


class LetterTemplate(Base):
    """One version of a template. The one with the highest number counts; none is ever changed or deleted, so that every
    letter can be told from the words it was made of.

    digest: SHA-256 of the text, in hexadecimal. changed_by: id of who wrote it; empty for the file that is loaded at the
    start.
    """

    __tablename__ = "letter_template"

    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    id: Mapped[UUID] = mapped_column(sa.Uuid, unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(sa.Text, default="")
    changed_by_name: Mapped[str] = mapped_column(sa.Text, default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
