"""The organisation as plain data: units, posts, people and their seats, by the names people know them by.

Every change goes from one chart to the next: read the stored one, make the wished one, check it whole
(`checking.py`), compare the two (`changes.py`), write the difference (`writing.py`). Nothing else writes these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.organisation.tables import Membership, OrgUnit, Post
from tasks.people.tables import Person


def day_of(instant: datetime) -> date:
    """The day of the office's calendar an instant falls on; effective dates are such days."""
    return instant.astimezone(SHANGHAI).date()


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `valid_from` to `valid_until`, both included; None is open."""

    valid_from: date | None = None
    valid_until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the day lies inside."""
        return (self.valid_from or day) <= day <= (self.valid_until or day)

    def overlaps(self, other: Period) -> bool:
        """Whether some day lies in both."""
        return (self.valid_from or date.min) <= (other.valid_until or date.max) and (
            other.valid_from or date.min
        ) <= (self.valid_until or date.max)

    def inside(self, other: Period) -> bool:
        """Whether every day of this one lies in the other."""
        return (self.valid_from or date.min) >= (other.valid_from or date.min) and (
            self.valid_until or date.max
        ) <= (other.valid_until or date.max)


@dataclass(frozen=True, slots=True)
class UnitData(Period):
    """A unit, see OrgUnit. `where`: the row it was read from, for sentences."""

    code: str = ""
    name: str = ""
    name_en: str = ""
    kind: str = ""
    parent: str | None = None
    acts_for: str | None = None
    roles: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    id: int | None = field(default=None, compare=False)
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class PostData:
    """A post, see Post."""

    key: str
    name: str
    name_en: str = ""
    roles: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    rank: int = 0
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SeatData(Period):
    """A seat, see Membership. `superior` is a login."""

    unit: str = ""
    post: str | None = None
    title: str = ""
    roles: tuple[str, ...] = ()
    superior: str | None = None
    id: int | None = field(default=None, compare=False)
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class PersonData:
    """A person or system with all seats, the own unit first."""

    login: str
    name: str
    kind: str = "person"
    email: str = ""
    phone: str = ""
    active: bool = True
    seats: tuple[SeatData, ...] = ()
    id: UUID | None = field(default=None, compare=False)
    where: str = field(default="", compare=False)

    def places(self, today: date) -> frozenset[str]:
        """The units of the seats that are not over; of somebody who has left, of all seats."""
        present = [seat for seat in self.seats if (seat.valid_until or today) >= today]
        return frozenset(seat.unit for seat in present or self.seats)


@dataclass(frozen=True)
class Chart:
    """The whole organisation at one moment."""

    units: Mapping[str, UnitData] = field(default_factory=dict)
    posts: Mapping[str, PostData] = field(default_factory=dict)
    people: Mapping[str, PersonData] = field(default_factory=dict)

    def with_person(self, person: PersonData) -> Chart:
        return replace(self, people={**self.people, person.login: person})

    def ancestry(self, code: str) -> list[UnitData]:
        """The unit and everything above it, nearest first; ends at an unknown parent and before a repetition."""
        found: dict[str, UnitData] = {}
        at = self.units.get(code)
        while at is not None and at.code not in found:
            found[at.code] = at
            at = self.units.get(at.parent or "")
        return list(found.values())

    def path(self, code: str) -> str:
        """The unit's path, such as `/hq/henan/`."""
        return "/" + "".join(f"{unit.code}/" for unit in reversed(self.ancestry(code)))


def read_chart(session: Session) -> Chart:
    """Everything that is stored. Four statements."""
    return Chart(read_units(session), read_posts(session), read_people(session))


def read_units(session: Session) -> dict[str, UnitData]:
    """The units by code, by path. One statement."""
    parent, above = aliased(OrgUnit), aliased(OrgUnit)
    return {
        row.OrgUnit.code: UnitData(
            id=row.OrgUnit.id,
            code=row.OrgUnit.code,
            name=row.OrgUnit.name,
            name_en=row.OrgUnit.name_en,
            kind=row.OrgUnit.kind,
            parent=row.parent,
            acts_for=row.acts_for,
            roles=tuple(row.OrgUnit.roles),
            handles=tuple(row.OrgUnit.handles),
            valid_from=row.OrgUnit.valid_from,
            valid_until=row.OrgUnit.valid_until,
        )
        for row in session.execute(
            sa.select(OrgUnit, parent.code.label("parent"), above.code.label("acts_for"))
            .outerjoin(parent, parent.id == OrgUnit.parent_id)
            .outerjoin(above, above.id == OrgUnit.acts_for_id)
            .order_by(OrgUnit.path)
            .execution_options(populate_existing=True)
        )
    }


def read_people(session: Session, *where: sa.ColumnElement[bool]) -> dict[str, PersonData]:
    """The people of a condition on `person`, by login, with all their seats. Two statements."""
    superior = aliased(Person)
    seats: dict[UUID, list[SeatData]] = {}
    for row in session.execute(
        sa.select(table(Membership), OrgUnit.code.label("unit"), superior.login.label("superior"))
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(superior, superior.id == Membership.superior_id)
        .where(*where)
        .order_by(Membership.person_id, Membership.position, Membership.id)
    ):
        seats.setdefault(row.person_id, []).append(
            SeatData(
                id=row.id,
                unit=row.unit,
                post=row.post,
                title=row.title,
                roles=tuple(row.roles),
                superior=row.superior,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
        )
    return {
        row.login: PersonData(
            id=row.id,
            login=row.login,
            name=row.name,
            kind=row.kind,
            email=row.email,
            phone=row.phone,
            active=row.active,
            seats=tuple(seats.get(row.id, ())),
        )
        for row in session.execute(
            sa.select(
                Person.id, Person.login, Person.name, Person.kind, Person.email, Person.phone, Person.active
            )
            .where(*where)
            .order_by(Person.login)
        )
    }


def read_posts(session: Session) -> dict[str, PostData]:
    """The posts by key, highest first. One statement."""
    return {
        row.key: PostData(row.key, row.name, row.name_en, tuple(row.roles), tuple(row.grants), row.rank)
        for row in session.execute(sa.select(table(Post)).order_by(Post.rank.desc(), Post.key))
    }
