"""The rows of the organisation. A unit's place in the tree is its path, such as `/hq/henan/zhengzhou/`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base
from tasks.core import table

TextList = ARRAY(sa.Text())


class OrgUnit(Base):
    """One unit. `roles` are the candidate role keys its members answer, such as `provincial_centre`."""

    __tablename__ = "org_unit"

    id: Mapped[int] = mapped_column(sa.Integer, sa.Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(sa.Text, unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_en: Mapped[str] = mapped_column(sa.Text, default="")
    kind: Mapped[str] = mapped_column(sa.Text, default="")
    path: Mapped[str] = mapped_column(sa.Text(collation="C"), unique=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("org_unit.id"))
    roles: Mapped[list[str]] = mapped_column(TextList, default=list)


class Person(Base):
    """Somebody, or an outside system, that can sign in or hold a token."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    login: Mapped[str] = mapped_column(sa.Text, unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[str] = mapped_column(sa.Text, default="person")
    password_hash: Mapped[str | None] = mapped_column(sa.Text)
    active: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


class Membership(Base):
    """A person's post in a unit. `position` 0 is the person's own unit; `roles` are answered besides the
    unit's.
    """

    __tablename__ = "membership"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(
        sa.ForeignKey("org_unit.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    post: Mapped[str] = mapped_column(sa.Text, default="")
    roles: Mapped[list[str]] = mapped_column(TextList, default=list)
    position: Mapped[int] = mapped_column(sa.SmallInteger, default=0)


class ApiToken(Base):
    """A bearer token; only the SHA-256 of its 256 bits is kept. `scopes` are permission names, or `*`."""

    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(sa.Text, default="")
    scopes: Mapped[list[str]] = mapped_column(TextList, default=list)
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class WebSession(Base):
    """A browser's signed-in session, revocable at once; only the SHA-256 of the cookie's secret is kept."""

    __tablename__ = "web_session"

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class OfficeRevision(Base):
    """One row. Its number grows with every change of organisation or deadlines, so that copies notice."""

    __tablename__ = "office_revision"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(sa.BigInteger, default=1)


def office_revision() -> sa.ScalarSelect[int]:
    """The current revision as a scalar subquery, for joining into a statement that is sent anyway."""
    held = table(OfficeRevision)
    return (
        sa.select(sa.func.coalesce(sa.func.max(held.c.revision), 0)).where(held.c.id == 1).scalar_subquery()
    )
