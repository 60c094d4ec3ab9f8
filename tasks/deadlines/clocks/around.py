"""The running clocks around an instance, as `due` and `warn` see them while an action runs, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.db import Statement
from tasks.deadlines.calendar.limits import Pause, reckon
from tasks.deadlines.calendar.reading import Calendars
from tasks.deadlines.clocks.changing.moving import LEDGER, course, limit_of, pauses_of
from tasks.deadlines.clocks.tables import CASE
from tasks.memo import CaseMemo, memo
from tasks.organisation.tree import Organisation

_RUNNING = Statement(
    f"""SELECT c.*, {LEDGER} FROM clock c
    WHERE c.stopped_at IS NULL AND (c.instance_id = %(instance_id)s OR c.case_id = %(case_id)s::uuid)
    ORDER BY c.started_at, c.id"""
)


@dataclass(frozen=True, slots=True)
class Ask:
    """A function was asked for a limit. inside: the asking token and those around it. share: of the limit; None is its end,
    0 its first warning. depth: how far outside the clock was found that answered; None when none did.
    """

    inside: tuple[UUID, ...]
    code: str
    share: Decimal | None
    answer: datetime
    depth: int | None


@dataclass(slots=True)
class Limits:
    """clocks: of the instance and its case. region: by whose calendar a case counts that is filed where this one was
    (`Organisation.answerable`). asks: what was asked, in order.
    """

    region: str
    clocks: Sequence[Any]
    asks: list[Ask] = field(default_factory=list)

    def nearest(self, inside: Sequence[UUID], code: str) -> tuple[int, Any] | None:
        """The running clock of this code that is nearest to the tokens, and how far outside: theirs, else the case's."""
        return nearest(self.clocks, inside, code)


def nearest(clocks: Sequence[Any], inside: Sequence[UUID], code: str) -> tuple[int, Any] | None:
    """The same among these clocks."""
    same = [clock for clock in clocks if clock.code == code]
    for depth, token in enumerate(inside):
        for clock in same:
            if clock.token_id == token:
                return depth, clock
    return next(((len(inside), clock) for clock in same if clock.kind == CASE), None)


def read_limits(
    session: Session, organisation: Organisation, instance_id: UUID, behind: CaseMemo | None
) -> Limits:
    """Read the running clocks of an instance and of its case, and remember what is asked of them. One statement."""
    rows = _RUNNING.all(session, {"instance_id": instance_id, "case_id": behind.id if behind else None})
    found = Limits(organisation.answerable(behind.org_path if behind else ""), rows)
    memo(session).limits[instance_id] = found
    return found


def instant_of(calendars: Calendars, clock: Any, share: Decimal | None, *, now: datetime) -> datetime:
    """When a share of a running clock's limit has gone by; of one that stands still, if it went on now.

    share: None is its end, 0 its first warning (its end where it has none). Raises OutsideCalendar.
    """
    stood: list[Pause] = pauses_of(clock)
    if clock.paused_at is not None:
        stood.append((clock.paused_at, max(now, clock.paused_at)))
    elif share is None:
        due: datetime = clock.due_at
        return due
    elif not share:
        warned: datetime = clock.warn_at or clock.due_at
        return warned
    going = course(calendars, clock, pauses=stood)
    if not share:
        return going.due_at if share is None else going.warn_at or going.due_at
    at = reckon(calendars.of(clock.region), limit_of(clock), clock.started_at, stood, share).at
    return min(at, clock.due_at or at)
