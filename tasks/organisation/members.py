"""Who is in a candidate group today: the other way round of `tasks.organisation.assigning.routing.groups_of`."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.deps import Deps
from tasks.organisation.assigning.routing import PERSON, UNROUTED
from tasks.organisation.standing import answered
from tasks.organisation.tables import Membership
from tasks.organisation.tree import in_effect
from tasks.people.tables import Person
from tasks.permissions.matrix import SUPERVISOR


def members_of(session: Session, deps: Deps, groups: Collection[str]) -> dict[str, frozenset[UUID]]:
    """The ids of everybody who answers for each group, with who does the work of somebody absent. Three statements at most,
    however many groups there are, and those of `Office.standing` for substitutes.
    """
    snapshot = deps.office.current(session)
    organisation = snapshot.organisation
    wanted = {name: name.partition("@")[::2] for name in groups}
    found: dict[str, set[UUID]] = {name: set() for name in groups}

    logins = {login: name for name, (role, login) in wanted.items() if role == PERSON}
    if logins:
        for row in session.execute(sa.select(Person.id, Person.login).where(Person.login.in_(logins))):
            found[logins[row.login]].add(row.id)

    places = {name: (role, path) for name, (role, path) in wanted.items() if role != PERSON}
    units = {
        unit.id: unit
        for unit in organisation.units
        if any(
            organisation.reach(unit) == path if role == UNROUTED else unit.path.startswith(path)
            for role, path in places.values()
        )
    }
    if units:
        seats = session.execute(
            sa.select(Membership.person_id, Membership.unit_id, Membership.post, Membership.roles).where(
                Membership.unit_id.in_(units), in_effect(snapshot.day)
            )
        )
        for seat in seats:
            unit = units[seat.unit_id]
            roles = answered(organisation, unit, seat.post, seat.roles)
            for name, (role, path) in places.items():
                if role == UNROUTED:
                    inside = SUPERVISOR in roles and organisation.reach(unit) == path
                else:
                    inside = role in roles and unit.path.startswith(path)
                if inside:
                    found[name].add(seat.person_id)
    if substitutes := snapshot.absences.substitutes:
        rows = session.execute(sa.select(Person.id, Person.login).where(Person.id.in_(substitutes)))
        for row in rows.all():
            for name in found.keys() & set(deps.office.standing(session, row.id, row.login).groups):
                found[name].add(row.id)
    return {name: frozenset(people) for name, people in found.items()}
