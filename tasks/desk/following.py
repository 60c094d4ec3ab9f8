"""What somebody would do next: the conditions under which a free task is for them, and the task that follows one they have
just completed. Nothing is claimed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.db import Statement
from tasks.core import table
from tasks.deps import Deps
from tasks.desk.eligible import ALLOWED, allowing
from tasks.desk.tables import TaskReturn
from tasks.people.caller import Caller
from tasks.permissions.matrix import may, require
from tasks.user_task import CREATED, HELD, UserTask

_TASK, _RETURN = table(UserTask), table(TaskReturn).c
BY = sa.bindparam("by", type_=sa.Uuid)
GROUPS = sa.bindparam("groups", type_=sa.ARRAY(sa.Text))
AT = sa.bindparam("at", type_=sa.DateTime(timezone=True))

_FREE = _TASK.c.state == sa.literal_column(f"'{CREATED}'")
_HELD = sa.or_(*(_TASK.c.state == sa.literal_column(f"'{state}'") for state in HELD))
"""States are written out: only then does a statement that is planned once know which index it may read."""
_AWAKE = sa.or_(_TASK.c.follow_up_at.is_(None), _TASK.c.follow_up_at <= AT)
FOR_THEM = sa.and_(
    _FREE,
    _AWAKE,
    sa.not_(sa.exists().where(_RETURN.task_id == _TASK.c.id, _RETURN.person_id == BY)),
    ALLOWED,
)
"""Free, not put off, not given back by them before, and they are not barred from it."""
RANK = (_TASK.c.rank_at, _TASK.c.id)
"""The order of the rule (`tasks.lists.weights`)."""


def candidates(each: int) -> sa.CTE:
    """The ids of the tasks of the groups that are for somebody and come first by the rule, so many of each group."""
    names = sa.func.unnest(GROUPS).table_valued("name").render_derived(name="mine")
    waiting = sa.select(_TASK.c.id).where(FOR_THEM)
    first = waiting.where(_TASK.c.candidate_group == names.c.name).order_by(*RANK).limit(each)
    per_queue = first.lateral("each")
    also = waiting.where(
        _TASK.c.also_groups.is_not(None),
        _TASK.c.also_groups.overlap(sa.cast(GROUPS, _TASK.c.also_groups.type)),
    )
    return sa.union(
        sa.select(per_queue.c.id).select_from(names.join(per_queue, sa.true())),
        also.order_by(*RANK).limit(each).subquery("also").select(),
    ).cte("candidates")


def _following(same: sa.ColumnElement[bool]) -> Statement:
    offered = sa.or_(
        _TASK.c.candidate_group == sa.any_(GROUPS),
        sa.and_(
            _TASK.c.also_groups.is_not(None),
            _TASK.c.also_groups.overlap(sa.cast(GROUPS, _TASK.c.also_groups.type)),
        ),
    )
    held = sa.and_(_HELD, _TASK.c.assignee_id == BY, _AWAKE, ALLOWED)
    here = (
        sa.select(_TASK, sa.literal(0).label("place"))
        .where(same, _TASK.c.id != sa.bindparam("task_id", type_=sa.Uuid), offered, sa.or_(held, FOR_THEM))
        .order_by(_TASK.c.sort_at, _TASK.c.priority.desc(), _TASK.c.id)
        .limit(1)
        .subquery("here")
    )
    best = candidates(1)
    by_rule = (
        sa.select(_TASK, sa.literal(1).label("place"))
        .where(_TASK.c.id.in_(sa.select(best.c.id)))
        .order_by(*RANK)
        .limit(1)
        .subquery("by_rule")
    )
    both = sa.union_all(here.select(), by_rule.select()).subquery("both")
    return Statement.of(sa.select(both).order_by(both.c.place).limit(1))


_OF_CASE = _following(_TASK.c.case_id == sa.bindparam("same", type_=sa.Uuid))
_OF_INSTANCE = _following(_TASK.c.instance_id == sa.bindparam("same", type_=sa.Uuid))


def following(session: Session, deps: Deps, caller: Caller, task: Any) -> Any | None:
    """The task (its row) that the caller would do after `task` (its row, or what completing gave): of the same case, held by
    them or offered to them, the one that is due first; where there is none, the one the rule would give them; None where nothing
    is left, and for whoever claims none. Nothing is claimed, and nothing that is put off, or that they have given back or are barred from, is named. One statement.
    """
    require(caller, "task.read")
    if not may(caller, "task.claim"):
        return None
    of = task if isinstance(task, Mapping) else task._mapping
    given = {
        "same": of["case_id"] or of["instance_id"],
        "task_id": of["id"],
        "groups": list(caller.groups),
        "by": caller.id,
        "at": deps.clock.now(),
        **allowing(caller),
    }
    return (_OF_CASE if of["case_id"] else _OF_INSTANCE).one(session, given)
