"""Counting a running clock again, by today's calendar or by other terms: one rule for whatever made it necessary.

What was promised to a customer is never shortened without review: such a clock keeps its due instant, and a supervisor is
asked (domain §5).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from engine.actor import SYSTEM
from engine.db import Statement
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import OutsideCalendar
from tasks.deadlines.calendar.limits import FIXED, Limit
from tasks.deadlines.clocks.changing.extending import REFUSED, REQUESTED, SHORTENING
from tasks.deadlines.clocks.changing.moving import Course, Moving, course
from tasks.deadlines.clocks.tables import TASK, Clock, ClockRequest
from tasks.deadlines.policies.register import Policy
from tasks.user_task import UserTask

SETTLED = "stopped"
"""Why a clock was counted once more that was stopped while it stood still."""

_TERMS = Statement(
    """UPDATE clock SET policy_id = %(policy_id)s, amount = %(amount)s, unit = %(unit)s, rolls = %(rolls)s, target = %(target)s,
              rungs = %(rungs)s, pausable = %(pausable)s, stops_on = %(stops_on)s
       WHERE id = %(id)s"""
)
_CLOCK, _REQUEST, _TASK = table(Clock), table(ClockRequest), table(UserTask)


def recount(moving: Moving, clock: Any, cause: str, terms: tuple[Any, Policy] | None = None) -> None:
    """Count an open clock (of `Moving.clocks`) again, and move it if that gives another instant.

    terms: the row of the register it began with, and the version that shall count for it from now on. Start, pauses and
    extensions stay as they are; one that stands still is reckoned when it goes on. What would make due earlier than was
    promised is asked of a supervisor instead. What cannot be counted stays, with a line in the audit trail.
    """
    limit, rungs = None, None
    if terms is not None:
        limit, rungs = _take_over(moving, clock, *terms)
    if clock.paused_at is not None:
        if limit is not None:
            moving.record(clock, "clock.recompute", {"cause": cause, "amount": str(limit.amount)})
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


def settle(moving: Moving, clock: Any) -> None:
    """Give a clock (of `Moving.clocks`) that was stopped while it stood still the due instant it would have had if it had gone
    on just then, in its own unit and with the extensions granted meanwhile; and its task, unless that has none any more.

    Where the calendar does not reach, it keeps what was counted in natural time.
    """
    try:
        found = course(moving.calendars, clock, not_before=clock.last_due if clock.promised_at else None)
    except OutsideCalendar as error:
        moving.record(clock, "clock.recompute", {"cause": SETTLED, "problem": str(error)})
        return
    if found.due_at == clock.due_at:
        return
    moving.session.execute(
        sa.update(_CLOCK)
        .where(_CLOCK.c.id == clock.id)
        .values(due_at=found.due_at, provisional=found.provisional)
    )
    if clock.kind == TASK:
        moving.session.execute(
            sa.update(_TASK)
            .where(_TASK.c.id == clock.token_id, _TASK.c.due_at == clock.due_at)
            .values(due_at=found.due_at)
        )
    moving.record(
        clock,
        "clock.recompute",
        {"cause": SETTLED, "due_at": found.due_at, "provisional": found.provisional},
        before={"due_at": clock.due_at, "provisional": clock.provisional},
    )


def _take_over(moving: Moving, clock: Any, began: Any, policy: Policy) -> tuple[Limit | None, str | None]:
    """Give a running clock the terms of today's version; return its limit and rungs. What the diagram gave it itself, and
    the unit of a clock that was extended, it keeps.
    """
    if clock.unit == FIXED or (clock.extended and clock.unit != policy.unit):
        return None, None
    own = clock.amount != began.amount
    amount = clock.amount if own else policy.amount
    rungs = clock.rungs if clock.rungs != began.rungs else policy.rungs
    _TERMS.later(
        moving.session,
        {
            "id": clock.id,
            "policy_id": policy.id,
            "amount": amount,
            "unit": policy.unit,
            "rolls": policy.rolls,
            "target": clock.target if own else policy.target,
            "rungs": rungs,
            "pausable": list(policy.pauses),
            "stops_on": policy.stops_on,
        },
    )
    return replace(policy.limit, amount=amount).plus(clock.extended), rungs


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
    if not clock.shortening_asked:
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
