"""Telling the processes of a case that it has been given more time: the message `redress.extended`, which only the system sends.

A diagram that waits for it answers the customer with a progress reply (003§2.4.8, domain §1.14 #10).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.errors import MessageNotAwaited
from engine.instance import ACTIVE, locked
from engine.messages import awaiting_instances
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deps import Deps
from tasks.people.caller import Caller

EXTENDED = "redress.extended"


def lock_with_listeners(session: Session, number: str, instance_id: UUID) -> list[UUID]:
    """Lock the instance of a clock and those of its case that wait for EXTENDED, in the order everybody locks several in, before
    any clock; return those that wait and can move.
    """
    waiting = set(awaiting_instances(session, EXTENDED, number))
    rows = [locked(session, each) for each in sorted({instance_id, *waiting})]
    return [row.id for row in rows if row.id in waiting and row.status == ACTIVE]


def tell_extended(
    session: Session,
    deps: Deps,
    caller: Caller,
    listeners: Sequence[UUID],
    clock: Any,
    *,
    due_at: datetime | None,
    reason: str,
) -> None:
    """Give EXTENDED to whoever waits for it, in this transaction; nothing where nobody does.

    due_at: until when the clock runs now; None while it stands still.
    """
    payload = {
        "code": clock.code,
        "name": clock.name,
        "due_at": _written(due_at),
        "promised_at": _written(clock.promised_at),
        "reason": reason,
    }
    for instance_id in listeners:
        with suppress(MessageNotAwaited):  # what it waited in has ended by what another one did
            deps.engine.correlate(
                session, EXTENDED, instance_id=instance_id, payload=payload, actor=caller.actor
            )


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(SHANGHAI).isoformat(timespec="seconds")
