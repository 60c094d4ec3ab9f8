"""One task as its reader sees it, and the sentences by which the desk refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, NotPermitted, WrongState
from engine.instance import ProcessInstance
from tasks.audit.recording import chain_of, record
from tasks.cases.facts import EARLIER
from tasks.cases.reading import note_read
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deps import Deps
from tasks.desk.eligible import on_behalf_of
from tasks.organisation.assigning.routing import group_path
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import STAFF, VERBS
from tasks.permissions.visibility import reach, task_visible_to
from tasks.user_task import ASSIGNED, CANCELLED, COMPLETED, CREATED, DELEGATED, UserTask, groups_in

_TASK = table(UserTask)
_CASE = table(Case)
_INSTANCE = table(ProcessInstance)
_PERSON = table(Person)

_READ = (
    sa.select(
        _TASK,
        _CASE.c.number,
        _CASE.c.regime,
        _CASE.c.filed_at,
        _CASE.c.org_code,
        _CASE.c.province,
        _CASE.c.facts,
        EARLIER,
        _CASE.c.paths,
        _CASE.c.confidential,
        _CASE.c.filed_by,
        _INSTANCE.c.status.label("instance_status"),
        sa.select(_PERSON.c.name)
        .where(_PERSON.c.id == _TASK.c.priority_by)
        .scalar_subquery()
        .label("priority_by_name"),
    )
    .select_from(
        _TASK.outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id).join(
            _INSTANCE, _INSTANCE.c.id == _TASK.c.instance_id
        )
    )
    .where(_TASK.c.id == sa.bindparam("task_id", type_=sa.Uuid))
)

OFFERED = sa.or_(
    _TASK.c.candidate_group == sa.any_(sa.bindparam("groups", type_=sa.ARRAY(sa.Text))),
    _TASK.c.also_groups.overlap(sa.bindparam("groups", type_=_TASK.c.also_groups.type)),
)


def read_task(session: Session, deps: Deps, caller: Caller, task_id: UUID) -> Any:
    """The task with its case, for whoever may see it; raises NotFound for everybody else. One statement.

    Reading one of a confidential case is recorded.
    """
    row = seen(session, caller, task_id)
    if row.confidential:
        note_read(session, deps, caller, row)
    return row


def noted(
    session: Session,
    deps: Deps,
    caller: Caller,
    verb: str,
    task: Any,
    before: str,
    after: Mapping[str, Any],
    was: Mapping[str, Any] | None = None,
) -> None:
    """Record a verb on a task: from which state to what; `was`: what else was so before. What only an absent person's groups
    let the caller do is recorded as done for them; what somebody decides as a lead is not.
    """
    cover = on_behalf_of(caller, task) if STAFF in VERBS[verb].roles else None
    record(
        session,
        caller.acting_for(cover),
        verb,
        at=deps.clock.now(),
        chain=chain_of(task.business_key if task.case_id else None, task.instance_id),
        subject="task",
        subject_id=task.id,
        before={"state": before, **(was or {})},
        after={"activity": task.activity_id, **({"on_behalf_of": cover.login} if cover else {}), **after},
    )


def seen(session: Session, caller: Caller, task_id: UUID) -> Any:
    row = session.execute(_READ.where(task_visible_to(caller)), {"task_id": task_id}).first()
    if row is None:
        raise not_seen(task_id)
    return row


def not_seen(task_id: UUID) -> NotFound:
    """What is said of a task that does not exist for the caller, whether it exists for others or not."""
    return NotFound(f"The task {task_id} was asked for; there is no such task for you.", task_id=str(task_id))


def refuse_unless_possible(task: Any, verb: str) -> None:
    if task.state not in VERBS[f"task.{verb}"].states:
        raise not_now(task, verb)


def not_now(task: Any, verb: str) -> WrongState:
    """Why the task (its row) does not take the verb in the state it is in."""
    is_now = {
        CREATED: "it waits unclaimed in its queue",
        ASSIGNED: f"it is held by {task.assignee_name} since {_shown(task.claimed_at)}",
        DELEGATED: f"{task.owner_name} has delegated it to {task.assignee_name}",
        COMPLETED: f"it was completed by {task.completed_by_name} at {_shown(task.completed_at)}",
        CANCELLED: f"it was cancelled by the process at {_shown(task.completed_at)}",
    }[task.state]
    return WrongState(
        f"To {verb} the task {task.name} ({task.id}) was asked, but {is_now}.",
        task_id=str(task.id),
        state=task.state,
        holder=task.assignee_name,
        message_zh=_standing_zh(task),
    )


def _standing_zh(task: Any) -> str:
    return {
        CREATED: "这件工单尚未认领，在队列中。",
        ASSIGNED: f"这件工单已由{task.assignee_name}认领，自 {_briefly(task.claimed_at)} 起办理。",
        DELEGATED: f"这件工单由{task.owner_name}委托{task.assignee_name}办理。",
        COMPLETED: f"这件工单已经办结：{task.completed_by_name}，{_briefly(task.completed_at)}。",
        CANCELLED: f"这件工单已被流程取消：{_briefly(task.completed_at)}。",
    }[task.state]


def is_theirs(task: Any, caller: Caller) -> bool:
    """Whether the caller holds the task and still answers one of its groups. Who has lost the post holds its work only
    until the job that follows the organisation comes by, and can do nothing with it meanwhile.
    """
    return task.assignee_id == caller.id and not set(groups_in(task)).isdisjoint(caller.groups)


def not_theirs(task: Any, verb: str, caller: Caller) -> NotPermitted | WrongState:
    if task.assignee_id == caller.id:
        return offered_to_others(task, verb, caller)
    return WrongState(
        f"To {verb} the task {task.name} ({task.id}) was asked by {caller.login}, but it is held by "
        f"{task.assignee_name} since {_shown(task.claimed_at)}.",
        task_id=str(task.id),
        state=task.state,
        holder=task.assignee_name,
        message_zh=_standing_zh(task),
    )


def offered_to_others(task: Any, verb: str, caller: Caller) -> NotPermitted:
    return NotPermitted(
        f"To {verb} the task {task.name} ({task.id}) was asked by {caller.login}; it is offered to "
        f"{', '.join(groups_in(task))} and not to any of their groups.",
        task_id=str(task.id),
        message_zh="这件工单不在您的候选组内。",
    )


def leads(caller: Caller, task: Any, verb: str) -> bool:
    """Whether a unit that answers for the task is in the caller's reach for a supervisor's verb; of a task offered only to
    people by name, whether its case is. The row has the `paths` of its case.
    """
    reached = tuple(reach(caller, verb))
    places = [path for group in groups_in(task) if (path := group_path(group))]
    if places:
        return any(path.startswith(reached) for path in places)
    return not set(task.paths or ()).isdisjoint(reached)


def not_led(task: Any, verb: str, caller: Caller) -> NotPermitted:
    return NotPermitted(
        f"To {verb} the task {task.name} ({task.id}) was asked by {caller.login}; it is the work of "
        f"{', '.join(groups_in(task))}, and they are not led from any seat of theirs.",
        task_id=str(task.id),
        message_zh="这件工单所属的单位不归您主管。",
    )


def _shown(instant: Any) -> str:
    return str(instant.astimezone(SHANGHAI).isoformat(timespec="seconds")) if instant else "an unknown time"


def _briefly(instant: Any) -> str:
    return instant.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if instant else "—"
