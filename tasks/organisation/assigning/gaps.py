"""Work that waits for nobody: unrouted tasks, and tasks of groups that have no people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.cases.tables import Case
from tasks.core import table
from tasks.deps import Deps
from tasks.organisation.assigning.routing import PERSON, is_unrouted
from tasks.organisation.tables import Membership
from tasks.organisation.tree import in_effect
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require
from tasks.permissions.visibility import visible_to
from tasks.user_task import CREATED, UserTask

_TASK, _SEAT, _PERSON = table(UserTask), table(Membership), table(Person)
_CASE = table(Case)


@dataclass(frozen=True, slots=True)
class Gaps:
    """unrouted: unclaimed tasks that nobody inside answers for. deserted: unclaimed tasks by group, where every group
    they are offered to is without people.
    """

    unrouted: int
    deserted: Mapping[str, int]

    def __bool__(self) -> bool:
        return bool(self.unrouted or self.deserted)


def gaps_within(session: Session, deps: Deps, caller: Caller) -> Gaps:
    """The same of the cases within the caller's reach. Raises NotPermitted."""
    require(caller, "supervision.read")
    visible = sa.select(_CASE.c.id).where(visible_to(caller, "supervision.read"))
    return gaps(session, deps, _TASK.c.case_id.in_(visible))


def gaps(session: Session, deps: Deps, *which: sa.ColumnElement[bool]) -> Gaps:
    """Count what waits for nobody, for an alarm, everywhere or of `which` tasks. Two statements, over the index of the
    queues.
    """
    snapshot = deps.office.current(session)
    staffed = _staffed(session, deps)
    organisation = snapshot.organisation
    waiting = session.execute(
        sa.select(_TASK.c.candidate_group, _TASK.c.also_groups, sa.func.count())
        .where(_TASK.c.state == CREATED, *which)
        .group_by(_TASK.c.candidate_group, _TASK.c.also_groups)
    ).all()
    unrouted, deserted = 0, dict[str, int]()
    for first, others, count in waiting:
        if is_unrouted(first):
            unrouted += count
            continue
        answered = False
        for name in (first, *(others or ())):
            role, _, path = name.partition("@")
            able = organisation.by_role.get(role)
            answered = (
                answered
                or role == PERSON
                or (able is not None and any(unit.id in staffed for unit in able.within(path)))
            )
        if not answered:
            deserted[first] = deserted.get(first, 0) + count
    return Gaps(unrouted, deserted)


def _staffed(session: Session, deps: Deps) -> set[int]:
    """The units in which somebody who works here has a seat today."""
    day = deps.office.current(session).day
    held = sa.select(_SEAT.c.unit_id).join(_PERSON, _PERSON.c.id == _SEAT.c.person_id)
    return set(session.scalars(held.where(_PERSON.c.active, in_effect(day)).distinct()))
