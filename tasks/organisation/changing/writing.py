"""Writing the difference between two charts. The caller holds the lock, has checked the chart, and bumps the revision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.organisation.changing.chart import Chart, PersonData, SeatData
from tasks.organisation.tables import FormerPath, Membership, OrgUnit, Post
from tasks.people.tables import Person

_UNIT, _POST, _PERSON, _SEAT = table(OrgUnit), table(Post), table(Person), table(Membership)


def write(session: Session, before: Chart, after: Chart, *, now: datetime, password_hash: str | None) -> None:
    """Make the stored organisation `after`; it is `before` now. New people get `password_hash`; without one they cannot
    sign in until they are given a password. Systems never have one.
    """
    _write_posts(session, before, after)
    _remember_places(session, before, after, now)
    units = _write_units(session, before, after)
    people = _write_people(session, before, after, now, password_hash)
    _write_seats(session, before, after, units, people)
    session.expire_all()


def _write_posts(session: Session, before: Chart, after: Chart) -> None:
    for key, post in after.posts.items():
        if post != before.posts.get(key):
            values = {
                "key": key,
                "name": post.name,
                "name_en": post.name_en,
                "roles": list(post.roles),
                "grants": list(post.grants),
                "rank": post.rank,
            }
            session.execute(
                insert(_POST).values(values).on_conflict_do_update(index_elements=["key"], set_=values)
            )


def _remember_places(session: Session, before: Chart, after: Chart, now: datetime) -> None:
    """Write down where moved units stood: cases and tasks carry those paths until `rerouting` has brought them along."""
    stood = {code: before.path(code) for code in before.units}
    left = [path for code, path in stood.items() if code in after.units and after.path(code) != path]
    if left:
        rows = [{"path": path, "at": now} for path in left]
        session.execute(insert(table(FormerPath)).values(rows).on_conflict_do_nothing())


def _write_units(session: Session, before: Chart, after: Chart) -> dict[str, int]:
    """Write units, superiors first, with the paths of everything below what moved. Returns the ids by code."""
    ids = {code: unit.id for code, unit in before.units.items() if unit.id is not None}
    paths = {code: after.path(code) for code in after.units}
    for code, unit in sorted(after.units.items(), key=lambda each: paths[each[0]].count("/")):
        old = before.units.get(code)
        if old == unit and before.path(code) == paths[code]:
            continue
        values = {
            "code": code,
            "name": unit.name,
            "name_en": unit.name_en,
            "kind": unit.kind,
            "path": paths[code],
            "parent_id": ids[unit.parent] if unit.parent else None,
            "acts_for_id": ids[unit.acts_for]
            if unit.acts_for
            else None,  # a superior: its id is known by now
            "roles": list(unit.roles),
            "handles": list(unit.handles),
            "valid_from": unit.valid_from,
            "valid_until": unit.valid_until,
        }
        if old is None:
            ids[code] = session.execute(sa.insert(_UNIT).values(values).returning(_UNIT.c.id)).scalar_one()
        else:
            session.execute(sa.update(_UNIT).where(_UNIT.c.id == ids[code]).values(values))
    return ids


def _write_people(
    session: Session, before: Chart, after: Chart, now: datetime, password_hash: str | None
) -> dict[str, UUID]:
    """Write people without their seats. Returns the ids by login."""
    ids = {login: person.id for login, person in before.people.items() if person.id is not None}
    fresh = []
    for login, person in after.people.items():
        old = before.people.get(login)
        values = {
            "name": person.name, "kind": person.kind, "email": person.email, "phone": person.phone,
            "active": person.active,
        }  # fmt: skip
        if old is None:
            ids[login] = uuid4()
            fresh.append(
                {
                    **values,
                    "id": ids[login],
                    "login": login,
                    "created_at": now,
                    "password_hash": password_hash if person.kind == "person" else None,
                    "must_change_password": person.kind == "person",
                }
            )
        elif _account(old) != _account(person):
            session.execute(sa.update(_PERSON).where(_PERSON.c.id == ids[login]).values(values))
    if fresh:
        session.execute(sa.insert(_PERSON), fresh)
    return ids


def _account(person: PersonData) -> tuple[str, str, str, str, bool]:
    return person.name, person.kind, person.email, person.phone, person.active


def _write_seats(
    session: Session, before: Chart, after: Chart, units: dict[str, int], people: dict[str, UUID]
) -> None:
    gone, fresh = [], []
    for login, person in after.people.items():
        old = before.people[login].seats if login in before.people else ()
        kept = {seat.id for seat in person.seats}
        gone += [seat.id for seat in old if seat.id not in kept]
        stored = {seat.id: (place, seat) for place, seat in enumerate(old)}
        for place, seat in enumerate(person.seats):
            values = _seat(seat, place, units, people)
            if seat.id is None:
                fresh.append({**values, "person_id": people[login]})
            elif stored[seat.id] != (place, seat):
                session.execute(sa.update(_SEAT).where(_SEAT.c.id == seat.id).values(values))
    if gone:
        session.execute(sa.delete(_SEAT).where(_SEAT.c.id.in_(gone)))
    if fresh:
        session.execute(sa.insert(_SEAT), fresh)


def _seat(seat: SeatData, place: int, units: dict[str, int], people: dict[str, UUID]) -> dict[str, object]:
    return {
        "unit_id": units[seat.unit],
        "post": seat.post,
        "title": seat.title,
        "roles": list(seat.roles),
        "position": place,
        "superior_id": people[seat.superior] if seat.superior else None,
        "valid_from": seat.valid_from,
        "valid_until": seat.valid_until,
    }
