"""What every change of the working calendar leaves behind: a new office revision, and the job that counts open clocks again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import jobs
from tasks.organisation.revision import bump_office

RECOMPUTE = "redress.recompute_clocks"
"""The job that counts the open clocks again that a change of the calendar may move. Stored data.

Its arguments are `first` and `last` (ISO days whose kind has changed), `region` (a unit's code: it and everything below;
empty: everywhere) and `cause`, the word the clocks' revisions keep. What else it may be asked for says
`tasks.deadlines.clocks.changing.recomputing`.
"""

BATCH = 40
"""Clocks of one transaction: their instances are locked for about a tenth of a second."""


def calendar_changed(session: Session, first: date, last: date, region: str, cause: str = "calendar") -> None:
    """Tell every process that its calendars are old once this transaction commits, and have a job recompute what was
    counted over the days from `first` to `last` in `region`.
    """
    bump_office(session, moves_work=False)
    jobs.defer(
        session,
        RECOMPUTE,
        {"first": first.isoformat(), "last": last.isoformat(), "region": region, "cause": cause},
        lock=RECOMPUTE,
    )


def recount_clocks(session: Session, clocks: Sequence[UUID], cause: str, **more: Mapping[str, Any]) -> None:
    """Have jobs count these clocks again, with `more` of what RECOMPUTE takes; nothing where there are none."""
    jobs.defer_many(
        session,
        [
            jobs.Item(
                RECOMPUTE,
                {"clocks": [str(each) for each in some], "cause": cause, **more},
                lock=RECOMPUTE,
            )
            for some in (clocks[first : first + BATCH] for first in range(0, len(clocks), BATCH))
        ],
    )
