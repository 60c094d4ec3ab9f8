"""Returns: a task given back with a reason. It is never a state; the task waits in its queue and says how often and why."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import Statement
from tasks.core import table
from tasks.deps import Deps
from tasks.desk.tables import TaskReturn
from tasks.organisation.assigning.routing import group_path
from tasks.organisation.superiors import superiors_of_unit
from tasks.people.caller import Caller
from tasks.talk.causes import RETURNED
from tasks.talk.steps import RELEASE, say
from tasks.talk.telling import tell

_RETURN = table(TaskReturn)
_KEEP = Statement(
    """INSERT INTO task_return (id, task_id, person_id, person_name, reason, at)
       VALUES (%(id)s, %(task_id)s, %(person_id)s, %(person_name)s, %(reason)s, %(at)s)"""
)


def keep_return(session: Session, deps: Deps, caller: Caller, task: Any, reason: str) -> None:
    """Keep why the caller gives the task (its row) back, also in its talk, and tell whoever leads the unit that answers for it.

    All are sent with the next statement or the COMMIT.
    """
    identity = deps.engine.new_id()
    _KEEP.later(
        session,
        {
            "id": identity,
            "task_id": task.id,
            "person_id": caller.id,
            "person_name": caller.name,
            "reason": reason,
            "at": deps.clock.now(),
        },
    )
    say(session, deps, caller, task, RELEASE, reason)
    path = group_path(task.candidate_group)
    above = superiors_of_unit(session, deps.office.current(session), path) if path else []
    leads = [each.person_id for each in above if each.person_id != caller.id][:1]
    tell(
        session,
        deps.clock,
        RETURNED,
        identity,
        people=leads,
        number=task.business_key,
        instance_id=task.instance_id,
        activity_id=task.activity_id,
        task_id=task.id,
        fields={"who": caller.name, "task": task.name, "reason": reason},
    )


def returns_of(session: Session, task: Any) -> list[Any]:
    """Who gave the task (its row) back when and why, oldest first, for whoever may already see it. No statement for a task
    that nobody gave back.
    """
    if not task.returned:
        return []
    wanted = sa.select(_RETURN).where(_RETURN.c.task_id == task.id).order_by(_RETURN.c.at, _RETURN.c.id)
    return list(session.execute(wanted).all())
