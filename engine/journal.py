"""Writes one action down: the instance's row, its history, timers, subscriptions, messages and incidents.

Few statements on purpose: a completion writes its state and its history in one, and the rest only where it changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import incidents, messages, signals, timers
from engine.actor import Actor
from engine.db import Statement
from engine.instance import COMPLETED, Locked
from engine.spiff import state
from engine.spiff.run import Awaited, Entry, HeldActivity, Run
from engine.spiff.workflow import Instance

MESSAGE_TIME_TO_LIVE = timedelta(days=1)
"""How long a thrown message waits for somebody who awaits it before it becomes an incident."""

_HISTORY_COLUMNS = """INSERT INTO history_event
    (instance_id, at, kind, activity_id, activity_name, activity_type, scope, token_id, actor_id, actor_name, data)
    SELECT %(instance_id)s, %(at)s, r.k, r.a, r.n, r.t, r.s, r.i, %(actor_id)s, %(actor_name)s, r.d
    FROM jsonb_to_recordset(%(lines)s::jsonb) AS r(k text, a text, n text, t text, s text, i uuid, d jsonb)"""
_SAVE_AND_TELL = Statement(
    """WITH saved AS (
        UPDATE process_instance SET state = %(state)s, revision = revision + 1, status = %(status)s,
               ended_at = %(ended_at)s, end_reason = %(end_reason)s
        WHERE id = %(instance_id)s)
    """
    + _HISTORY_COLUMNS
)
_TELL = Statement(_HISTORY_COLUMNS)


def line(entry: Entry) -> dict[str, Any]:
    """Return a journal entry as a row of the history statement; what is empty is left out."""
    row: dict[str, Any] = {
        "k": entry.kind,
        "a": entry.activity_id,
        "t": entry.activity_type,
        "s": entry.scope,
        "i": entry.token,
    }
    if entry.name:
        row["n"] = entry.name
    if entry.data:
        row["d"] = entry.data
    return row


def event(kind: str, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a history line about the instance itself."""
    return {"k": kind, "d": data} if data else {"k": kind}


def tell(
    session: Session, instance_id: UUID, lines: list[dict[str, Any]], *, actor: Actor, at: datetime
) -> None:
    """Append history lines without touching the instance."""
    _TELL.later(
        session,
        {
            "instance_id": instance_id,
            "at": at,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "lines": orjson.dumps(lines).decode(),
        },
    )


def save(
    session: Session,
    row: Locked,
    instance: Instance,
    lines: list[dict[str, Any]],
    *,
    actor: Actor,
    at: datetime,
    end_reason: str | None = None,
) -> bool:
    """Save the state and the history of one action, and mirror what waits.

    Returns whether a message thrown before waits for somebody who has begun to wait for it now.
    """
    run = instance.run
    over = instance.completed
    last: list[dict[str, Any]] = []
    if over and row.status == "active":
        row.status = COMPLETED
        last = [event("instance_completed")]
    row.state = state.save(instance)
    _SAVE_AND_TELL.later(
        session,
        {
            "state": row.state,
            "status": row.status,
            "ended_at": at if over else None,
            "end_reason": end_reason,
            "instance_id": row.id,
            "at": at,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "lines": orjson.dumps([*lines, *map(line, run.journal), *last]).decode(),
        },
    )
    left = mirror_timers(session, row, run, subscriptions_left(run))
    found = mirror_subscriptions(session, row, run, actor, at, left)
    letters = [thrown(row, run, item, at) for item in run.thrown if item.kind == "message"]
    if letters:
        session.execute(sa.insert(messages.Message), letters)
    if run.dropped or over:
        close_incidents(session, row.id, None if over else run.dropped, actor=actor, at=at)
    dropped = set(run.dropped)
    held = [item for item in run.held if item.token not in dropped]
    if held:
        record_incidents(session, row, run, held, at)
    return found


_DROP = Statement(
    """WITH letters AS (
    DELETE FROM message_subscription WHERE token_id = ANY(ARRAY(SELECT unnest(%(message)s::uuid[])))),
  signals AS (
    DELETE FROM signal_subscription WHERE token_id = ANY(ARRAY(SELECT unnest(%(signal)s::uuid[]))))
  DELETE FROM timer WHERE token_id = ANY(ARRAY(SELECT unnest(%(gone)s::uuid[])))
    AND instance_id = %(instance_id)s AND fired_at IS NULL
  RETURNING token_id, attempts"""
)
"""What nobody waits for any more, in one statement where timers are among it."""


_KINDS = ("message", "signal")


def subscriptions_left(run: Run) -> dict[str, list[UUID]]:
    """By kind the tokens whose subscriptions nobody holds any more."""
    known = {item.token for item in run.awaited}
    return {
        kind: [token for of, token in run.unawaited if of == kind and token not in known] for kind in _KINDS
    }


def mirror_timers(
    session: Session, row: Locked, run: Run, left: Mapping[str, list[UUID]] | None = None
) -> Mapping[str, list[UUID]]:
    """Delete the rows of timers nobody waits for any more, insert the new ones; one that has moved gets another row, so
    that a job on its way to the old one finds nothing. A timer that pauses has no row.

    left: from `subscriptions_left`; they go with the timers where timers go. Returns those that are still to go.
    """
    left = left or {}
    armed = {timer.token: timer for timer in run.armed}
    gone = [token for token in run.disarmed if armed.pop(token, None) is None]
    gone += [timer.token for timer in run.moved]
    armed.update({timer.token: timer for timer in run.moved})
    armed = {token: timer for token, timer in armed.items() if timer.due_at is not None}
    if gone:
        found = _DROP.all(
            session,
            {
                "gone": gone,
                "instance_id": row.id,
                **{kind: left.get(kind, []) for kind in _KINDS},
            },
        )
        left = {}
        # An incident of a timer that could not be fired ends with the timer, unless the timer rests as one now.
        held = {item.token for item in run.held}
        run.dropped += [row.token_id for row in found if row.attempts and row.token_id not in held]
    if armed:
        session.execute(
            sa.insert(timers.Timer),
            [
                {
                    "id": run.new_id(),
                    "instance_id": row.id,
                    "token_id": t.token,
                    "activity_id": t.activity_id,
                    "kind": t.kind,
                    "due_at": t.due_at,
                    "held": False,
                }
                for t in armed.values()
            ],
        )
    return left


_FORGET = Statement(
    "DELETE FROM signal_subscription WHERE token_id = ANY(ARRAY(SELECT unnest(%(gone)s::uuid[])))"
)
"""With the tokens asked of the array itself, PostgreSQL would plan it anew for each."""


def mirror_subscriptions(
    session: Session, row: Locked, run: Run, actor: Actor, at: datetime, left: Mapping[str, list[UUID]]
) -> bool:
    """Delete the subscriptions that are left, insert the new ones; write down the signals that were thrown.

    A signal reaches those who began to wait before it, in this action too. Returns what `messages.mirror` does.
    """
    over = {token for _, token in run.unawaited}
    awaited = {item.token: item for item in run.awaited if item.token not in over}
    letters = [
        (item.token, item.activity_id, item.name) for item in awaited.values() if item.kind == "message"
    ]
    found = messages.mirror(session, row.id, row.business_key, letters, left.get("message", ()))
    if gone := left.get("signal"):
        _FORGET.later(session, {"gone": gone})
    done = 0
    for signal in (item for item in run.thrown if item.kind == "signal"):
        await_signals(session, row, run.awaited[done : signal.awaited], over)
        done = signal.awaited
        signals.record(
            session,
            signal.token,
            signal.name,
            signal.payload,
            actor=actor,
            at=at,
            thrown_by=row.id,
            activity_id=signal.activity_id,
        )
    await_signals(session, row, run.awaited[done:], over)
    return found


def await_signals(session: Session, row: Locked, items: list[Awaited], over: set[UUID]) -> None:
    """Insert the subscriptions of those that wait for a signal and still do."""
    rows = [
        {"token_id": item.token, "instance_id": row.id, "activity_id": item.activity_id, "name": item.name}
        for item in items
        if item.kind == "signal" and item.token not in over
    ]
    if rows:
        session.execute(sa.insert(signals.SignalSubscription), rows)


def thrown(row: Locked, run: Run, item: Any, at: datetime) -> dict[str, Any]:
    """Return the row of a thrown message."""
    return {
        "id": run.new_id(),
        "name": item.name,
        "business_key": row.business_key,
        "payload": dict(item.payload),
        "thrown_by": row.id,
        "activity_id": item.activity_id,
        "token_id": item.token,
        "thrown_at": at,
        "expires_at": at + MESSAGE_TIME_TO_LIVE,
    }


def record_incidents(
    session: Session, row: Locked, run: Run, activities: list[HeldActivity], at: datetime
) -> None:
    """Open an incident per held activity; one that is open already counts another attempt."""
    for held in activities:
        again = session.execute(
            sa.update(incidents.Incident)
            .where(incidents.Incident.token_id == held.token, incidents.Incident.resolved_at.is_(None))
            .values(
                attempts=incidents.Incident.attempts + 1,
                message=held.message,
                message_zh=held.message_zh,
                kind=held.kind,
                expression=held.expression,
                position=held.position,
            )
            .returning(incidents.Incident.id)
            .execution_options(synchronize_session=False)
        ).first()
        if again is None:
            session.execute(
                sa.insert(incidents.Incident),
                [
                    {
                        "id": run.new_id(),
                        "instance_id": row.id,
                        "token_id": held.token,
                        "activity_id": held.activity_id,
                        "activity_name": held.name or "",
                        "kind": held.kind,
                        "message": held.message,
                        "message_zh": held.message_zh,
                        "expression": held.expression,
                        "position": held.position,
                        "raised_at": at,
                        "attempts": 1,
                    }
                ],
            )


def close_incidents(
    session: Session, instance_id: UUID, tokens: list[UUID] | None, *, actor: Actor, at: datetime
) -> int:
    """Resolve the open incidents of the given tokens, or of the whole instance; return how many."""
    query = sa.update(incidents.Incident).where(
        incidents.Incident.instance_id == instance_id, incidents.Incident.resolved_at.is_(None)
    )
    if tokens is not None:
        query = query.where(incidents.Incident.token_id.in_(tokens))
    done: Any = session.execute(
        query.values(resolved_at=at, resolved_by=actor.id).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)
