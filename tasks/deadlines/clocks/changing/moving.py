"""How a due instant moves: one place that reckons a clock anew and writes clock, ledger of revisions and task in step.

Whoever moves clocks has locked their instances first (`engine.instance.locked`, several in the order of their ids); clocks are
locked here, in the order of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.db import Statement
from engine.ids import NewId
from tasks.audit.recording import chain_of, record
from tasks.core import table
from tasks.deadlines.calendar.limits import FIXED, Limit, Pause, reckon
from tasks.deadlines.calendar.reading import Calendars
from tasks.deadlines.clocks.arming import first_warning, next_rung, rung_instants
from tasks.deadlines.clocks.tables import TASK, UNASSIGNED, ClockPause, ClockPromise
from tasks.user_task import NEVER

LEDGER = """
  ARRAY(SELECT p.from_at FROM clock_pause p WHERE p.clock_id = c.id AND p.to_at IS NOT NULL ORDER BY p.from_at, p.id)
    AS paused_from,
  ARRAY(SELECT p.to_at FROM clock_pause p WHERE p.clock_id = c.id AND p.to_at IS NOT NULL ORDER BY p.from_at, p.id)
    AS paused_to"""
"""Columns that go with a clock `c` wherever it is reckoned: its closed pauses, for `pauses_of`."""

_LOCK = f"""SELECT c.*, {LEDGER},
  ARRAY(SELECT DISTINCT g.rung FROM clock_ring g WHERE g.clock_id = c.id) AS rung_before,
  coalesce(CASE WHEN c.stopped_at IS NULL THEN c.due_at END, (SELECT r.due_at FROM clock_revision r WHERE r.clock_id = c.id AND r.due_at IS NOT NULL
                      ORDER BY r.revision DESC LIMIT 1)) AS last_due,
  coalesce((SELECT p.held_by FROM clock_pause p WHERE p.clock_id = c.id AND p.to_at IS NULL), ARRAY[]::text[]) AS held_by,
  EXISTS (SELECT 1 FROM clock_request q WHERE q.clock_id = c.id AND q.kind = 'shortening' AND q.state = 'requested')
    AS shortening_asked
  FROM clock c WHERE {{}} ORDER BY c.id FOR UPDATE OF c"""
_BY_ID = Statement(_LOCK.format("c.id = ANY(%(ids)s::uuid[])"))
_OF_CASE = Statement(
    _LOCK.format(
        "c.stopped_at IS NULL AND (c.instance_id = ANY(%(instances)s::uuid[]) OR c.case_id = %(case_id)s::uuid)"
    )
)

_MOVE = Statement(
    """WITH first AS (
    INSERT INTO clock_revision (clock_id, revision, due_at, provisional, cause, at, by)
    SELECT c.id, 1, c.due_at, c.provisional, 'start', c.started_at, 'system'
    FROM clock c WHERE c.id = %(id)s AND c.revision = 1),
  moved AS (
    UPDATE clock SET due_at = %(due_at)s, warn_at = %(warn_at)s, provisional = %(provisional)s, revision = %(revision)s,
           next_rung = %(next_rung)s, next_at = %(next_at)s, queued_at = NULL, paused_at = %(paused_at)s,
           pause_reason = %(pause_reason)s, extended = %(extended)s
    WHERE id = %(id)s),
  task AS (
    UPDATE user_task SET due_at = %(due_at)s, warn_at = %(warn_at)s, paused_at = %(paused_at)s,
           sort_at = coalesce(%(due_at)s, %(never)s)
    WHERE instance_id = %(instance_id)s AND state IN ('created', 'assigned', 'delegated') AND (id = %(token_id)s AND %(of_task)s
      OR %(around)s AND (due_at = %(last_due)s OR due_at IS NULL AND paused_at = %(was_paused)s)
        AND NOT EXISTS (SELECT 1 FROM clock own WHERE own.token_id = user_task.id AND own.kind = 'task'
                        AND own.code <> %(unassigned)s)))
  INSERT INTO clock_revision (clock_id, revision, due_at, provisional, cause, at, by)
  VALUES (%(id)s, %(revision)s, %(due_at)s, %(provisional)s, %(cause)s, %(at)s, %(by)s)""",
    {"never": NEVER, "unassigned": UNASSIGNED},
)
"""A task without a clock of its own that is due when a clock around it is (`camunda:dueDate="=due(...)"`) moves with that."""

_PAUSE, _PROMISE = table(ClockPause), table(ClockPromise)


def pauses_of(row: Any) -> list[Pause]:
    """The closed pauses of a clock row read with LEDGER, in order."""
    return list(zip(row.paused_from, row.paused_to, strict=True))


def limit_of(row: Any) -> Limit:
    """The limit of a clock row with what it has been extended by."""
    return Limit(row.amount, row.unit, row.rolls, row.fixed_at).plus(row.extended)


def aim_of(row: Any) -> Limit | None:
    """The lower limit a clock row aims at, extended as its limit is; None without one, and where a fixed instant is due."""
    if row.target is None or row.unit == FIXED:
        return None
    return Limit(row.target, row.unit, row.rolls).plus(row.extended)


@dataclass(frozen=True, slots=True)
class Course:
    """Where a clock stands that goes on: due, the instants of its rungs, the first warning."""

    due_at: datetime
    instants: tuple[datetime, ...]
    warn_at: datetime | None
    provisional: bool


def course(
    calendars: Calendars,
    row: Any,
    *,
    pauses: Iterable[Pause] | None = None,
    limit: Limit | None = None,
    rungs: str | None = None,
    not_before: datetime | None = None,
) -> Course:
    """Reckon a clock row (with LEDGER) anew, as if it went on. Raises OutsideCalendar.

    pauses, limit, rungs: instead of the row's own. not_before: it is not due earlier, where that was promised.
    """
    calendar = calendars.of(row.region)
    stood = pauses_of(row) if pauses is None else sorted(pauses)
    terms = limit or limit_of(row)
    steps = rungs or row.rungs
    found = reckon(calendar, terms, row.started_at, stood)
    due = found.at if not_before is None else max(found.at, not_before)
    instants = rung_instants(calendar, terms, steps, row.started_at, stood, due=due)
    return Course(due, instants, first_warning(instants, steps), found.provisional)


@dataclass(slots=True)
class Moving:
    """The clocks one action moves, and who moves them. `instances`: those whose timers are to be looked at again."""

    session: Session
    calendars: Calendars
    at: datetime
    actor: Actor
    new_id: NewId
    instances: set[UUID] = field(default_factory=set)

    def clocks(self, *ids: UUID) -> list[Any]:
        """Lock clocks and read them with their ledgers, in the order of their ids."""
        return _BY_ID.all(self.session, {"ids": list(ids)})

    def clocks_of(self, instances: Iterable[UUID], case_id: UUID | None = None) -> list[Any]:
        """The same for all running clocks of instances, and of a case."""
        return _OF_CASE.all(self.session, {"instances": list(instances), "case_id": case_id})

    def goes(self, row: Any, cause: str, found: Course, *, extended: Decimal | None = None) -> None:
        """Write that a clock goes on, due as found."""
        # A rung below one that has rung, or that was over when the clock began, rings only if it is still to come.
        skipped = max(row.rung_before, default=row.next_rung if row.paused_at and row.next_rung else 0)
        coming = next_rung(found.instants, behind=-1, now=self.at, ever={*row.rung_before, *range(skipped)})
        self._write(
            row,
            cause,
            due_at=found.due_at,
            warn_at=found.warn_at,
            provisional=found.provisional,
            next_rung=coming[0] if coming else None,
            next_at=coming[1] if coming else None,
            paused_at=None,
            pause_reason="",
            extended=row.extended if extended is None else extended,
        )

    def pause(self, row: Any, reason: str, since: datetime, held_by: Iterable[str], note: str = "") -> None:
        """Write that a running clock stands still since then."""
        self.session.execute(
            sa.insert(_PAUSE).values(
                id=self.new_id(),
                clock_id=row.id,
                reason=reason,
                note=note,
                from_at=since,
                to_at=None,
                begun_by=self.actor.id,
                held_by=list(held_by),
            )
        )
        self._write(
            row,
            f"pause:{reason}",
            due_at=None,
            warn_at=None,
            provisional=row.provisional,
            next_rung=None,
            next_at=None,
            paused_at=since,
            pause_reason=reason,
            extended=row.extended,
        )

    def resume(self, row: Any) -> None:
        """Write that a clock goes on that stood still: its pause closes, and due moves by it. Raises OutsideCalendar."""
        until = max(self.at, row.paused_at)
        found = course(
            self.calendars,
            row,
            pauses=[*pauses_of(row), (row.paused_at, until)],
            not_before=row.last_due if row.promised_at else None,
        )
        open_one = (_PAUSE.c.clock_id == row.id, _PAUSE.c.to_at.is_(None))
        self.session.execute(
            sa.update(_PAUSE).where(*open_one).values(to_at=until, ended_by=self.actor.id, held_by=[])
        )
        self.goes(row, f"resume:{row.pause_reason}", found)

    def hold(self, row: Any, held_by: Iterable[str]) -> None:
        """Write what keeps a clock standing still that does already."""
        open_one = (_PAUSE.c.clock_id == row.id, _PAUSE.c.to_at.is_(None))
        self.session.execute(sa.update(_PAUSE).where(*open_one).values(held_by=list(held_by)))

    def longer(self, row: Any, extended: Decimal) -> None:
        """Write that the limit of a clock that stands still has become longer: that counts when it goes on."""
        self.session.execute(
            sa.text("UPDATE clock SET extended = :extended WHERE id = :id"),
            {"extended": extended, "id": row.id},
        )

    def promise(self, rows: Iterable[Any], until: datetime, text: str) -> None:
        """Write what the customer was told; it moves nothing but `promised_at`."""
        made = [
            {
                "id": self.new_id(),
                "clock_id": row.id,
                "promised_at": until,
                "made_at": self.at,
                "made_by": self.actor.id,
                "text": text,
            }
            for row in rows
        ]
        if made:
            self.session.execute(sa.insert(_PROMISE), made)
            self.session.execute(
                sa.text("UPDATE clock SET promised_at = :until WHERE id = ANY(:ids)"),
                {"until": until, "ids": [each["clock_id"] for each in made]},
            )

    def record(
        self, row: Any, verb: str, after: Mapping[str, Any], before: Mapping[str, Any] | None = None
    ) -> None:
        """Record in the audit trail what was done to a clock."""
        record(
            self.session,
            self.actor,
            verb,
            at=self.at,
            chain=chain_of(row.number if row.case_id else None, row.instance_id),
            subject="clock",
            subject_id=row.id,
            before=before,
            after={"clock": row.code, **after},
        )

    def _write(self, row: Any, cause: str, **values: Any) -> None:
        self.instances.add(row.instance_id)
        _MOVE.later(
            self.session,
            {
                **values,
                "id": row.id,
                "revision": row.revision + 1,
                "token_id": row.token_id,
                "instance_id": row.instance_id,
                "of_task": row.kind == TASK and row.code != UNASSIGNED,
                "around": row.kind != TASK,
                "last_due": row.last_due,
                "was_paused": row.paused_at,
                "cause": cause,
                "at": self.at,
                "by": self.actor.id,
            },
        )
