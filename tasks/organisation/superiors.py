"""Who stands above whom, all the way up: whom an overdue piece of work is told to, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.organisation.office import Snapshot
from tasks.organisation.standing import granted
from tasks.organisation.tables import Membership
from tasks.organisation.tree import Organisation, Unit, in_effect
from tasks.people.tables import Person
from tasks.permissions.matrix import SUPERVISOR

REMEMBERED_CHAINS = 10_000


@dataclass(frozen=True, slots=True)
class Superior:
    """Somebody above, and the unit they are so in."""

    person_id: UUID
    login: str
    name: str
    unit: str
    unit_name: str


def superiors(
    session: Session, snapshot: Snapshot, person_id: UUID, *, unit: str | None = None
) -> list[Superior]:
    """The chain above a person on the snapshot's day, nearest first, each once and never the person themself.

    unit: the code of the unit whose seat counts; without it the person's first seat in effect. Above a seat stands the
    superior it names; without one whoever holds the post of the highest rank with the role supervisor in the unit, or
    in the nearest unit above it that has somebody else. Equal ranks: who has sat there longest, then by login. People
    who are not active and seats and units not in effect do not count. Empty when nobody stands above. At most two
    statements per link, the first time on a snapshot.
    """

    def find() -> list[Superior]:
        seats = _own(session, snapshot, person_id)
        by_id = snapshot.organisation.by_id
        at = next((seat for seat in seats if unit is None or by_id[seat.unit_id].code == unit), None)
        return [] if at is None else _chain(session, snapshot, at, {person_id})

    return _kept(snapshot, (person_id, unit), find)


def superiors_of_unit(session: Session, snapshot: Snapshot, path: str) -> list[Superior]:
    """The chain above work that nobody has taken, nearest first, each once: whoever leads the unit with this path, or the
    nearest unit above it that somebody leads, and everybody above them as in `superiors`. Empty for an unknown path.
    """
    unit = snapshot.organisation.by_path.get(path)
    if unit is None:
        return []
    return _kept(snapshot, (None, unit.code), lambda: _chain(session, snapshot, _EmptySeat(unit.id), set()))


def leaders_of_headquarters(session: Session, snapshot: Snapshot) -> list[Superior]:
    """Who supervises at the very top: the supervisors of the units without a unit above, and of those that act for them,
    the highest rank first. One statement, the first time on a snapshot.
    """
    return _kept(snapshot, (None, None), lambda: _leaders_of_headquarters(session, snapshot))


def _kept(
    snapshot: Snapshot, whose: tuple[UUID | None, str | None], find: Callable[[], list[Superior]]
) -> list[Superior]:
    """What was found once on this snapshot; callers do not change it."""
    found = snapshot.superiors.get(whose)
    if found is None:
        if len(snapshot.superiors) >= REMEMBERED_CHAINS:
            snapshot.superiors.clear()
        found = snapshot.superiors[whose] = find()
    return found


def _leaders_of_headquarters(session: Session, snapshot: Snapshot) -> list[Superior]:
    organisation = snapshot.organisation
    tops = {unit.path for unit in organisation.tops}
    places = [unit.id for unit in organisation.units if organisation.reach(unit) in tops]
    order = (Membership.valid_from.nulls_first(), Person.login)
    seats = _seats(session, snapshot, Membership.unit_id.in_(places), *order)
    leading = [seat for seat in seats if _leads(organisation, seat)]
    found: dict[UUID, Superior] = {}
    for seat in sorted(leading, key=lambda each: -_rank(organisation, each)):
        found.setdefault(seat.person_id, _superior(organisation, seat))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _EmptySeat:
    """The place of nobody in a unit: everybody who leads there stands above it."""

    unit_id: int
    post: str | None = None
    roles: tuple[str, ...] = ()
    superior_id: UUID | None = None


def _chain(session: Session, snapshot: Snapshot, seat: Any, passed: set[UUID]) -> list[Superior]:
    chain: list[Superior] = []
    while (seat := _above(session, snapshot, seat, passed)) is not None:
        passed.add(seat.person_id)
        chain.append(_superior(snapshot.organisation, seat))
    return chain


def _superior(organisation: Organisation, seat: Any) -> Superior:
    place = organisation.by_id[seat.unit_id]
    return Superior(seat.person_id, seat.login, seat.name, place.code, place.name)


def _above(session: Session, snapshot: Snapshot, seat: Any, passed: set[UUID]) -> Any:
    """The seat that stands above a seat, or None. `passed`: who is in the chain already."""
    if seat.superior_id is not None and seat.superior_id not in passed:
        named = _own(session, snapshot, seat.superior_id)
        if named:
            return named[0]
    organisation = snapshot.organisation
    places = organisation.ancestors(organisation.by_id[seat.unit_id])
    leading: dict[int, list[Any]] = {}
    inside = Membership.unit_id.in_([place.id for place in places])
    for other in _seats(session, snapshot, inside, Membership.valid_from.nulls_first(), Person.login):
        if _leads(organisation, other):
            leading.setdefault(other.unit_id, []).append(other)
    return next(_candidates(organisation, seat, places, leading, passed), None)


def _candidates(
    organisation: Organisation,
    seat: Any,
    places: Sequence[Unit],
    leading: dict[int, list[Any]],
    passed: set[UUID],
) -> Iterator[Any]:
    """Leaders, nearest unit first and highest first; in the seat's own unit only those above it."""
    own = _rank(organisation, seat) if _leads(organisation, seat) else -1
    for place in places:
        found = sorted(leading.get(place.id, ()), key=lambda each: -_rank(organisation, each))
        for other in found:
            if other.person_id not in passed and (
                place.id != seat.unit_id or _rank(organisation, other) > own
            ):
                yield other


def _leads(organisation: Organisation, seat: Any) -> bool:
    return SUPERVISOR in granted(organisation, organisation.by_id[seat.unit_id], seat.post, seat.roles)


def _rank(organisation: Organisation, seat: Any) -> int:
    post = organisation.posts.get(seat.post or "")
    return post.rank if post else 0


def _own(session: Session, snapshot: Snapshot, person_id: UUID) -> list[Any]:
    """Somebody's seats, the own unit's first."""
    return _seats(session, snapshot, Membership.person_id == person_id, Membership.position)


def _seats(session: Session, snapshot: Snapshot, where: sa.ColumnElement[bool], *order: Any) -> list[Any]:
    """Seats in effect of active people."""
    rows = session.execute(
        sa.select(
            Membership.person_id,
            Membership.unit_id,
            Membership.post,
            Membership.roles,
            Membership.superior_id,
            Person.login,
            Person.name,
        )
        .join(Person, Person.id == Membership.person_id)
        .where(Person.active, in_effect(snapshot.day), where)
        .order_by(*order)
    )
    return [row for row in rows if row.unit_id in snapshot.organisation.by_id]
