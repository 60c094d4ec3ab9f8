"""What somebody's seats give them: candidate groups, permission roles, and how far they see.

Permission roles come from posts and seats and never from a unit. A seat without a post is a member of staff's
unless its own roles stand apart from case work; one with a post gives what the post grants. Whoever sits in an outside body is external, whatever their post says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from tasks.organisation.assigning.routing import groups_of
from tasks.organisation.changing.chart import Chart
from tasks.organisation.tree import Organisation, Unit
from tasks.people.caller import Seat, Standing
from tasks.permissions.matrix import EXTERNAL, ROLES, STAFF
from tasks.permissions.seats import roles_of_seat


def standing_of(organisation: Organisation, login: str, seats: Sequence[Any]) -> Standing:
    """The standing that seats in effect give: rows with unit_id, post, title and roles, the own unit first."""
    held = [(organisation.by_id[seat.unit_id], seat) for seat in seats if seat.unit_id in organisation.by_id]
    own = held[0] if held else None
    places = tuple(
        Seat(
            granted(organisation, unit, seat.post, seat.roles),
            unit.path,
            organisation.reach(unit),
            answered(organisation, unit, seat.post, seat.roles),
        )
        for unit, seat in held
    )
    return Standing(
        groups=groups_of(
            login,
            [(seat.path, seat.answers, seat.reach) for seat in places],
        ),
        roles=frozenset().union(*(seat.roles for seat in places)),
        paths=tuple(unit.path for unit, _ in held),
        reach=tuple(seat.reach for seat in places),
        unit_code=own[0].code if own else "",
        unit_name=own[0].name if own else "",
        post=own[1].title or _name_of(organisation, own[1].post) if own else "",
        seats=places,
    )


def granted(organisation: Organisation, unit: Unit, post: str | None, roles: Iterable[str]) -> frozenset[str]:
    """The permission roles of a seat: what its post and the seat itself grant; without a post, see `roles_of_seat`."""
    if unit.external:
        return frozenset({EXTERNAL})
    held = organisation.posts.get(post or "")
    if held is None:
        return roles_of_seat(roles)
    return frozenset((*held.grants, *roles)) & ROLES.keys() - {EXTERNAL}


def answered(
    organisation: Organisation, unit: Unit, post: str | None, roles: Iterable[str]
) -> frozenset[str]:
    """The roles a seat is a candidate for: those of its unit, its post and its own, and the permissions it gives. Outside
    bodies are given no work.
    """
    if unit.external:
        return frozenset()
    held = organisation.posts.get(post or "")
    asked = frozenset((*unit.roles, *(held.roles if held else ()), *roles)) - frozenset(ROLES)
    return asked | (granted(organisation, unit, post, roles) - {STAFF, EXTERNAL})


def permissions_of(chart: Chart, login: str, today: date) -> frozenset[str]:
    """The permission roles that a person's seats give, those still to begin included."""
    person = chart.people.get(login)
    found: set[str] = set()
    for seat in person.seats if person and person.active else ():
        if (seat.valid_until or today) < today:
            continue
        post = chart.posts.get(seat.post or "")
        found.update(post.grants if post else (STAFF,), (role for role in seat.roles if role in ROLES))
    return frozenset(found)


def _name_of(organisation: Organisation, post: str | None) -> str:
    held = organisation.posts.get(post or "")
    return held.name if held else ""
