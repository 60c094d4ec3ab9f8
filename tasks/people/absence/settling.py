"""When an absence begins, ends or changes, what its substitutes hold and may not go on with waits again for everybody.

Until the job has come by, nobody can do more than before: a standing follows the instants at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from tasks.core import table
from tasks.deps import Deps
from tasks.desk.giving import on_desk_of
from tasks.organisation.assigning.rerouting import BATCH, route_again
from tasks.organisation.revision import work_revision
from tasks.people.absence.handing import hand_over_due
from tasks.people.absence.tables import Absence
from tasks.people.tables import Person
from tasks.user_task import UserTask

SETTLE = "redress.settle_absence"
"""The name of the job. Stored data."""
MOST = 100
"""Absences that one sweep looks at: at nine in the morning many begin."""
AGAIN = timedelta(seconds=5)
"""When to look again for what somebody was just working on."""

_ABSENCE, _TASK, _PERSON = table(Absence), table(UserTask), table(Person)

_LOOK_AGAIN = (
    sa.update(_ABSENCE)
    .where(_ABSENCE.c.id == sa.bindparam("absence"))
    .values(look_at=sa.bindparam("then", type_=_ABSENCE.c.look_at.type))
)


def next_look(from_at: datetime, until_at: datetime, now: datetime) -> datetime | None:
    """When somebody's standing changes next by an absence; None when it does not any more."""
    return from_at if now < from_at else until_at if now < until_at else None


def look_now(session: Session, absence_id: UUID, *, also: UUID | None = None) -> None:
    """Have the job look. also: somebody who was the substitute until now."""
    jobs.defer(session, SETTLE, {"absence": str(absence_id), "also": str(also) if also else None})


def sweep_absences(session: Session, now: datetime) -> int:
    """Have the job look at the absences that have begun or ended since the last sweep, at most MOST of them; returns how
    many there were. One statement when there are none.
    """
    due = session.execute(
        sa.select(_ABSENCE.c.id, _ABSENCE.c.from_at, _ABSENCE.c.until_at)
        .where(_ABSENCE.c.look_at <= now)
        .order_by(_ABSENCE.c.look_at)
        .limit(MOST)
        .with_for_update(skip_locked=True)
    ).all()
    if due:
        looks = [{"absence": row.id, "then": next_look(row.from_at, row.until_at, now)} for row in due]
        session.execute(_LOOK_AGAIN, looks)
    for row in due:
        look_now(session, row.id)
    return len(due)


def settle(session: Session, arguments: Mapping[str, Any], deps: Deps) -> None:
    """Hand over what the absent person holds, where that was wanted and is still to be done; give back what the substitutes
    hold and do not answer now; and look again while there is any.
    """
    if hand_over_due(session, deps, UUID(arguments["absence"])):
        jobs.defer(session, SETTLE, dict(arguments))
    concerned = _substitutes(session, UUID(arguments["absence"]))
    if arguments.get("also"):
        concerned.add(UUID(arguments["also"]))
    people = session.execute(
        sa.select(_PERSON.c.id, _PERSON.c.login).where(_PERSON.c.id.in_(concerned))
    ).all()
    found = [task for person in people for task in _beyond(session, deps, person)]
    if found:
        route_again(session, deps, work_revision(session), found)
        again = deps.clock.now() + AGAIN
        jobs.defer(session, SETTLE, dict(arguments), not_before=again)


def _substitutes(session: Session, absence_id: UUID) -> set[UUID]:
    """Everybody whom the work of the absent person can come to while the absence lasts, and that person, who does nobody
    else's meanwhile.
    """
    row = session.execute(sa.select(_ABSENCE).where(_ABSENCE.c.id == absence_id)).first()
    found: set[UUID] = set()
    fresh = {row.person_id} if row else set()
    while row is not None and fresh:
        following = sa.select(_ABSENCE.c.substitute_id).where(
            _ABSENCE.c.person_id.in_(fresh),
            _ABSENCE.c.substitute_id.is_not(None),
            _ABSENCE.c.from_at <= row.until_at,
            _ABSENCE.c.until_at >= row.from_at,
        )
        fresh = set(session.scalars(following)) - found
        found |= fresh
    return found | {row.person_id} if row is not None else found


def _beyond(session: Session, deps: Deps, person: Any) -> list[Any]:
    """Some of what a person holds or has delegated and answers no group of."""
    groups = list(deps.office.standing(session, person.id, person.login).groups)
    offered = sa.or_(
        _TASK.c.candidate_group == sa.any_(sa.literal(groups, sa.ARRAY(sa.Text))),
        sa.func.coalesce(_TASK.c.also_groups.overlap(groups), sa.false()),
    )
    return list(
        session.execute(
            sa.select(_TASK.c.id, _TASK.c.case_id).where(on_desk_of(person.id), sa.not_(offered)).limit(BATCH)
        ).all()
    )
