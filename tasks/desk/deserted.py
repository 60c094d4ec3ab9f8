"""Work that everybody is barred from: whoever leads the unit is told once, and lists say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.desk.eligible import bar_of, keys_of, may_hold, people_with
from tasks.organisation.assigning.routing import group_path
from tasks.organisation.members import members_of
from tasks.organisation.superiors import superiors, superiors_of_unit
from tasks.people.caller import Caller
from tasks.talk.causes import NOBODY_LEFT
from tasks.talk.telling import tell
from tasks.user_task import OPEN, UserTask, groups_in

MOST = 50
"""Tasks that one sweep looks at."""

_TASK = table(UserTask)
_TO_LOOK_AT = (
    sa.select(_TASK)
    .where(_TASK.c.barred.is_not(None), _TASK.c.nobody_left.is_(None), _TASK.c.state.in_(OPEN))
    .order_by(_TASK.c.id)
    .limit(MOST)
    .with_for_update(skip_locked=True)
)


def sweep_barred(deps: Deps) -> Callable[[Session, datetime], int]:
    """The sweep that looks at the tasks from which somebody has been barred since the last one: whether anybody is left to
    whom they are offered (`user_task.nobody_left`). It returns how many there were; one statement when there are none.
    """

    def sweep(session: Session, _now: datetime) -> int:
        rows = session.execute(_TO_LOOK_AT).all()
        if not rows:
            return 0
        members = members_of(session, deps, {name for row in rows for name in groups_in(row)})
        people = people_with(session, deps, set().union(*members.values()))
        deserted = []
        for row in rows:
            able = [people[one] for name in groups_in(row) for one in members[name] if one in people]
            if not any(may_hold(each, row) and bar_of(each, row) is None for each in able):
                deserted.append(row)
        nobody = _TASK.c.id.in_([row.id for row in deserted])
        looked_at = sa.update(_TASK).where(_TASK.c.id.in_([row.id for row in rows]))
        session.execute(looked_at.values(nobody_left=nobody))
        for row in deserted:
            _tell(session, deps, row, people)
        return len(rows)

    return sweep


def _tell(session: Session, deps: Deps, task: Any, people: Mapping[UUID, Caller]) -> None:
    """Tell whoever leads the unit and is not barred themself; once of each task."""
    snapshot, above = deps.office.current(session), []
    for name in groups_in(task):
        path = group_path(name)
        if path:
            above += superiors_of_unit(session, snapshot, path)
        else:
            asked = [each for each in people.values() if name in each.own_groups]
            above += [lead for each in asked for lead in superiors(session, snapshot, each.id)]
    leads = [each.person_id for each in above if not keys_of(each.person_id, each.login) & task.barred.keys()]
    tell(
        session,
        deps.clock,
        NOBODY_LEFT,
        task.id,
        people=leads[:1],
        number=task.business_key,
        instance_id=task.instance_id,
        activity_id=task.activity_id,
        task_id=task.id,
        fields={"task": task.name},
    )
