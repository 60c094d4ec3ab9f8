"""Saying in time that a year is missing: the State Council publishes the next one between late October and December."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.organisation.tables import Membership
from tasks.organisation.tree import in_effect, is_top
from tasks.people.tables import Person
from tasks.permissions.matrix import OPERATOR, SUPERVISOR
from tasks.talk.causes import YEAR_MISSING
from tasks.talk.telling import tell

FROM_MONTH = 11
"""From the first day of this month on, next year is missed (design §8)."""


def missing_years(published: Collection[int], today: date) -> list[int]:
    """The years that should be published by `today` and are not: this one, and from 1 November on the next one."""
    wanted = [today.year, *([today.year + 1] if today.month >= FROM_MONTH else [])]
    return [year for year in wanted if year not in published]


def tell_of_missing_years(session: Session, deps: Deps) -> None:
    """Tell supervisors and operators of headquarters, once in an ISO week, of every year that is missing."""
    snapshot = deps.office.current(session)
    missing = missing_years(snapshot.calendars.published, snapshot.day)
    if not missing:
        return
    week = snapshot.day.isocalendar()
    people = _at_headquarters(session, deps)
    for year in missing:
        tell(
            session,
            deps.clock,
            YEAR_MISSING,
            f"{year}:{week.year}-W{week.week:02}",
            people=people,
            fields={"year": str(year)},
        )


def _at_headquarters(session: Session, deps: Deps) -> list[UUID]:
    """Everybody whose seat reaches the whole of the company and grants supervising or operating."""
    snapshot = deps.office.current(session)
    whole = [
        unit.id
        for unit in snapshot.organisation.units
        if not unit.external and is_top(snapshot.organisation.reach(unit))
    ]
    seats = table(Membership).c
    rows = session.execute(
        sa.select(Person.id, Person.login)
        .distinct()
        .join(Membership, seats.person_id == Person.id)
        .where(seats.unit_id.in_(whole), Person.active, Person.kind == "person", in_effect(snapshot.day))
        .order_by(Person.login)
    ).all()
    return [
        row.id
        for row in rows
        if any(
            is_top(seat.reach) and not seat.roles.isdisjoint((SUPERVISOR, OPERATOR))
            for seat in deps.office.standing(session, row.id, row.login).seats
        )
    ]
