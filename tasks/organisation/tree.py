"""The tree of units as one frozen snapshot of a day."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.organisation.assigning.roles import Roles, read_roles
from tasks.organisation.changing.chart import Period, PostData, read_posts
from tasks.organisation.tables import Membership, OrgUnit
from tasks.people.tables import Person
from tasks.permissions.matrix import EXTERNAL, STAFF

EXTERNAL_KINDS = frozenset({"regulator", "external"})
"""Kinds of units outside the company; everything below such a unit is outside too."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the snapshot; see OrgUnit. `external`: it or a unit above it is a body outside the company."""

    id: int
    code: str
    name: str
    name_en: str
    kind: str
    path: str
    roles: frozenset[str]
    acts_for_id: int | None = None
    handles: tuple[str, ...] = ()
    external: bool = False


class Answering:
    """The units that answer one role, by path: those below a place lie side by side, so finding them is a bisection."""

    __slots__ = ("_paths", "axes", "best", "units")

    def __init__(self, units: Iterable[Unit] = ()) -> None:
        self.units = tuple(sorted(units, key=lambda unit: unit.path))
        self._paths = [unit.path for unit in self.units]
        self.axes = max(
            (pattern.count("/") + 1 for unit in self.units for pattern in unit.handles), default=0
        )
        """How many axes of a classification any of them tells apart."""
        self.best: dict[tuple[str, object], str] = {}
        """What `routing` has found already for a place and a classification."""

    def within(self, path: str) -> tuple[Unit, ...]:
        """Those at `path` or below it, by path."""
        # A path ends in "/", and "0" is the character behind it: everything below sorts before.
        return self.units[bisect_left(self._paths, path) : bisect_left(self._paths, path[:-1] + "0")]

    def __bool__(self) -> bool:
        return bool(self.units)


@dataclass(frozen=True)
class Organisation:
    """All units in effect on one day, findable by code, by id, by place and by role, and all posts.

    `by_role`: the units inside the company that answer a role, by themselves or because somebody there holds a post or
    seat that does. `names`: the name of every unit by path, in effect or not, for showing what was; `places`: the path of
    every unit by code, likewise.
    """

    units: tuple[Unit, ...] = ()
    by_code: Mapping[str, Unit] = field(default_factory=dict)
    by_id: Mapping[int, Unit] = field(default_factory=dict)
    by_path: Mapping[str, Unit] = field(default_factory=dict)
    by_role: Mapping[str, Answering] = field(default_factory=dict)
    provinces: tuple[Unit, ...] = ()
    posts: Mapping[str, PostData] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    roles: Roles = field(default_factory=Roles)

    @classmethod
    def of(
        cls,
        units: tuple[Unit, ...],
        posts: Mapping[str, PostData] | None = None,
        held: Mapping[int, frozenset[str]] | None = None,
        names: Mapping[str, str] | None = None,
        roles: Roles | None = None,
    ) -> Organisation:
        """Index the units. held: the roles that seats answer, by unit id, besides the units' own."""
        by_role: dict[str, list[Unit]] = {}
        named = names or {unit.path: unit.name for unit in units}
        for unit in units:
            if unit.external:
                continue
            for role in sorted(unit.roles | (held or {}).get(unit.id, frozenset())):
                by_role.setdefault(role, []).append(unit)
        return cls(
            units,
            {unit.code: unit for unit in units},
            {unit.id: unit for unit in units},
            {unit.path: unit for unit in units},
            {role: Answering(found) for role, found in by_role.items()},
            tuple(unit for unit in units if unit.kind == "province"),
            posts or {},
            named,
            {code_of(path): path for path in named},
            roles or Roles(),
        )

    def reach(self, unit: Unit) -> str:
        """The path whose cases members of the unit see: its own, or that of the unit it acts for."""
        above = self.by_id.get(unit.acts_for_id or 0)
        return above.path if above else unit.path

    def stands(self, path: str) -> str | None:
        """Where the unit that is or was at `path` stands now: a unit keeps its code, the last part. None if it is gone."""
        return path if path in self.names else self.places.get(code_of(path))

    def moved_to(self, path: str) -> str:
        """The same; where it is gone, the path it had."""
        return self.stands(path) or path

    @property
    def tops(self) -> tuple[Unit, ...]:
        """The company's units without a unit above: its headquarters."""
        return tuple(unit for unit in self.units if not unit.external and is_top(unit.path))

    def answerable(self, path: str) -> str:
        """The path of the unit whose calendar and supervisors a case filed at `path` has: for what a body outside has filed,
        such as a regulator, the top of the company.
        """
        unit = self.by_path.get(path)
        return self.tops[0].path if unit is not None and unit.external and self.tops else path

    def ancestors(self, unit: Unit) -> list[Unit]:
        """The unit itself and everything above it, nearest first."""
        return [found for path in upwards(unit.path) if (found := self.by_path.get(path))]

    def province(self, named: str | None) -> Unit | None:
        """Find a province by code, English name or the beginning of its Chinese name, which only one province may have;
        a suffix such as 省 does not matter.
        """
        wanted = str(named or "").strip().removesuffix("省").removesuffix("市").lower()
        if not wanted:
            return None
        for unit in self.provinces:
            if wanted in (unit.code.lower(), unit.name_en.lower()):
                return unit
        begun = [unit for unit in self.provinces if unit.name.startswith(wanted)]
        return begun[0] if len(begun) == 1 else None

    def province_of(self, path: str) -> Unit | None:
        """The province a path lies in, or None for headquarters units."""
        above = (self.by_path.get(place) for place in upwards(path))
        return next((unit for unit in above if unit and unit.kind == "province"), None)


def upwards(path: str) -> list[str]:
    """The path itself and every path above it, nearest first: `/hq/henan/` gives `/hq/` too."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:depth]) + "/" for depth in range(len(parts), 0, -1)]


def is_top(path: str) -> bool:
    """Whether a unit at `path` has none above it."""
    return path.count("/") == 2


def code_of(path: str) -> str:
    """The code of the unit that is or was at `path`."""
    return path.strip("/").rpartition("/")[2]


def in_effect(day: date) -> sa.ColumnElement[bool]:
    """The condition that a seat is in effect on the day."""
    seat = table(Membership).c
    return sa.and_(
        sa.or_(seat.valid_from.is_(None), seat.valid_from <= day),
        sa.or_(seat.valid_until.is_(None), seat.valid_until >= day),
    )


def read_organisation(session: Session, day: date) -> Organisation:
    """Read the tree as it is on `day`. A unit counts while it and everything above it is in effect. Four statements."""
    posts = read_posts(session)
    rows = session.execute(
        sa.select(table(OrgUnit)).order_by(sa.func.length(OrgUnit.path), OrgUnit.path)
    ).all()
    inside: dict[int, bool] = {}
    found = []
    for row in rows:  # superiors first
        if not Period(row.valid_from, row.valid_until).holds(day) or (
            row.parent_id is not None and row.parent_id not in inside
        ):
            continue
        external = row.kind in EXTERNAL_KINDS or not inside.get(row.parent_id, True)
        inside[row.id] = not external
        found.append(
            Unit(
                row.id,
                row.code,
                row.name,
                row.name_en,
                row.kind,
                row.path,
                frozenset(row.roles),
                row.acts_for_id,
                tuple(row.handles),
                external,
            )
        )
    return Organisation.of(
        tuple(sorted(found, key=lambda unit: unit.path)),
        posts,
        _held(session, posts, day),
        {row.path: row.name for row in rows},
        read_roles(session),
    )


def _held(session: Session, posts: Mapping[str, PostData], day: date) -> dict[int, frozenset[str]]:
    """The roles that seats in effect answer, by unit."""
    seat = table(Membership).c
    found: dict[int, set[str]] = {}
    for row in session.execute(
        sa.select(seat.unit_id, seat.post, seat.roles)
        .join(Person, Person.id == seat.person_id)
        .where(Person.active, in_effect(day), sa.or_(seat.post.is_not(None), seat.roles != []))
        .distinct()
    ):
        post = posts.get(row.post or "")
        found.setdefault(row.unit_id, set()).update(row.roles, (*post.roles, *post.grants) if post else ())
    return {unit: frozenset(roles) - {STAFF, EXTERNAL} for unit, roles in found.items()}
