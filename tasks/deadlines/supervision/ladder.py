"""Who may be told of a piece of work: those who hold it, those above them one after the other, headquarters at last.

What is worked out here is what the decision table `supervise` chooses from; its choice is in `opening`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.clocks.holders import holder_of, in_stage
from tasks.deadlines.clocks.tables import STAGE, TASK
from tasks.organisation.assigning.routing import NOBODY, PERSON, group, group_path, route
from tasks.organisation.office import Office, Snapshot
from tasks.organisation.superiors import Superior, leaders_of_headquarters, superiors, superiors_of_unit
from tasks.people.tables import Person
from tasks.permissions.matrix import VERBS
from tasks.user_task import OPEN, UserTask

MOST_HOLDERS = 20
"""Of work that so many have at the same time, those are told whose part is due first."""

_TASK, _PERSON = table(UserTask), table(Person)
_OWNER = _PERSON.alias("owner")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a piece of work: the person who has taken it, delegated it or does it for somebody, else the candidate group it
    waits for. group: the candidate group in all cases.
    """

    group: str
    person_id: UUID | None = None
    login: str = ""

    @property
    def receiver(self) -> str:
        """The group that is told: the person's own, or the candidate group."""
        return group(PERSON, self.login) if self.login else self.group


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who stands where above a piece of work, as names of candidate groups (`role@/path/` or `person@login`).

    holders: who has it, and who does it for those of them who are away. superior: the next one above who has not been
    told. chain: everybody above who has not, nearest first, without headquarters' own where somebody else is there.
    headquarters: its supervisors.
    people: the people behind the groups of one person. places: the units whose cases they see, by group.
    """

    holders: tuple[str, ...]
    claimed: bool
    superior: tuple[str, ...]
    chain: tuple[str, ...]
    headquarters: tuple[str, ...]
    people: dict[str, Superior]
    places: dict[str, str]


def holders_of(session: Session, clock: Any) -> list[Holder]:
    """Who has the work a clock (a row) runs for, what is due first in front: of a task its own row; of a stage the open tasks
    in it that are not assisting, else who has had the last of them; of a case the open tasks of its instance, those of the
    clock's own holder where there are some, and so of a stage of which nothing is known. Where nobody is found the clock's
    holder. One statement, for a stage of which no task is open three.
    """
    if clock.kind == STAGE:
        if found := open_holders(session, _TASK.c.id.in_(in_stage(clock))):
            return found
        if held := holder_of(session, clock.id):
            return [Holder(held)]
    own = _TASK.c.id == clock.token_id if clock.kind == TASK else _TASK.c.instance_id == clock.instance_id
    found = open_holders(session, own)
    mine = [holder for holder in found if holder.group == clock.holder]
    return mine or found or [Holder(clock.holder or NOBODY)]


def open_holders(session: Session, where: sa.ColumnElement[bool]) -> list[Holder]:
    """Who has the open tasks that meet a condition on `user_task`, each once, what is due first in front; of a delegated one
    its owner, then the delegate.
    """
    rows = session.execute(
        sa.select(
            _TASK.c.candidate_group,
            _TASK.c.assignee_id,
            _PERSON.c.login,
            _TASK.c.owner_id,
            _OWNER.c.login.label("owner"),
        )
        .select_from(
            _TASK.outerjoin(_PERSON, _PERSON.c.id == _TASK.c.assignee_id).outerjoin(
                _OWNER, _OWNER.c.id == _TASK.c.owner_id
            )
        )
        .where(_TASK.c.state.in_(OPEN), where)
        .order_by(_TASK.c.sort_at, _TASK.c.id)
        .limit(MOST_HOLDERS)
    )
    found: list[Holder] = []
    for row in rows:
        if row.owner is not None:
            found.append(Holder(row.candidate_group, row.owner_id, row.owner))
        found.append(Holder(row.candidate_group, row.assignee_id, row.login or ""))
    return list(dict.fromkeys(found))


def ladder_over(
    session: Session,
    office: Office,
    holders: Iterable[Holder],
    *,
    region: str,
    at: datetime,
    told: Collection[str] = (),
) -> Ladder:
    """Work out the ladder above the first of `holders`. region: the path of the unit the work belongs to, where a holder is
    in none. at: when it is pressed. told: the groups that were told on earlier rungs, which are passed over.

    Whoever may not read cases or may not take work is left out, and so are people who have left (`superiors`). Where
    nobody stands above, or everybody was told, the superior is headquarters; where headquarters has no supervisor left to
    tell, it is whoever answers its role.
    """
    held = list(holders)
    snapshot = office.current(session)
    able = [found for found in _above(session, snapshot, held[0], region) if _able(session, office, found)]
    tops = [found for found in leaders_of_headquarters(session, snapshot) if _able(session, office, found)]
    names = {group(PERSON, found.login): found for found in (*tops, *able)}
    passed = {*told, *(holder.receiver for holder in held)}
    chain = tuple(name for found in able if (name := group(PERSON, found.login)) not in passed)
    top = tuple(group(PERSON, found.login) for found in tops)
    headquarters = tuple(name for name in top if name not in passed) or _desk(snapshot) or top
    organisation = snapshot.organisation
    return Ladder(
        holders=tuple(
            dict.fromkeys(holder.receiver for holder in (*held, *_substitutes(session, office, held, at)))
        ),
        claimed=any(holder.login for holder in held),
        superior=chain[:1] or headquarters,
        chain=chain,
        headquarters=headquarters,
        people=names,
        places={
            name: organisation.reach(unit)
            for name, found in names.items()
            if (unit := organisation.by_code.get(found.unit)) is not None
        },
    )


def _substitutes(session: Session, office: Office, held: Iterable[Holder], at: datetime) -> list[Holder]:
    """Who does the work of the holders who are away, where it is offered to them. No statement when nobody is away."""
    absences = office.current(session).absences
    doing = [
        (holder, person)
        for holder in held
        if holder.person_id and (person := absences.done_by(holder.person_id, at)) is not None
    ]
    if not doing:
        return []
    rows = session.execute(
        sa.select(_PERSON.c.id, _PERSON.c.login).where(
            _PERSON.c.id.in_([person for _, person in doing]), _PERSON.c.active
        )
    )
    people = {row.id: row.login for row in rows}
    return [
        Holder(holder.group, person, people[person])
        for holder, person in doing
        if person in people and holder.group in office.standing(session, person, people[person]).groups
    ]


def _above(session: Session, snapshot: Snapshot, holder: Holder, region: str) -> list[Superior]:
    path = group_path(holder.group) or region
    path = snapshot.organisation.moved_to(path)
    if holder.person_id is not None:
        unit = snapshot.organisation.by_path.get(path)
        found = superiors(session, snapshot, holder.person_id, unit=unit.code if unit else None)
        found = found or superiors(session, snapshot, holder.person_id)
        if found:
            return found
    return [one for one in superiors_of_unit(session, snapshot, path) if one.person_id != holder.person_id]


def _able(session: Session, office: Office, found: Superior) -> bool:
    roles = office.standing(session, found.person_id, found.login).roles
    return not (roles.isdisjoint(VERBS["case.read"].roles) or roles.isdisjoint(VERBS["task.claim"].roles))


def _desk(snapshot: Snapshot) -> tuple[str, ...]:
    desk = route(snapshot.organisation, "headquarters")
    return () if desk == NOBODY else (desk,)
