"""Desks: what somebody has on theirs; writing who has tasks from now on, many at once, with the clocks of how long each waits
for somebody; and telling everybody once what they were given and what was taken from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.clocks.beginning import Ground
from tasks.deadlines.clocks.keeping import waits_anew
from tasks.deadlines.clocks.writing import send, taken
from tasks.deps import Deps
from tasks.listener import case_behind, remember_cases
from tasks.people.caller import Caller
from tasks.permissions.visibility import task_visible_to
from tasks.talk.causes import GIVEN, GIVEN_MANY, TAKEN, TAKEN_MANY
from tasks.talk.telling import tell
from tasks.user_task import ASSIGNED, CREATED, DELEGATED, HELD, UserTask

_TASK, _CASE = table(UserTask), table(Case)
_WITH_CASE = _TASK.outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id)
_GIVE = sa.text(
    """UPDATE user_task t SET
         state = r.state, assignee_id = r.assignee, assignee_name = r.assignee_name, owner_id = r.owner,
         owner_name = r.owner_name,
         note = CASE WHEN r.state = 'delegated' THEN t.note END,
         follow_up_at = CASE WHEN r.state = 'delegated' THEN t.follow_up_at END,
         claimed_at = CASE r.state WHEN 'delegated' THEN t.claimed_at
                                   WHEN 'assigned' THEN CAST(:at AS timestamptz) END
       FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS r(id uuid, state text, assignee uuid, assignee_name text, owner uuid, owner_name text)
       WHERE t.id = r.id RETURNING t.*"""
)


@dataclass(frozen=True, slots=True)
class Hands:
    """Who has a task: its assignee, and of a delegated one its owner, each with id and name; nobody has what waits in its
    queue.
    """

    assignee: tuple[UUID, str] | None = None
    owner: tuple[UUID, str] | None = None

    @property
    def state(self) -> str:
        return CREATED if self.assignee is None else DELEGATED if self.owner else ASSIGNED

    def differ_from(self, task: Any) -> bool:
        """Whether the task (its row) is in other hands, or in another state."""
        return (self.state, self.assignee and self.assignee[0], self.owner and self.owner[0]) != (
            task.state,
            task.assignee_id,
            task.owner_id,
        )


def on_desk_of(person_id: Any) -> sa.ColumnElement[bool]:
    """The condition on `user_task` under which somebody holds it or has delegated it. person_id: an id, or a column or
    statement that gives one.
    """
    return sa.or_(
        sa.and_(_TASK.c.state.in_(HELD), _TASK.c.assignee_id == person_id),
        sa.and_(_TASK.c.state == DELEGATED, _TASK.c.owner_id == person_id),
    )


def desk_of(session: Session, sight: Caller, person_id: Any, most: int) -> list[UUID]:
    """The ids of what is on somebody's desk as far as `sight` sees it, the most urgent first, `most` at most."""
    wanted = (
        sa.select(_TASK.c.id).select_from(_WITH_CASE).where(on_desk_of(person_id), task_visible_to(sight))
    )
    return list(session.scalars(wanted.order_by(_TASK.c.sort_at, _TASK.c.id).limit(most)))


def locked(session: Session, ids: Sequence[UUID], condition: sa.ColumnElement[bool]) -> dict[UUID, Any]:
    """Those of the tasks for which the condition holds, with the `paths` of their cases, locked in the order of their ids."""
    wanted = sa.select(_TASK, _CASE.c.paths).select_from(_WITH_CASE).where(_TASK.c.id.in_(ids), condition)
    return {row.id: row for row in session.execute(wanted.order_by(_TASK.c.id).with_for_update(of=_TASK))}


def give(session: Session, deps: Deps, rows: Mapping[UUID, Any], to: Mapping[UUID, Hands]) -> dict[UUID, Any]:
    """Write who has the tasks now, and return their rows. rows: as they were, locked. A statement for all of them, not one
    per task.
    """
    if not to:
        return {}
    now = deps.clock.now()
    given = []
    for task_id, hands in to.items():
        assignee, owner = hands.assignee or (None, None), hands.owner or (None, None)
        given.append(
            {
                "id": task_id,
                "state": hands.state,
                "assignee": assignee[0],
                "assignee_name": assignee[1],
                "owner": owner[0],
                "owner_name": owner[1],
            }
        )
    updated = session.execute(_GIVE, {"rows": orjson.dumps(given).decode(), "at": now}).all()
    written = {row.id: row for row in updated}
    if begun := [task_id for task_id in to if rows[task_id].state == CREATED]:
        taken(session, begun, now)
    if back := [row for row in updated if row.state == CREATED]:
        remember_cases(session, [row.business_key for row in back if row.case_id])
        office, new_id = deps.office.current(session), deps.engine.new_id
        grounds = [
            Ground(
                office,
                row.instance_id,
                row.business_key,
                case_behind(session, row.business_key) if row.case_id else None,
                now,
                new_id,
            )
            for row in back
        ]
        clocks = [waits_anew(ground, row) for ground, row in zip(grounds, back, strict=True)]
        send(session, grounds[0], [each for each in clocks if each is not None])
    return written


def tell_of_giving(
    session: Session,
    deps: Deps,
    by: tuple[UUID | None, str],
    rows: Mapping[UUID, Any],
    written: Mapping[UUID, Any],
    why: str,
) -> None:
    """Tell everybody once what they were given and what was taken from them: the task itself, or how many they are. by: id
    and name of who did it, who is told nothing. rows, written: the tasks as they were and as they are.
    """
    moved = deps.engine.new_id()
    gone = {
        task_id: (rows[task_id], _hands_of(rows[task_id]) - _hands_of(row))
        for task_id, row in written.items()
    }
    come = {task_id: (row, _given_to(rows[task_id], row)) for task_id, row in written.items()}
    for one, many, each in ((GIVEN, GIVEN_MANY, come), (TAKEN, TAKEN_MANY, gone)):
        desks: dict[UUID, list[Any]] = {}
        for task, people in each.values():
            for person in people - {by[0]}:
                desks.setdefault(person, []).append(task)
        for person, tasks in desks.items():
            words = {"who": by[1], "reason": why}
            if len(tasks) > 1:
                tell(session, deps.clock, many, moved, people=[person], fields={**words, "count": len(tasks)})
                continue
            (task,) = tasks
            tell(
                session,
                deps.clock,
                one,
                moved,
                people=[person],
                number=task.business_key,
                instance_id=task.instance_id,
                activity_id=task.activity_id,
                task_id=task.id,
                fields={**words, "task": task.name},
            )


def _hands_of(task: Any) -> set[UUID]:
    return {task.assignee_id, task.owner_id} - {None}


def _given_to(before: Any, after: Any) -> set[UUID]:
    """Whose the task is now; not the delegate who goes on with it for another owner."""
    goes_on = before.state == after.state == DELEGATED and before.assignee_id == after.assignee_id
    return _hands_of(after) - ({after.assignee_id} if goes_on else set())
