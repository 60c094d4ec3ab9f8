"""The ball-in-court ledger of one case, for whoever sees the case from within."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.cases.reading import read_case
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import OutsideCalendar
from tasks.deadlines.calendar.reading import Calendars
from tasks.deadlines.clocks.tables import TASK, Clock, ClockPause
from tasks.deadlines.court.attributing import Held, Segment, Stood, attribute, whole_minutes
from tasks.deadlines.court.tables import REFUSED, Holding
from tasks.deadlines.supervision.tables import Supervision
from tasks.deps import Deps
from tasks.people.caller import Caller

_HOLDING, _CLOCK, _PAUSE = table(Holding), table(Clock), table(ClockPause)


@dataclass(frozen=True, slots=True)
class Line:
    """A segment with its whole minutes, and the minutes of office time in it: None where no calendar reaches."""

    segment: Segment
    minutes: int
    working: int | None


@dataclass(frozen=True, slots=True)
class Total:
    """What comes together under one key: a unit's path, a reason, or the id of a step, with its name."""

    key: str
    name: str
    minutes: int
    working: int | None
    refusals: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    """Of a unit: the minutes by reason, most first."""


@dataclass(frozen=True, slots=True)
class Court:
    """Every minute of a case from `start` to `end`. running: it goes on, and `end` is now. by_unit has what is nobody's
    inside under the empty key.
    """

    number: str
    start: datetime
    end: datetime
    running: bool
    lines: tuple[Line, ...]
    by_unit: tuple[Total, ...]
    by_reason: tuple[Total, ...]
    by_stage: tuple[Total, ...]

    @property
    def minutes(self) -> int:
        """All of them."""
        return sum(line.minutes for line in self.lines)


def read_court(session: Session, deps: Deps, caller: Caller, number: str) -> Court:
    """Who had the ball in the case `number`, minute by minute. Two statements besides reading the case.

    From filing to archiving, else to the end of its process, else to now. Work of supervision instances is beside the case
    and counts nowhere here. Raises NotPermitted, and NotFound as `read_case`; reading a confidential case is recorded.
    """
    return court_of(session, deps, read_case(session, deps, caller, number, verb="court.read"))


def court_of(session: Session, deps: Deps, case: Any) -> Court:
    """The same of a case (a row of `read_case`) that the caller may see from within."""
    now = deps.clock.now()
    end = case.archived_at or case.ended_at
    holdings = _holdings(session, case.id)
    segments = attribute(
        holdings, _pauses(session, case.id), case.filed_at, end or now, filed_in=case.org_path
    )
    snapshot = deps.office.current(session)
    path_now = snapshot.organisation.moved_to

    lines = tuple(
        Line(one, minutes, _working(snapshot.calendars, path_now(one.holder or case.org_path), one))
        for one, minutes in zip(segments, whole_minutes(segments), strict=True)
    )
    return Court(
        case.number,
        case.filed_at,
        end or now,
        end is None,
        lines,
        _by_unit(lines, holdings, path_now),
        _totals(lines, lambda segment: (segment.reason, "")),
        _totals(lines, lambda segment: (segment.activity_id, segment.name)),
    )


def _holdings(session: Session, case_id: UUID) -> list[Held]:
    beside = sa.exists().where(Supervision.instance_id == _HOLDING.c.instance_id)
    wanted = sa.select(_HOLDING).where(_HOLDING.c.case_id == case_id, ~beside).order_by(_HOLDING.c.from_at)
    return [
        Held(
            row.task_id,
            row.unit,
            row.holder.partition("@")[0],
            row.activity_id,
            row.name,
            row.from_at,
            row.to_at,
            row.outcome,
            row.assisting,
        )
        for row in session.execute(wanted)
    ]


def _pauses(session: Session, case_id: UUID) -> list[Stood]:
    wanted = (
        sa.select(_PAUSE.c.reason, _PAUSE.c.from_at, _PAUSE.c.to_at, _CLOCK.c.kind, _CLOCK.c.token_id)
        .join(_CLOCK, _CLOCK.c.id == _PAUSE.c.clock_id)
        .where(_CLOCK.c.case_id == case_id)
        .distinct()
    )
    return [
        Stood(row.reason, row.from_at, row.to_at, row.token_id if row.kind == TASK else None)
        for row in session.execute(wanted)
    ]


def _working(calendars: Calendars, path: str, segment: Segment) -> int | None:
    try:
        stood = calendars.of(path).office_time(segment.from_at, segment.to_at)
    except OutsideCalendar:
        return None
    return int(stood / timedelta(minutes=1))


def _by_unit(
    lines: Iterable[Line], holdings: Iterable[Held], path_now: Callable[[str], str]
) -> tuple[Total, ...]:
    refusals: dict[str, int] = {}
    for held in holdings:
        if held.outcome == REFUSED:
            refusals[path_now(held.unit)] = refusals.get(path_now(held.unit), 0) + 1
    reasons: dict[str, dict[str, int]] = {}
    for line in lines:
        of_unit = reasons.setdefault(path_now(line.segment.unit) if line.segment.unit else "", {})
        of_unit[line.segment.reason] = of_unit.get(line.segment.reason, 0) + line.minutes
    return tuple(
        Total(
            one.key,
            "",
            one.minutes,
            one.working,
            refusals.get(one.key, 0),
            tuple(sorted(reasons[one.key].items(), key=lambda item: (-item[1], item[0]))),
        )
        for one in _totals(lines, lambda segment: (path_now(segment.unit) if segment.unit else "", ""))
    )


def _totals(lines: Iterable[Line], key: Callable[[Segment], tuple[str, str]]) -> tuple[Total, ...]:
    """The lines summed by key, most minutes first. A name of a key is the one it had last."""
    minutes: dict[str, int] = {}
    working: dict[str, int | None] = {}
    names: dict[str, str] = {}
    for line in lines:
        of, name = key(line.segment)
        minutes[of] = minutes.get(of, 0) + line.minutes
        before = working.get(of, 0)
        working[of] = None if before is None or line.working is None else before + line.working
        names[of] = name
    found = [Total(of, names[of], minutes[of], working[of]) for of in minutes]
    return tuple(sorted(found, key=lambda one: (-one.minutes, one.key)))
