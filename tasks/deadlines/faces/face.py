"""How a clock stands at a moment: what is left, what stands still, which of several binds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tasks.cases import outcomes
from tasks.deadlines.calendar.arithmetic import Calendar, OutsideCalendar, day_of, end_of
from tasks.deadlines.calendar.limits import WORKING_DAYS, Pause, reckon, remaining
from tasks.deadlines.clocks.changing.moving import aim_of, limit_of
from tasks.user_task import lateness

MET, MISSED, VOID = "met", "missed", "void"
"""What became of a clock that has stopped: in time, late, or taken away before anybody could be either."""
TAKEN_AWAY = frozenset({"cancelled", "terminated"}) | outcomes.TAKEN_AWAY
"""Reasons a clock stopped for that say nothing of who kept it."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left until due, all negative when it is over.

    natural: as the clock on the wall counts. days, office: of a limit in working days, how many working days come after
    today, and how long the office still works today; None for other limits and where no calendar reaches.
    """

    natural: timedelta
    days: int | None = None
    office: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """One clock at `at`. state: in_time, warned, late, paused, or met, missed, void when it has stopped.

    amount, unit, target, extended, region: as in `clock`. target_at: when the lower limit ends; None without one, while it
    stands still and where pauses were not read. left: of one that stands still what it goes on with, None where pauses were
    not read, and when it has stopped. used: share of the time gone by, 0 to 1. promise_kept: whether the promise was or can still be kept; None without one. binds: of the running
    clocks shown together it is the one that ends first.
    """

    id: UUID
    kind: str
    code: str
    name: str
    case_id: UUID | None
    token_id: UUID
    activity_id: str
    region: str
    amount: Decimal
    unit: str
    target: Decimal | None
    extended: Decimal
    at: datetime
    state: str
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    target_at: datetime | None
    paused_at: datetime | None
    pause_reason: str
    stopped_at: datetime | None
    stop_reason: str
    promised_at: datetime | None
    promise_kept: bool | None
    provisional: bool
    pausable: tuple[str, ...]
    left: Left | None
    used: float
    binds: bool = False


def face_of(
    row: Any, calendar: Calendar, at: datetime, pauses: Sequence[Pause] | None = None, *, binds: bool = False
) -> Face:
    """The face of a clock (a row of `clock`) at `at`. pauses: from when to when it stood still, an open one up to `at`; None
    where they were not read.
    """
    stopped = row.stopped_at
    due = row.due_at
    moment = stopped or at
    return Face(
        row.id,
        row.kind,
        row.code,
        row.name,
        row.case_id,
        row.token_id,
        row.activity_id,
        row.region,
        row.amount,
        row.unit,
        row.target,
        row.extended,
        at,
        _state(row, at),
        row.started_at,
        due,
        row.warn_at,
        _target(row, calendar, pauses) if pauses is not None else None,
        row.paused_at,
        row.pause_reason,
        stopped,
        row.stop_reason,
        row.promised_at,
        None if row.promised_at is None else moment <= row.promised_at,
        row.provisional,
        tuple(row.pausable),
        None if stopped else _left(row, calendar, at, pauses),
        _used(row.started_at, due, moment),
        binds,
    )


def _left(row: Any, calendar: Calendar, at: datetime, pauses: Sequence[Pause] | None) -> Left | None:
    if row.due_at is not None:
        return left_until(calendar, row.unit, row.due_at, at)
    if row.paused_at is None or pauses is None:
        return None
    try:
        return left_until(calendar, row.unit, reckon(calendar, limit_of(row), row.started_at, pauses).at, at)
    except OutsideCalendar:
        return None


def left_until(calendar: Calendar, unit: str, due: datetime, at: datetime) -> Left:
    """What is left at `at` of a limit in `unit` that is due at `due`."""
    if unit != WORKING_DAYS:
        return Left(due - at)
    try:
        found = remaining(calendar, due, at)
        today = calendar.office_time(at, min(due, end_of(day_of(at)))) if due >= at else found.office
    except OutsideCalendar:
        return Left(due - at)
    return Left(found.natural, found.days, today)


def binding(clocks: Iterable[Any]) -> UUID | None:
    """Which of the clocks (rows or faces) binds: the running one that is due first (domain §1.10 #2). None when none runs."""
    running = [one for one in clocks if one.stopped_at is None and one.due_at is not None]
    first = min(running, key=lambda one: (one.due_at, str(one.id)), default=None)
    return None if first is None else first.id


def _state(row: Any, at: datetime) -> str:
    if row.stopped_at is None:
        return lateness(row.due_at, row.warn_at, at=at, paused_at=row.paused_at)
    if row.stop_reason in TAKEN_AWAY or row.due_at is None:
        return VOID
    return MET if row.stopped_at <= row.due_at else MISSED


def _target(row: Any, calendar: Calendar, pauses: Sequence[Pause] | None) -> datetime | None:
    aim = aim_of(row)
    if aim is None or row.due_at is None:
        return None
    try:
        return reckon(calendar, aim, row.started_at, pauses or ()).at
    except OutsideCalendar:
        return None


def _used(started: datetime, due: datetime | None, at: datetime) -> float:
    if due is None:
        return 0.0
    total = (due - started).total_seconds()
    return min(1.0, max(0.0, (at - started).total_seconds() / total)) if total > 0 else 1.0
