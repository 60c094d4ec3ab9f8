"""Taking a task from its queue and giving it back: both touch only the task row and never wait for the instance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.clocks.beginning import Ground
from tasks.deadlines.clocks.keeping import given_back
from tasks.deadlines.clocks.writing import taken
from tasks.deps import Deps
from tasks.desk.eligible import ALLOWED, allowing, refuse_barred
from tasks.desk.reasons import readable
from tasks.desk.returns import keep_return
from tasks.desk.seeing import (
    OFFERED,
    is_theirs,
    not_now,
    not_theirs,
    noted,
    offered_to_others,
    refuse_unless_possible,
    seen,
)
from tasks.listener import case_behind
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.user_task import ASSIGNED, CREATED, UserTask, groups_in

_TASK = table(UserTask)

_CLAIM = (
    sa.update(_TASK)
    .where(_TASK.c.id == sa.bindparam("task_id"), _TASK.c.state == CREATED, OFFERED, ALLOWED)
    .values(
        state=ASSIGNED,
        assignee_id=sa.bindparam("by", type_=sa.Uuid),
        assignee_name=sa.bindparam("by_name", type_=sa.Text),
        claimed_at=sa.bindparam("at", type_=sa.DateTime(timezone=True)),
    )
    .returning(*_TASK.c)
)

_RELEASE = (
    sa.update(_TASK)
    .where(
        _TASK.c.id == sa.bindparam("task_id"),
        _TASK.c.state == ASSIGNED,
        _TASK.c.assignee_id == sa.bindparam("by", type_=sa.Uuid),
        OFFERED,
    )
    .values(
        state=CREATED,
        assignee_id=None,
        assignee_name=None,
        claimed_at=None,
        follow_up_at=None,
        note=None,
        returned=_TASK.c.returned + sa.bindparam("returns", type_=sa.SmallInteger),
    )
    .returning(*_TASK.c)
)


def claim(session: Session, deps: Deps, caller: Caller, task_id: UUID) -> Any:
    """Take a task from the queue. Claiming what one already holds changes nothing. One statement when it
    succeeds.

    Raises NotFound when the caller may not see the task, NotPermitted when it is not offered to any of their
    groups or they are barred from it, WrongState naming the holder when somebody else was faster, or when the task is over.
    """
    require(caller, "task.claim")
    given = {
        "task_id": task_id,
        "groups": list(caller.groups),
        "by": caller.id,
        "by_name": caller.name,
        "at": deps.clock.now(),
    }
    row = session.execute(_CLAIM, {**given, **allowing(caller)}).first()
    if row is None:
        task = seen(session, caller, task_id)
        if task.state == ASSIGNED and is_theirs(task, caller):
            return task
        refuse_unless_possible(task, "claim")
        if set(groups_in(task)).isdisjoint(caller.groups):
            raise offered_to_others(task, "claim", caller)
        refuse_barred(caller, task, "claim")
        # They do the work of several who are absent, and not all of those are barred.
        row = session.execute(_CLAIM, {**given, **allowing(caller, task)}).first()
        if row is None:
            raise not_now(seen(session, caller, task_id), "claim")
    taken(session, [task_id], row.claimed_at)
    noted(session, deps, caller, "task.claim", row, CREATED, {"state": ASSIGNED})
    return row


def release(session: Session, deps: Deps, caller: Caller, task_id: UUID, reason: str | None = None) -> Any:
    """Give a claimed task back to its queue. Two statements when it succeeds.

    With a reason it is a return: kept with the task, shown with it, and told to whoever leads the unit that answers for it.

    Raises InvalidInput for a reason that says nothing; NotFound; NotPermitted when they hold it and answer none of its groups
    any more; WrongState when nobody holds it or somebody else does.
    """
    require(caller, "task.release")
    why = None if reason is None else readable(f"To release the task {task_id}", reason)
    row = session.execute(
        _RELEASE,
        {
            "task_id": task_id,
            "by": caller.id,
            "groups": list(caller.groups),
            "returns": 0 if why is None else 1,
        },
    ).first()
    if row is not None:
        behind = case_behind(session, row.business_key) if row.case_id else None
        now = deps.clock.now()
        office = deps.office.current(session)
        ground = Ground(office, row.instance_id, row.business_key, behind, now, deps.engine.new_id)
        given_back(session, ground, row)
        if why is not None:
            keep_return(session, deps, caller, row, why)
        after = {"state": CREATED, **({} if why is None else {"reason": why})}
        noted(session, deps, caller, "task.release", row, ASSIGNED, after)
        return row
    task = seen(session, caller, task_id)
    refuse_unless_possible(task, "release")
    raise not_theirs(task, "release", caller)
