"""How many open clocks a change of the calendar may move."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.calendar.arithmetic import end_of
from tasks.deadlines.clocks.tables import Clock

_COUNTED = ("cd", "wd")
"""The units in which days of the calendar matter."""


def clocks_over(session: Session, first: date, last: date, path: str = "") -> int:
    """How many open clocks in days are counted over some day from `first` to `last`; path: only those of the unit there
    and of units below. A paused clock has no end yet, so it counts. One statement.
    """
    clock = table(Clock).c
    statement = sa.select(sa.func.count()).where(
        clock.stopped_at.is_(None),
        clock.unit.in_(_COUNTED),
        clock.started_at < end_of(last),
        sa.or_(clock.due_at.is_(None), clock.due_at > end_of(first - timedelta(days=1))),
    )
    if path:
        statement = statement.where(clock.region.startswith(path, autoescape=True))
    return session.execute(statement).scalar_one()
