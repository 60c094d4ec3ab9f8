"""Open clocks follow who answers for them when work is routed anew or a unit moves, and so does the calendar they are
counted by: a job counts those again that now belong to another place.

Rerouting waits for nobody (`tasks.organisation.assigning.rerouting`), so what somebody else is writing is left for its next
look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.calendar.changed import recount_clocks
from tasks.deadlines.calendar.limits import CALENDAR_DAYS, WORKING_DAYS
from tasks.deadlines.clocks.tables import Clock

_CLOCK = table(Clock)
_OPEN = _CLOCK.c.stopped_at.is_(None)
_COUNTED = (CALENDAR_DAYS, WORKING_DAYS)

REGION = "region"
"""Why a clock moved that is counted by another unit's calendar now. Stored data."""

_HAND_OVER = sa.text(
    """UPDATE clock c SET holder = r.holder, region = r.region
       FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, holder text, region text) WHERE c.id = r.id"""
)


def open_clocks(
    session: Session, *, tasks: Collection[UUID] = (), cases: Collection[UUID] = ()
) -> tuple[list[Any], set[UUID]]:
    """The open clocks of the tasks and of the cases, locked, and the tasks and cases of which somebody else is writing one.

    A row has id, token_id, case_id, holder, region and unit. Two statements, none without tasks and cases.
    """
    if not tasks and not cases:
        return [], set()
    wanted = sa.select(*_CLOCK.c["id", "token_id", "case_id", "holder", "region", "unit"]).where(
        _OPEN, sa.or_(_CLOCK.c.token_id.in_(tasks), _CLOCK.c.case_id.in_(cases))
    )
    all_of_them = session.execute(wanted).all()
    locked = session.execute(wanted.order_by(_CLOCK.c.id).with_for_update(skip_locked=True)).all()
    free = {row.id for row in locked}
    busy = [row for row in all_of_them if row.id not in free]
    return list(locked), {key for row in busy for key in (row.token_id, row.case_id) if key}


def hand_over(session: Session, clocks: Iterable[Any], holders: Iterable[Mapping[str, Any]]) -> None:
    """Give the clocks (rows of `open_clocks`) of tasks to their new holders. At most two statements.

    holders: `id` of a task with the `holder` and its `unit`; a holder of no unit leaves the region as it is.
    """
    now_with = {each["id"]: each for each in holders}
    _write(
        session,
        [
            (clock, each["holder"], each["unit"] or clock.region)
            for clock in clocks
            if (each := now_with.get(clock.token_id))
        ],
    )


def bring_clocks_along(
    session: Session,
    clocks: Iterable[Any],
    brought: Callable[[str], str],
    stands: Callable[[str], str | None],
) -> None:
    """Write the clocks of units that have moved under their new places. At most two statements.

    brought: a group under its new place. stands: the path of the unit that a path leads or led to, None where it is no more.
    """
    _write(
        session,
        [(clock, brought(clock.holder), stands(clock.region) or clock.region) for clock in clocks],
    )


def _write(session: Session, handed: Sequence[tuple[Any, str, str]]) -> None:
    """Write of each clock its holder and region, and have those counted again whose days another calendar says."""
    rows = [
        {"id": clock.id, "holder": holder, "region": region}
        for clock, holder, region in handed
        if (clock.holder, clock.region) != (holder, region)
    ]
    if rows:
        session.execute(_HAND_OVER, {"rows": orjson.dumps(rows).decode()})
    moved = [clock.id for clock, _, region in handed if clock.region != region and clock.unit in _COUNTED]
    recount_clocks(session, moved, REGION)
