"""Completing a task: the answers are checked, and the process moves on, in one transaction.

Lock order is instance first, then task: jobs that move an instance cancel its tasks in that order too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import Statement
from engine.errors import WrongState
from engine.instance import Locked
from engine.ports import FormWarning, Move
from tasks.audit.digests import given
from tasks.audit.writing import remember_head
from tasks.cases.complained import COMPLAINED_OF, refuse_unknown_staff
from tasks.core import table
from tasks.deadlines.court.refusing import is_refusal
from tasks.deps import Deps
from tasks.desk.eligible import asks_others, bar_of, on_behalf_of, refuse_barred
from tasks.desk.seeing import is_theirs, not_theirs, noted, refuse_unless_possible, seen
from tasks.evidence import answers as papers_of
from tasks.filling import check_answers
from tasks.forms import PaperAnswer
from tasks.listener import case_behind, remember_case
from tasks.memo import memo
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.user_task import ASSIGNED, COMPLETED, UserTask

_FOR_COMPLETION = Statement(
    """WITH found AS (
       SELECT t.id, t.instance_id, t.case_id, t.business_key, t.process_key, t.activity_id, t.name, t.lane, t.form_key,
              t.form_id, t.candidate_group, t.also_groups, t.state, t.assignee_id, t.assignee_name, t.priority,
              t.created_at, t.claimed_at, t.due_at, t.warn_at, t.follow_up_at, t.completed_at, t.completed_by,
              t.completed_by_name, t.properties, t.scope, t.deployment_id, t.returned,
              t.owner_id, t.owner_name, t.note, barred_from(t) AS barred,
              c.number, c.regime, c.filed_at, c.org_code, c.province, c.facts, earlier_facts(c.refers_to) AS earlier, c.paths, c.confidential,
              c.filed_by, c.org_path, c.instance_id AS case_instance_id, c.paused_at AS case_paused_at, c.paused_by,
              c.stood_still, c.level, c.mark,
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

_TASK = table(UserTask).c
_BARRED = sa.select(_TASK.id, _TASK.barred).where(
    _TASK.id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)))
)


@dataclass(frozen=True, slots=True)
class Completion:
    """What completing did: the task, the move, and the new tasks the same person could do next, most urgent
    first.
    """

    task: Mapping[str, Any]
    move: Move
    next: tuple[Mapping[str, Any], ...]


def complete(
    session: Session, deps: Deps, caller: Caller, task_id: UUID, answers: Mapping[str, Any]
) -> Completion:
    """Complete a claimed task with the form's answers and move the process on.

    Raises NotFound; NotPermitted when they hold the task and answer none of its groups any more, or are barred from it;
    WrongState when it is unclaimed, over, held by somebody else, or its instance is suspended; AnswersRefused with every
    mistake in the answers. Nothing is written when it raises and the edge rolls back.
    """
    require(caller, "task.complete")
    task = _FOR_COMPLETION.one(session, {"task_id": task_id, "by": caller.id})
    if task is None or not is_theirs(task, caller):
        task = seen(session, caller, task_id)
        refuse_unless_possible(task, "complete")
        raise not_theirs(task, "complete", caller)
    refuse_barred(caller, task, "complete")
    if task.instance_status != "active":
        raise WrongState(
            f"To complete the task {task.name} ({task_id}) was asked, but its case {task.business_key} is "
            f"{task.instance_status}.",
            task_id=str(task_id),
            state=task.instance_status,
            message_zh="这件工单所在流程已挂起。",
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
    refuse_unknown_staff(session, form, checked)
    papers_of.take(session, deps, caller, papers, case_id=task.case_id, task_id=task_id, form=form)
    notes = memo(session)
    notes.answers[task_id] = checked
    cover = on_behalf_of(caller, task)
    if cover is not None:
        notes.completed_for[task_id] = cover.person_id
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
    noted(session, deps, caller, "task.complete", task, ASSIGNED, after)
    move = deps.engine.complete(
        session,
        task.instance_id,
        task_id,
        checked,
        actor=caller.acting_for(cover),
        row=row,
        waiting=waits,
        form_warnings=warnings,
    )
    return Completion(task._asdict(), move, _next(session, notes.entered, caller, task, checked))


def _facts(session: Session, task: Any) -> Mapping[str, Any]:
    """What an expression over the answers sees as `case`, once the case is remembered."""
    behind = case_behind(session, task.business_key) if task.number is not None else None
    return behind.facts if behind is not None else {}


def _next(
    session: Session, entered: list[dict[str, Any]], caller: Caller, done: Any, answers: Mapping[str, Any]
) -> tuple[Mapping[str, Any], ...]:
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
    if mine and (done.barred or COMPLAINED_OF in answers or any(asks_others(row) for row in mine)):
        # What the triggers have made of the rows: only where somebody may be barred from one.
        barred = {
            row.id: row.barred for row in session.execute(_BARRED, {"ids": [row["id"] for row in mine]})
        }
        mine = [
            row
            for row in mine
            if bar_of(caller, SimpleNamespace(**{**row, "barred": barred[row["id"]]})) is None
        ]
    return tuple(sorted(mine, key=lambda row: (row["sort_at"], -row["priority"])))
