"""Looking at the organisation: the tree, one unit with who sits there, one person. For everybody of the company."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound
from tasks.core import storable
from tasks.deps import Deps
from tasks.memo import memo
from tasks.organisation.changing.chart import (
    Chart,
    Period,
    PersonData,
    PostData,
    SeatData,
    UnitData,
    read_people,
    read_posts,
    read_units,
)
from tasks.organisation.changing.reach import Reach
from tasks.organisation.tables import Membership, OrgUnit
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import may, require


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit of the tree. `in_effect`: it and everything above it is, today. `mine`: the caller may change it."""

    unit: UnitData
    path: str
    depth: int
    in_effect: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat with whoever has it."""

    seat: SeatData
    person: PersonData
    in_effect: bool


@dataclass(frozen=True)
class Tree:
    """All units by path and all posts, at a revision and on a day. `roots`: the caller may plant outside bodies."""

    revision: int
    day: date
    units: list[UnitView]
    posts: list[PostData]
    roots: bool

    def unit(self, code: str) -> UnitView:
        """The unit, or NotFound."""
        found = next((one for one in self.units if one.unit.code == code), None)
        if found is None:
            raise NotFound(
                f"The unit {code[:64]} was asked for; there is no such unit.",
                message_zh=f"没有单位“{code[:64]}”。",
            )
        return found


def tree(session: Session, deps: Deps, caller: Caller) -> Tree:
    """The whole tree. Two statements."""
    require(caller, "organisation.read")
    snapshot = deps.office.current(session)
    revision = memo(session).revision or snapshot.revision
    chart = Chart(read_units(session), read_posts(session))
    reach = Reach(caller, chart, snapshot.day) if may(caller, "organisation.manage") else None
    views: dict[str, UnitView] = {}
    for code, unit in chart.units.items():
        above = views.get(unit.parent or "")
        views[code] = UnitView(
            unit,
            chart.path(code),
            above.depth + 1 if above else 0,
            Period(unit.valid_from, unit.valid_until).holds(snapshot.day)
            and (above is None or above.in_effect),
            reach is not None and reach.unit(chart, code),
        )
    return Tree(
        revision,
        snapshot.day,
        list(views.values()),
        list(chart.posts.values()),
        reach is not None and reach.whole,
    )


def seats_of_unit(session: Session, tree: Tree, code: str) -> list[SeatView]:
    """Who sits in a unit, those in effect first; with the phone of people the caller maintains. Two statements."""
    place = tree.unit(code)
    there = (
        sa.select(Membership.person_id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(OrgUnit.code == place.unit.code)
    )
    people = read_people(session, Person.id.in_(there))
    mine = {one.unit.code for one in tree.units if one.mine}
    shown = [each if each.places(tree.day) <= mine else replace(each, phone="") for each in people.values()]
    found = [
        SeatView(seat, person, place.in_effect and person.active and seat.holds(tree.day))
        for person in shown
        for seat in person.seats
        if seat.unit == place.unit.code
    ]
    ranks = {post.key: post.rank for post in tree.posts}
    return sorted(
        found, key=lambda one: (not one.in_effect, -ranks.get(one.seat.post or "", 0), one.person.login)
    )


def person(session: Session, deps: Deps, caller: Caller, login: str) -> PersonData:
    """A person with all seats; the phone only for themself and who maintains them. Raises NotFound."""
    require(caller, "organisation.read")
    found = read_people(session, Person.login == login).get(login) if storable(login) else None
    if found is None:
        raise NotFound(
            f"The person {login[:64]} was asked for; there is no such person.",
            message_zh=f"没有人员“{login[:64]}”。",
        )
    if found.id == caller.id:
        return found
    day = deps.office.current(session).day
    chart = Chart(read_units(session))
    reach = Reach(caller, chart, day)
    seen = may(caller, "organisation.manage") and all(reach.unit(chart, code) for code in found.places(day))
    return found if seen else replace(found, phone="")
