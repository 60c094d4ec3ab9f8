"""Elements of a diagram at which the case's clocks stand still (`sla.pause`), and what it tells the customer (`sla.promise`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.instance import ACTIVE
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import OutsideCalendar
from tasks.deadlines.clocks.beginning import Standstill
from tasks.deadlines.clocks.changing.moving import Moving
from tasks.deadlines.clocks.instants import read_instant
from tasks.deadlines.clocks.keeping import PAUSE, PROMISE, Timekeeping, entered_with
from tasks.deadlines.clocks.stood import stood_until, written
from tasks.deadlines.clocks.tables import CASE
from tasks.memo import memo

_CASE = table(Case)


def follow(session: Session, time: Timekeeping) -> bool:
    """Pause and resume the clocks of the instance as its tokens reach and leave elements with `sla.pause`, and keep what
    they promise. Returns whether a clock has moved. No statement where nothing of the kind happened.
    """
    move, ground = time.move, time.ground
    began = entered_with(move, PAUSE)
    left = [over for over in move.over if PAUSE in over.properties]
    promises = entered_with(move, PROMISE)
    if not (began or left or promises) or move.instance.status != ACTIVE:
        return False
    moving = Moving(session, ground.snapshot.calendars, ground.at, SYSTEM, ground.new_id)
    rows = moving.clocks_of([move.instance.id])
    if began or left:
        over = {str(each) for each in (*move.completed, *move.cancelled, *(each.id for each in move.over))}
        holders = ground.standstill.held_by if ground.standstill else ()
        for row in rows:
            _follow(time, moving, row, over, holders)
        mark_case(session, time.move.instance.business_key, ground.standstill, ground.at)
    for _, name, properties in promises:
        until = read_instant(properties[PROMISE])
        if until is None:
            time.problems.append(f"{name}: {properties[PROMISE]!r} is no date and time to promise.")
        else:
            moving.promise([row for row in rows if row.kind == CASE], until, "")
    return bool(moving.instances)


def _follow(time: Timekeeping, moving: Moving, row: Any, over: set[str], holders: Iterable[str]) -> None:
    kept = [each for each in row.held_by if each.partition(":")[2] not in over]
    fresh = [each for each in holders if each.partition(":")[0] in row.pausable and each not in kept]
    reason = row.pause_reason or (fresh[0].partition(":")[0] if fresh else "")
    keeping = [*kept, *(each for each in fresh if each.partition(":")[0] == reason)]
    if row.paused_at is None:
        if keeping:
            moving.pause(row, reason, time.ground.at, keeping)
            moving.record(row, "clock.pause", {"reason": reason})
    elif keeping:
        if keeping != list(row.held_by):
            moving.hold(row, keeping)
    elif row.held_by:
        try:
            moving.resume(row)
            moving.record(row, "clock.resume", {"reason": reason})
        except OutsideCalendar as error:
            time.problems.append(f"{row.activity_id}: {error}")


def mark_case(session: Session, number: str, standstill: Standstill | None, at: datetime) -> None:
    """Write on the case file since when and why it waits, so that clocks that begin meanwhile begin standing still."""
    remembered = memo(session).cases
    behind = remembered.get(number)
    if behind is None:
        return
    held_by = standstill.held_by if standstill else ()
    since = standstill.since if standstill else None
    stood = stood_until(behind.stood_still, behind.paused_at, behind.paused_by, at)
    session.execute(
        sa.update(_CASE)
        .where(_CASE.c.id == behind.id)
        .values(
            paused_at=since,
            pause_reason=held_by[0].partition(":")[0] if held_by else "",
            paused_by=list(held_by),
            stood_still=written(stood),
        )
    )
    remembered[number] = replace(behind, paused_at=since, paused_by=tuple(held_by), stood_still=stood)
