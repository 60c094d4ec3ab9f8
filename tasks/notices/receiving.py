"""Where people are reached: what channels make an address of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.deps import Deps
from tasks.organisation.tables import Membership, OrgUnit
from tasks.organisation.tree import in_effect
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require


def addresses(session: Session, deps: Deps, caller: Caller) -> dict[str, str]:
    """Where the caller is reached, by channel; empty: not at all. Raises NotPermitted."""
    require(caller, "notice.prefer")
    (me,) = receivers(session, deps, [caller.id])
    return {name: channel.address(me) for name, channel in deps.channels.items()}


def receivers(session: Session, deps: Deps, people: Collection[UUID]) -> Sequence[Any]:
    """What is known here of these people; channels make an address of it. `unit_path`: where their first seat is. One
    statement.
    """
    seat = (
        sa.select(OrgUnit.path)
        .join(Membership, Membership.unit_id == OrgUnit.id)
        .where(Membership.person_id == Person.id, in_effect(deps.office.current(session).day))
        .order_by(Membership.position)
        .limit(1)
        .scalar_subquery()
    )
    known = (Person.id, Person.login, Person.name, Person.kind, Person.email, Person.phone, Person.active)
    path = sa.func.coalesce(seat, "").label("unit_path")
    return session.execute(sa.select(*known, path).where(Person.id.in_(people))).all()
