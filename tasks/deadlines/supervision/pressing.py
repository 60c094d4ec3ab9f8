"""One step of supervision: the ladder is worked out, the work order made, and everybody told whom it concerns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.calendar.limits import shown
from tasks.deadlines.policies.choosing import chosen_by
from tasks.deadlines.supervision.ladder import Holder, Ladder, ladder_over
from tasks.deadlines.supervision.opening import URGE, About, WorkOrder, start_or_advance
from tasks.deps import Deps
from tasks.listener import case_behind, touch
from tasks.memo import memo
from tasks.organisation.assigning.routing import PERSON, group, people_asked_for
from tasks.people.tables import Person
from tasks.permissions.matrix import SUPERVISOR
from tasks.talk.causes import PRESSED, SUPERVISED, WARNED
from tasks.talk.telling import tell

WARNING, OVERDUE = "warning", "overdue"

_CAUSE = {WARNING: WARNED, OVERDUE: SUPERVISED, URGE: PRESSED}
_PERSON = table(Person)


@dataclass(frozen=True, slots=True)
class Press:
    """Why somebody is told. reason: `warning` (before due), `overdue` or `urge`. step: the rung; hours: natural hours after
    due, 0 before. code, name, due_at: of the clock.
    """

    reason: str
    step: str = ""
    hours: float = 0
    code: str = ""
    name: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told: the group, what it is called, and whether it got a work order; else it was only told."""

    group: str
    name: str
    order: bool


@dataclass(frozen=True, slots=True)
class Pressed:
    """The supervision instance, None without one, and who was told."""

    supervision_id: UUID | None
    told: tuple[Told, ...]


def press(
    session: Session,
    deps: Deps,
    about: About,
    why: Press,
    holders: Iterable[Holder],
    *,
    region: str,
    told: Collection[str] = (),
) -> Pressed:
    """Make the work order that the decision table `supervise` wants, and tell whom it names.

    Where no table decides (no process `supervision` is deployed, it rests on an incident, or the table names nobody), who
    would usually have got it is told: the holders, from the due instant on their next superior.
    """
    ladder = ladder_over(session, deps.office, holders, region=region, at=deps.clock.now(), told=told)
    opened = start_or_advance(session, deps, about, _order(session, deps, about, why, ladder))
    receivers: dict[str, tuple[UUID | None, WorkOrder | None]] = {}
    for order in opened.orders:
        for name in _offered(session, order):
            receivers.setdefault(name, (order.task_id, order))
        for name in order.informed:
            receivers.setdefault(name, (None, order))
    if not any(order.groups for order in opened.orders):
        for name in ladder.superior if why.reason == OVERDUE else ladder.holders:
            receivers.setdefault(name, (None, None))
    known = _names(session, deps, ladder, receivers)
    # Whoever is told of a case has to see it.
    touch(session, about.number, [group(SUPERVISOR, ladder.places.get(name, "")) for name in receivers])
    for name, (task_id, said) in receivers.items():
        person = known[name][0]
        tell(
            session,
            deps.clock,
            _CAUSE[why.reason],
            about.key,
            people=[person] if person else (),
            group="" if person else name,
            number=about.number,
            instance_id=opened.instance_id or about.instance_id,
            task_id=task_id,
            fields={
                "clock": why.name or why.code,
                "step": why.step,
                "due": shown(why.due_at) if why.due_at else "",
                "words": said.text if said else "",
                "words_en": said.text_en if said else "",
            },
        )
    return Pressed(
        opened.instance_id,
        tuple(Told(name, known[name][1], task is not None) for name, (task, _) in receivers.items()),
    )


def _order(session: Session, deps: Deps, about: About, why: Press, ladder: Ladder) -> dict[str, Any]:
    """What the decision table chooses from, as `loop.order`."""
    variables = deps.engine.variables(session, about.instance_id)
    behind = case_behind(session, about.number)
    decision = variables.get("decision")
    priority = decision.get("priority") if isinstance(decision, Mapping) else None
    chosen = chosen_by({**variables, "case": behind.facts if behind else {}})
    return {
        "reason": why.reason,
        "step": why.step,
        "hours": why.hours,
        "code": why.code,
        "name": why.name,
        "due": shown(why.due_at) if why.due_at else None,
        "level": chosen["level"] or None,
        "priority": priority if isinstance(priority, int | float) else 0,
        "claimed": ladder.claimed,
        "holders": list(ladder.holders),
        "superior": list(ladder.superior),
        "chain": list(ladder.chain),
        "headquarters": list(ladder.headquarters),
    }


def _offered(session: Session, order: WorkOrder) -> list[str]:
    """The groups a work order was really offered to, by the row made of it."""
    rows = [row for row in memo(session).entered if row["id"] == order.task_id]
    return [name for row in rows for name in (row["candidate_group"], *(row["also_groups"] or ()))]


def _names(
    session: Session, deps: Deps, ladder: Ladder, groups: Iterable[str]
) -> dict[str, tuple[UUID | None, str]]:
    """The person behind each group of one, and what each group is called."""
    logins = {group(PERSON, login): login for login in people_asked_for(groups)}
    rows = (
        session.execute(
            sa.select(_PERSON.c.id, _PERSON.c.login, _PERSON.c.name).where(
                _PERSON.c.login.in_([login for name, login in logins.items() if name not in ladder.people])
            )
        )
        if logins.keys() - ladder.people.keys()
        else ()
    )
    people = {group(PERSON, row.login): (row.id, row.name) for row in rows}
    people |= {name: (found.person_id, found.name) for name, found in ladder.people.items()}
    names = deps.office.current(session).organisation.names
    return {name: people.get(name) or (None, names.get(name.partition("@")[2]) or name) for name in groups}
