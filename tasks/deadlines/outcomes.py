"""What became of clocks: how many were kept, by the limit and by the promise, and how late the others were.

Two rates with two instants (domain §1.14 #21): 按时办结率 counts what was done within the prescribed limit, 处理完成及时率 what
was done within the time promised to the customer (domain §1.9). 平均延误周期 is the sum of the delays over the late ones: in
office time of limits in working days, else in natural time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import OutsideCalendar, day_of, end_of
from tasks.deadlines.calendar.limits import WORKING_DAYS, YEARS
from tasks.deadlines.calendar.reading import Calendars
from tasks.deadlines.clocks.holders import held
from tasks.deadlines.clocks.tables import Clock, ClockRevision
from tasks.deadlines.faces.face import TAKEN_AWAY
from tasks.deadlines.policies.tables import ClockPolicy
from tasks.deadlines.supervision.tables import ClockRing
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import reach

UNIT, LEVEL = "unit", "level"
SPLITS = (UNIT, LEVEL)
"""What the figures of a code may be split by: the path of the unit the clock counts for, of a stage whoever held it when it
ended or was due (`clocks.holders`); and the level its limit is registered for."""
LONGEST = 366
"""Days a period may have."""

_CLOCK, _POLICY, _RING, _REVISION = table(Clock), table(ClockPolicy), table(ClockRing), table(ClockRevision)
_NO_RECOMPUTATION = sa.or_(
    _REVISION.c.cause.in_(("start", "extension", "shortening")),
    _REVISION.c.cause.startswith("pause:"),
    _REVISION.c.cause.startswith("resume:"),
)
"""Causes of revisions that are no recomputation."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The clocks of one code that stopped in the period, of one unit (path) and one level where they are split by them.

    limit_unit: of their limits. count: those that were kept or not; withdrawn: those taken away, counted nowhere else.
    in_limit, late: by the due instant they had in the end, extensions and pauses in it. promised: of how many the customer
    was told an instant; in_promise: of those. delay: the mean of the late ones, office time for limits in working days, else
    natural; None where none was late, or the calendar does not reach. warned: a warning rang before due. extended,
    recomputed: how many had their due moved by that.
    """

    code: str
    name: str
    limit_unit: str
    unit: str
    level: str
    count: int
    in_limit: int
    late: int
    promised: int
    in_promise: int
    warned: int
    extended: int
    recomputed: int
    withdrawn: int
    delay: timedelta | None

    @property
    def limit_rate(self) -> float | None:
        """按时办结率; None for 0/0."""
        return self.in_limit / self.count if self.count else None

    @property
    def promise_rate(self) -> float | None:
        """处理完成及时率, of those with a promise; None for 0/0."""
        return self.in_promise / self.promised if self.promised else None


def outcomes(
    session: Session,
    deps: Deps,
    caller: Caller,
    *,
    first: date | None = None,
    last: date | None = None,
    code: str | None = None,
    by: Collection[str] = (),
) -> list[Outcome]:
    """The figures of the clocks that stopped from the day `first` to the day `last` (Shanghai; by default this month so far),
    answered for by units in the caller's reach; by code, then as split. Two statements at most.

    Raises NotPermitted, InvalidInput for a period that ends before it begins or is longer than a year.
    """
    require(caller, "outcome.read")
    begin, end = period(first, last, today=day_of(deps.clock.now()))
    split = [name for name in SPLITS if name in by]
    wanted = _stopped(caller, begin, end, code)
    rows = session.execute(_figures(wanted, split)).all()
    delays = (
        _office_delays(session, deps, wanted, split)
        if any(row.limit_unit == WORKING_DAYS for row in rows)
        else {}
    )
    return [_outcome(row, split, delays) for row in rows]


def period(first: date | None, last: date | None, *, today: date) -> tuple[datetime, datetime]:
    """From when to before when the days are, both aware; by default this month up to today, or up to its last day for a month
    that is over. Raises InvalidInput, also for years nobody counts in.
    """
    last = last or max(today, first or today)
    first = first or last.replace(day=1)
    if last < first or (last - first).days >= LONGEST or first.year < YEARS[0] or last.year > YEARS[1]:
        raise InvalidInput(
            f"Figures from {first} to {last} were asked for; a period ends after it begins, has at most {LONGEST} days "
            f"and lies in the years {YEARS[0]} to {YEARS[1]}.",
            message_zh=f"统计期间 {first} 至 {last} 不对：止日不早于起日，最长 {LONGEST} 天，在 {YEARS[0]} 至 {YEARS[1]} 年之内。",
        )
    return end_of(first - timedelta(days=1)), end_of(last)


def _stopped(caller: Caller, begin: datetime, end: datetime, code: str | None) -> sa.Select[Any]:
    stage = held()
    unit = sa.func.coalesce(sa.func.nullif(stage.c.unit, ""), _CLOCK.c.region)
    near = sa.or_(
        sa.false(), *(unit.startswith(path, autoescape=True) for path in reach(caller, "outcome.read"))
    )
    warning = sa.exists().where(
        _RING.c.clock_id == _CLOCK.c.id, _RING.c.step.endswith("%", autoescape=True), _RING.c.step != "100%"
    )
    again = sa.exists().where(_REVISION.c.clock_id == _CLOCK.c.id, sa.not_(_NO_RECOMPUTATION))
    withdrawn = sa.or_(_CLOCK.c.stop_reason.in_(TAKEN_AWAY), _CLOCK.c.due_at.is_(None))
    wanted = (
        sa.select(
            _CLOCK.c.code,
            _CLOCK.c.name,
            _CLOCK.c.unit.label("limit_unit"),
            unit.label(UNIT),
            _CLOCK.c.region,
            sa.func.coalesce(_POLICY.c.level, "").label(LEVEL),
            _CLOCK.c.due_at,
            _CLOCK.c.stopped_at,
            _CLOCK.c.promised_at,
            withdrawn.label("withdrawn"),
            sa.and_(sa.not_(withdrawn), _CLOCK.c.stopped_at > _CLOCK.c.due_at).label("late"),
            warning.label("warned"),
            (_CLOCK.c.extended > 0).label("extended"),
            again.label("recomputed"),
        )
        .select_from(
            _CLOCK.outerjoin(_POLICY, _POLICY.c.id == _CLOCK.c.policy_id).outerjoin(stage, sa.true())
        )
        .where(_CLOCK.c.stopped_at >= begin, _CLOCK.c.stopped_at < end, near)
    )
    return wanted.where(_CLOCK.c.code == code) if code else wanted


def _figures(wanted: sa.Select[Any], split: Sequence[str]) -> sa.Select[Any]:
    one = wanted.subquery("stopped")
    keys = [one.c.code, one.c.limit_unit, *(one.c[name] for name in split)]
    counted = sa.not_(one.c.withdrawn)

    def many(*conditions: Any) -> Any:
        return sa.func.count().filter(counted, *conditions)

    natural = sa.func.avg(one.c.stopped_at - one.c.due_at).filter(one.c.late)
    return (
        sa.select(
            *keys,
            sa.func.max(one.c.name).label("name"),
            many().label("counted"),
            many(sa.not_(one.c.late)).label("in_limit"),
            many(one.c.late).label("late"),
            many(one.c.promised_at.is_not(None)).label("promised"),
            many(one.c.stopped_at <= one.c.promised_at).label("in_promise"),
            many(one.c.warned).label("warned"),
            many(one.c.extended).label("extended"),
            many(one.c.recomputed).label("recomputed"),
            sa.func.count().filter(one.c.withdrawn).label("withdrawn"),
            natural.label("delay"),
        )
        .group_by(*keys)
        .order_by(*keys)
    )


def _office_delays(
    session: Session, deps: Deps, wanted: sa.Select[Any], split: Sequence[str]
) -> dict[tuple[str, ...], timedelta | None]:
    """The mean office time of delay of limits in working days, by code and split."""
    one = wanted.subquery("stopped")
    late = sa.select(one).where(one.c.late, one.c.limit_unit == WORKING_DAYS)
    calendars = deps.office.current(session).calendars
    found: dict[tuple[str, ...], list[timedelta | None]] = {}
    for row in session.execute(late.execution_options(yield_per=1000)):
        key = (row.code, *(getattr(row, name) for name in split))
        found.setdefault(key, []).append(_office_time(calendars, row))
    means: dict[tuple[str, ...], timedelta | None] = {}
    for key, times in found.items():
        known = [time for time in times if time is not None]
        means[key] = sum(known, timedelta()) / len(known) if len(known) == len(times) else None
    return means


def _office_time(calendars: Calendars, row: Any) -> timedelta | None:
    try:
        return calendars.of(row.region).office_time(row.due_at, row.stopped_at)
    except OutsideCalendar:
        return None


def _outcome(row: Any, split: Sequence[str], delays: dict[tuple[str, ...], timedelta | None]) -> Outcome:
    held = {name: getattr(row, name) if name in split else "" for name in SPLITS}
    key = (row.code, *(held[name] for name in split))
    return Outcome(
        row.code,
        row.name,
        row.limit_unit,
        held[UNIT],
        held[LEVEL],
        row.counted,
        row.in_limit,
        row.late,
        row.promised,
        row.in_promise,
        row.warned,
        row.extended,
        row.recomputed,
        row.withdrawn,
        delays.get(key) if row.limit_unit == WORKING_DAYS else row.delay,
    )
