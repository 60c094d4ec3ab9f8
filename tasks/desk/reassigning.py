"""A lead steers who has the work: gives tasks to people, moves a whole desk, or takes tasks back to their queues.

Of several tasks each is answered for itself: one that cannot be given away keeps no other from being given. Touches only
task rows and waits for no instance; rows are locked in the order of their ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, RedressError
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deadlines.clocks.beginning import Ground
from tasks.deadlines.clocks.keeping import waits_anew
from tasks.deadlines.clocks.writing import send, taken
from tasks.deps import Deps
from tasks.desk.eligible import bar_of, may_hold, people_named, refusal
from tasks.desk.reasons import readable
from tasks.desk.seeing import leads, not_led, not_now, not_seen, noted
from tasks.listener import case_behind, remember_cases
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import VERBS, require
from tasks.permissions.visibility import task_visible_to
from tasks.talk.causes import GIVEN, GIVEN_MANY, TAKEN, TAKEN_MANY
from tasks.talk.telling import tell
from tasks.user_task import CREATED, DELEGATED, HELD, UserTask, groups_in

VERB = "task.reassign"
MOST = 500
"""So many tasks are reassigned at once."""

_TASK, _CASE = table(UserTask), table(Case)

_GIVE = sa.text(
    """UPDATE user_task t SET
         state = CASE WHEN r.person IS NULL THEN 'created' ELSE 'assigned' END,
         assignee_id = r.person, assignee_name = r.name, owner_id = NULL, owner_name = NULL, note = NULL,
         follow_up_at = NULL,
         claimed_at = CASE WHEN r.person IS NOT NULL THEN CAST(:at AS timestamptz) END
       FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, person uuid, name text)
       WHERE t.id = r.id RETURNING t.*"""
)


@dataclass(frozen=True, slots=True)
class Reassigned:
    """What became of one task: its row, or why it stayed where it was."""

    task_id: UUID
    task: Any = None
    refused: RedressError | None = None


def reassign(session: Session, deps: Deps, caller: Caller, task_id: UUID, to: str | None, reason: str) -> Any:
    """Give a task to the person with the login `to`, whoever holds it, or with None back to its queue; returns its row.

    Giving it to whoever holds it changes nothing. Raises NotFound when the caller does not see the task; NotPermitted when
    none of its units is in their reach as a supervisor; WrongState when it is over, or is in its queue and shall go there;
    NotPermitted when that person is barred from it; InvalidInput when it is not offered to them, or for a reason that says nothing.
    """
    require(caller, VERB)
    why = readable(f"To reassign the task {task_id}", reason)
    (only,) = _each(session, deps, caller, [task_id], () if to is None else (to,), why)
    if only.refused is not None:
        raise only.refused
    return only.task


def reassign_many(
    session: Session,
    deps: Deps,
    caller: Caller,
    *,
    ids: Sequence[UUID] = (),
    held_by: str | None = None,
    to: Sequence[str] = (),
    reason: str,
) -> list[Reassigned]:
    """Give several tasks to the people with the logins `to`, each to whoever of them it is offered to and has been given
    least so far, or with nobody in `to` back to their queues. Which tasks: `ids`, or everything that the person with the
    login `held_by` holds or has delegated and the caller sees, the MOST most urgent of it.

    One answer per task, in the order of `ids` or of urgency; each says what `reassign` would raise. Raises InvalidInput,
    with nothing done, unless either ids or held_by is given, for more than MOST ids, or for a reason that says nothing.
    """
    require(caller, VERB)
    why = readable("To reassign tasks", reason)
    if bool(ids) == (held_by is not None) or len(ids) > MOST:
        raise InvalidInput(
            f"To reassign tasks was asked with {len(ids)} ids; either 1 to {MOST} ids are needed, or who holds them.",
            message_zh=f"请给出 1 至 {MOST} 件工单，或者某人手上的全部工单。",
        )
    wanted = list(dict.fromkeys(ids)) if held_by is None else _desk_of(session, caller, held_by)
    return _each(session, deps, caller, wanted, to, why)


def _each(
    session: Session, deps: Deps, caller: Caller, ids: Sequence[UUID], to: Sequence[str], why: str
) -> list[Reassigned]:
    rows = _locked(session, caller, ids)
    people = people_named(session, deps, to)
    refused: dict[UUID, RedressError] = {}
    chosen: dict[UUID, Caller | None] = {}
    given: Counter[UUID] = Counter()
    for task_id in ids:
        task = rows.get(task_id)
        problem = not_seen(task_id) if task is None else _problem(caller, task, to)
        if problem is None and to:
            offered = [person for person in people if may_hold(person, task)]
            bars = {person.id: bar_of(person, task) for person in offered}
            allowed = [person for person in offered if bars[person.id] is None]
            if allowed:
                least = min(allowed, key=lambda person: given[person.id])
                given[least.id] += 1
                chosen[task_id] = least
            else:
                first = next((bar for bar in bars.values() if bar is not None), None)
                problem = refusal(first, task, "reassign") if first else _not_offered(task, to)
        elif problem is None:
            chosen[task_id] = None
        if problem is not None:
            refused[task_id] = problem
    changed = {
        task_id: person
        for task_id, person in chosen.items()
        if person is None or rows[task_id].assignee_id != person.id or rows[task_id].state == DELEGATED
    }
    written = _give(session, deps, rows, changed)
    for task_id, row in written.items():
        before = rows[task_id]
        noted(
            session, deps, caller, "task.reassign", row, before.state,
            {"state": row.state, "assignee": row.assignee_name, "reason": why},
            {"assignee": before.assignee_name},
        )  # fmt: skip
    _tell(session, deps, caller, rows, written, why)
    return [
        Reassigned(task_id, written.get(task_id, rows.get(task_id)), None)
        if task_id not in refused
        else Reassigned(task_id, None, refused[task_id])
        for task_id in ids
    ]


def _locked(session: Session, caller: Caller, ids: Sequence[UUID]) -> dict[UUID, Any]:
    found = session.execute(
        sa.select(_TASK, _CASE.c.paths)
        .select_from(_TASK.outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id))
        .where(_TASK.c.id.in_(ids), task_visible_to(caller))
        .order_by(_TASK.c.id)
        .with_for_update(of=_TASK)
    )
    return {row.id: row for row in found}


def _desk_of(session: Session, caller: Caller, login: str) -> list[UUID]:
    if not storable(login):
        return []
    whose = sa.select(Person.id).where(Person.login == login).scalar_subquery()
    return list(
        session.scalars(
            sa.select(_TASK.c.id)
            .select_from(_TASK.outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id))
            .where(
                sa.or_(
                    sa.and_(_TASK.c.state.in_(HELD), _TASK.c.assignee_id == whose),
                    sa.and_(_TASK.c.state == DELEGATED, _TASK.c.owner_id == whose),
                ),
                task_visible_to(caller),
            )
            .order_by(_TASK.c.sort_at, _TASK.c.id)
            .limit(MOST)
        )
    )


def _problem(caller: Caller, task: Any, to: Sequence[str]) -> RedressError | None:
    if not leads(caller, task, VERB):
        return not_led(task, "reassign", caller)
    if task.state not in VERBS[VERB].states or (task.state == CREATED and not to):
        return not_now(task, "reassign")
    return None


def _not_offered(task: Any, to: Sequence[str]) -> InvalidInput:
    # The same for a colleague who is not asked, somebody elsewhere and a login that nobody has.
    return InvalidInput(
        f"To reassign the task {task.name} ({task.id}) to {', '.join(each[:60] for each in to)} was asked; it is offered "
        f"to {', '.join(groups_in(task))}, which none of them answers.",
        task_id=str(task.id),
        message_zh=f"“{task.name}”不在所选人员的候选组内，不能改派给他们。",
    )


def _give(
    session: Session, deps: Deps, rows: Mapping[UUID, Any], to: Mapping[UUID, Caller | None]
) -> dict[UUID, Any]:
    """Write who has the tasks now, and the clocks of how long each waits for somebody. A statement each, not one per task."""
    if not to:
        return {}
    now = deps.clock.now()
    given = [
        {"id": task_id, "person": person and person.id, "name": person and person.name}
        for task_id, person in to.items()
    ]
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


def _tell(
    session: Session,
    deps: Deps,
    caller: Caller,
    rows: Mapping[UUID, Any],
    written: Mapping[UUID, Any],
    why: str,
) -> None:
    """Tell everybody once what they were given and what was taken from them: the task itself, or how many they are."""
    moved = deps.engine.new_id()
    causes = (
        (GIVEN, GIVEN_MANY, written),
        (TAKEN, TAKEN_MANY, {task_id: rows[task_id] for task_id in written}),
    )
    for one, many, held in causes:
        desks: dict[UUID, list[Any]] = {}
        for task in held.values():
            for person in {task.assignee_id, task.owner_id} - {None, caller.id}:
                desks.setdefault(person, []).append(task)
        for person, tasks in desks.items():
            words = {"who": caller.name, "reason": why}
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
