"""A lead steers who has the work: gives tasks to people, moves a whole desk, or takes tasks back to their queues.

Of several tasks each is answered for itself: one that cannot be given away keeps no other from being given. Touches only
task rows and waits for no instance; rows are locked in the order of their ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, RedressError
from tasks.core import storable
from tasks.deps import Deps
from tasks.desk.eligible import bar_of, complained_of, may_hold, people_named, refusal
from tasks.desk.giving import Hands, desk_of, give, locked, tell_of_giving
from tasks.desk.reasons import readable
from tasks.desk.seeing import leads, not_led, not_now, not_seen, noted
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import VERBS, require
from tasks.permissions.visibility import task_visible_to
from tasks.user_task import CREATED, groups_in

VERB = "task.reassign"
MOST = 500
"""So many tasks are reassigned at once."""


@dataclass(frozen=True, slots=True)
class Reassigned:
    """What became of one task: its row, or why it stayed where it was."""

    task_id: UUID
    task: Any = None
    refused: RedressError | None = None


def reassign(session: Session, deps: Deps, caller: Caller, task_id: UUID, to: str | None, reason: str) -> Any:
    """Give a task to the person with the login `to`, whoever holds it, or with None back to its queue; returns its row.

    Giving it to whoever holds it changes nothing. Raises NotFound when the caller does not see the task; NotPermitted when
    none of its units is in their reach as a supervisor, or its case complains about them; WrongState when it is over, or is in its queue and shall go there;
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
    rows = locked(session, ids, task_visible_to(caller))
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
    hands = {
        task_id: Hands(None if person is None else (person.id, person.name))
        for task_id, person in chosen.items()
    }
    changed = {task_id: held for task_id, held in hands.items() if held.differ_from(rows[task_id])}
    written = give(session, deps, rows, changed)
    for task_id, row in written.items():
        before = rows[task_id]
        noted(
            session, deps, caller, "task.reassign", row, before.state,
            {"state": row.state, "assignee": row.assignee_name, "reason": why},
            {"assignee": before.assignee_name},
        )  # fmt: skip
    tell_of_giving(session, deps, (caller.id, caller.name), rows, written, why)
    return [
        Reassigned(task_id, written.get(task_id, rows.get(task_id)), None)
        if task_id not in refused
        else Reassigned(task_id, None, refused[task_id])
        for task_id in ids
    ]


def _desk_of(session: Session, caller: Caller, login: str) -> list[UUID]:
    if not storable(login):
        return []
    return desk_of(session, caller, sa.select(Person.id).where(Person.login == login).scalar_subquery(), MOST)


def _problem(caller: Caller, task: Any, to: Sequence[str]) -> RedressError | None:
    if not leads(caller, task, VERB):
        return not_led(task, "reassign", caller)
    if (bar := complained_of(caller, task)) is not None:
        return refusal(bar, task, "reassign")
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
