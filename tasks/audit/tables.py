"""The rows of the audit trail. They are appended and never changed; triggers refuse it (revision 0010)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant


class AuditEvent(Base):
    """One verb that was done. `chain` is the case number, or what stands for it where there is no case; `hash` covers
    the whole row and the row before it (`previous`). `before` and `after` keep the very text that was hashed.
    """

    __tablename__ = "audit_event"
    __table_args__ = (sa.Index("ix_audit_event_at", "at"),)

    chain: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[str] = mapped_column(sa.Text)
    actor_name: Mapped[str] = mapped_column(sa.Text)
    actor_kind: Mapped[str] = mapped_column(sa.Text)
    verb: Mapped[str] = mapped_column(sa.Text)
    subject: Mapped[str] = mapped_column(sa.Text)
    subject_id: Mapped[str] = mapped_column(sa.Text)
    before: Mapped[str | None] = mapped_column(sa.Text)
    after: Mapped[str | None] = mapped_column(sa.Text)
    previous: Mapped[bytes] = mapped_column(sa.LargeBinary)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary)


class AuditHead(Base):
    """The end of a chain: the number and hash of its last row."""

    __tablename__ = "audit_head"
    # Room on each page, so that a head that moves stays there and touches no index.
    __table_args__ = {"postgresql_with": {"fillfactor": 50}}  # noqa: RUF012 (the name is SQLAlchemy's)

    chain: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
