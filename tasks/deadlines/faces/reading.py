"""The clocks of a page, read at once however many rows it has. For things the caller has already been shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.clocks.tables import (
    CASE,
    STAGE,
    TASK,
    UNASSIGNED,
    Clock,
    ClockPause,
    ClockPromise,
    ClockRequest,
    ClockRevision,
)
from tasks.deadlines.faces.face import TAKEN_AWAY, Face, binding, face_of
from tasks.deadlines.policies.tables import ClockPolicy
from tasks.deps import Deps
from tasks.people.tables import Person
from tasks.user_task import UserTask

_CLOCK, _TASK = table(Clock), table(UserTask)
_OPEN = _CLOCK.c.stopped_at.is_(None)
_POLICY = table(ClockPolicy)
_IS_OVERALL = sa.or_(
    _CLOCK.c.kind == CASE,
    sa.and_(
        _CLOCK.c.kind == STAGE, _CLOCK.c.policy_id.in_(sa.select(_POLICY.c.id).where(_POLICY.c.promised))
    ),
).label("overall")
"""Whether a clock says how a whole case was kept: its own, and that of a stage whose end is promised to the customer by the
register, as of an upgrade complaint (R02.all) or of handling again (R01.again).
"""


MOST = 200
"""Clocks of one case that a page shows."""


@dataclass(frozen=True, slots=True)
class Told:
    """A clock with everything that has happened to it. names: of people, by id as text; step: of the task, if it has one."""

    face: Face
    pauses: tuple[Any, ...] = ()
    revisions: tuple[Any, ...] = ()
    requests: tuple[Any, ...] = ()
    promises: tuple[Any, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    step: str = ""

    @property
    def moves(self) -> tuple[Any, ...]:
        """The revisions that gave it another due instant than the one before, in order."""
        found, before = [], None
        for row in self.revisions:
            if row.due_at is not None:
                if before is not None and row.due_at != before:
                    found.append(row)
                before = row.due_at
        return tuple(found)


def _of_tasks() -> Any:
    ids: sa.BindParameter[Any] = sa.bindparam("task_ids", expanding=True)
    own = sa.select(_CLOCK.c.token_id.label("task_id"), _CLOCK).where(
        _CLOCK.c.token_id.in_(ids),
        _CLOCK.c.kind == TASK,
        sa.or_(_CLOCK.c.code != UNASSIGNED, _OPEN),
    )
    due_with = sa.or_(
        _CLOCK.c.due_at == _TASK.c.due_at,
        sa.and_(_TASK.c.due_at.is_(None), _CLOCK.c.paused_at == _TASK.c.paused_at),
    )
    around = (
        sa.select(_TASK.c.id, _CLOCK)
        .join(_CLOCK, _CLOCK.c.instance_id == _TASK.c.instance_id)
        .where(_TASK.c.id.in_(ids), _CLOCK.c.kind != TASK, _OPEN, due_with)
    )
    return sa.union_all(own, around)


_OF_TASKS = _of_tasks()
_OF_CASES = sa.select(_CLOCK, _IS_OVERALL).where(
    _CLOCK.c.case_id.in_(sa.bindparam("case_ids", expanding=True)), _CLOCK.c.kind.in_((CASE, STAGE))
)
"""Made once: every page of a case asks them, and making a statement costs more than what PostgreSQL does with it."""


def clocks_of_tasks(session: Session, deps: Deps, task_ids: Collection[UUID]) -> dict[UUID, Face]:
    """Of each task that has one, its own clock; else the one around it that it is due with (`due("R01.stage")` as its due
    date), else the open one that waits for somebody to take it (R35): by task id. One statement.
    """
    if not task_ids:
        return {}
    rows = session.execute(_OF_TASKS, {"task_ids": list(task_ids)}).all()
    # What comes last counts.
    chosen = {row.task_id: row for row in sorted(rows, key=_nearness)}
    return dict(zip(chosen, faces_of(session, deps, chosen.values()), strict=True))


def _nearness(row: Any) -> tuple[Any, ...]:
    """The task's own before a stage's before the case's before R35; one that runs before one that has stopped."""
    near = 0 if row.code == UNASSIGNED else {CASE: 1, STAGE: 2, TASK: 3}[row.kind]
    return near, row.stopped_at is None, str(row.id)


def clocks_of_cases(session: Session, deps: Deps, case_ids: Collection[UUID]) -> dict[UUID, Face]:
    """Of each case the clock its list shows: of its open case and stage clocks the one that binds, else one that stands
    still; of a case without open ones its overall clock that ended last, one that was late before others, of several that
    ended together the one that was due first; where it has none, one of its stages. One statement.
    """
    if not case_ids:
        return {}
    rows = session.execute(_OF_CASES, {"case_ids": list(case_ids)}).all()
    by_case: dict[UUID, list[Any]] = {}
    for row in rows:
        by_case.setdefault(row.case_id, []).append(row)
    chosen = {case_id: min(found, key=_rank) for case_id, found in by_case.items()}
    return dict(zip(chosen, faces_of(session, deps, chosen.values()), strict=True))


def _rank(row: Any) -> tuple[Any, ...]:
    if row.stopped_at is None:
        return (
            0 if row.due_at else 1,
            (row.due_at or row.paused_at or row.started_at).timestamp(),
            str(row.id),
        )
    late = row.due_at is not None and row.stopped_at > row.due_at and row.stop_reason not in TAKEN_AWAY
    return (
        ((2 if late else 3) if row.overall else 4 if late else 5),
        -row.stopped_at.timestamp(),
        row.due_at.timestamp() if row.due_at else float("inf"),
        str(row.id),
    )


def faces_of(session: Session, deps: Deps, rows: Iterable[Any]) -> list[Face]:
    """Faces of rows of clocks, in their order. One statement where one of them stands still: what it goes on with depends on
    its ledger.
    """
    calendars, now = deps.office.current(session).calendars, deps.clock.now()
    shown = list(rows)
    still = [row.id for row in shown if row.paused_at is not None and row.stopped_at is None]
    pauses = _by_clock(session, ClockPause, still, "from_at") if still else {}
    return [
        face_of(row, calendars.of(row.region), now, _spans(pauses[row.id], now) if row.id in pauses else None)
        for row in shown
    ]


def told_of_case(session: Session, deps: Deps, case_id: UUID, *, task_id: UUID | None = None) -> list[Told]:
    """The clocks of a case with their ledgers: those of the case and its stages, and what is open of tasks, the running ones
    in the order they end, then what has stopped. With `task_id`, of tasks only that one's and of stages the open ones. At most
    six statements.
    """
    of_task = _CLOCK.c.token_id == task_id if task_id else _OPEN
    wanted = sa.and_(
        _CLOCK.c.case_id == case_id,
        sa.or_(
            _CLOCK.c.kind == CASE,
            sa.and_(_CLOCK.c.kind == STAGE, _OPEN if task_id else sa.true()),
            sa.and_(_CLOCK.c.kind == TASK, of_task),
        ),
    )
    return _told(session, deps, wanted)


def told_of_task(session: Session, deps: Deps, task_id: UUID) -> list[Told]:
    """The clocks of one task alone: for somebody to whom its case is closed, and for tasks without one."""
    return _told(session, deps, sa.and_(_CLOCK.c.token_id == task_id, _CLOCK.c.kind == TASK))


def _told(session: Session, deps: Deps, wanted: sa.ColumnElement[bool]) -> list[Told]:
    # That somebody has taken the work says the work itself.
    shown = sa.or_(_CLOCK.c.code != UNASSIGNED, _OPEN)
    step = sa.select(_TASK.c.name).where(_TASK.c.id == _CLOCK.c.token_id).scalar_subquery()
    rows = session.execute(
        sa.select(_CLOCK, _IS_OVERALL, step.label("step")).where(wanted, shown).limit(MOST)
    ).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    pauses = _by_clock(session, ClockPause, ids, "from_at")
    revisions = _by_clock(session, ClockRevision, ids, "revision")
    requests = _by_clock(session, ClockRequest, ids, "asked_at")
    promises = _by_clock(session, ClockPromise, ids, "made_at")
    names = _names(session, pauses, revisions, promises)
    calendars, now = deps.office.current(session).calendars, deps.clock.now()
    first = binding(rows)
    return [
        Told(
            face_of(
                row, calendars.of(row.region), now, _spans(pauses.get(row.id, ()), now), binds=row.id == first
            ),
            tuple(pauses.get(row.id, ())),
            tuple(revisions.get(row.id, ())),
            tuple(requests.get(row.id, ())),
            tuple(promises.get(row.id, ())),
            names,
            row.step or "",
        )
        for row in sorted(rows, key=_rank)
    ]


def _spans(pauses: Iterable[Any], now: datetime) -> list[tuple[datetime, datetime]]:
    return [(row.from_at, row.to_at or max(now, row.from_at)) for row in pauses]


def _by_clock(session: Session, model: Any, ids: Collection[UUID], order: str) -> dict[UUID, list[Any]]:
    columns = table(model).c
    found: dict[UUID, list[Any]] = {}
    rows = session.execute(sa.select(table(model)).where(columns.clock_id.in_(ids)).order_by(columns[order]))
    for row in rows:
        found.setdefault(row.clock_id, []).append(row)
    return found


def _names(session: Session, *ledgers: Mapping[UUID, Iterable[Any]]) -> dict[str, str]:
    """The names of everybody a ledger mentions by id."""
    written = {
        getattr(row, column, "")
        for ledger in ledgers
        for rows in ledger.values()
        for row in rows
        for column in ("begun_by", "ended_by", "by", "made_by")
    }
    people = [known for text in written if (known := _uuid(text))]
    if not people:
        return {}
    rows = session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(people)))
    return {str(row.id): row.name for row in rows}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
