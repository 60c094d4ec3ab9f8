"""The people who answer for the whole of the company in a role: whom the system itself has something to say to."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.organisation.tables import Membership
from tasks.organisation.tree import in_effect, is_top
from tasks.people.tables import Person


def people_at_headquarters(session: Session, deps: Deps, *roles: str) -> list[UUID]:
    """Everybody whose seat reaches the whole of the company and grants one of the roles, by login."""
    snapshot = deps.office.current(session)
    whole = [
        unit.id
        for unit in snapshot.organisation.units
        if not unit.external and is_top(snapshot.organisation.reach(unit))
    ]
    seats = table(Membership).c
    rows = session.execute(
        sa.select(Person.id, Person.login)
        .distinct()
        .join(Membership, seats.person_id == Person.id)
        .where(seats.unit_id.in_(whole), Person.active, Person.kind == "person", in_effect(snapshot.day))
        .order_by(Person.login)
    ).all()
    return [
        row.id
        for row in rows
        if any(
            is_top(seat.reach) and not seat.roles.isdisjoint(roles)
            for seat in deps.office.standing(session, row.id, row.login).seats
        )
    ]
