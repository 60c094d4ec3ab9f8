"""The rows of a case. What moves is in the engine; a case row is what was said when it was filed, its links, by what it
is found, and the paper it came on.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import TextList


class Case(Base):
    """One file. `facts` are the start form's answers; `paths` every unit that touched it and every unit above
    those. `confidential` narrows who of them sees it.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        sa.Index("ix_case_file_paths", "paths", postgresql_using="gin"),
        sa.Index("ix_case_file_filed_at_id", "filed_at", "id"),
        sa.Index("ix_case_file_regime_filed_at", "regime", "filed_at"),
        sa.Index(
            "ix_case_file_outcome", "outcome", "filed_at", postgresql_where=sa.text("outcome is not null")
        ),
        sa.Index("ix_case_file_org_path", "org_path"),
        sa.Index("ix_case_file_refers_to", "refers_to", postgresql_where=sa.text("refers_to is not null")),
        sa.Index(
            "ix_case_file_opened_by",
            "opened_by",
            unique=True,
            postgresql_where=sa.text("opened_by is not null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(sa.Text, unique=True)
    regime: Mapped[str] = mapped_column(sa.Text)
    query_hash: Mapped[bytes] = mapped_column(sa.LargeBinary)
    org_code: Mapped[str] = mapped_column(sa.Text)
    org_path: Mapped[str] = mapped_column(sa.Text(collation="C"))
    province: Mapped[str] = mapped_column(sa.Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    paths: Mapped[list[str]] = mapped_column(TextList)
    filed_by: Mapped[UUID] = mapped_column(sa.Uuid)
    filed_by_name: Mapped[str] = mapped_column(sa.Text)
    filed_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    instance_id: Mapped[UUID | None] = mapped_column(sa.Uuid, unique=True)
    archived_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    confidential: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    confidential_reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    paused_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Since when the case waits for somebody outside: clocks that begin meanwhile and may stand still begin so."""
    pause_reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    paused_by: Mapped[list[str]] = mapped_column(TextList, default=list, server_default="{}")
    """What keeps it waiting, as in `ClockPause.held_by`."""
    stood_still: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    """The waits that are over, `[[reasons], from, to]` each, in order: a clock that begins later and runs since before them is
    credited them.
    """
    outcome: Mapped[str | None] = mapped_column(sa.Text)
    """How the case turned out, as its diagram says (`case.outcome`): resolved, upgraded, withdrawn, merged …"""
    level: Mapped[str | None] = mapped_column(sa.Text)
    """The level its diagram has decided on last (`decision.level`); its tasks carry it too, for their lists."""
    mark: Mapped[str | None] = mapped_column(sa.Text)
    """What its diagram has marked it as last (`case.mark`): key, difficult …; its tasks carry it too."""
    refers_to: Mapped[UUID | None] = mapped_column(sa.ForeignKey("case_file.id"))
    """The earlier case whose facts this one sees under its own: read through, never copied."""
    complained_of: Mapped[list[str] | None] = mapped_column(TextList)
    """The logins of the staff it complains about, in its facts or in answers to its tasks (`tasks.desk.eligible`). Kept by
    triggers.
    """
    opened_by: Mapped[str | None] = mapped_column(sa.Text)
    """The activation of the operation that opened it (`OperationCall.key`), so that it opens one case only."""


class CaseLink(Base):
    """One file refers to an earlier one, for example an upgrade complaint to the complaint before it."""

    __tablename__ = "case_link"

    from_id: Mapped[UUID] = mapped_column(sa.ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True)
    to_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class CaseKey(Base):
    """One thing a case is found by, such as `phone:13800000000` (`tasks.cases.keys`): few per case, the newest case first."""

    __tablename__ = "case_key"

    key: Mapped[str] = mapped_column(sa.Text(collation="C"), primary_key=True)
    filed_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)


class MasterCase(Base):
    """A case that others hang below (`child_of`) and wait for, such as that of a mass event. `key`: what names the event."""

    __tablename__ = "case_master"
    __table_args__ = (sa.Index("ix_case_master_regime_key", "regime", "key"),)

    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True)
    regime: Mapped[str] = mapped_column(sa.Text)
    key: Mapped[str] = mapped_column(sa.Text)
    released_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    released_text: Mapped[str | None] = mapped_column(sa.Text)
    """What was decided, for the cases that join later."""


class Submission(Base):
    """What a case was filed with, and the messages it got that are taken once; message: the name of such a one, else empty.

    key: of what makes it the only one (`case.unique`, `message.unique`), null where nothing does; digest: of what was asked,
    however it was written. Of a body outside the very bytes are kept. answer: what was answered, in its order and without the
    query code.
    """

    __tablename__ = "case_submission"
    __table_args__ = (
        sa.UniqueConstraint("regime", "key"),
        sa.Index("ix_case_submission_case_id_message", "case_id", "message"),
        sa.Index(
            "ix_case_submission_filing", "case_id", unique=True, postgresql_where=sa.text("message = ''")
        ),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("case_file.id", ondelete="CASCADE"))
    message: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    regime: Mapped[str] = mapped_column(sa.Text)
    key: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    values: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    digest: Mapped[bytes] = mapped_column(sa.LargeBinary)
    answer: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    body: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    body_sha256: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    content_type: Mapped[str] = mapped_column(sa.Text, default="")
    sent_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    sent_by: Mapped[UUID] = mapped_column(sa.Uuid)
    sent_by_name: Mapped[str] = mapped_column(sa.Text)


class CaseSequence(Base):
    """The last number given on a day by a unit."""

    __tablename__ = "case_sequence"

    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    org: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    last: Mapped[int] = mapped_column(sa.Integer)
