"""One clock, and all of a case, with ledger and story, for the API; what lists and pages show is in `faces`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import Statement
from tasks.cases.reading import read_case
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import OutsideCalendar
from tasks.deadlines.calendar.limits import Remaining, reckon, remaining
from tasks.deadlines.calendar.reading import Calendars
from tasks.deadlines.clocks.changing.moving import LEDGER, aim_of, course, pauses_of
from tasks.deadlines.clocks.changing.reach import seen
from tasks.deadlines.clocks.holders import HELD
from tasks.deadlines.clocks.tables import ClockRequest
from tasks.deps import Deps
from tasks.people.caller import Caller

RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"

_SEEN = f"""SELECT c.*, {LEDGER}, coalesce(held.holder, c.holder) AS held_by, p.note AS pause_note, p.begun_by AS paused_by_id,
    coalesce(person.name, p.begun_by, '') AS paused_by_name,
    (SELECT count(*) FROM clock_request q WHERE q.clock_id = c.id AND q.state = 'requested') AS open_requests
  FROM clock c
  LEFT JOIN clock_pause p ON p.clock_id = c.id AND p.to_at IS NULL
  LEFT JOIN person ON person.id::text = p.begun_by
  LEFT JOIN LATERAL ({HELD.format(clock="c")}) AS held ON true
  WHERE {{}} ORDER BY c.started_at, c.id"""
_OF_CASE = Statement(_SEEN.format("c.case_id = %(case_id)s"))
_ONE = Statement(_SEEN.format("c.id = %(clock_id)s"))

_PAUSES = Statement(
    """SELECT p.*, coalesce(begun.name, p.begun_by) AS begun_by_name, coalesce(ended.name, p.ended_by) AS ended_by_name
    FROM clock_pause p LEFT JOIN person begun ON begun.id::text = p.begun_by
    LEFT JOIN person ended ON ended.id::text = p.ended_by
    WHERE p.clock_id = %(clock_id)s ORDER BY p.from_at, p.id"""
)
_REVISIONS = Statement(
    """SELECT r.*, coalesce(person.name, r.by) AS by_name FROM clock_revision r
    LEFT JOIN person ON person.id::text = r.by WHERE r.clock_id = %(clock_id)s ORDER BY r.revision"""
)
_PROMISES = Statement(
    """SELECT p.*, coalesce(person.name, p.made_by) AS made_by_name FROM clock_promise p
    LEFT JOIN person ON person.id::text = p.made_by WHERE p.clock_id = %(clock_id)s ORDER BY p.made_at, p.id"""
)
_REQUEST = table(ClockRequest)


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """A clock now. row: its columns, with `pause_note`, `paused_by_name`, `open_requests` and
    `held_by`, the candidate group that has its work; of a stage that is over the one it counts for.

    state: `running`, `paused` or `stopped`. due_at: None while it stands still. left: also of one that stands still, as if it
    went on now; None where the calendar does not reach so far. target_at: when the aim of the register is reached. late:
    whether it is, or was when it stopped, over its limit.
    """

    row: Any
    state: str
    due_at: datetime | None
    target_at: datetime | None
    left: Remaining | None
    late: bool


@dataclass(frozen=True, slots=True)
class ClockStory:
    """A clock with everything that happened to it, each in order."""

    clock: ClockSeen
    pauses: Sequence[Any]
    revisions: Sequence[Any]
    requests: Sequence[Any]
    promises: Sequence[Any]


def clocks_of_case(session: Session, deps: Deps, caller: Caller, number: str) -> list[ClockSeen]:
    """All clocks of a case, the oldest first, for whoever sees it. Raises NotPermitted, NotFound."""
    case = read_case(session, deps, caller, number, verb="clock.read")
    return _shown(session, deps, _OF_CASE.all(session, {"case_id": case.id}))


def read_clock(session: Session, deps: Deps, caller: Caller, clock_id: UUID) -> ClockStory:
    """One clock with its ledger, revisions, requests and promises. Raises NotPermitted, NotFound."""
    seen(session, deps, caller, clock_id)
    (clock,) = _shown(session, deps, _ONE.all(session, {"clock_id": clock_id}))

    asked = sa.select(_REQUEST).where(_REQUEST.c.clock_id == clock_id)
    requests = session.execute(asked.order_by(_REQUEST.c.asked_at, _REQUEST.c.id)).all()
    told = {"clock_id": clock_id}
    return ClockStory(
        clock,
        _PAUSES.all(session, told),
        _REVISIONS.all(session, told),
        requests,
        _PROMISES.all(session, told),
    )


def _shown(session: Session, deps: Deps, rows: Iterable[Any]) -> list[ClockSeen]:
    calendars, now = deps.office.current(session).calendars, deps.clock.now()
    return [clock_seen(calendars, row, now) for row in rows]


def clock_seen(calendars: Calendars, row: Any, now: datetime) -> ClockSeen:
    """What a clock row (with LEDGER) says at `now`."""
    state = STOPPED if row.stopped_at else PAUSED if row.paused_at else RUNNING
    try:
        due = _due(calendars, row, now)
        left = remaining(calendars.of(row.region), due, now) if due and state != STOPPED else None
    except OutsideCalendar:
        due, left = row.due_at, None
    end = row.stopped_at or now
    late = due is not None and end > due
    return ClockSeen(row, state, row.due_at, _target(calendars, row), left, late)


def _due(calendars: Calendars, row: Any, now: datetime) -> datetime | None:
    if row.paused_at is None:
        due: datetime | None = row.due_at
        return due
    return course(calendars, row, pauses=[*pauses_of(row), (row.paused_at, max(now, row.paused_at))]).due_at


def _target(calendars: Calendars, row: Any) -> datetime | None:
    """When the aim is reached, pauses taken out; None where there is none, or while it stands still."""
    aim = aim_of(row)
    if aim is None or row.paused_at is not None:
        return None
    try:
        return reckon(calendars.of(row.region), aim, row.started_at, pauses_of(row)).at
    except OutsideCalendar:
        return None
