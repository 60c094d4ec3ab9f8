"""Ringing one rung of a clock: kept once per clock, due revision and rung, told, and handed to supervision; all of it in
one transaction, so that it has happened entirely or not at all, whatever is killed when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.errors import NotFound
from engine.instance import ACTIVE, SUSPENDED, locked
from tasks.audit.recording import chain_of, record
from tasks.core import table
from tasks.deadlines.clocks.arming import next_rung, rung_instants
from tasks.deadlines.clocks.moving import limit_of
from tasks.deadlines.clocks.reach import moving_for
from tasks.deadlines.clocks.recounting import settle
from tasks.deadlines.clocks.tables import Clock, ClockPause
from tasks.deadlines.policies.rungs import Rung, read_rungs
from tasks.deadlines.supervision.ladder import holders_of
from tasks.deadlines.supervision.opening import CLOCK, About
from tasks.deadlines.supervision.pressing import Press, press
from tasks.deadlines.supervision.tables import ClockRing
from tasks.deps import Deps
from tasks.organisation.assigning.routing import group_path

_CLOCK, _PAUSE, _RING = table(Clock), table(ClockPause), table(ClockRing)


def ring_clock(session: Session, arguments: Mapping[str, Any], *, deps: Deps) -> None:
    """Job: ring the rung `rung` of the due revision `revision` of the clock `clock_id`, and arm the next one.

    Where the clock has been stopped, paused or moved since the job was deferred, or the rung has rung, only the mark is
    taken away that it was queued: the sweep sees what there is now. A clock whose instance is over rings no more; one that
    was stopped while it stood still is counted for the last time.
    """
    clock_id = UUID(str(arguments["clock_id"]))
    instance_id = session.scalar(sa.select(_CLOCK.c.instance_id).where(_CLOCK.c.id == clock_id))
    if instance_id is None:
        return
    try:
        status = locked(session, instance_id).status
    except NotFound:
        status = ""
    clock = session.execute(sa.select(_CLOCK).where(_CLOCK.c.id == clock_id).with_for_update()).one()
    now = deps.clock.now()
    asked = (arguments["revision"], arguments["rung"])
    values: dict[str, Any] = {"queued_at": None}
    if clock.stopped_at is not None and clock.next_at is not None:
        moving = moving_for(session, deps, SYSTEM)
        settle(moving, *moving.clocks(clock_id))
    if clock.stopped_at is not None or status not in (ACTIVE, SUSPENDED):
        values |= {"next_rung": None, "next_at": None}
    elif clock.paused_at is not None:
        values |= {"next_at": None}
    elif (clock.revision, clock.next_rung) == asked and clock.next_at is not None and clock.next_at <= now:
        _ring(session, deps, clock, now)
        rung, at = _following(session, deps, clock, now) or (None, None)
        values |= {"next_rung": rung, "next_at": at}
    session.execute(sa.update(_CLOCK).where(_CLOCK.c.id == clock_id).values(values))


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
    session.execute(
        sa.update(_RING)
        .where(_RING.c.id == ring_id)
        .values(told=[asdict(one) for one in done.told], supervision_id=done.supervision_id)
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


def _following(session: Session, deps: Deps, clock: Any, now: datetime) -> tuple[int, datetime] | None:
    """The rung that comes after the one that has just rung, and when."""
    calendar = deps.office.current(session).calendars.of(clock.region)
    pauses = session.execute(
        sa.select(_PAUSE.c.from_at, _PAUSE.c.to_at)
        .where(_PAUSE.c.clock_id == clock.id, _PAUSE.c.to_at.is_not(None))
        .order_by(_PAUSE.c.from_at)
    ).all()
    instants = rung_instants(
        calendar,
        limit_of(clock),
        clock.rungs,
        clock.started_at,
        [(pause.from_at, pause.to_at) for pause in pauses],
        due=clock.due_at,
    )
    ever = session.scalars(sa.select(_RING.c.rung).where(_RING.c.clock_id == clock.id)).all()
    return next_rung(instants, behind=clock.next_rung, now=now, ever=set(ever))
