"""From a notice to its deliveries: who is to get it, through which channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.notices.preferences import unwanted
from tasks.notices.tables import QUEUED, Delivery, NoticeToSend
from tasks.organisation.members import members_of
from tasks.people.tables import Person
from tasks.talk.tables import Notice

AT_ONCE = 200
"""How many notices one transaction spreads."""

RECEIVER = (Person.id, Person.login, Person.name, Person.kind, Person.email, Person.active)
"""What is known here of a person; channels make an address of it."""

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
    people = session.execute(
        sa.select(*RECEIVER).where(Person.id.in_(wanted), Person.active, Person.kind == "person")
    ).all()
    never = unwanted(session, wanted)
    now = deps.clock.now()
    rows = [
        {
            "id": deps.engine.new_id(),
            "notice_id": each.id,
            "person_id": person.id,
            "channel": channel.name,
            "state": QUEUED,
            "attempts": 0,
            "created_at": now,
            "since": now,
            "next_at": now,
            "error": "",
        }
        for each in notices
        for person in people
        if person.id in of[each.id]
        for channel in deps.channels.values()
        if channel.address(person) and (person.id, each.cause, channel.name) not in never
    ]
    if rows:
        session.execute(insert(_DELIVERY).on_conflict_do_nothing(), rows)
