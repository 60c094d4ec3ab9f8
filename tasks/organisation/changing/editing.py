"""Changing the organisation: units, people and seats, one at a time. Every verb is whole or leaves nothing.

Each needs `organisation.manage`, finds only what the caller maintains (`reach.py`), refuses an edit made on an older
revision, checks the whole organisation, and leaves one audit entry per thing changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.errors import NotFound, NotPermitted, WrongState
from tasks.audit.recording import record
from tasks.deps import Deps
from tasks.organisation.changing.changes import Change, changes_between
from tasks.organisation.changing.chart import Chart, PersonData, SeatData, UnitData, day_of, read_chart
from tasks.organisation.changing.checking import check
from tasks.organisation.changing.mistakes import Mistake, OrganisationRefused
from tasks.organisation.changing.reach import Reach
from tasks.organisation.changing.rows import Row, Tables, end, seat_of, wished
from tasks.organisation.changing.warnings import warnings_of
from tasks.organisation.changing.writing import write
from tasks.organisation.revision import bump_office, lock_office
from tasks.organisation.standing import permissions_of
from tasks.people.caller import Caller
from tasks.people.held import end_all
from tasks.permissions.matrix import require

VERB = "organisation.manage"


class StaleEdit(WrongState):
    """The organisation has changed since it was read; look again and repeat the edit."""


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of an edit: the new revision, each thing changed, and what to look after."""

    revision: int
    changes: list[Change]
    warnings: list[Mistake]


@dataclass(frozen=True, slots=True)
class Desk:
    """An edit under way: the chart as it is under the lock, who edits, and how far they may."""

    chart: Chart
    reach: Reach
    today: date
    caller: Caller | None

    def unit(self, code: str) -> UnitData:
        """The unit, or NotFound, for unknown ones and those of others alike."""
        found = self.chart.units.get(code)
        if found is None or not self.reach.unit(self.chart, code):
            raise not_here("unit", code)
        return found

    def person(self, login: str) -> PersonData:
        """The person, or NotFound likewise."""
        found = self.chart.people.get(login)
        if found is None or not self.reach.person(self.chart, found):
            raise not_here("person", login)
        return found

    def seat(self, seat_id: int) -> tuple[PersonData, SeatData]:
        """The seat and who sits there, or NotFound likewise."""
        for person in self.chart.people.values():
            for seat in person.seats:
                if seat.id == seat_id and self.reach.unit(self.chart, seat.unit):
                    return person, seat
        raise not_here("seat", str(seat_id))


def not_here(kind: str, named: str) -> NotFound:
    """The refusal for what does not exist for the caller."""
    chinese = {"unit": "单位", "person": "人员", "seat": "任职"}[kind]
    return NotFound(
        f"The {kind} {named[:64]} was asked for; there is none here that you maintain.",
        message_zh=f"没有您可以维护的{chinese}“{named[:64]}”。",
    )


def add_unit(
    session: Session, deps: Deps, caller: Caller, values: Mapping[str, Any], *, revision: int
) -> Edited:
    """Add a unit; `values` by the columns of `rows.UNIT_COLUMNS`. A unit without a parent is an outside body."""

    def change(desk: Desk) -> Chart:
        if values.get("parent"):
            desk.unit(str(values["parent"]))
        elif not desk.reach.whole:
            raise not_here("unit", "/")
        code = str(values.get("code") or "")
        if code in desk.chart.units:
            raise OrganisationRefused([_taken(f"unit {code}", "code")])
        return _from_rows(desk, Tables(units=[Row("", values)]))

    return _edit(session, deps, caller, revision, change)


def change_unit(
    session: Session, deps: Deps, caller: Caller, code: str, values: Mapping[str, Any], *, revision: int
) -> Edited:
    """Change fields of a unit: rename, move (`parent`), close (`until`), give it other roles; what `values` does not
    name stays. Moving takes everything below along.
    """

    def change(desk: Desk) -> Chart:
        unit = desk.unit(code)
        for named in ("parent", "acts_for"):
            if values.get(named) and values[named] != getattr(unit, named):
                desk.unit(str(values[named]))
        return _from_rows(desk, Tables(units=[Row("", {**values, "code": code}, whole=False)]))

    return _edit(session, deps, caller, revision, change)


def add_person(
    session: Session, deps: Deps, caller: Caller, values: Mapping[str, Any], *, revision: int
) -> Edited:
    """Add a person or system with a first seat; `values` by the columns of `rows.PERSON_COLUMNS`. They cannot sign in
    before they are given a password, a token or a key.
    """

    def change(desk: Desk) -> Chart:
        desk.unit(str(values.get("unit") or ""))
        login = str(values.get("login") or "")
        if login in desk.chart.people:
            raise OrganisationRefused([_taken(f"person {login[:64]}", "login")])
        return _from_rows(desk, Tables(people=[Row("", values)]))

    return _edit(session, deps, caller, revision, change)


def change_person(
    session: Session, deps: Deps, caller: Caller, login: str, values: Mapping[str, Any], *, revision: int
) -> Edited:
    """Change name, kind, e-mail or `active`. Whoever is no longer active is signed out everywhere at once."""

    def change(desk: Desk) -> Chart:
        person = desk.person(login)
        if desk.caller is not None and desk.caller.login == login and values.get("active") is False:
            raise NotPermitted(
                f"Deactivating {login} was asked for by {login}; nobody deactivates themself.",
                message_zh="不能停用自己的账号。",
            )
        wish = _from_rows(desk, Tables(people=[Row("", {**values, "login": login}, whole=False)]))
        return wish.with_person(replace(wish.people[login], seats=person.seats))

    return _edit(session, deps, caller, revision, change)


def add_seat(
    session: Session, deps: Deps, caller: Caller, login: str, values: Mapping[str, Any], *, revision: int
) -> Edited:
    """Give a person a further seat; `values` by the columns of `rows.SEAT_COLUMNS`."""

    def change(desk: Desk) -> Chart:
        person = desk.person(login)
        desk.unit(str(values.get("unit") or ""))
        seat, mistakes = seat_of(values, None, login)
        if mistakes:
            raise OrganisationRefused(mistakes)
        return desk.chart.with_person(replace(person, seats=(*person.seats, seat)))

    return _edit(session, deps, caller, revision, change)


def change_seat(
    session: Session, deps: Deps, caller: Caller, seat_id: int, values: Mapping[str, Any], *, revision: int
) -> Edited:
    """Change post, title, roles, superior or dates of a seat; what `values` does not name stays. Unit and person cannot
    be changed: end this seat and add another.
    """

    def change(desk: Desk) -> Chart:
        person, seat = desk.seat(seat_id)
        fresh, mistakes = seat_of(values, seat, person.login)
        if mistakes:
            raise OrganisationRefused(mistakes)
        return desk.chart.with_person(_reseated(person, seat, fresh))

    return _edit(session, deps, caller, revision, change)


def end_seat(
    session: Session, deps: Deps, caller: Caller, seat_id: int, last: date, *, revision: int
) -> Edited:
    """End a seat with `last` as its last day; one that would not have begun by then is taken away."""

    def change(desk: Desk) -> Chart:
        person, seat = desk.seat(seat_id)
        return desk.chart.with_person(_reseated(person, seat, end(seat, last)))

    return _edit(session, deps, caller, revision, change)


def apply(session: Session, deps: Deps, desk: Desk, after: Chart) -> Edited:
    """Make `after` of the desk's chart: check it, write it, raise the revision, record it, end what has to end.

    Raises OrganisationRefused with every mistake, and NotPermitted for what the caller may not change or would gain.
    """
    changes = check_edit(desk, after)
    now = deps.clock.now()
    revision = lock_office(session)
    if changes:
        write(session, desk.chart, after, now=now, password_hash=None)
        revision = bump_office(session)
    for change in changes:
        record(
            session,
            desk.caller.actor if desk.caller else SYSTEM,
            VERB,
            at=now,
            subject=change.subject,
            subject_id=change.key,
            before=change.before,
            after=change.after,
        )
        if change.subject == "person" and change.after and change.after.get("active") is False:
            shut = desk.chart.people.get(change.key)
            if shut is not None and shut.id is not None:
                end_all(session, shut.id, now=deps.clock.now())
    return Edited(revision, changes, warnings_of(session, after, changes, desk.today))


def check_edit(desk: Desk, after: Chart) -> list[Change]:
    """The changes of an edit, if the caller may make them and the chart holds together afterwards."""
    mistakes = check(after)
    if mistakes:
        raise OrganisationRefused(mistakes)
    changes = changes_between(desk.chart, after, desk.today)
    for change in changes:
        if not desk.reach.change(desk.chart, after, change):
            raise NotPermitted(
                f"Changing the {change.subject} {change.key[:64]} was asked for; it belongs in part to units you do not "
                "maintain.",
                message_zh=f"“{change.key[:64]}”涉及您不能维护的单位。",
            )
    if desk.caller is not None:
        _refuse_lifting(desk, after, changes, desk.caller.login)
    return changes


def _refuse_lifting(desk: Desk, after: Chart, changes: Sequence[Change], login: str) -> None:
    """Nobody gives themself a seat, more time on one, or a permission, be it by changing what a post grants."""
    seated = any(one.subject == "seat" and one.key == login and one.kind != "ended" for one in changes)
    gained = permissions_of(after, login, desk.today) - permissions_of(desk.chart, login, desk.today)
    if seated or gained:
        raise NotPermitted(
            f"More for {login} was asked for by {login}; nobody changes their own seats or permissions.",
            message_zh="不能改动自己的任职和权限。",
        )


def open_desk(session: Session, deps: Deps, caller: Caller | None) -> tuple[Desk, int]:
    """The organisation under the lock, for whoever may maintain it, and its revision. caller None: the machine itself."""
    if caller is not None:
        require(caller, VERB)
    revision = lock_office(session)
    chart, today = read_chart(session), day_of(deps.clock.now())
    return Desk(chart, Reach(caller, chart, today), today, caller), revision


def refuse_stale(expected: int, revision: int) -> None:
    """Raise StaleEdit unless the caller has seen the present revision."""
    if expected != revision:
        raise StaleEdit(
            f"An edit of revision {expected} of the organisation was asked for; it is at revision {revision}: look again.",
            message_zh="组织在您查看之后已经变动，请刷新后重试。",
            revision=revision,
        )


def _edit(
    session: Session, deps: Deps, caller: Caller, expected: int, change: Callable[[Desk], Chart]
) -> Edited:
    desk, revision = open_desk(session, deps, caller)
    after = change(desk)  # what does not exist for the caller is refused before its revision is spoken of
    refuse_stale(expected, revision)
    return apply(session, deps, desk, after)


def _from_rows(desk: Desk, tables: Tables) -> Chart:
    wish = wished(desk.chart, tables, desk.today)
    if wish.mistakes:
        raise OrganisationRefused(wish.mistakes)
    return wish.chart


def _reseated(person: PersonData, old: SeatData, new: SeatData | None) -> PersonData:
    seats = (new if seat is old else seat for seat in person.seats)
    return replace(person, seats=tuple(seat for seat in seats if seat is not None))


def _taken(thing: str, column: str) -> Mistake:
    return Mistake("", thing, column, "there is one already.", "已经存在。")
