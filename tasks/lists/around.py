"""The tasks of one case or one instance, for whoever may already see it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.lists.named import COLUMNS
from tasks.user_task import OPEN, UserTask

_TASK = table(UserTask)
_OF_CASE = (
    sa.select(*COLUMNS)
    .where(_TASK.c.case_id == sa.bindparam("case_id"))
    .order_by(_TASK.c.created_at, _TASK.c.id)
)


def tasks_of_case(session: Session, case_id: Any) -> list[Any]:
    """All tasks of a case, oldest first."""
    return list(session.execute(_OF_CASE, {"case_id": case_id}).all())


def tasks_of_instance(session: Session, instance_id: Any) -> list[Any]:
    """The open tasks of an instance, oldest first."""
    rows = session.execute(
        sa.select(*COLUMNS)
        .where(_TASK.c.instance_id == instance_id, _TASK.c.state.in_(OPEN))
        .order_by(_TASK.c.created_at, _TASK.c.id)
    ).all()
    return list(rows)
