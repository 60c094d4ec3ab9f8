"""Sending what is queued: one delivery in one transaction, so that a killed worker leaves it queued.

The row stays locked while the channel works, and is written as sent with the same commit. A worker that dies in between
has it sent again, with the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.notices.channels import Channel, Message, Outcome, Refused, Sent, TryAgain
from tasks.notices.preferences import quiet_until
from tasks.notices.spreading import RECEIVER
from tasks.notices.tables import DROPPED, FAILED, QUEUED, SENT, Delivery
from tasks.people.identity import caller_of
from tasks.people.tables import Person
from tasks.permissions.matrix import may
from tasks.talk.causes import words_outside
from tasks.talk.notices import notice_for
from tasks.talk.tables import Notice

log = logging.getLogger(__name__)

AT_ONCE = 100
"""How many deliveries one job sends; what is left is seen by the next sweep."""

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
"""How long after a failure it is tried again: twice as long each time."""

GIVEN_UP_AFTER = timedelta(hours=24)
"""What has been tried for so long is given up."""

_DELIVERY, _NOTICE = table(Delivery), table(Notice)


def send(_session: Session, arguments: Mapping[str, Any], *, deps: Deps) -> None:
    """The job: send what is due through one channel, AT_ONCE at most, until nothing is or the channel is out of order."""
    channel = deps.channels.get(arguments["channel"])
    if channel is None:  # the settings have changed since the job was deferred
        return
    for _ in range(AT_ONCE):
        with deps.sessions.begin() as session:
            if not send_next(session, deps, channel):
                return


def send_next(session: Session, deps: Deps, channel: Channel) -> bool:
    """Send the delivery that has been due longest; return whether the next one may follow at once."""
    now = deps.clock.now()
    due = session.execute(
        sa.select(_DELIVERY, _NOTICE.c.cause)
        .join(_NOTICE, _NOTICE.c.id == _DELIVERY.c.notice_id)
        .where(_DELIVERY.c.channel == channel.name, _DELIVERY.c.state == QUEUED, _DELIVERY.c.next_at <= now)
        .order_by(_DELIVERY.c.next_at, _DELIVERY.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=_DELIVERY)
    ).first()
    if due is None:
        return False
    until = quiet_until(session, due.person_id, due.cause, now)
    if until is not None:
        _write(session, due.id, since=until, next_at=until)
        return True
    message = _message(session, deps, channel, due, now)
    if message is None:
        _write(session, due.id, state=DROPPED)
        return True
    outcome = _sent(channel, message, str(due.id))
    _keep(session, due, outcome, now)
    if isinstance(outcome, TryAgain) and outcome.whole:
        log.warning("notices are not sent by %s: %s", channel.name, outcome.reason)
        _rest(session, channel, now)
        return False
    return True


def _sent(channel: Channel, message: Message, key: str) -> Outcome:
    try:
        return channel.send(message, key)
    except Exception as error:
        # An adapter that breaks must hold up neither the others nor what is behind this one.
        log.exception("the channel %s could not send %s", channel.name, key)
        return TryAgain(type(error).__name__)


def _keep(session: Session, due: Any, outcome: Outcome, now: datetime) -> None:
    attempts = min(due.attempts + 1, 1000)
    if isinstance(outcome, Sent):
        _write(session, due.id, state=SENT, attempts=attempts, sent_at=now, error="")
    elif isinstance(outcome, Refused) or now - due.since >= GIVEN_UP_AFTER:
        _write(session, due.id, state=FAILED, attempts=attempts, error=outcome.reason)
    else:
        _write(session, due.id, attempts=attempts, next_at=now + wait_after(attempts), error=outcome.reason)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many failures."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 10)), LONGEST_WAIT)


def _rest(session: Session, channel: Channel, now: datetime) -> None:
    """Let everything else of a channel that is out of order wait too, without counting it as tried."""
    session.execute(
        sa.update(_DELIVERY)
        .where(_DELIVERY.c.channel == channel.name, _DELIVERY.c.state == QUEUED, _DELIVERY.c.next_at <= now)
        .values(next_at=now + FIRST_WAIT)
    )


def _write(session: Session, delivery_id: Any, **values: Any) -> None:
    session.execute(sa.update(_DELIVERY).where(_DELIVERY.c.id == delivery_id).values(**values))


def _message(session: Session, deps: Deps, channel: Channel, due: Any, now: datetime) -> Message | None:
    """What there is to say to whom now; None where there is nothing: it has been read, or is no longer theirs to see."""
    person = session.execute(sa.select(*RECEIVER).where(Person.id == due.person_id)).one()
    address = channel.address(person)
    if not person.active or not address:
        return None
    caller = caller_of(session, deps, person)
    if not may(caller, "notice.read"):
        return None
    notice = notice_for(session, caller, now, due.notice_id)
    if notice is None or notice.read:
        return None
    zh, en = words_outside(notice, confidential=bool(notice.confidential), full=deps.settings.notices_in_full)
    subject = "Redress 通知" + (f"：案件 {notice.business_key}" if notice.business_key else "")
    return Message(address, person.name, " ".join(subject.split()), f"{zh}\n\n{en}", _link(deps))


def _link(deps: Deps) -> str:
    """The page of notices: from there one gets to the task or case, if one still may."""
    return f"{deps.settings.public_url}/notices" if deps.settings.public_url else ""
