"""To whom tasks can be given: the people who answer one of their groups, with how much each has in hand already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deps import Deps
from tasks.desk.eligible import keys_of
from tasks.desk.reassigning import MOST
from tasks.organisation.members import members_of
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require
from tasks.permissions.visibility import task_visible_to
from tasks.user_task import HELD, OPEN, UserTask, groups_in

MOST_SHOWN = 200

_TASK, _CASE, _PERSON = table(UserTask), table(Case), table(Person).c


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may be given work. can: how many of the tasks asked about they may hold; holds: how many open tasks they
    have in hand, whatever they are, counted up to 1000.
    """

    login: str
    name: str
    can: int
    holds: int


def colleagues(session: Session, deps: Deps, caller: Caller, task_ids: Sequence[UUID]) -> list[Colleague]:
    """Who is offered which of the open tasks that the caller sees, and not barred from it: whoever may hold most of them first,
    then who has least in hand. At most 200 people, six statements. Raises NotPermitted; InvalidInput for more than MOST tasks.
    """
    require(caller, "task.read")
    if len(task_ids) > MOST:
        raise InvalidInput(
            f"Who may hold {len(task_ids)} tasks was asked for; at most {MOST} are looked at together.",
            message_zh=f"一次最多 {MOST} 件工单。",
        )
    rows = session.execute(
        sa.select(_TASK.c.candidate_group, _TASK.c.also_groups, _TASK.c.barred)
        .select_from(_TASK.outerjoin(_CASE, _CASE.c.id == _TASK.c.case_id))
        .where(_TASK.c.id.in_(task_ids), _TASK.c.state.in_(OPEN), task_visible_to(caller))
    ).all()
    members = members_of(session, deps, {group for row in rows for group in groups_in(row)})
    offered = [
        (row.barred or {}, frozenset().union(*(members[group] for group in groups_in(row)))) for row in rows
    ]
    found = []
    for person in _people(session, frozenset().union(*(people for _, people in offered))):
        known = keys_of(person.id, person.login)
        can = sum(person.id in people and known.isdisjoint(barred) for barred, people in offered)
        if can:
            found.append(Colleague(person.login, person.name, can, person.holds))
    return sorted(found, key=lambda each: (-each.can, each.holds, each.login))[:MOST_SHOWN]


def _people(session: Session, ids: Collection[UUID]) -> list[Any]:
    if not ids:
        return []
    in_hand = (
        sa.select(_TASK.c.id)
        .where(_TASK.c.state.in_(HELD), _TASK.c.assignee_id == _PERSON.id)
        .limit(1000)
        .correlate(table(Person))
        .subquery()
    )
    holds = sa.select(sa.func.count()).select_from(in_hand).scalar_subquery()
    wanted = sa.select(_PERSON.id, _PERSON.login, _PERSON.name, holds.label("holds"))
    return list(
        session.execute(wanted.where(_PERSON.id.in_(ids), _PERSON.active, _PERSON.kind == "person")).all()
    )
