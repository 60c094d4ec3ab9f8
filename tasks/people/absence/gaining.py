"""What a substitute gains while somebody is absent: their work, and the sight of its cases; no other rights of theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from tasks.organisation.assigning.routing import PERSON, UNROUTED, group
from tasks.people.absence.covering import Covered
from tasks.people.caller import Cover, Seat, Somebody, Standing
from tasks.permissions.matrix import ROLES, STAFF, SUPERVISOR

_DECIDING = frozenset({SUPERVISOR, UNROUTED})
"""Roles of groups that decide: they come only with the approvals."""


def covering(own: Standing, absent: Sequence[tuple[Covered, Standing]]) -> Standing:
    """A substitute's standing with the work of those who are absent. absent: each with what their own seats give them.

    Who does no case work themself gains nothing.
    """
    if STAFF not in own.roles:
        return own
    groups, seats, covers = set(own.groups), list(own.seats), []
    for covered, theirs in absent:
        work = frozenset(lent(theirs.groups, covered))
        gained = work - set(own.groups)
        groups |= gained
        away = covered.away
        through = tuple(Somebody(each.person_id, each.login, each.name) for each in covered.through)
        covers.append(
            Cover(
                person_id=away.person_id,
                login=away.login,
                name=away.name,
                since=covered.since,
                until=covered.until,
                groups=gained,
                through=through,
                scope=None if covered.roles is None else work,
            )
        )
        allowed = {STAFF, SUPERVISOR} if covered.approvals else {STAFF}
        for seat in theirs.seats:
            roles = seat.roles & allowed
            if roles and _answers_there(gained, seat):
                seats.append(Seat(roles, seat.path, seat.reach))
    return replace(
        own,
        groups=tuple(sorted(groups)),
        roles=own.roles.union(*(seat.roles for seat in seats)),
        reach=tuple(dict.fromkeys((*own.reach, *(seat.reach for seat in seats)))),
        seats=tuple(dict.fromkeys(seats)),
        covers=tuple(covers),
    )


def lent(groups: Iterable[str], covered: Covered) -> set[str]:
    """Those of an absent person's groups that the substitute answers: work within the scope, what a supervisor decides
    only with the approvals, and never what comes with another permission (process owner, operator, auditor).
    """
    found = set()
    for name in groups:
        role = name.partition("@")[0]
        if role in _DECIDING:
            wanted = covered.approvals
        elif role == PERSON:
            wanted = covered.roles is None
        else:
            wanted = role not in ROLES and (covered.roles is None or role in covered.roles)
        if wanted:
            found.add(name)
    return found


def _answers_there(groups: Collection[str], seat: Seat) -> bool:
    """Whether some of the groups come from that very seat: those of a unit are also written for every unit above it."""
    return any(group(role, seat.path) in groups for role in seat.answers) or (
        SUPERVISOR in seat.answers and group(UNROUTED, seat.reach) in groups
    )
