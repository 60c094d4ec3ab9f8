"""Who the other process owners are: whoever can be asked to look at a draft."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.organisation.tables import Membership, Post
from tasks.organisation.tree import in_effect
from tasks.people.tables import Person
from tasks.permissions.matrix import OWNER


@dataclass(frozen=True, slots=True)
class Owner:
    """A person who is a process owner today."""

    id: UUID
    login: str
    name: str


def process_owners(session: Session, deps: Deps) -> list[Owner]:
    """Everybody with a seat that makes them a process owner today, by login; people only, no systems."""
    seats, posts = table(Membership).c, table(Post).c
    day = deps.office.current(session).day
    rows = session.execute(
        sa.select(Person.id, Person.login, Person.name)
        .distinct()
        .join(Membership, seats.person_id == Person.id)
        .outerjoin(Post, posts.key == seats.post)
        .where(
            Person.active,
            Person.kind == "person",
            in_effect(day),
            sa.or_(seats.roles.contains([OWNER]), posts.grants.contains([OWNER])),
        )
        .order_by(Person.login)
    ).all()
    return [
        Owner(row.id, row.login, row.name)
        for row in rows
        # Units may be closed, and bodies outside grant nothing.
        if OWNER in deps.office.own_standing(session, row.id, row.login).roles
    ]
