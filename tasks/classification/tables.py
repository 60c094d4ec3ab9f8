"""The rows of the classification, and from which file each list was loaded last."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import TextList


class ClassificationEntry(Base):
    """One value of one list. `within`: the codes of the list above that it belongs to, empty: to all. One that has ended is
    offered no more and still gives old cases their words.
    """

    __tablename__ = "classification_entry"

    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    code: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    position: Mapped[int] = mapped_column(sa.Integer)
    name_zh: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    within: Mapped[list[str]] = mapped_column(TextList, default=list, server_default="{}")
    clause: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    ours: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    ended_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class ClassificationSource(Base):
    """What the content's file of a list held when it was loaded: one that still holds the same leaves what the office has
    changed since.
    """

    __tablename__ = "classification_source"

    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    sha256: Mapped[bytes] = mapped_column(sa.LargeBinary)
    loaded_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
