"""Which open clocks a change of the calendar may move: the one thing this room knows of clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.calendar.arithmetic import end_of
from tasks.deadlines.calendar.limits import FIXED, HOURS
from tasks.deadlines.clocks.tables import Clock


def counted_over(first: date, last: date, region: str = "") -> Sequence[sa.ColumnElement[bool]]:
    """The conditions on `clock` that it runs, is counted in days or due with a day that rolls, and over some day from `first`
    to `last`.

    region: a unit's code: only its clocks and those of units below. One that stands still has no end yet, so it counts.
    """
    clock = table(Clock).c
    conditions = [
        clock.stopped_at.is_(None),
        clock.unit != sa.literal_column(f"'{HOURS}'"),  # as the index ix_clock_counted says it
        sa.or_(clock.unit != FIXED, clock.rolls),
        clock.started_at < end_of(last),
        sa.or_(clock.due_at.is_(None), clock.due_at > end_of(first - timedelta(days=1))),
    ]
    if region:
        conditions.append(sa.func.strpos(clock.region, f"/{region}/") > 0)
    return conditions


def clocks_over(session: Session, first: date, last: date) -> int:
    """How many there are everywhere. One statement."""
    counted = sa.select(sa.func.count()).select_from(table(Clock)).where(*counted_over(first, last))
    return session.execute(counted).scalar_one()
