"""What a person does with a task: claim it, give it back, complete it.

Lock order is instance first, then task: jobs that move an instance cancel its tasks in that order too.
Claiming and releasing touch only the task row and never wait for the instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import Statement
from engine.errors import NotFound, NotPermitted, WrongState
from engine.instance import Locked, ProcessInstance
from engine.ports import FormWarning, Move
from tasks.audit.digests import given
from tasks.audit.recording import chain_of, record
from tasks.audit.writing import remember_head
from tasks.cases.facts import EARLIER
from tasks.cases.reading import note_read
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.clocks.beginning import Ground
from tasks.deadlines.clocks.keeping import given_back
from tasks.deadlines.clocks.writing import taken
from tasks.deadlines.court.refusing import is_refusal
from tasks.deps import Deps
from tasks.evidence import answers as papers_of
from tasks.filling import check_answers
from tasks.forms import PaperAnswer
from tasks.listener import case_behind, remember_case
from tasks.memo import memo
from tasks.people.caller import Caller
from tasks.permissions.matrix import VERBS, require
from tasks.permissions.visibility import task_visible_to
from tasks.user_task import ASSIGNED, CANCELLED, COMPLETED, CREATED, UserTask, groups_in

_TASK = table(UserTask)
_CASE = table(Case)
_INSTANCE = table(ProcessInstance)

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
    )
    .select_from(
        _TASK.outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id).join(
            _INSTANCE, _INSTANCE.c.id == _TASK.c.instance_id
        )
    )
    .where(_TASK.c.id == sa.bindparam("task_id", type_=sa.Uuid))
)

_FOR_COMPLETION = Statement(
    """WITH found AS (
       SELECT t.id, t.instance_id, t.case_id, t.business_key, t.process_key, t.activity_id, t.name, t.lane, t.form_key,
              t.form_id, t.candidate_group, t.also_groups, t.state, t.assignee_id, t.assignee_name, t.priority,
              t.created_at, t.claimed_at, t.due_at, t.warn_at, t.follow_up_at, t.completed_at, t.completed_by,
              t.completed_by_name, t.properties, t.scope, t.deployment_id,
              c.number, c.regime, c.filed_at, c.org_code, c.province, c.facts, earlier_facts(c.refers_to) AS earlier, c.paths, c.confidential,
              c.filed_by, c.org_path, c.instance_id AS case_instance_id, c.paused_at AS case_paused_at, c.paused_by,
              c.stood_still,
              EXISTS (SELECT FROM case_master m WHERE m.case_id = c.id AND m.released_at IS NULL) AS leads,
              CASE WHEN t.case_id IS NULL THEN 'instance/' || t.instance_id ELSE t.business_key END AS chain,
              i.status AS instance_status, i.definition_id AS instance_definition_id,
              i.deployment_id AS instance_deployment_id, i.process_key AS instance_process_key,
              i.revision AS instance_revision, i.state AS instance_state
       FROM user_task t
       JOIN process_instance i ON i.id = t.instance_id
       LEFT JOIN case_file c ON c.id = t.case_id
       WHERE t.id = %(task_id)s AND t.assignee_id = %(by)s AND t.state = 'assigned'
       FOR UPDATE OF i, t)
       SELECT found.*, head.seq AS head_seq, head.hash AS head_hash FROM found, audit_end(found.chain) AS head"""
)
"""The task, its case and its instance in one reading, the last two locked: what completing needs and no more. Only the
holder's own is found, so that nobody waits for, or is told by waiting of, what is not theirs. The head of its chain is read
when the locks are held, so that who has waited for another step of the case sees what that has written.
"""

_OFFERED = sa.or_(
    _TASK.c.candidate_group == sa.any_(sa.bindparam("groups", type_=sa.ARRAY(sa.Text))),
    _TASK.c.also_groups.overlap(sa.bindparam("groups", type_=_TASK.c.also_groups.type)),
)

_CLAIM = (
    sa.update(_TASK)
    .where(_TASK.c.id == sa.bindparam("task_id"), _TASK.c.state == CREATED, _OFFERED)
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
        _OFFERED,
    )
    .values(state=CREATED, assignee_id=None, assignee_name=None, claimed_at=None)
    .returning(*_TASK.c)
)


@dataclass(frozen=True, slots=True)
class Completion:
    """What completing did: the task, the move, and the new tasks the same person could do next, most urgent
    first.
    """

    task: Mapping[str, Any]
    move: Move
    next: tuple[Mapping[str, Any], ...]


def read_task(session: Session, deps: Deps, caller: Caller, task_id: UUID) -> Any:
    """The task with its case, for whoever may see it; raises NotFound for everybody else. One statement.

    Reading one of a confidential case is recorded.
    """
    row = _seen(session, caller, task_id)
    if row.confidential:
        note_read(session, deps, caller, row)
    return row


def claim(session: Session, deps: Deps, caller: Caller, task_id: UUID) -> Any:
    """Take a task from the queue. Claiming what one already holds changes nothing. One statement when it
    succeeds.

    Raises NotFound when the caller may not see the task, NotPermitted when it is not offered to any of their
    groups, WrongState naming the holder when somebody else was faster, or when the task is over.
    """
    require(caller, "task.claim")
    row = session.execute(
        _CLAIM,
        {
            "task_id": task_id,
            "groups": list(caller.groups),
            "by": caller.id,
            "by_name": caller.name,
            "at": deps.clock.now(),
        },
    ).first()
    if row is not None:
        taken(session, task_id, row.claimed_at)
        _noted(session, deps, caller, "task.claim", row, CREATED, {"state": ASSIGNED})
        return row
    task = _seen(session, caller, task_id)
    if task.state == ASSIGNED and _is_theirs(task, caller):
        return task
    _refuse_unless_possible(task, "claim")
    raise _offered_to_others(task, "claim", caller)


def release(session: Session, deps: Deps, caller: Caller, task_id: UUID) -> Any:
    """Give a claimed task back to its queue. Two statements when it succeeds.

    Raises NotFound; NotPermitted when they hold it and answer none of its groups any more; WrongState when nobody
    holds it or somebody else does.
    """
    require(caller, "task.release")
    row = session.execute(
        _RELEASE, {"task_id": task_id, "by": caller.id, "groups": list(caller.groups)}
    ).first()
    if row is not None:
        behind = case_behind(session, row.business_key) if row.case_id else None
        now = deps.clock.now()
        office = deps.office.current(session)
        ground = Ground(office, row.instance_id, row.business_key, behind, now, deps.engine.new_id)
        given_back(session, ground, row)
        _noted(session, deps, caller, "task.release", row, ASSIGNED, {"state": CREATED})
        return row
    task = _seen(session, caller, task_id)
    _refuse_unless_possible(task, "release")
    raise _not_theirs(task, "release", caller)


def complete(
    session: Session, deps: Deps, caller: Caller, task_id: UUID, answers: Mapping[str, Any]
) -> Completion:
    """Complete a claimed task with the form's answers and move the process on.

    Raises NotFound; NotPermitted when they hold the task and answer none of its groups any more; WrongState when it is
    unclaimed, over, held by somebody else, or its instance is suspended; AnswersRefused with every mistake in the answers. Nothing is written when it
    raises and the edge rolls back.
    """
    require(caller, "task.complete")
    task = _FOR_COMPLETION.one(session, {"task_id": task_id, "by": caller.id})
    if task is None or not _is_theirs(task, caller):
        task = _seen(session, caller, task_id)
        _refuse_unless_possible(task, "complete")
        raise _not_theirs(task, "complete", caller)
    if task.instance_status != "active":
        raise WrongState(
            f"To complete the task {task.name} ({task_id}) was asked, but its case {task.business_key} is "
            f"{task.instance_status}.",
            task_id=str(task_id),
            state=task.instance_status,
        )
    remember_head(session, task.chain, task.head_seq, task.head_hash)
    if task.number is not None:
        remember_case(session, task.case_id, task)
    row = Locked(
        task.instance_id,
        task.instance_definition_id,
        task.instance_deployment_id,
        task.instance_process_key,
        task.business_key,
        task.instance_status,
        task.instance_revision,
        task.instance_state,
    )
    warnings: list[FormWarning] = []
    papers: list[PaperAnswer] = []
    form = task.form_key or task.activity_id
    checked, waits = check_answers(
        session, deps, task, row, answers, case=_facts(session, task), warnings=warnings, papers=papers
    )
    papers_of.take(session, deps, caller, papers, case_id=task.case_id, task_id=task_id, form=form)
    notes = memo(session)
    notes.answers[task_id] = checked
    refused = is_refusal(
        task.properties,
        checked,
        now=deps.clock.now(),
        context={"case": _facts(session, task)},
        warnings=warnings,
    )
    if refused:
        notes.refused.add(task_id)
    after = {"state": COMPLETED, **({"refused": True} if refused else {}), **given(checked)}
    _noted(session, deps, caller, "task.complete", task, ASSIGNED, after)
    move = deps.engine.complete(
        session,
        task.instance_id,
        task_id,
        checked,
        actor=caller.actor,
        row=row,
        waiting=waits,
        form_warnings=warnings,
    )
    return Completion(task._asdict(), move, _next(notes.entered, caller))


def _noted(
    session: Session, deps: Deps, caller: Caller, verb: str, task: Any, before: str, after: Mapping[str, Any]
) -> None:
    record(
        session,
        caller.actor,
        verb,
        at=deps.clock.now(),
        chain=chain_of(task.business_key if task.case_id else None, task.instance_id),
        subject="task",
        subject_id=task.id,
        before={"state": before},
        after={"activity": task.activity_id, **after},
    )


def _facts(session: Session, task: Any) -> Mapping[str, Any]:
    """What an expression over the answers sees as `case`, once the case is remembered."""
    behind = case_behind(session, task.business_key) if task.number is not None else None
    return behind.facts if behind is not None else {}


def _seen(session: Session, caller: Caller, task_id: UUID) -> Any:
    row = session.execute(_READ.where(task_visible_to(caller)), {"task_id": task_id}).first()
    if row is None:
        raise NotFound(
            f"The task {task_id} was asked for; there is no such task for you.", task_id=str(task_id)
        )
    return row


def _refuse_unless_possible(task: Any, verb: str) -> None:
    if task.state in VERBS[f"task.{verb}"].states:
        return
    is_now = {
        CREATED: "it waits unclaimed in its queue",
        ASSIGNED: f"it is held by {task.assignee_name}",
        COMPLETED: f"it was completed by {task.completed_by_name} at {_shown(task.completed_at)}",
        CANCELLED: f"it was cancelled by the process at {_shown(task.completed_at)}",
    }[task.state]
    raise WrongState(
        f"To {verb} the task {task.name} ({task.id}) was asked, but {is_now}.",
        task_id=str(task.id),
        state=task.state,
        holder=task.assignee_name,
    )


def _is_theirs(task: Any, caller: Caller) -> bool:
    """Whether the caller holds the task and still answers one of its groups. Who has lost the post holds its work only
    until the job that follows the organisation comes by, and can do nothing with it meanwhile.
    """
    return task.assignee_id == caller.id and not set(groups_in(task)).isdisjoint(caller.groups)


def _not_theirs(task: Any, verb: str, caller: Caller) -> NotPermitted | WrongState:
    if task.assignee_id == caller.id:
        return _offered_to_others(task, verb, caller)
    return WrongState(
        f"To {verb} the task {task.name} ({task.id}) was asked by {caller.login}, but it is held by "
        f"{task.assignee_name}.",
        task_id=str(task.id),
        state=task.state,
        holder=task.assignee_name,
    )


def _offered_to_others(task: Any, verb: str, caller: Caller) -> NotPermitted:
    return NotPermitted(
        f"To {verb} the task {task.name} ({task.id}) was asked by {caller.login}; it is offered to "
        f"{', '.join(groups_in(task))} and not to any of their groups.",
        task_id=str(task.id),
    )


def _shown(instant: Any) -> str:
    return str(instant.astimezone(SHANGHAI).isoformat(timespec="seconds")) if instant else "an unknown time"


def _next(entered: list[dict[str, Any]], caller: Caller) -> tuple[Mapping[str, Any], ...]:
    groups = set(caller.groups)
    mine = [
        row
        for row in entered
        if row["assignee_id"] == caller.id
        or (
            row["assignee_id"] is None
            and not groups.isdisjoint((row["candidate_group"], *(row["also_groups"] or ())))
        )
    ]
    return tuple(sorted(mine, key=lambda row: (row["sort_at"], -row["priority"])))
