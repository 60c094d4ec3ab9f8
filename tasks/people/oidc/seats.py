"""Seats and accounts that follow the groups of an identity provider, at every sign-in.

A seat that a group has given ends when its person signs in without the group, with yesterday as its last day; seats given
here stay as they are. Everything goes the way of any edit of the organisation: under its lock, checked whole, recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.organisation.changing.chart import Chart, PersonData, SeatData
from tasks.organisation.changing.checking import LOGIN
from tasks.organisation.changing.editing import Desk, apply, open_desk
from tasks.organisation.changing.mistakes import OrganisationRefused
from tasks.organisation.changing.rows import end
from tasks.organisation.tables import Membership, OrgUnit
from tasks.people.oidc.groups import OidcSeat, seats_of
from tasks.people.oidc.linking import attach, person_of
from tasks.people.oidc.refusals import NoAccount
from tasks.people.oidc.settings import ProviderSettings
from tasks.people.tables import Person

Places = Mapping[tuple[str, str | None], frozenset[str]]
"""(unit, post) → roles."""

_GIVEN = table(OidcSeat)


def follow_groups(
    session: Session, deps: Deps, provider: ProviderSettings, person: Any, claims: Mapping[str, Any]
) -> None:
    """Bring a person's seats in line with the groups of the claims. Two statements where nothing has changed.

    Raises NoAccount where the organisation would not hold together with them.
    """
    wanted = seats_of(session, provider.name, claims.get(provider.groups_claim))
    today = deps.office.current(session).day
    if not _differs(session, provider, person, wanted, today):
        return
    desk, _ = open_desk(session, deps, None)
    held = desk.chart.people[person.login]
    given = _given(session, provider, held)
    kept = [
        seat if _still(seat, given, wanted, today) else end(seat, _day_before(today)) for seat in held.seats
    ]
    seats = [seat for seat in kept if seat is not None]
    fresh = _fresh(desk, wanted, [seat for seat in seats if seat.holds(today)])
    if not seats and not fresh:  # where somebody sat last stays known, even where it was for hours only
        last = _day_before(today)
        seats = [replace(seat, valid_from=last, valid_until=last) for seat in held.seats[:1]]
    _write(session, deps, provider, desk, replace(held, seats=(*seats, *fresh)))


def make_account(session: Session, deps: Deps, provider: ProviderSettings, claims: Mapping[str, Any]) -> None:
    """Give whom a mapped group gives a seat an account without a password, linked with the identity.

    Raises NoAccount where no group does, and for a login that cannot be, or that somebody has already: an account that is
    there is linked by an operator and by nobody else.
    """
    login, name = claims.get(provider.login_claim), claims.get(provider.name_claim)
    wanted = seats_of(session, provider.name, claims.get(provider.groups_claim))
    desk, _ = open_desk(session, deps, None)
    subject = str(claims["sub"])
    if person_of(session, provider.issuer, subject) is not None:
        return  # the same person in another window was faster
    seats = _fresh(desk, wanted, [])
    if not seats:
        raise _no_account(
            provider, "none of their groups gives a seat here", "您所在的用户组在本系统没有岗位"
        )
    if not isinstance(login, str) or not LOGIN.match(login):
        raise _no_account(provider, "the provider names no usable login", "统一认证没有给出可用的账号名")
    if login.casefold() in {held.casefold() for held in desk.chart.people}:
        raise _no_account(
            provider,
            f"there is an account {login[:60]} already, which nobody has linked",
            f"账号“{login}”已存在但尚未关联",
        )
    called = name if isinstance(name, str) and name.strip() and storable(name) else login
    _write(session, deps, provider, desk, PersonData(login, called.strip()[:100], seats=seats))
    person = table(Person)
    made = session.execute(
        sa.update(person)
        .where(person.c.login == login)
        .values(must_change_password=False)
        .returning(person.c.id)
    ).scalar_one()
    attach(session, deps, made, provider.issuer, subject)
    record(
        session,
        SYSTEM,
        "organisation.manage",
        at=deps.clock.now(),
        subject="person",
        subject_id=made,
        after={"linked": provider.name, "subject": subject},
    )


def _differs(session: Session, provider: ProviderSettings, person: Any, wanted: Places, today: date) -> bool:
    """Whether a seat is missing, or one that a group gave is no longer due. One statement."""
    seat = table(Membership)
    missing = set(wanted)
    for row in session.execute(
        sa.select(OrgUnit.code, seat.c.post, seat.c.roles, _GIVEN.c.provider)
        .select_from(seat)
        .join(OrgUnit, OrgUnit.id == seat.c.unit_id)
        .outerjoin(_GIVEN, _GIVEN.c.membership_id == seat.c.id)
        .where(seat.c.person_id == person.id)
        .where(sa.func.coalesce(seat.c.valid_from, today) <= today)
        .where(sa.func.coalesce(seat.c.valid_until, today) >= today)
    ):
        place = (row.code, row.post)
        missing.discard(place)
        if row.provider == provider.name and wanted.get(place) != frozenset(row.roles):
            return True
    return bool(missing)


def _given(session: Session, provider: ProviderSettings, person: PersonData) -> frozenset[int | None]:
    """The ids of the seats that groups of the provider have given."""
    seats = [seat.id for seat in person.seats]
    statement = sa.select(_GIVEN.c.membership_id).where(
        _GIVEN.c.membership_id.in_(seats), _GIVEN.c.provider == provider.name
    )
    return frozenset(session.scalars(statement))


def _still(seat: SeatData, given: frozenset[int | None], wanted: Places, today: date) -> bool:
    """Whether a seat stays: those that no group gave, those that are over, and those still due as they are."""
    if seat.id not in given or not seat.holds(today):
        return True
    return wanted.get((seat.unit, seat.post)) == frozenset(seat.roles)


def _fresh(desk: Desk, wanted: Places, present: list[SeatData]) -> tuple[SeatData, ...]:
    """The seats that are still to be given, in units that are open today."""
    taken = {(seat.unit, seat.post) for seat in present}
    return tuple(
        SeatData(valid_from=desk.today, unit=unit, post=post, roles=tuple(sorted(roles)))
        for (unit, post), roles in wanted.items()
        if (unit, post) not in taken and is_open(desk.chart, unit, desk.today)
    )


def is_open(chart: Chart, unit: str, today: date) -> bool:
    """Whether there is such a unit and it, and all above it, are in effect: nobody is given a seat in another."""
    return unit in chart.units and all(above.holds(today) for above in chart.ancestry(unit))


def _write(session: Session, deps: Deps, provider: ProviderSettings, desk: Desk, person: PersonData) -> None:
    """Store the person, and of the new seats that groups gave them."""
    try:
        apply(session, deps, desk, desk.chart.with_person(person))
    except OrganisationRefused as refusal:
        raise _no_account(
            provider, f"their groups do not fit the organisation ({refusal})", "用户组与组织数据不符"
        ) from refusal
    seat, held = table(Membership), [each.id for each in person.seats if each.id is not None]
    fresh = session.scalars(
        sa.select(seat.c.id)
        .join(Person, Person.id == seat.c.person_id)
        .where(Person.login == person.login, seat.c.id.not_in(held))
    ).all()
    if fresh:
        session.execute(
            sa.insert(_GIVEN), [{"membership_id": each, "provider": provider.name} for each in fresh]
        )


def _no_account(provider: ProviderSettings, why: str, why_zh: str) -> NoAccount:
    return NoAccount(
        f"Signing in with {provider.name} was asked for; {why}.",
        message_zh=f"{why_zh}，请联系系统运维。",
    )


def _day_before(day: date) -> date:
    return day - timedelta(days=1)
