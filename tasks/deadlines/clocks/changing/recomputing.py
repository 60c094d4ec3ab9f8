"""The job that counts open clocks again after the working calendar or the register has changed.

In batches, each a transaction that defers the next one, so that it can be killed anywhere; every instance is locked before its
clocks are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.actor import SYSTEM
from tasks.core import table
from tasks.deadlines.calendar.changed import BATCH, RECOMPUTE
from tasks.deadlines.calendar.counting import counted_over
from tasks.deadlines.clocks.changing.choosing import choose, today
from tasks.deadlines.clocks.changing.reach import lock_all, moving_for, rearm
from tasks.deadlines.clocks.changing.recounting import recount
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.policies.register import Policy
from tasks.deps import Deps

_CLOCK = table(Clock)


def recompute(session: Session, arguments: Mapping[str, Any], *, deps: Deps) -> None:
    """Job RECOMPUTE: `first` and `last` (ISO days that have changed) and `region` (a unit's code; empty: everywhere), or
    `code` (of a register row that shall count for running clocks too), or `clocks` (ids), to which what `chosen` says (a
    level, as of `Policies.find`) gives other terms; `cause`; `after` (where the batch before ended).
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
        terms = _terms(session, deps, clocks, arguments)
        for clock in clocks:
            recount(moving, clock, str(arguments.get("cause") or "calendar"), terms.get(clock.id))
        rearm(session, deps, moving)
    if len(found) == BATCH:
        last = [str(found[-1].instance_id), str(found[-1].id)]
        jobs.defer(session, RECOMPUTE, {**arguments, "after": last}, lock=RECOMPUTE)


def _touched(arguments: Mapping[str, Any]) -> Sequence[sa.ColumnElement[bool]]:
    """The condition on clocks that what has changed may move: they were counting on one of the days, in the region."""
    if code := arguments.get("code"):
        return (_CLOCK.c.code == code,)
    if "clocks" in arguments:
        return (_CLOCK.c.id.in_([UUID(each) for each in arguments["clocks"]]),)
    first, last = date.fromisoformat(arguments["first"]), date.fromisoformat(arguments["last"])
    going = _CLOCK.c.due_at.is_not(None)  # one that stands still is reckoned when it goes on
    return (*counted_over(first, last, arguments.get("region") or ""), going)


def _terms(
    session: Session, deps: Deps, clocks: Sequence[Any], arguments: Mapping[str, Any]
) -> Mapping[UUID, tuple[Any, Policy]]:
    policies = deps.office.current(session).policies
    if "code" in arguments:
        return today(session, policies, clocks)
    if "chosen" in arguments:
        return choose(session, policies, clocks, arguments["chosen"])[0]
    return {}
