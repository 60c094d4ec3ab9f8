"""What differs between two charts: the rows of a report, of the audit trail, and of what has to be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from tasks.organisation.changing.chart import Chart, PersonData, PostData, SeatData, UnitData

Kind = Literal["added", "changed", "ended"]
Subject = Literal["unit", "post", "person", "seat"]

_HIDDEN = {"id", "where", "seats"}
_SHOWN = {"valid_from": "from", "valid_until": "until"}
_MASKED = "phone"
"""A report and the audit trail tell that it changes, and its end: they are read by more people than may see it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes. `key`: code, key or login; of a seat the login. `units`: the units it concerns.

    `before` and `after` hold plain values; of a change only the fields that differ. `after` is None for a seat that is
    taken away because it never began.
    """

    kind: Kind
    subject: Subject
    key: str
    units: frozenset[str]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    where: str


def changes_between(before: Chart, after: Chart, today: date) -> list[Change]:
    """Everything that differs: posts, units, then people with their seats. A person concerns every unit they
    sit in (`PersonData.places`).
    """
    return [*_posts(before, after), *_units(before, after), *_people(before, after, today)]


def plain(thing: UnitData | PostData | PersonData | SeatData) -> dict[str, Any]:
    """The thing as JSON values under the names of its columns."""
    return {
        _SHOWN.get(each.name, each.name): _plain(getattr(thing, each.name))
        for each in fields(thing)
        if each.name not in _HIDDEN
    }


def _masked(values: dict[str, Any]) -> dict[str, Any]:
    number = values.get(_MASKED)
    return {**values, _MASKED: f"…{number[-4:]}"} if number else values


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _posts(before: Chart, after: Chart) -> Iterator[Change]:
    for key, post in after.posts.items():
        yield from _one("post", key, frozenset(), before.posts.get(key), post)


def _units(before: Chart, after: Chart) -> Iterator[Change]:
    for code, unit in after.units.items():
        old = before.units.get(code)
        places: set[str | None] = {code}
        if old is None or old.parent != unit.parent:
            places |= {unit.parent, old.parent if old else None}
        if unit.acts_for and (old is None or old.acts_for != unit.acts_for):
            places.add(unit.acts_for)
        yield from _one("unit", code, frozenset(filter(None, places)), old, unit)


def _people(before: Chart, after: Chart, today: date) -> Iterator[Change]:
    for login, person in after.people.items():
        old = before.people.get(login)
        own = (old or person).places(today)
        yield from _one("person", login, own, old, person)
        had = {seat.id: seat for seat in old.seats} if old else {}
        for seat in person.seats:
            yield from _one("seat", login, frozenset({seat.unit}), had.pop(seat.id, None), seat)
        for gone in had.values():
            yield Change("ended", "seat", login, frozenset({gone.unit}), plain(gone), None, person.where)


def _one(
    subject: Subject,
    key: str,
    units: frozenset[str],
    old: UnitData | PostData | PersonData | SeatData | None,
    new: UnitData | PostData | PersonData | SeatData,
) -> Iterator[Change]:
    if old is None:
        yield Change("added", subject, key, units, None, _masked(plain(new)), new.where)
        return
    was, becomes = plain(old), plain(new)
    differ = [name for name in becomes if was[name] != becomes[name]]
    if not differ:
        return
    named = ["unit", "post"] if subject == "seat" else []
    if isinstance(old, SeatData):
        units = units | {old.unit}
    show = [*(name for name in named if name not in differ), *differ]
    yield Change(
        _kind(was, becomes),
        subject,
        key,
        units,
        _masked({name: was[name] for name in show}),
        _masked({name: becomes[name] for name in show}),
        new.where,
    )


def _kind(was: Mapping[str, Any], becomes: Mapping[str, Any]) -> Kind:
    """Ended: it gets a last day, an earlier one, or an account is shut."""
    last, before = becomes.get("until"), was.get("until")
    ends = last is not None and (before is None or last < before)
    return "ended" if ends or (was.get("active") and not becomes.get("active")) else "changed"
