"""From a notice to its deliveries: who is to get it, through which channels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deps import Deps
from tasks.notices.defaults import DIGEST, NEVER
from tasks.notices.preferences import wishes
from tasks.notices.receiving import receivers
from tasks.notices.tables import QUEUED, Delivery, NoticeToSend
from tasks.organisation.assigning.routing import PERSON
from tasks.organisation.members import members_of
from tasks.people.absence.covering import Absences
from tasks.people.duty.reading import at_work
from tasks.talk.causes import FOLLOWING
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
    of = _told(session, deps, notices)
    everybody = frozenset().union(*of.values())
    people = [each for each in receivers(session, deps, everybody) if each.active and each.kind == "person"]
    wanted = wishes(session, everybody)
    calendars = deps.office.current(session).calendars
    now = deps.clock.now()
    rows = []
    for each in notices:
        told = [person for person in people if person.id in of[each.id]]
        for channel in deps.channels.values():
            together = deps.engine.new_id()
            for person in told:
                how = wanted.how(person.id, each.cause, channel)
                if how == NEVER or not channel.address(person):
                    continue
                own_id, at = deps.engine.new_id(), now
                batch = together if channel.shared else own_id
                if how == DIGEST:
                    works = calendars.of(person.unit_path).works
                    at = wanted.digest(person.id).after(now, wanted.quiets.get(person.id), works)
                    batch = gathered(person.id, channel.name, at)
                rows.append(
                    {
                        "id": own_id,
                        "notice_id": each.id,
                        "person_id": person.id,
                        "channel": channel.name,
                        "batch_id": batch,
                        "state": QUEUED,
                        "attempts": 0,
                        "created_at": now,
                        "since": at,
                        "next_at": at,
                        "error": "",
                    }
                )
    if rows:
        session.execute(insert(_DELIVERY).on_conflict_do_nothing(), rows)


def _told(session: Session, deps: Deps, notices: Any) -> dict[UUID, frozenset[UUID]]:
    """Who is to get each notice. What goes to a queue on a rest day of its unit goes to those of it who are on duty at that
    moment, if anybody is: the others have the day off, and find it in the page.
    """
    groups = members_of(session, deps, {each.to_group for each in notices if each.to_group})
    calendars = deps.office.current(session).calendars
    now = deps.clock.now()
    resting = {
        name
        for name in groups
        if not name.startswith(f"{PERSON}@") and not calendars.of(name.partition("@")[2]).works(day_of(now))
    }
    if resting:
        working = at_work(session, now, frozenset().union(*(groups[name] for name in resting)))
        groups |= {name: groups[name] & working for name in resting if groups[name] & working}
    absences = deps.office.current(session).absences
    return {
        each.id: groups[each.to_group] if each.to_group else _people(absences, each, now) for each in notices
    }


def gathered(person_id: UUID, channel: str, at: datetime) -> UUID:
    """What is to reach a person through a channel at one instant is one message: its key."""
    return uuid5(person_id, f"{channel} {at.isoformat()}")


def _people(absences: Absences, notice: Any, now: datetime) -> frozenset[UUID]:
    """Whoever the notice is to; of work, also who does it while they are away. Whether those may read it is asked when it is
    sent.
    """
    follows = notice.cause in FOLLOWING and notice.to_person is not None
    substitute = absences.done_by(notice.to_person, now) if follows else None
    return frozenset({notice.to_person, substitute} - {None})
