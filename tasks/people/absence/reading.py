"""Who may see which absence: one's own, those one substitutes in, and those of people below a unit one leads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound
from tasks.core import table
from tasks.deps import Deps
from tasks.organisation.tables import Membership, OrgUnit
from tasks.organisation.tree import in_effect
from tasks.paging import Page, page_of, read_cursor
from tasks.people.absence.tables import Absence
from tasks.people.caller import Caller, Standing
from tasks.people.tables import Person
from tasks.permissions.matrix import SUPERVISOR, require

_ABSENCE, _UNIT, _SEAT = table(Absence), table(OrgUnit), table(Membership)
_PERSON, _SUBSTITUTE = table(Person).alias("absent"), table(Person).alias("substitute")
_ROWS = sa.select(
    _ABSENCE,
    _PERSON.c.login.label("person"),
    _PERSON.c.name.label("person_name"),
    _SUBSTITUTE.c.login.label("substitute"),
    _SUBSTITUTE.c.name.label("substitute_name"),
).select_from(
    _ABSENCE.join(_PERSON, _PERSON.c.id == _ABSENCE.c.person_id).outerjoin(
        _SUBSTITUTE, _SUBSTITUTE.c.id == _ABSENCE.c.substitute_id
    )
)


def places_led(caller: Caller) -> tuple[str, ...]:
    """The paths of the units whose people, with those of all units below, the caller leads."""
    return tuple(seat.reach for seat in caller.standing.seats if SUPERVISOR in seat.roles)


def within(places: Iterable[str], standing: Standing) -> bool:
    """Whether somebody sits in or below one of the places."""
    return any(path.startswith(place) for place in places for path in standing.paths)


def read_one(session: Session, deps: Deps, caller: Caller, absence_id: UUID, *, missing: bool = False) -> Any:
    """An absence the caller may see, with `person`, `person_name`, `substitute` and `substitute_name`.

    Raises NotFound for others and made-up ones alike; missing: returns None for them.
    """
    row = session.execute(
        _ROWS.where(_ABSENCE.c.id == absence_id, _visible_to(session, deps, caller))
    ).first()
    if row is None and not missing:
        raise NotFound(
            f"The absence {absence_id} was asked for; there is none here for you.",
            message_zh="没有这条休假。",
        )
    return row


def listed(
    session: Session,
    deps: Deps,
    caller: Caller,
    *,
    over: bool = False,
    person: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """Absences the caller may see, the latest to begin first: those under way or to come, or, if `over`, those that
    are over. person: of this login only. Each row says besides whether it is `changeable` by the caller as long as it is not
    over. Raises InvalidInput for a cursor that is none of ours.
    """
    require(caller, "absence.read")
    now, at = deps.clock.now(), read_cursor(cursor)
    goes_on = sa.and_(_ABSENCE.c.until_at > now, _ABSENCE.c.called_off_at.is_(None))
    theirs = sa.or_(_ABSENCE.c.person_id == caller.id, _led(session, deps, caller))
    wanted = _ROWS.add_columns(theirs.label("changeable")).where(
        sa.not_(goes_on) if over else goes_on, _visible_to(session, deps, caller)
    )
    if person is not None:
        wanted = wanted.where(_PERSON.c.login == person)
    if at is not None:
        wanted = wanted.where(sa.tuple_(_ABSENCE.c.from_at, _ABSENCE.c.id) < sa.tuple_(*map(sa.literal, at)))
    order = (_ABSENCE.c.from_at.desc(), _ABSENCE.c.id.desc())
    rows = session.execute(wanted.order_by(*order).limit(limit + 1)).all()
    return page_of(rows, limit, lambda row: (row.from_at, row.id))


def _visible_to(session: Session, deps: Deps, caller: Caller) -> sa.ColumnElement[bool]:
    return sa.or_(
        _ABSENCE.c.person_id == caller.id,
        _ABSENCE.c.substitute_id == caller.id,
        _led(session, deps, caller),
    )


def _led(session: Session, deps: Deps, caller: Caller) -> sa.ColumnElement[bool]:
    """Whether the absent person sits in or below a unit the caller leads."""
    below = [_UNIT.c.path.startswith(place, autoescape=True) for place in places_led(caller)]
    if not below:
        return sa.false()
    return (
        sa.select(_SEAT.c.id)
        .join(_UNIT, _UNIT.c.id == _SEAT.c.unit_id)
        .where(
            _SEAT.c.person_id == _ABSENCE.c.person_id,
            in_effect(deps.office.current(session).day),
            sa.or_(*below),
        )
        .exists()
    )
