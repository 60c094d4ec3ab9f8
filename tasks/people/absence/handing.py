"""Handing over what an absent person holds: to whoever does their work meanwhile, or back to the queues.

Each task is answered for itself. What somebody has delegated stays with the delegate and has the substitute as its owner, or,
back to the queues, none; what was delegated to the absent person goes back to its owner. Touches only task rows, locked in the
order of their ids, and waits for no instance.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM, Actor
from engine.errors import InvalidInput, RedressError
from tasks.audit.recording import chain_of, record
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deps import Deps
from tasks.desk.eligible import bar_of, complained_of, may_hold, people_with, refusal
from tasks.desk.giving import Hands, desk_of, give, locked, on_desk_of, tell_of_giving
from tasks.desk.reassigning import MOST, Reassigned
from tasks.desk.seeing import leads, not_led
from tasks.people.absence.tables import (
    HANDED_TO,
    PLANNED,
    RUNNING,
    TO_QUEUE,
    TO_SUBSTITUTE,
    Absence,
    state_of,
)
from tasks.people.absence.whose import changeable
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require
from tasks.permissions.visibility import task_visible_to
from tasks.user_task import ASSIGNED, DELEGATED, UserTask, groups_in

_TASK, _CASE, _PERSON, _ABSENCE = table(UserTask), table(Case), table(Person), table(Absence)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of each task, the most urgent first; more: there are others beyond the MOST that are done at once."""

    items: list[Reassigned]
    more: bool


def hand_over(session: Session, deps: Deps, caller: Caller, absence_id: UUID, to: str) -> HandedOver:
    """Hand over what the absent person holds and the caller sees. to: a key of HANDED_TO.

    Raises NotFound for an absence the caller may not change; WrongState for one that is over; InvalidInput where nobody is
    the substitute, or for another `to`. Each task says for itself that a lead does not lead it, or that the substitute may
    not hold it: until the absence begins, what only the absent person's groups are offered.
    """
    require(caller, "absence.hand_over")
    row, _ = changeable(session, deps, caller, absence_id, "hand over for")
    if to not in HANDED_TO:
        raise InvalidInput(
            f"To hand over for the absence {absence_id} was asked, to {to[:40]!r}; it is one of {', '.join(HANDED_TO)}.",
            message_zh="请选择交给代理人或退回队列。",
        )
    substitute = _substitute(session, deps, row) if to == TO_SUBSTITUTE else None
    if to == TO_SUBSTITUTE and substitute is None:
        raise InvalidInput(
            f"To hand over for the absence {absence_id} to the substitute was asked; nobody does the work of {row.person}.",
            message_zh=f"没有人代理{row.person_name}的工作。",
        )
    return _hand_over(session, deps, row, caller, substitute, by=caller.actor)


def hand_over_due(session: Session, deps: Deps, absence_id: UUID, by: Actor = SYSTEM) -> bool:
    """Hand over what somebody holds whose absence is under way, if that was wanted when it was entered and is still to be done;
    whether there is more than was done at once. by: who has just entered or changed it, if that is why.
    """
    due = (
        sa.select(_ABSENCE, _PERSON.c.login.label("person"), _PERSON.c.name.label("person_name"))
        .join(_PERSON, _PERSON.c.id == _ABSENCE.c.person_id)
        .where(_ABSENCE.c.id == absence_id, _ABSENCE.c.hand_over.is_not(None))
        .where(_ABSENCE.c.handed_over_at.is_(None))
        .with_for_update(of=_ABSENCE)
    )
    row = session.execute(due).first()
    if row is None or state_of(row, deps.clock.now()) != RUNNING:
        return False
    absent = people_with(session, deps, [row.person_id]).get(row.person_id)
    substitute = _substitute(session, deps, row) if row.hand_over == TO_SUBSTITUTE else None
    done = None
    if absent is not None and (substitute is not None or row.hand_over == TO_QUEUE):
        done = _hand_over(session, deps, row, absent, substitute, by=by)
        # What could not be handed over stays first in the line: with nothing done there is nothing more to do.
        if done.more and any(each.refused is None for each in done.items):
            return True
    session.execute(
        sa.update(_ABSENCE).where(_ABSENCE.c.id == absence_id).values(handed_over_at=deps.clock.now())
    )
    return False


def _hand_over(
    session: Session, deps: Deps, absence: Any, sight: Caller, substitute: Caller | None, *, by: Actor
) -> HandedOver:
    """sight: who sees the tasks, the absent person or a lead of theirs."""
    found = desk_of(session, sight, absence.person_id, MOST + 1)
    ids, more = found[:MOST], len(found) > MOST
    rows = locked(session, ids, on_desk_of(absence.person_id))
    refused: dict[UUID, RedressError] = {}
    hands: dict[UUID, Hands] = {}
    for task_id in ids:
        task = rows.get(task_id)
        if task is None:
            continue  # it has left the desk meanwhile
        if sight.id != absence.person_id and not leads(sight, task, "task.reassign"):
            refused[task_id] = not_led(task, "hand over", sight)
        elif sight.id != absence.person_id and (bar := complained_of(sight, task)) is not None:
            refused[task_id] = refusal(bar, task, "hand over")
        elif task.state == DELEGATED and task.assignee_id == absence.person_id:
            hands[task_id] = Hands((task.owner_id, task.owner_name))
        elif substitute is not None and not may_hold(substitute, task):
            refused[task_id] = _not_theirs(task, substitute)
        elif substitute is not None and (bar := bar_of(substitute, task)) is not None:
            refused[task_id] = refusal(bar, task, "hand over")
        else:
            hands[task_id] = _hands(task, substitute)
    written = give(session, deps, rows, hands)
    why = f"{absence.person_name}休假交接"
    for task_id, row in written.items():
        before = rows[task_id]
        record(
            session, by, "task.reassign", at=deps.clock.now(),
            chain=chain_of(row.business_key if row.case_id else None, row.instance_id),
            subject="task", subject_id=row.id,
            before={"state": before.state, "assignee": before.assignee_name},
            after={
                "activity": row.activity_id, "state": row.state, "assignee": row.assignee_name, "reason": why,
                "absence": str(absence.id),
            },
        )  # fmt: skip
    told_by = (None, absence.person_name) if by is SYSTEM else (UUID(by.id), by.name)
    tell_of_giving(session, deps, told_by, rows, written, why)
    record(
        session, by, "absence.hand_over", at=deps.clock.now(), subject="absence", subject_id=absence.id,
        before={"held": len(written) + len(refused)},
        after={"to": substitute.login if substitute else TO_QUEUE, "handed": len(written), "kept": len(refused)},
    )  # fmt: skip
    items = [
        Reassigned(task_id, written.get(task_id), refused.get(task_id))
        for task_id in ids
        if task_id in written or task_id in refused
    ]
    return HandedOver(items, more)


def _hands(task: Any, substitute: Caller | None) -> Hands:
    theirs = None if substitute is None else (substitute.id, substitute.name)
    if task.state == ASSIGNED or task.assignee_id == (substitute and substitute.id):
        return Hands(theirs)
    return Hands((task.assignee_id, task.assignee_name), theirs)


def _not_theirs(task: Any, substitute: Caller) -> InvalidInput:
    return InvalidInput(
        f"To hand over the task {task.name} ({task.id}) to {substitute.login} was asked; it is offered to "
        f"{', '.join(groups_in(task))}, and they may not hold it.",
        task_id=str(task.id),
        message_zh=f"“{task.name}”不能由{substitute.name}办理，没有交接。",
    )


def desks_of(session: Session, caller: Caller, people: Collection[UUID]) -> dict[UUID, int]:
    """How many tasks each of these people holds or has delegated, as far as the caller sees them. One statement."""
    if not people:
        return {}
    who = (
        sa.func.unnest(sa.cast(list(people), sa.ARRAY(sa.Uuid))).table_valued("id").render_derived(name="who")
    )
    count = (
        sa.select(sa.func.count())
        .select_from(_TASK.outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id))
        .where(on_desk_of(who.c.id), task_visible_to(caller))
        .correlate(who)
        .scalar_subquery()
    )
    return {row.id: row.held for row in session.execute(sa.select(who.c.id, count.label("held")))}


def _substitute(session: Session, deps: Deps, absence: Any) -> Caller | None:
    """Who does the work: once the absence is under way the last of the chain, before that whoever is named."""
    now = deps.clock.now()
    if state_of(absence, now) == PLANNED:
        person_id = absence.substitute_id
    else:
        person_id = deps.office.current(session).absences.done_by(absence.person_id, now)
    return people_with(session, deps, [person_id]).get(person_id) if person_id is not None else None
