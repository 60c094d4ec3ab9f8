"""Notices: what was told to whom about a case. A row per notice, written with the step that caused it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import Clock
from engine.db import Base
from engine.ids import time_ordered
from tasks.core import table
from tasks.people.caller import Caller


class Notice(Base):
    """One notice. `key` is the activation that caused it, so that a repeated job never tells twice.

    audience: unit or customer. `to_group` is the candidate group told, for audience unit.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index("ix_notice_to_group_created_at", "to_group", "created_at"),
        sa.Index("ix_notice_business_key", "business_key"),
        sa.Index("ix_notice_to_person_created_at", "to_person", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text, unique=True)
    business_key: Mapped[str] = mapped_column(sa.Text)
    instance_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    activity_id: Mapped[str] = mapped_column(sa.Text, default="")
    audience: Mapped[str] = mapped_column(sa.Text)
    to_group: Mapped[str] = mapped_column(sa.Text, default="")
    to_person: Mapped[UUID | None] = mapped_column(sa.Uuid)
    task_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    template: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class NoticeRead(Base):
    """Somebody has seen a notice."""

    __tablename__ = "notice_read"

    notice_id: Mapped[UUID] = mapped_column(sa.ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


def write_notice(session: Session, clock: Clock, **values: Any) -> None:
    """Write a notice (the columns of Notice but id and created_at); a second one of the same key changes
    nothing.
    """
    row = {**values, "id": time_ordered(clock)(), "created_at": clock.now()}
    session.execute(insert(table(Notice)).values(row).on_conflict_do_nothing(index_elements=["key"]))


def notices_of_case(session: Session, number: str) -> Sequence[Any]:
    """All notices of a case, oldest first, for whoever may already see the case."""
    return session.execute(
        sa.select(table(Notice)).where(Notice.business_key == number).order_by(Notice.created_at, Notice.id)
    ).all()


def notices_for(session: Session, caller: Caller, *, limit: int = 50) -> Sequence[Any]:
    """The latest notices told to the caller's groups."""
    return session.execute(
        sa.select(table(Notice))
        .where(Notice.to_group.in_(caller.groups))
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(limit)
    ).all()
