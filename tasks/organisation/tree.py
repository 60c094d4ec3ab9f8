"""The tree of units as one frozen snapshot, and loading it from data."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import table
from tasks.organisation.tables import Membership, OfficeRevision, OrgUnit
from tasks.people.passwords import Passwords
from tasks.people.tables import Person

DEMO_PASSWORD = "redress-demo"

EXTERNAL_KINDS = frozenset({"regulator", "external"})
"""Kinds of units outside the company."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the snapshot; see OrgUnit."""

    id: int
    code: str
    name: str
    name_en: str
    kind: str
    path: str
    roles: frozenset[str]
    acts_for_id: int | None = None
    handles: tuple[str, ...] = ()


class Answering:
    """The units that answer one role, by path: those below a place lie side by side, so finding them is a bisection."""

    __slots__ = ("_paths", "units")

    def __init__(self, units: Iterable[Unit] = ()) -> None:
        self.units = tuple(sorted(units, key=lambda unit: unit.path))
        self._paths = [unit.path for unit in self.units]

    def within(self, path: str) -> tuple[Unit, ...]:
        """Those at `path` or below it, by path."""
        # A path ends in "/", and "0" is the character behind it: everything below sorts before.
        return self.units[bisect_left(self._paths, path) : bisect_left(self._paths, path[:-1] + "0")]

    def __bool__(self) -> bool:
        return bool(self.units)


@dataclass(frozen=True)
class Organisation:
    """All units of one revision, findable by code, by id, by place and by role."""

    units: tuple[Unit, ...] = ()
    by_code: Mapping[str, Unit] = field(default_factory=dict)
    by_id: Mapping[int, Unit] = field(default_factory=dict)
    by_path: Mapping[str, Unit] = field(default_factory=dict)
    by_role: Mapping[str, Answering] = field(default_factory=dict)
    provinces: tuple[Unit, ...] = ()

    @classmethod
    def of(cls, units: tuple[Unit, ...]) -> Organisation:
        by_role: dict[str, list[Unit]] = {}
        for unit in units:
            for role in unit.roles:
                by_role.setdefault(role, []).append(unit)
        return cls(
            units,
            {unit.code: unit for unit in units},
            {unit.id: unit for unit in units},
            {unit.path: unit for unit in units},
            {role: Answering(found) for role, found in by_role.items()},
            tuple(unit for unit in units if unit.kind == "province"),
        )

    def reach(self, unit: Unit) -> str:
        """The path whose cases members of the unit see: its own, or that of the unit it acts for."""
        above = self.by_id.get(unit.acts_for_id or 0)
        return above.path if above else unit.path

    def ancestors(self, unit: Unit) -> list[Unit]:
        """The unit itself and everything above it, nearest first."""
        parts = unit.path.strip("/").split("/")
        paths = ("/" + "/".join(parts[:depth]) + "/" for depth in range(len(parts), 0, -1))
        return [found for path in paths if (found := self.by_path.get(path))]

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

    def province_of(self, unit: Unit) -> Unit | None:
        """The province a unit lies in, or None for headquarters units."""
        return next((above for above in self.ancestors(unit) if above.kind == "province"), None)


def read_organisation(session: Session) -> Organisation:
    """Read the whole tree. One statement."""
    rows = session.execute(sa.select(table(OrgUnit)).order_by(OrgUnit.path)).all()
    return Organisation.of(
        tuple(
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
            )
            for row in rows
        )
    )


def load_organisation(
    session: Session,
    data: Mapping[str, Any],
    *,
    now: datetime,
    passwords: Passwords,
    password: str = DEMO_PASSWORD,
) -> int:
    """Bring units and people in line with `data` (the shape of `bpmn/organisation/organisation.yaml`).

    Idempotent: a second load of the same data changes nothing. Units and people that `data` does not name are
    left alone. A new person gets `password`; an existing one keeps theirs. Returns how many rows changed.
    Raises InvalidInput naming every unit or person whose parent or unit is unknown.
    """
    units = list(data.get("units") or ())
    people = list(data.get("people") or ())
    _check(units, people)
    before = _fingerprint(session)
    paths = _paths(units)
    ids: dict[str, int] = {}
    for unit in sorted(units, key=lambda each: paths[each["code"]].count("/")):
        values = {
            "code": unit["code"],
            "name": unit["name"],
            "name_en": unit.get("name_en") or "",
            "kind": unit.get("kind") or "",
            "path": paths[unit["code"]],
            "parent_id": ids.get(unit.get("parent") or ""),
            "roles": list(unit.get("roles") or ()),
        }
        statement = insert(OrgUnit).values(values)
        row = session.execute(
            statement.on_conflict_do_update(
                index_elements=["code"],
                set_={key: statement.excluded[key] for key in values if key != "code"},
            ).returning(OrgUnit.id)
        ).scalar_one()
        ids[unit["code"]] = row
    for unit in units:
        session.execute(
            sa.update(OrgUnit)
            .where(OrgUnit.code == unit["code"])
            .values(acts_for_id=ids.get(unit.get("acts_for") or ""))
        )
    _load_people(session, people, ids, now=now, passwords=passwords, password=password)
    session.flush()
    changed = len(before ^ _fingerprint(session))
    if changed:
        bump_office(session)
    return changed


def bump_office(session: Session) -> None:
    """Tell every process that its cached copy of organisation and deadlines is old once this transaction
    commits.
    """
    session.execute(
        insert(OfficeRevision)
        .values(id=1, revision=1)
        .on_conflict_do_update(index_elements=["id"], set_={"revision": OfficeRevision.revision + 1})
    )


def _check(units: list[Any], people: list[Any]) -> None:
    codes = {unit["code"] for unit in units}
    wrong = [
        f"unit {unit['code']} has the unknown parent {unit['parent']}"
        for unit in units
        if unit.get("parent") and unit["parent"] not in codes
    ]
    for person in people:
        for seat in _seats(person):
            if seat["unit"] not in codes:
                wrong.append(f"person {person['login']} sits in the unknown unit {seat['unit']}")
    for unit in units:
        seen, at = set(), unit
        while at.get("parent") and at["parent"] in codes:
            if at["code"] in seen:
                wrong.append(f"unit {unit['code']} is its own ancestor")
                break
            seen.add(at["code"])
            at = next(other for other in units if other["code"] == at["parent"])
    if wrong:
        raise InvalidInput("The organisation cannot be loaded: " + "; ".join(wrong) + ".")


def _paths(units: list[Any]) -> dict[str, str]:
    by_code = {unit["code"]: unit for unit in units}

    def path(code: str) -> str:
        parent = by_code[code].get("parent")
        return (path(parent) if parent else "/") + code + "/"

    return {code: path(code) for code in by_code}


def _seats(person: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    own = {"unit": person["unit"], "title": person.get("title") or "", "roles": person.get("roles") or ()}
    return [own, *(person.get("also") or ())]


def _load_people(
    session: Session,
    people: list[Any],
    units: Mapping[str, int],
    *,
    now: datetime,
    passwords: Passwords,
    password: str,
) -> None:
    known = {row.login: row.id for row in session.execute(sa.select(Person.login, Person.id))}
    # One hash for everybody who is new: the password is the same and public; a hash costs a quarter second.
    fresh_hash = passwords.hash(password) if any(each["login"] not in known for each in people) else ""
    for each in people:
        person_id = known.get(each["login"])
        if person_id is None:
            person = Person(
                login=each["login"],
                name=each["name"],
                kind=each.get("kind") or "person",
                password_hash=fresh_hash,
                active=True,
                created_at=now,
            )
            session.add(person)
            session.flush()
            person_id = person.id
        else:
            session.execute(sa.update(Person).where(Person.id == person_id).values(name=each["name"]))
        session.execute(sa.delete(Membership).where(Membership.person_id == person_id))
        seats = [
            {
                "person_id": person_id,
                "unit_id": units[seat["unit"]],
                "title": seat.get("title") or "",
                "roles": list(seat.get("roles") or ()),
                "position": position,
            }
            for position, seat in enumerate(_seats(each))
        ]
        session.execute(sa.insert(Membership), seats)


def _fingerprint(session: Session) -> set[tuple[Any, ...]]:
    units = session.execute(
        sa.select(
            OrgUnit.code,
            OrgUnit.name,
            OrgUnit.name_en,
            OrgUnit.kind,
            OrgUnit.path,
            OrgUnit.roles,
            OrgUnit.acts_for_id,
        )
    ).all()
    seats = session.execute(
        sa.select(
            Person.login,
            Person.name,
            Membership.unit_id,
            Membership.title,
            Membership.roles,
            Membership.position,
        ).join(Membership, Membership.person_id == Person.id)
    ).all()
    frozen = [
        tuple(tuple(item) if isinstance(item, list) else item for item in row) for row in (*units, *seats)
    ]
    return set(frozen)
