"""The people of the organisation, for choosing colleagues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.deps import Deps
from tasks.organisation.routing import groups_of
from tasks.organisation.tables import Membership
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
    """Active people with their seats, by login. Two statements at most."""
    organisation = deps.office.current(session).organisation
    rows = session.execute(
        sa.select(
            Person.login, Person.name, Membership.unit_id, Membership.title.label("post"), Membership.roles
        )
        .join(Membership, Membership.person_id == Person.id)
        .where(Person.active)
        .order_by(Person.login, Membership.position)
        .limit(limit * 4)
    ).all()
    seats: dict[str, list[Any]] = {}
    for row in rows:
        if row.unit_id in organisation.by_id:
            seats.setdefault(row.login, []).append(row)
    found = []
    for login, held in list(seats.items())[:limit]:
        own = organisation.by_id[held[0].unit_id]
        answered = [
            (
                organisation.by_id[seat.unit_id].path,
                organisation.by_id[seat.unit_id].roles | frozenset(seat.roles),
            )
            for seat in held
        ]
        found.append(
            Colleague(login, held[0].name, own.code, own.name, held[0].post, groups_of(login, answered))
        )
    return found
