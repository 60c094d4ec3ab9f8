"""What of a case is searched. Its rows are written by a trigger on `case_file`, in the statement that writes the facts."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import TextList


class CaseWords(Base):
    """The number and everything the facts of a case say, those of the cases it refers to included. It stands beside the
    case, whose row is read and rewritten far more often than searched.

    words: one text a line, as `search_words` writes it; pairs: every two characters that follow each other in a line.
    """

    __tablename__ = "case_words"
    __table_args__ = (
        sa.Index(
            "ix_case_words_pairs",
            "pairs",
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 512},
        ),
    )

    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(sa.Text)
    pairs: Mapped[list[str]] = mapped_column(TextList)
