"""The people of the organisation, for choosing colleagues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.deps import Deps
from tasks.organisation.standing import standing_of
from tasks.organisation.tables import Membership
from tasks.organisation.tree import in_effect
from tasks.people.tables import Person


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person with their first seat and every group they answer for."""

    login: str
    name: str
    unit: str
    unit_name: str
    post: str
    groups: tuple[str, ...]


def people(session: Session, deps: Deps, *, limit: int = 1000) -> list[Colleague]:
    """Active people with a seat in effect today, by login. Two statements at most."""
    snapshot = deps.office.current(session)
    rows = session.execute(
        sa.select(
            Person.login, Person.name, Membership.unit_id, Membership.post, Membership.title, Membership.roles
        )
        .join(Membership, Membership.person_id == Person.id)
        .where(Person.active, in_effect(snapshot.day))
        .order_by(Person.login, Membership.position)
        .limit(limit * 4)
    ).all()
    seats: dict[str, list[Any]] = {}
    for row in rows:
        if row.unit_id in snapshot.organisation.by_id:
            seats.setdefault(row.login, []).append(row)
    found = []
    for login, held in list(seats.items())[:limit]:
        standing = standing_of(snapshot.organisation, login, held)
        found.append(
            Colleague(
                login, held[0].name, standing.unit_code, standing.unit_name, standing.post, standing.groups
            )
        )
    return found
