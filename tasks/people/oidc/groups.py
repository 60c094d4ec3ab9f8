"""Which groups of an identity provider give which seats: data, like the roles: `bpmn/organisation/oidc_groups.csv`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.db import Base
from engine.errors import InvalidInput
from tasks.core import TextList, storable, table
from tasks.organisation.tables import OrgUnit, Post

MOST = 1000
"""So many values of a claim are looked at."""


class OidcGroup(Base):
    """A value of a provider's group claim gives a seat: a post in a unit, and roles besides."""

    __tablename__ = "oidc_group"
    __table_args__ = (sa.UniqueConstraint("provider", "value", "unit", "post"),)

    id: Mapped[int] = mapped_column(sa.Integer, sa.Identity(), primary_key=True)
    provider: Mapped[str] = mapped_column(sa.Text)
    value: Mapped[str] = mapped_column(sa.Text)
    unit: Mapped[str] = mapped_column(sa.Text)
    post: Mapped[str | None] = mapped_column(sa.Text)
    roles: Mapped[list[str]] = mapped_column(TextList, default=list)


class OidcSeat(Base):
    """A seat that a group has given: it ends when its person signs in without the group."""

    __tablename__ = "oidc_seat"

    membership_id: Mapped[int] = mapped_column(
        sa.ForeignKey("membership.id", ondelete="CASCADE"), primary_key=True
    )
    provider: Mapped[str] = mapped_column(sa.Text)


_HELD = table(OidcGroup)


def load_groups(session: Session, rows: Sequence[Mapping[str, str]]) -> int:
    """Make the mapping that of rows of provider, value, unit, post and roles (divided by spaces): the file is the whole of
    it. What it changes counts from everybody's next sign-in.

    Idempotent. Returns how many rows came or went. Raises InvalidInput naming every wrong row.
    """
    wished = [_row(row) for row in rows]
    units = set(session.scalars(sa.select(OrgUnit.code)))
    posts = set(session.scalars(sa.select(Post.key)))
    if mistakes := list(_mistakes(wished, units, posts)):
        raise InvalidInput("The groups of identity providers cannot be loaded: " + "; ".join(mistakes) + ".")
    columns = [column for column in _HELD.c if column.name != "id"]
    held = [dict(row._mapping) for row in session.execute(sa.select(*columns).order_by(_HELD.c.id))]
    if held == wished:
        return 0
    session.execute(sa.delete(_HELD))
    if wished:
        session.execute(sa.insert(_HELD), wished)
    return sum(row not in held for row in wished) + sum(row not in wished for row in held)


def seats_of(session: Session, provider: str, claim: Any) -> dict[tuple[str, str | None], frozenset[str]]:
    """The seats a claim's values give: (unit, post) → roles. A claim is a list of texts, or one text. One statement."""
    listed = claim if isinstance(claim, list) else [claim]
    values = [value for value in listed[:MOST] if isinstance(value, str) and storable(value)]
    found: dict[tuple[str, str | None], frozenset[str]] = {}
    for row in session.execute(
        sa.select(_HELD.c.unit, _HELD.c.post, _HELD.c.roles)
        .where(_HELD.c.provider == provider, _HELD.c.value == sa.any_(sa.cast(values, TextList)))
        .order_by(_HELD.c.id)
    ):
        place = (row.unit, row.post)
        found[place] = found.get(place, frozenset()) | frozenset(row.roles)
    return found


def _row(row: Mapping[str, str]) -> dict[str, Any]:
    text = {name: (row.get(name) or "").strip() for name in ("provider", "value", "unit", "post", "roles")}
    return {
        "provider": text["provider"].lower(),
        "value": text["value"],
        "unit": text["unit"],
        "post": text["post"] or None,
        "roles": sorted(set(text["roles"].split())),
    }


def _mistakes(rows: Sequence[Mapping[str, Any]], units: set[str], posts: set[str]) -> Iterator[str]:
    taken: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows, start=1):
        if not row["provider"] or not row["value"]:
            yield f"row {number} needs a provider and a value"
        if row["unit"] not in units:
            yield f"row {number} names the unit {row['unit'][:60]!r}, which there is not"
        if row["post"] and row["post"] not in posts:
            yield f"row {number} names the post {row['post'][:60]!r}, which there is not"
        key = (row["provider"], row["value"], row["unit"], row["post"])
        if taken.setdefault(key, number) != number:
            yield f"row {number} says what row {taken[key]} says"
