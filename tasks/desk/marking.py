"""What is set on a task without moving it: how urgent a lead finds it, and until when its holder lets it rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deps import Deps
from tasks.desk.eligible import refuse_barred, refuse_complained_of
from tasks.desk.reasons import readable
from tasks.desk.seeing import (
    OFFERED,
    is_theirs,
    leads,
    not_led,
    not_theirs,
    noted,
    refuse_unless_possible,
    seen,
)
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.user_task import HELD, OPEN, UserTask

PRIORITIES = (0, 100)
"""The least and the most urgent; a task is born with what its diagram says, else 50."""

_TASK = table(UserTask)
_ONE = sa.update(_TASK).where(_TASK.c.id == sa.bindparam("task_id")).returning(*_TASK.c)
_PRIORITISE = _ONE.where(_TASK.c.state.in_(OPEN)).values(
    priority=sa.bindparam("value", type_=sa.Integer), priority_by=sa.bindparam("by", type_=sa.Uuid)
)
_REST = _ONE.where(
    _TASK.c.state.in_(HELD), _TASK.c.assignee_id == sa.bindparam("by", type_=sa.Uuid), OFFERED
).values(follow_up_at=sa.bindparam("until", type_=sa.DateTime(timezone=True)))


def prioritise(
    session: Session, deps: Deps, caller: Caller, task_id: UUID, priority: int, reason: str
) -> Any:
    """Set how urgent an open task is, 0 to 100; returns its row, which names who did. What it was already changes nothing.

    Raises NotFound when the caller does not see the task; NotPermitted when no unit that answers for it is in their reach
    as a supervisor, or its case complains about them; WrongState when it is over; InvalidInput for another priority or a reason that says nothing.
    """
    require(caller, "task.prioritise")
    why = readable(f"To prioritise the task {task_id}", reason)
    least, most = PRIORITIES
    if not least <= priority <= most:
        raise InvalidInput(
            f"To give the task {task_id} the priority {priority} was asked; it must be from {least} to {most}.",
            message_zh=f"优先级应为 {least} 至 {most}。",
        )
    task = seen(session, caller, task_id)
    if not leads(caller, task, "task.prioritise"):
        raise not_led(task, "prioritise", caller)
    refuse_complained_of(caller, task, "prioritise")
    refuse_unless_possible(task, "prioritise")
    if task.priority == priority:
        return task
    row = session.execute(_PRIORITISE, {"task_id": task_id, "value": priority, "by": caller.id}).first()
    if row is None:
        task = seen(session, caller, task_id)
        refuse_unless_possible(task, "prioritise")
        return task
    after = {"state": row.state, "priority": priority, "reason": why}
    noted(session, deps, caller, "task.prioritise", row, row.state, after, {"priority": task.priority})
    return row


def follow_up(session: Session, deps: Deps, caller: Caller, task_id: UUID, at: datetime | None) -> Any:
    """Let a task the caller has in hand rest until an instant, or with None no longer; returns its row. Its clock runs on,
    and whoever has it next decides anew.

    Raises NotFound; WrongState when somebody else has it, or it is free or over; NotPermitted when the caller answers none
    of its groups any more or is barred from it; InvalidInput for an instant that is not to come.
    """
    require(caller, "task.follow_up")
    now = deps.clock.now()
    if at is not None and at <= now:
        raise InvalidInput(
            f"To follow the task {task_id} up at {_shown(at)} was asked; it is {_shown(now)} already.",
            message_zh="跟进时间必须晚于现在。",
        )
    task = seen(session, caller, task_id)
    if is_theirs(task, caller):
        refuse_barred(caller, task, "follow up")
    values = {"task_id": task_id, "by": caller.id, "groups": list(caller.groups), "until": at}
    row = session.execute(_REST, values).first()
    if row is None:
        task = seen(session, caller, task_id)
        refuse_unless_possible(task, "follow_up")
        raise not_theirs(task, "follow up", caller)
    was = {"follow_up_at": task.follow_up_at and _shown(task.follow_up_at)}
    after = {"state": row.state, "follow_up_at": at and _shown(at)}
    noted(session, deps, caller, "task.follow_up", row, row.state, after, was)
    return row


def _shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
