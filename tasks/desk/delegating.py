"""Delegation: whoever holds a task asks a colleague to do the work, gets it back with what they filled in, and completes it
themself.

The delegate is one to whom the task is offered too, so that they see it and could have claimed it. Touches only the task
row and never waits for the instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotPermitted, WrongState
from tasks.audit.digests import given
from tasks.core import table
from tasks.deps import Deps
from tasks.desk.drafts import hand_over
from tasks.desk.eligible import may_hold, on_behalf_of, people_named, people_with, refuse_barred
from tasks.desk.reasons import readable
from tasks.desk.seeing import (
    OFFERED,
    is_theirs,
    not_theirs,
    noted,
    offered_to_others,
    refuse_unless_possible,
    seen,
)
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.talk.causes import DELEGATED as TOLD_DELEGATED
from tasks.talk.causes import RECALLED, RESOLVED
from tasks.talk.steps import DELEGATE, RESOLVE, say
from tasks.talk.telling import tell
from tasks.user_task import ASSIGNED, DELEGATED, UserTask, groups_in

_TASK = table(UserTask)
_BY = sa.bindparam("by", type_=sa.Uuid)
_ONE = sa.update(_TASK).where(_TASK.c.id == sa.bindparam("task_id"), OFFERED).returning(*_TASK.c)
_DELEGATE = _ONE.where(_TASK.c.state == ASSIGNED, _TASK.c.assignee_id == _BY).values(
    state=DELEGATED,
    owner_id=_TASK.c.assignee_id,
    owner_name=_TASK.c.assignee_name,
    assignee_id=sa.bindparam("to", type_=sa.Uuid),
    assignee_name=sa.bindparam("to_name", type_=sa.Text),
    follow_up_at=None,
    note=sa.bindparam("said", type_=sa.Text),
)
_BACK = _ONE.where(_TASK.c.state == DELEGATED).values(
    state=ASSIGNED,
    assignee_id=_TASK.c.owner_id,
    assignee_name=_TASK.c.owner_name,
    owner_id=None,
    owner_name=None,
    follow_up_at=None,
    note=sa.bindparam("said", type_=sa.Text),
)
_RESOLVE = _BACK.where(_TASK.c.assignee_id == _BY).values(
    helped_by=sa.func.array_cat(_TASK.c.helped_by, sa.bindparam("helpers", type_=sa.ARRAY(sa.Uuid)))
)
_RECALL = _BACK.where(_TASK.c.owner_id == _BY)


def delegate(session: Session, deps: Deps, caller: Caller, task_id: UUID, to: str, note: str) -> Any:
    """Have the person with the login `to` do the work on a task the caller holds; returns its row.

    Raises NotFound; WrongState when somebody else holds the task, or it is free, delegated or over; NotPermitted when the
    caller answers none of its groups any more, or they or that person are barred from it; InvalidInput when it is not offered to that person, for the caller
    themself, or for a note that says nothing.
    """
    require(caller, "task.delegate")
    said = readable(f"To delegate the task {task_id}", note)
    task = seen(session, caller, task_id)
    refuse_unless_possible(task, "delegate")
    if not is_theirs(task, caller):
        raise not_theirs(task, "delegate", caller)
    person = next(iter(people_named(session, deps, [to])), None)
    if person is None or person.id == caller.id or not may_hold(person, task):
        # The same for a colleague who is not asked, somebody elsewhere and a login that nobody has.
        raise InvalidInput(
            f"To delegate the task {task.name} ({task_id}) to {to[:60]} was asked; it is offered to "
            f"{', '.join(groups_in(task))}, and no colleague of that login answers them.",
            task_id=str(task_id),
            message_zh=f"“{task.name}”的候选组里没有这位同事，不能委托。",
        )
    refuse_barred(caller, task, "delegate")
    refuse_barred(person, task, "delegate")
    row = _written(session, caller, task_id, _DELEGATE, said, to=person.id, to_name=person.name)
    if row is None:
        raise _lost(session, caller, task_id, "delegate")
    after = {"state": DELEGATED, "assignee": person.name, "reason": said}
    noted(session, deps, caller, "task.delegate", row, ASSIGNED, after, {"assignee": caller.name})
    say(session, deps, caller, row, DELEGATE, said)
    _tell(session, deps, caller, TOLD_DELEGATED, row, person.id, said)
    return row


def resolve(
    session: Session,
    deps: Deps,
    caller: Caller,
    task_id: UUID,
    note: str,
    answers: Mapping[str, Any] | None = None,
) -> Any:
    """Give a task that was delegated to the caller back to its owner, saying what was done; returns its row. What the caller
    has filled in of its form becomes the owner's draft. answers: what that is; None: what the caller has saved.

    Raises NotFound; WrongState when it is not delegated, or to somebody else; NotPermitted when the caller answers none of
    its groups any more, or they or the owner are barred from it; InvalidInput for a note that says nothing or answers too large
    for a draft.
    """
    require(caller, "task.resolve")
    said = readable(f"To resolve the task {task_id}", note)
    task = seen(session, caller, task_id)
    refuse_unless_possible(task, "resolve")
    if not is_theirs(task, caller):
        raise not_theirs(task, "resolve", caller)
    refuse_barred(caller, task, "resolve")
    for owner in people_with(session, deps, [task.owner_id]).values() if task.barred else ():
        refuse_barred(owner, task, "resolve")
    cover = on_behalf_of(caller, task)
    helpers = [caller.id, *([cover.person_id] if cover else ())]
    row = _written(session, caller, task_id, _RESOLVE, said, helpers=helpers)
    if row is None:
        raise _lost(session, caller, task_id, "resolve")
    handed = hand_over(session, deps, caller, row, answers)
    after = {
        "state": ASSIGNED,
        "assignee": row.assignee_name,
        "reason": said,
        **({"handed_over": given(handed)} if handed else {}),
    }
    noted(session, deps, caller, "task.resolve", row, DELEGATED, after, {"assignee": caller.name})
    say(session, deps, caller, row, RESOLVE, said)
    _tell(session, deps, caller, RESOLVED, row, row.assignee_id, said)
    return row


def recall(session: Session, deps: Deps, caller: Caller, task_id: UUID) -> Any:
    """Take a task the caller delegated back from the delegate; returns its row.

    Raises NotFound; WrongState when it is not delegated, or by somebody else; NotPermitted when the caller answers none of
    its groups any more, or is barred from it.
    """
    require(caller, "task.recall")
    before = seen(session, caller, task_id)
    if before.owner_id == caller.id:
        refuse_barred(caller, before, "recall")
    row = _written(session, caller, task_id, _RECALL, None)
    if row is None:
        raise _lost(session, caller, task_id, "recall")
    after = {"state": ASSIGNED, "assignee": caller.name}
    noted(session, deps, caller, "task.recall", row, DELEGATED, after, {"assignee": before.assignee_name})
    _tell(session, deps, caller, RECALLED, row, before.assignee_id, "")
    return row


def _written(
    session: Session, caller: Caller, task_id: UUID, statement: sa.Update, said: str | None, **more: Any
) -> Any:
    values = {"task_id": task_id, "by": caller.id, "groups": list(caller.groups), "said": said, **more}
    return session.execute(statement, values).first()


def _lost(session: Session, caller: Caller, task_id: UUID, verb: str) -> NotPermitted | WrongState:
    """Why the task did not take the verb from the caller. Raises NotFound, WrongState."""
    task = seen(session, caller, task_id)
    refuse_unless_possible(task, verb)
    theirs = task.owner_id if verb == "recall" else task.assignee_id
    if theirs == caller.id:
        return offered_to_others(task, verb, caller)
    if verb == "recall":
        return WrongState(
            f"To recall the task {task.name} ({task_id}) was asked by {caller.login}, but {task.owner_name} has "
            "delegated it.",
            task_id=str(task_id),
            state=task.state,
            holder=task.assignee_name,
            message_zh=f"这件工单是{task.owner_name}委托出去的，只能由{task.owner_name}收回。",
        )
    return not_theirs(task, verb, caller)


def _tell(
    session: Session, deps: Deps, caller: Caller, cause: str, task: Any, person: UUID, note: str
) -> None:
    tell(
        session,
        deps.clock,
        cause,
        deps.engine.new_id(),
        people=[person] if person != caller.id else [],
        number=task.business_key,
        instance_id=task.instance_id,
        activity_id=task.activity_id,
        task_id=task.id,
        fields={"who": caller.name, "task": task.name, "note": note},
    )
