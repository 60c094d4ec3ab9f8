"""Who reaches the papers of a case: who sees the case, and who has its work on the desk or in the queue."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.instance import ProcessInstance
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.evidence.tables import Attachment
from tasks.people.caller import Caller
from tasks.permissions.matrix import EXTERNAL
from tasks.permissions.visibility import done_by, has_work, visible_to
from tasks.user_task import UserTask

_CASE = table(Case)
_TASK = table(UserTask)
_PAPER = table(Attachment)
_INSTANCE = table(ProcessInstance)


def outside(caller: Caller) -> bool:
    """Whether the caller is of an external body only: then it reaches what it sent itself, and nothing else."""
    return EXTERNAL in caller.roles and caller.roles <= {EXTERNAL}


def case_row(session: Session, caller: Caller, number: str) -> Any:
    """The case whose papers are asked for: id, number, confidential, archived_at, status of its instance.

    Raises NotFound in the same words for a case the caller does not reach and for none.
    """
    statement = (
        sa.select(_CASE.c.id, _CASE.c.number, _CASE.c.confidential, _CASE.c.archived_at, _INSTANCE.c.status)
        .select_from(_CASE.outerjoin(_INSTANCE, _INSTANCE.c.id == _CASE.c.instance_id))
        .where(_CASE.c.number == number, sa.or_(visible_to(caller), _has_work(caller, _CASE.c.id)))
    )
    row = session.execute(statement).first() if storable(number) else None
    if row is None:
        raise NotFound(
            f"The case {number[:60]} was asked for; there is no such case for you.", number=number[:60]
        )
    return row


def readable(caller: Caller) -> sa.ColumnElement[bool]:
    """The attachments somebody may read, as a condition on `attachment` joined outwards with `case_file`."""
    own = _PAPER.c.uploaded_by == caller.id
    in_a_case = sa.and_(
        _PAPER.c.case_id.is_not(None), sa.or_(visible_to(caller), _has_work(caller, _PAPER.c.case_id))
    )
    if outside(caller):
        return sa.and_(own, sa.or_(_PAPER.c.case_id.is_(None), in_a_case))
    of_a_task = sa.exists().where(
        _PAPER.c.case_id.is_(None),
        _TASK.c.id == _PAPER.c.task_id,
        sa.or_(has_work(_TASK, caller), done_by(_TASK, caller)),
    )
    return sa.or_(in_a_case, sa.and_(_PAPER.c.case_id.is_(None), own), of_a_task)


def task_of(session: Session, caller: Caller, case_id: Any, task_id: Any) -> bool:
    """Whether the task is one of the case."""
    return bool(
        session.scalar(sa.select(_TASK.c.id).where(_TASK.c.id == task_id, _TASK.c.case_id == case_id))
    )


def _has_work(caller: Caller, case_id: Any) -> sa.ColumnElement[bool]:
    return sa.exists().where(_TASK.c.case_id == case_id, has_work(_TASK, caller))
