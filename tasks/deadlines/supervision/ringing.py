"""Ringing one rung of a clock: kept once per clock, due revision and rung, told, and handed to supervision; all of it in
one transaction, so that it has happened entirely or not at all, whatever is killed when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine import jobs
from engine.actor import SYSTEM
from engine.db import Statement
from engine.instance import ACTIVE, SUSPENDED
from tasks.audit.recording import chain_of, record
from tasks.core import table
from tasks.deadlines.calendar.reading import Calendars
from tasks.deadlines.clocks.arming import next_rung, rung_instants
from tasks.deadlines.clocks.changing.moving import limit_of, pauses_of
from tasks.deadlines.clocks.changing.reach import moving_for
from tasks.deadlines.clocks.changing.recounting import settle
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.policies.rungs import Rung, read_rungs
from tasks.deadlines.supervision.ladder import holders_of
from tasks.deadlines.supervision.opening import CLOCK, About
from tasks.deadlines.supervision.pressing import Press, press
from tasks.deadlines.supervision.sweep import RING, RINGS
from tasks.deadlines.supervision.tables import ClockRing
from tasks.deps import Deps
from tasks.organisation.assigning.routing import group_path

_CLOCK, _RING = table(Clock), table(ClockRing)


_INSTANCE = Statement(
    "SELECT id, status FROM process_instance WHERE id = (SELECT instance_id FROM clock WHERE id = %(clock_id)s) FOR UPDATE"
)
_ARM = Statement(
    "UPDATE clock SET queued_at = NULL, next_rung = %(next_rung)s, next_at = %(next_at)s WHERE id = %(id)s"
)
_TOLD = Statement(
    "UPDATE clock_ring SET told = %(told)s::jsonb, supervision_id = %(supervision_id)s WHERE id = %(id)s"
)
_INSTANCE_IF_FREE = Statement(f"{_INSTANCE.text} SKIP LOCKED")


def ring_clocks(_: Session, arguments: Mapping[str, Any], *, deps: Deps) -> None:
    """Job: ring several rungs (`items`, as the arguments of `ring_clock`), in a transaction each and none in the job's own.

    One whose instance something else is being done with, and one that fails, gets a job of its own.
    """

    def ring(session: Session, item: Mapping[str, Any]) -> None:
        found = _INSTANCE_IF_FREE.one(session, {"clock_id": item["clock_id"]})
        if found is None:
            alone(session, item)
        else:
            _look(session, item, found.status, deps)

    def alone(session: Session, item: Mapping[str, Any], _: Exception | None = None) -> None:
        instance = session.scalar(
            sa.select(_CLOCK.c.instance_id).where(_CLOCK.c.id == UUID(item["clock_id"]))
        )
        if instance is not None:
            jobs.defer_due(session, RING, RINGS, [(dict(item), instance)])

    jobs.one_by_one(deps.sessions, arguments["items"], ring, alone)


def ring_clock(session: Session, arguments: Mapping[str, Any], *, deps: Deps) -> None:
    """Job: ring the rung `rung` of the due revision `revision` of the clock `clock_id`, and arm the next one.

    Where the clock has been stopped, paused or moved since the job was deferred, or the rung has rung, only the mark is
    taken away that it was queued: the sweep sees what there is now. A clock whose instance is over rings no more; one that
    was stopped while it stood still is counted for the last time.
    """
    found = _INSTANCE.one(session, {"clock_id": arguments["clock_id"]})
    _look(session, arguments, found.status if found else "", deps)


def _look(session: Session, arguments: Mapping[str, Any], status: str, deps: Deps) -> None:
    """Ring the rung if it is to ring, behind the lock of the clock's instance. status: of that."""
    clock_id = UUID(str(arguments["clock_id"]))
    moving = moving_for(session, deps, SYSTEM)
    clock = next(iter(moving.clocks(clock_id)), None)
    if clock is None:
        return
    now = moving.at
    asked = (arguments["revision"], arguments["rung"])
    armed = (clock.next_rung, clock.next_at)
    if clock.stopped_at is not None and clock.next_at is not None:
        settle(moving, clock)
    if clock.stopped_at is not None or status not in (ACTIVE, SUSPENDED):
        armed = (None, None)
    elif clock.paused_at is not None:
        armed = (clock.next_rung, None)
    elif (clock.revision, clock.next_rung) == asked and clock.next_at is not None and clock.next_at <= now:
        _ring(session, deps, clock, now)
        armed = _following(moving.calendars, clock, now) or (None, None)
    _ARM.later(session, {"id": clock_id, "next_rung": armed[0], "next_at": armed[1]})


def _ring(session: Session, deps: Deps, clock: Any, now: datetime) -> None:
    """Keep the ring, and say it; nothing where it has rung already."""
    step = read_rungs(clock.rungs)[clock.next_rung]
    held = holders_of(session, clock)
    ring_id = deps.engine.new_id()
    fresh = session.execute(
        insert(_RING)
        .values(
            id=ring_id,
            clock_id=clock.id,
            revision=clock.revision,
            rung=clock.next_rung,
            step=step.text,
            planned_at=clock.next_at,
            rung_at=now,
            holder=held[0].group,
            path=group_path(held[0].group) or clock.region,
            told=[],
        )
        .on_conflict_do_nothing()
        .returning(_RING.c.id)
    ).scalar()
    if fresh is None:
        return
    key = f"{clock.id}:{clock.revision}:{clock.next_rung}"
    about = About(clock.instance_id, clock.number, clock.case_id, CLOCK, key, clock.id)
    done = press(
        session,
        deps,
        about,
        Press(
            reason="warning" if step.warns else "overdue",
            step=step.text,
            hours=float(step.hours),
            code=clock.code,
            name=clock.name,
            due_at=clock.due_at,
        ),
        held,
        region=clock.region,
        told=_told_before(session, clock, step),
    )
    _TOLD.later(
        session,
        {
            "id": ring_id,
            "told": orjson.dumps([asdict(one) for one in done.told]).decode(),
            "supervision_id": done.supervision_id,
        },
    )
    record(
        session,
        SYSTEM,
        "supervision.ring",
        at=now,
        chain=chain_of(clock.number if clock.case_id else None, clock.instance_id),
        subject="clock",
        subject_id=clock.id,
        after={
            "code": clock.code,
            "step": step.text,
            "revision": clock.revision,
            "told": [one.group for one in done.told],
            "supervision": done.supervision_id and str(done.supervision_id),
        },
    )


def _told_before(session: Session, clock: Any, step: Rung) -> set[str]:
    """The groups that got a work order on a lower step of the ladder, each step as it has rung last."""
    if step.warns:
        return set()
    steps = read_rungs(clock.rungs)
    rows = session.execute(
        sa.select(_RING.c.rung, _RING.c.told)
        .where(_RING.c.clock_id == clock.id, _RING.c.rung < clock.next_rung)
        .order_by(_RING.c.rung, _RING.c.revision)
    )
    last = {row.rung: row.told for row in rows if not steps[row.rung].warns}
    return {one["group"] for told in last.values() for one in told if one["order"]}


def _following(calendars: Calendars, clock: Any, now: datetime) -> tuple[int, datetime] | None:
    """The rung that comes after the one that has just rung, and when."""
    instants = rung_instants(
        calendars.of(clock.region),
        limit_of(clock),
        clock.rungs,
        clock.started_at,
        pauses_of(clock),
        due=clock.due_at,
    )
    return next_rung(instants, behind=clock.next_rung, now=now, ever={*clock.rung_before, clock.next_rung})
