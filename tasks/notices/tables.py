"""The rows of delivery: what is still to be spread, each notice on its way to one person through one channel, and what
people want.
"""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant

QUEUED, SENT, FAILED, DROPPED = "queued", "sent", "failed", "dropped"
STATES = (QUEUED, SENT, FAILED, DROPPED)
"""Of a delivery. failed: given up, an operator may have it tried again. dropped: there was nothing left to say, because its
receiver had read the notice meanwhile, or does not see any more what it is about.
"""


class NoticeToSend(Base):
    """A notice nobody has looked at yet to see who is to get it through which channel. Written by the statement that writes
    the notice (`tasks.talk.telling`), gone when it is spread.
    """

    __tablename__ = "notice_to_send"

    notice_id: Mapped[UUID] = mapped_column(sa.ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True)


class Delivery(Base):
    """One notice to one person through one channel, once. `batch_id` is the key the channel is given: what goes out in one
    message shares it. `since`: from when it is tried, `next_at`: when it is tried next. `error`: what went wrong last.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("notice_id", "person_id", "channel"),
        sa.Index(
            "ix_delivery_channel_next_at",
            "channel",
            "next_at",
            "id",
            postgresql_where=sa.text("state = 'queued'"),
        ),
        sa.Index("ix_delivery_batch_id", "batch_id"),
        sa.Index("ix_delivery_created_at_id", "created_at", "id"),
        sa.Index("ix_delivery_failed", "created_at", "id", postgresql_where=sa.text("state = 'failed'")),
    )

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(sa.ForeignKey("notice.id", ondelete="CASCADE"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(sa.Text)
    batch_id: Mapped[UUID] = mapped_column(sa.Uuid)
    state: Mapped[str] = mapped_column(sa.Text, default=QUEUED)
    attempts: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    since: Mapped[datetime] = mapped_column(Instant)
    next_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(sa.Text, default="")


class NoticePreference(Base):
    """Somebody wants to hear of a cause through a channel otherwise than by default (`how`)."""

    __tablename__ = "notice_preference"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    cause: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    channel: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    how: Mapped[str] = mapped_column(sa.Text)


class NoticeQuiet(Base):
    """From when to when somebody is not to be disturbed, in Shanghai time; it may reach over midnight."""

    __tablename__ = "notice_quiet"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    begins: Mapped[time] = mapped_column(sa.Time)
    ends: Mapped[time] = mapped_column(sa.Time)


class NoticeDigest(Base):
    """When what has gathered for somebody goes out, otherwise than by default: at which hour of a working day, in Shanghai
    time, or NULL for every full hour.
    """

    __tablename__ = "notice_digest"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[int | None] = mapped_column(sa.SmallInteger)
