"""Firing a due timer, once; and what becomes of one that cannot be fired: tried again, later each time, and told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine import jobs, journal
from engine.actor import SYSTEM, Actor
from engine.db import Statement
from engine.incidents import Incident
from engine.instance import ACTIVE, COLUMNS, SUSPENDED, Locked, locked
from engine.ports import Move
from engine.timers import Timer

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

TOLD_AFTER = 3
"""How often firing a timer fails before operators are told by an incident."""
# The instance comes first, as everywhere; only behind its lock the timer's row says what is still to be done.
_LOCK = Statement(
    f"SELECT {COLUMNS} FROM process_instance "
    "WHERE id = (SELECT instance_id FROM timer WHERE id = %(timer_id)s) FOR UPDATE"
)
_LOCK_IF_FREE = Statement(f"{_LOCK.text} SKIP LOCKED")
_TIMER = Statement(
    "SELECT token_id, due_at, queued_at, fired_at, attempts FROM timer WHERE id = %(timer_id)s FOR UPDATE"
)
_FIRED = Statement("UPDATE timer SET fired_at = %(now)s WHERE id = %(timer_id)s")
_NOT_YET = Statement("UPDATE timer SET queued_at = NULL WHERE id = %(timer_id)s")
_HOLD = Statement("UPDATE timer SET held = true WHERE id = %(timer_id)s")
_DROP = Statement("DELETE FROM timer WHERE id = %(timer_id)s")
_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(hours=1)


def fire(engine: ProcessEngine, session: Session, timer_id: UUID, actor: Actor) -> Move | None:
    """Fire a due timer, once. Returns None where there is nothing left to fire: the job may come twice, and the timer may
    have been moved since the sweep took it.
    """
    row = _LOCK.one(session, {"timer_id": timer_id})
    return None if row is None else _fire(engine, session, Locked(*row), timer_id, actor)


def fire_if_free(engine: ProcessEngine, session: Session, timer_id: UUID, actor: Actor) -> None:
    """Fire a due timer as `fire` does; where something else is being done with its instance right now, have a job of its own
    wait for that.
    """
    row = _LOCK_IF_FREE.one(session, {"timer_id": timer_id})
    if row is not None:
        _fire(engine, session, Locked(*row), timer_id, actor)
    elif (instance_id := _instance_of(session, timer_id)) is not None:
        jobs.defer_timers(session, [(timer_id, instance_id)])


def _fire(engine: ProcessEngine, session: Session, row: Locked, timer_id: UUID, actor: Actor) -> Move | None:
    timer = _TIMER.one(session, {"timer_id": timer_id})
    if timer is None or timer.fired_at is not None:
        return None
    # Asked of the instant of the sweep where there was one: another machine's clock may be a little behind it.
    if timer.due_at > (timer.queued_at or engine.clock.now()):
        _NOT_YET.later(session, {"timer_id": timer_id})
        return None
    if row.status == SUSPENDED:
        _HOLD.later(session, {"timer_id": timer_id})
        return None
    instance = engine.acting.restore(session, row)
    token = instance.token(timer.token_id)
    if (
        row.status != ACTIVE
        or token is None
        or datetime.fromisoformat(token.internal_data.get("due", "0001-01-01T00:00:00+00:00")) != timer.due_at
    ):
        _DROP.later(session, {"timer_id": timer_id})
        return None
    now = instance.run.now()
    _FIRED.later(session, {"timer_id": timer_id, "now": now})
    if timer.attempts and journal.close_incidents(session, row.id, [token.id], actor=actor, at=now):
        instance.note("incident_resolved", token)
    token.task_spec.catch(token, None)
    instance.note("timer_fired", token, {"due_at": timer.due_at.isoformat()})
    return engine.acting.settle(session, row, instance, actor)


def _instance_of(session: Session, timer_id: UUID) -> UUID | None:
    return session.scalar(sa.select(Timer.instance_id).where(Timer.id == timer_id))


def failed(engine: ProcessEngine, session: Session, timer_id: UUID, error: Exception) -> None:
    """Record that firing a timer raised, and give it back to the sweep, for later: the pause doubles up to an hour.

    From the third time on an incident tells operators; it is resolved when the timer fires or is not needed any more. A
    limit set by law must not wait for them, so that the tries go on without end.
    """
    instance_id = _instance_of(session, timer_id)
    if instance_id is None:
        return
    row = locked(session, instance_id)
    timer = session.get(Timer, timer_id, with_for_update=True, populate_existing=True)
    if timer is None or timer.fired_at is not None:
        return
    timer.attempts += 1
    timer.queued_at = None
    timer.again_at = engine.clock.now() + pause(timer.attempts)
    if timer.attempts < TOLD_AFTER:
        return
    name = type(error).__name__
    reason = str(error) or name
    due, again = timer.due_at.isoformat(), timer.again_at.isoformat()
    told = {
        "message": f"The timer of '{timer.activity_id}', due at {due}, could not be fired: {reason} ({name}). "
        f"It is tried again at {again}.",
        "message_zh": f"“{timer.activity_id}”的定时应于 {due} 触发，但失败：{getattr(error, 'message_zh', '') or reason}"
        f"（{name}）。将于 {again} 再试。",
    }
    statement = insert(Incident).values(
        id=engine.new_id(), instance_id=row.id, token_id=timer.token_id, activity_id=timer.activity_id,
        kind="timer", raised_at=engine.clock.now(), attempts=timer.attempts, **told,
    )  # fmt: skip
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["token_id"],
            index_where=Incident.resolved_at.is_(None),
            set_={"attempts": timer.attempts, **told},
        )
    )
    if timer.attempts == TOLD_AFTER:
        line = {
            **journal.event("incident_raised", {"kind": "timer", **told}),
            "a": timer.activity_id,
            "i": timer.token_id,
        }
        journal.tell(session, row.id, [line], actor=SYSTEM, at=engine.clock.now())


def pause(attempts: int) -> timedelta:
    """Return how long a timer rests after failing so many times: 2 s, 4 s, 8 s … an hour."""
    return min(_FIRST_PAUSE * (1 << min(attempts - 1, 12)), _LONGEST_PAUSE)


def try_again(session: Session, token_id: UUID) -> None:
    """Have the next sweep take a timer whose firing failed, without waiting for its pause to end."""
    session.execute(
        sa.update(Timer)
        .where(Timer.token_id == token_id, Timer.fired_at.is_(None))
        .values(again_at=None)
        .execution_options(synchronize_session=False)
    )
