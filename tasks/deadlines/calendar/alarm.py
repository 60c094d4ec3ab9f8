"""Saying in time that a year is missing: the State Council publishes the next one between late October and December."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy.orm import Session

from tasks.deps import Deps
from tasks.organisation.headquarters import people_at_headquarters
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
    people = people_at_headquarters(session, deps, SUPERVISOR, OPERATOR)
    for year in missing:
        tell(
            session,
            deps.clock,
            YEAR_MISSING,
            f"{year}:{week.year}-W{week.week:02}",
            people=people,
            fields={"year": str(year)},
        )
