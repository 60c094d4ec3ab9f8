"""The job that counts open clocks again after the working calendar or the register has changed.

In batches, each a transaction that defers the next one, so that it can be killed anywhere; every instance is locked before its
clocks are. What was promised to a customer is never shortened without review: such a clock keeps its due instant, and a
supervisor is asked (domain §5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.actor import SYSTEM
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI, OutsideCalendar, end_of
from tasks.deadlines.calendar.changed import RECOMPUTE
from tasks.deadlines.clocks.extending import REFUSED, REQUESTED, SHORTENING
from tasks.deadlines.clocks.limits import FIXED, Limit
from tasks.deadlines.clocks.moving import Course, Moving, course
from tasks.deadlines.clocks.reach import lock_all, moving_for, rearm
from tasks.deadlines.clocks.tables import Clock, ClockRequest
from tasks.deadlines.policies.register import Policy
from tasks.deadlines.policies.tables import KEY, ClockPolicy
from tasks.deps import Deps

BATCH = 40
"""Clocks of one transaction: their instances are locked for about a tenth of a second."""

_CLOCK, _REQUEST, _POLICY = table(Clock), table(ClockRequest), table(ClockPolicy)


def recompute(session: Session, arguments: Mapping[str, Any], *, deps: Deps) -> None:
    """Job RECOMPUTE: `first` and `last` (ISO days that have changed) and `region` (a unit's code; empty: everywhere), or
    `code` (of a register row that shall count for running clocks too); `cause`; `after` (where the batch before ended).
    """
    key = (_CLOCK.c.instance_id, _CLOCK.c.id)
    wanted = sa.select(*key).where(_CLOCK.c.stopped_at.is_(None), *_touched(arguments))
    if after := arguments.get("after"):
        wanted = wanted.where(
            sa.tuple_(*key) > sa.tuple_(*(sa.literal(UUID(each), sa.Uuid) for each in after))
        )
    found = session.execute(wanted.order_by(*key).limit(BATCH)).all()
    if found:
        lock_all(session, [row.instance_id for row in found])
        moving = moving_for(session, deps, SYSTEM)
        clocks = [row for row in moving.clocks(*(row.id for row in found)) if row.stopped_at is None]
        policies = _current(session, deps, clocks) if "code" in arguments else {}
        for clock in clocks:
            _recount(moving, clock, str(arguments.get("cause") or "calendar"), policies.get(clock.policy_id))
        rearm(session, deps, moving)
    if len(found) == BATCH:
        last = [str(found[-1].instance_id), str(found[-1].id)]
        jobs.defer(session, RECOMPUTE, {**arguments, "after": last}, lock=RECOMPUTE)


def _touched(arguments: Mapping[str, Any]) -> Sequence[sa.ColumnElement[bool]]:
    """The condition on clocks that what has changed may move: they were counting on one of the days, in the region."""
    if code := arguments.get("code"):
        return (_CLOCK.c.code == code,)
    first = datetime.combine(date.fromisoformat(arguments["first"]), time.min, SHANGHAI)
    condition = [
        _CLOCK.c.unit.in_(("cd", "wd")),
        _CLOCK.c.started_at < end_of(date.fromisoformat(arguments["last"])),
        _CLOCK.c.due_at > first,  # one that stands still is reckoned when it goes on
    ]
    if region := arguments.get("region"):
        condition.append(sa.func.strpos(_CLOCK.c.region, f"/{region}/") > 0)
    return condition


def _recount(moving: Moving, clock: Any, cause: str, policy: tuple[Any, Policy] | None) -> None:
    limit, rungs = None, None
    if policy is not None:
        limit, rungs = _take_over(moving, clock, *policy)
    if clock.paused_at is not None:
        return
    try:
        found = course(moving.calendars, clock, limit=limit, rungs=rungs)
    except OutsideCalendar as error:
        moving.record(clock, "clock.recompute", {"cause": cause, "problem": str(error)})
        return
    if clock.promised_at is not None and found.due_at < clock.due_at:
        _ask(moving, clock, cause, found)
        return
    _withdraw(moving, clock)
    if (found.due_at, found.warn_at, found.provisional) != (clock.due_at, clock.warn_at, clock.provisional):
        moving.goes(clock, cause, found)
        moving.record(
            clock,
            "clock.recompute",
            {"cause": cause, "due_at": found.due_at, "provisional": found.provisional},
            before={"due_at": clock.due_at, "provisional": clock.provisional},
        )


def _ask(moving: Moving, clock: Any, cause: str, found: Course) -> None:
    """Have a supervisor decide whether due becomes earlier than what was promised by it. Asked once for each new instant."""
    last = moving.session.execute(
        sa.select(_REQUEST)
        .where(_REQUEST.c.clock_id == clock.id, _REQUEST.c.kind == SHORTENING)
        .order_by(_REQUEST.c.asked_at.desc(), _REQUEST.c.id.desc())
        .limit(1)
    ).first()
    if last is not None and last.state in (REQUESTED, REFUSED) and last.due_after == found.due_at:
        return
    if last is not None and last.state == REQUESTED:
        changed = sa.update(_REQUEST).where(_REQUEST.c.id == last.id)
        moving.session.execute(changed.values(due_after=found.due_at))
    else:
        moving.session.execute(
            sa.insert(_REQUEST).values(
                id=moving.new_id(),
                clock_id=clock.id,
                kind=SHORTENING,
                reason=cause,
                due_before=clock.due_at,
                due_after=found.due_at,
                state=REQUESTED,
                asked_at=moving.at,
                asked_by=SYSTEM.id,
                asked_by_name=SYSTEM.name,
            )
        )
    moving.record(
        clock, "clock.recompute", {"cause": cause, "request": SHORTENING, "due_at": found.due_at},
        before={"due_at": clock.due_at},
    )  # fmt: skip


def _withdraw(moving: Moving, clock: Any) -> None:
    """A shortening that is not one any more needs no decision."""
    if clock.promised_at is None:
        return
    moving.session.execute(
        sa.update(_REQUEST)
        .where(_REQUEST.c.clock_id == clock.id, _REQUEST.c.kind == SHORTENING, _REQUEST.c.state == REQUESTED)
        .values(
            state=REFUSED,
            decided_at=moving.at,
            decided_by=SYSTEM.id,
            decided_by_name=SYSTEM.name,
            note="recomputed",
        )
    )


def _current(session: Session, deps: Deps, clocks: Sequence[Any]) -> dict[UUID, tuple[Any, Policy]]:
    """Of the versions the clocks began with: the row itself, and the version that counts today in its place."""
    begun = {clock.policy_id for clock in clocks if clock.policy_id}
    today = deps.office.current(session).policies.by_code
    found = {}
    for row in session.execute(sa.select(_POLICY).where(_POLICY.c.id.in_(begun))):
        key = [getattr(row, name) for name in KEY]
        for policy in today.get(row.code, ()):
            if [getattr(policy, name) for name in KEY] == key:
                found[row.id] = (row, policy)
    return found


def _take_over(moving: Moving, clock: Any, began: Any, policy: Policy) -> tuple[Limit | None, str | None]:
    """Give a running clock the terms of today's version; return its limit and rungs. What the diagram gave it itself, and
    the unit of a clock that was extended, it keeps.
    """
    if clock.unit == FIXED or (clock.extended and clock.unit != policy.unit):
        return None, None
    own = clock.amount != began.amount
    amount = clock.amount if own else policy.amount
    rungs = clock.rungs if clock.rungs != began.rungs else policy.rungs
    moving.session.execute(
        sa.update(_CLOCK)
        .where(_CLOCK.c.id == clock.id)
        .values(
            policy_id=policy.id,
            amount=amount,
            unit=policy.unit,
            rolls=policy.rolls,
            target=clock.target if own else policy.target,
            rungs=rungs,
            pausable=list(policy.pauses),
            stops_on=policy.stops_on,
        )
    )
    return replace(policy.limit, amount=amount).plus(clock.extended), rungs
