"""The rows of the organisation. A unit's place in the tree is its path, such as `/hq/henan/zhengzhou/`.

Effective dates are days of the office's calendar (Asia/Shanghai), the last day included; None is open.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import Instant, TextList, table


class OrgUnit(Base):
    """One unit. `roles` are the candidate role keys its members answer, such as `provincial_centre`.

    `handles`: the classifications it is responsible for, such as `mobile/billing` or `*/network`. `acts_for_id`: the
    superior unit whose view this functional department has, such as customer service for headquarters.
    """

    __tablename__ = "org_unit"

    id: Mapped[int] = mapped_column(sa.Integer, sa.Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(sa.Text, unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text, default="")
    kind: Mapped[str] = mapped_column(sa.Text, default="")
    path: Mapped[str] = mapped_column(sa.Text(collation="C"), unique=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    acts_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    roles: Mapped[list[str]] = mapped_column(TextList, default=list)
    handles: Mapped[list[str]] = mapped_column(TextList, default=list, server_default="{}")
    valid_from: Mapped[date | None] = mapped_column(sa.Date)
    valid_until: Mapped[date | None] = mapped_column(sa.Date)


class Post(Base):
    """A post people hold, such as dispatcher 派单员. `roles`: candidate role keys it answers beside its unit's;
    `grants`: permission roles of `tasks.permissions.matrix`. `rank`: who is asked first among superiors, higher first.
    """

    __tablename__ = "org_post"

    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text, default="")
    roles: Mapped[list[str]] = mapped_column(TextList, default=list)
    grants: Mapped[list[str]] = mapped_column(TextList, default=list)
    rank: Mapped[int] = mapped_column(sa.SmallInteger, default=0)


class Membership(Base):
    """A seat: a person's post in a unit, for a time. `position` 0 is the person's own unit; `roles` are answered besides
    those of unit and post; `title` is what is written on the door; `superior_id` overrides who stands above.
    """

    __tablename__ = "membership"
    __table_args__ = (
        sa.Index("ix_membership_person_id_position", "person_id", "position"),
        sa.Index("ix_membership_unit_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("org_unit.id", ondelete="CASCADE"))
    post: Mapped[str | None] = mapped_column(sa.ForeignKey("org_post.key"))
    title: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    roles: Mapped[list[str]] = mapped_column(TextList, default=list)
    position: Mapped[int] = mapped_column(sa.SmallInteger, default=0)
    superior_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    valid_from: Mapped[date | None] = mapped_column(sa.Date)
    valid_until: Mapped[date | None] = mapped_column(sa.Date)


class OfficeRevision(Base):
    """One row. Its number grows with every change of organisation or deadlines, so that copies notice.

    `work`: the last revision that may send work elsewhere; `user_task.routed` below it is still to be looked at.
    `looked_at`: the day up to which effective dates that began or ended have been noticed. `loaded`: the digest of the
    file that was loaded at the last start, so that a start does not undo what was changed since.
    """

    __tablename__ = "office_revision"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(sa.BigInteger, default=1)
    work: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    looked_at: Mapped[date | None] = mapped_column(sa.Date)
    loaded: Mapped[bytes | None] = mapped_column(sa.LargeBinary)


class FormerPath(Base):
    """Where a unit stood before it moved, until every case and task written there carries its new place."""

    __tablename__ = "org_former_path"

    path: Mapped[str] = mapped_column(sa.Text(collation="C"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


def office_revision() -> sa.ScalarSelect[int]:
    """The current revision as a scalar subquery, for joining into a statement that is sent anyway."""
    held = table(OfficeRevision)
    return (
        sa.select(sa.func.coalesce(sa.func.max(held.c.revision), 0)).where(held.c.id == 1).scalar_subquery()
    )
