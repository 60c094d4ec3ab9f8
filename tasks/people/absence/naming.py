"""Whom somebody may name: for choosing on pages. What is really named is judged when it is entered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.organisation.tables import Membership, OrgUnit
from tasks.organisation.tree import in_effect
from tasks.people.absence.reading import places_led
from tasks.people.caller import Caller
from tasks.people.tables import Person

MOST = 500
"""So many people are offered to choose from; others are named by their login."""

_PERSON, _SEAT, _UNIT = table(Person), table(Membership), table(OrgUnit)


def people_led(session: Session, deps: Deps, caller: Caller) -> Sequence[Any]:
    """Whose absence the caller may enter besides their own: rows with login, name and unit_name, the MOST first by unit and
    login. No statement for whoever leads nobody.
    """
    return _people(session, deps, places_led(caller), caller)


def substitutes_for(session: Session, deps: Deps, caller: Caller) -> Sequence[Any]:
    """Whom the caller may name as their own substitute: likewise."""
    return _people(session, deps, (*places_led(caller), *caller.standing.reach), caller)


def _people(session: Session, deps: Deps, places: Sequence[str], caller: Caller) -> Sequence[Any]:
    if not places:
        return []
    below = sa.or_(*(_UNIT.c.path.startswith(place, autoescape=True) for place in places))
    seats = (
        sa.select(_PERSON.c.login, _PERSON.c.name, _UNIT.c.name.label("unit_name"), _UNIT.c.path)
        .ext(distinct_on(_PERSON.c.login))
        .join(_SEAT, _SEAT.c.person_id == _PERSON.c.id)
        .join(_UNIT, _UNIT.c.id == _SEAT.c.unit_id)
        .where(
            _PERSON.c.active,
            _PERSON.c.kind == "person",
            _PERSON.c.id != caller.id,
            in_effect(deps.office.current(session).day),
            below,
        )
        .order_by(_PERSON.c.login, _SEAT.c.position)
        .subquery()
    )
    return session.execute(sa.select(seats).order_by(seats.c.path, seats.c.login).limit(MOST)).all()
