"""Sending what is queued: one message in one transaction, so that a killed worker leaves it queued.

Its rows stay locked while the channel works, and are written as sent with the same commit. A worker that dies in between
has it sent again, with the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.notices.channels.protocol import Channel, Message, Outcome, Receiver, Refused, Sent, TryAgain
from tasks.notices.preferences import quiet_of, quiet_until
from tasks.notices.receiving import receivers
from tasks.notices.spreading import gathered
from tasks.notices.tables import DROPPED, FAILED, QUEUED, SENT, Delivery
from tasks.notices.wording import message_of
from tasks.people.caller import Caller
from tasks.people.identity import caller_of
from tasks.permissions.matrix import may
from tasks.talk.notices import notice_for
from tasks.talk.tables import Notice

log = logging.getLogger(__name__)

AT_ONCE = 100
"""How many messages one job sends; what is left is seen by the next sweep."""

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
"""How long after a failure it is tried again: twice as long each time."""

GIVEN_UP_AFTER = timedelta(hours=24)
"""What has been tried for so long is given up."""

_DELIVERY, _NOTICE = table(Delivery), table(Notice)
_UNTIL = sa.bindparam("until", type_=_DELIVERY.c.next_at.type)
_WAIT = (
    sa.update(_DELIVERY)
    .where(_DELIVERY.c.id == sa.bindparam("which", type_=sa.Uuid))
    .values(since=_UNTIL, next_at=_UNTIL, batch_id=sa.bindparam("together", type_=sa.Uuid))
)


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
    """Send the message that has been due longest; return whether the next one may follow at once."""
    now = deps.clock.now()
    due = sa.and_(
        _DELIVERY.c.channel == channel.name, _DELIVERY.c.state == QUEUED, _DELIVERY.c.next_at <= now
    )
    first = sa.select(_DELIVERY.c.batch_id).where(due).order_by(_DELIVERY.c.next_at, _DELIVERY.c.id).limit(1)
    batch = session.scalar(first)
    if batch is None:
        return False
    rows = session.execute(
        sa.select(_DELIVERY, _NOTICE.c.cause)
        .join(_NOTICE, _NOTICE.c.id == _DELIVERY.c.notice_id)
        .where(due, _DELIVERY.c.batch_id == batch)
        .order_by(_DELIVERY.c.id)
        .with_for_update(of=_DELIVERY)
    ).all()
    rows = _awake(session, rows, now)
    told = _Told(session, deps, channel, now, {row.person_id for row in rows})
    wanted = [row for row in rows if told.add(row)]
    _write(session, [row for row in rows if row not in wanted], state=DROPPED)
    if not wanted:
        return True
    key = batch
    already = sa.select(sa.exists().where(_DELIVERY.c.batch_id == batch, _DELIVERY.c.state == SENT))
    if session.scalar(already):  # spread too late for the message it belonged to: this is another one
        key = wanted[0].id
        _write(session, wanted, batch_id=key)
    outcome = _sent(channel, told.message(), str(key))
    _keep(session, wanted, outcome, now)
    if isinstance(outcome, TryAgain) and outcome.whole:
        log.warning("notices are not sent by %s: %s", channel.name, outcome.reason)
        _rest(session, channel, now)
        return False
    return True


def _awake(session: Session, rows: Sequence[Any], now: datetime) -> list[Any]:
    """Those to people who may be disturbed now. The others wait until their quiet ends, and are one message then."""
    quiet = quiet_of(session, {row.person_id for row in rows})
    awake, waiting = [], []
    for row in rows:
        until = quiet_until(quiet.get(row.person_id), row.cause, now)
        if until is None:
            awake.append(row)
        else:
            together = gathered(row.person_id, row.channel, until)
            waiting.append({"which": row.id, "until": until, "together": together})
    if waiting:
        session.execute(_WAIT, waiting)
    return awake


def _sent(channel: Channel, message: Message, key: str) -> Outcome:
    try:
        return channel.send(message, key)
    except Exception as error:
        # An adapter that breaks must hold up neither the others nor what is behind this one.
        log.exception("the channel %s could not send %s", channel.name, key)
        return TryAgain(type(error).__name__)


def _keep(session: Session, rows: Sequence[Any], outcome: Outcome, now: datetime) -> None:
    attempts = min(max(row.attempts for row in rows) + 1, 1000)
    if isinstance(outcome, Sent):
        _write(session, rows, state=SENT, attempts=attempts, sent_at=now, error="")
    elif isinstance(outcome, Refused) or now - min(row.since for row in rows) >= GIVEN_UP_AFTER:
        _write(session, rows, state=FAILED, attempts=attempts, error=outcome.reason)
    else:
        again = now + wait_after(attempts)
        _write(session, rows, attempts=attempts, next_at=again, error=outcome.reason)


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


def _write(session: Session, rows: Sequence[Any], **values: Any) -> None:
    if rows:
        ids = [row.id for row in rows]
        session.execute(sa.update(_DELIVERY).where(_DELIVERY.c.id.in_(ids)).values(**values))


class _Told:
    """What there is to say to whom now."""

    def __init__(
        self, session: Session, deps: Deps, channel: Channel, now: datetime, people: Collection[UUID]
    ) -> None:
        self._session, self._deps, self._channel, self._now = session, deps, channel, now
        self._known = {each.id: self._reached(each) for each in receivers(session, deps, people)}
        self.receivers: dict[UUID, Receiver] = {}
        self.notices: dict[UUID, Any] = {}

    def add(self, row: Any) -> bool:
        """Whether there is something to say: it has not been read, and is still theirs to see."""
        known = self._known[row.person_id]
        if known is None:
            return False
        caller, receiver = known
        notice = notice_for(self._session, caller, self._now, row.notice_id)
        if notice is None or notice.read:
            return False
        self.notices[notice.id] = notice
        self.receivers[row.person_id] = receiver
        return True

    def message(self) -> Message:
        return message_of(list(self.notices.values()), list(self.receivers.values()), self._deps.settings)

    def _reached(self, person: Any) -> tuple[Caller, Receiver] | None:
        address = self._channel.address(person)
        if not person.active or not address:
            return None
        caller = caller_of(self._session, self._deps, person)
        if not may(caller, "notice.read"):
            return None
        return caller, Receiver(address, person.login, person.name, person.phone)
