"""From a notice to its deliveries: who is to get it, through which channels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.notices.preferences import unwanted
from tasks.notices.tables import QUEUED, Delivery, NoticeToSend
from tasks.organisation.members import members_of
from tasks.organisation.tables import Membership, OrgUnit
from tasks.organisation.tree import in_effect
from tasks.people.tables import Person
from tasks.talk.tables import Notice

AT_ONCE = 200
"""How many notices one transaction spreads."""

_NOTICE, _WAITING, _DELIVERY = table(Notice), table(NoticeToSend), table(Delivery)


def spread(_session: Session, _arguments: Mapping[str, Any], *, deps: Deps) -> None:
    """The job: spread what waits, AT_ONCE in a transaction, until nothing does."""
    more = True
    while more:
        with deps.sessions.begin() as session:
            more = spread_some(session, deps) == AT_ONCE


def spread_some(session: Session, deps: Deps) -> int:
    """Queue a delivery of each waiting notice, AT_ONCE at most, for each of its receivers and each channel that reaches them;
    return how many notices. Those another job holds are left to it.
    """
    taken = (
        sa.select(_WAITING.c.notice_id)
        .order_by(_WAITING.c.notice_id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(taken).all()
    if not ids:
        return 0
    if deps.channels:
        _queue(session, deps, session.execute(sa.select(_NOTICE).where(_NOTICE.c.id.in_(ids))).all())
    session.execute(sa.delete(_WAITING).where(_WAITING.c.notice_id.in_(ids)))
    return len(ids)


def _queue(session: Session, deps: Deps, notices: Any) -> None:
    groups = members_of(session, deps, {each.to_group for each in notices if each.to_group})
    of = {
        each.id: groups[each.to_group] if each.to_group else frozenset({each.to_person} - {None})
        for each in notices
    }
    wanted = frozenset().union(*of.values())
    people = [each for each in receivers(session, deps, wanted) if each.active and each.kind == "person"]
    never = unwanted(session, wanted)
    now = deps.clock.now()
    rows = []
    for each in notices:
        told = [person for person in people if person.id in of[each.id]]
        for channel in deps.channels.values():
            together = deps.engine.new_id()
            for person in told:
                if not channel.address(person) or (person.id, each.cause, channel.name) in never:
                    continue
                own_id = deps.engine.new_id()
                rows.append(
                    {
                        "id": own_id,
                        "notice_id": each.id,
                        "person_id": person.id,
                        "channel": channel.name,
                        "batch_id": together if channel.shared else own_id,
                        "state": QUEUED,
                        "attempts": 0,
                        "created_at": now,
                        "since": now,
                        "next_at": now,
                        "error": "",
                    }
                )
    if rows:
        session.execute(insert(_DELIVERY).on_conflict_do_nothing(), rows)


def receivers(session: Session, deps: Deps, people: Collection[UUID]) -> Sequence[Any]:
    """What is known here of these people; channels make an address of it. `unit_path`: where their first seat is. One
    statement.
    """
    seat = (
        sa.select(OrgUnit.path)
        .join(Membership, Membership.unit_id == OrgUnit.id)
        .where(Membership.person_id == Person.id, in_effect(deps.office.current(session).day))
        .order_by(Membership.position)
        .limit(1)
        .scalar_subquery()
    )
    known = (Person.id, Person.login, Person.name, Person.kind, Person.email, Person.phone, Person.active)
    path = sa.func.coalesce(seat, "").label("unit_path")
    return session.execute(sa.select(*known, path).where(Person.id.in_(people))).all()


def gathered(person_id: UUID, channel: str, at: datetime) -> UUID:
    """What is to reach a person through a channel at one instant is one message: its key."""
    return uuid5(person_id, f"{channel} {at.isoformat()}")
