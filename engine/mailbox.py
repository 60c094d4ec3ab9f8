"""Delivers what diagrams throw, keeps what nobody takes yet, and gives up in the open when time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs, journal, messages
from engine.acting import active_names
from engine.actor import SYSTEM, Actor
from engine.choosing import retired_keys
from engine.deployment import ProcessDefinition, latest_definition
from engine.dialect.model import MESSAGE_FORM
from engine.errors import MessageNotAwaited, WrongState
from engine.ids import NewId
from engine.incidents import Incident
from engine.instance import locked, require_active
from engine.ports import Move

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine
    from engine.spiff.workflow import Instance


def correlate(
    engine: ProcessEngine,
    session: Session,
    message: str,
    *,
    business_key: str | None,
    instance_id: UUID | None,
    payload: Mapping[str, Any],
    actor: Actor,
) -> Move:
    """Give a message to whoever waits for it, or start the process it starts (see `ProcessEngine.correlate`).

    Raises MessageNotAwaited, WrongState.
    """
    if instance_id is None and business_key is not None:
        waiting = messages.awaiting_instances(session, message, business_key)
        instance_id = waiting[0] if waiting else None
    if instance_id is None:
        started = start(engine, session, message, business_key, payload, actor)
        if started is not None:
            return started
        raise MessageNotAwaited(
            f"Message '{message}' was refused: no activity of case {business_key or '(none named)'} waits for it.",
            message=message,
            business_key=business_key,
        )
    row = locked(session, instance_id)
    require_active(row, f"Message '{message}'")
    instance = engine.acting.restore(session, row)
    taken = instance.deliver("message", message, payload)
    if not taken:
        raise MessageNotAwaited(
            f"Message '{message}' was refused: no activity of case {row.business_key} waits for it; "
            f"it is at {', '.join(active_names(instance)) or 'no activity'}.",
            message=message,
            business_key=row.business_key,
        )
    for token in taken:
        note_taken(engine, session, instance, token, message, payload)
    return engine.acting.settle(session, row, instance, actor)


def deliver(engine: ProcessEngine, session: Session, business_key: str, actor: Actor) -> int:
    """Give the thrown messages of a case to whoever waits for them by now; return how many were taken.

    A message nobody waits for stays; the next activity that waits for it brings the job back.
    """
    waiting = session.scalars(
        sa.select(messages.Message)
        .where(messages.Message.business_key == business_key, messages.Message.settled_at.is_(None))
        .order_by(messages.Message.id)
        .with_for_update(skip_locked=True)
    ).all()
    taken = 0
    for message in waiting:
        try:
            engine.correlate(
                session, message.name, business_key=business_key, payload=message.payload, actor=actor
            )
        except WrongState:
            continue
        message.settled_at, message.outcome = engine.clock.now(), "delivered"
        taken += 1
    session.flush()
    return taken


def throw_to(
    session: Session,
    name: str,
    business_keys: Sequence[str],
    payload: Mapping[str, Any],
    *,
    thrown_by: UUID,
    activity_id: str,
    token_id: UUID,
    at: datetime,
    new_id: NewId,
) -> int:
    """Throw one message to many cases, as a diagram throws it to its own: kept, and brought to each by a job of its own.

    Two statements for all of them. Returns how many.
    """
    if business_keys:
        session.execute(
            sa.insert(messages.Message),
            [
                {
                    "id": new_id(),
                    "name": name,
                    "business_key": business_key,
                    "payload": dict(payload),
                    "thrown_by": thrown_by,
                    "activity_id": activity_id,
                    "token_id": token_id,
                    "thrown_at": at,
                    "expires_at": at + journal.MESSAGE_TIME_TO_LIVE,
                }
                for business_key in business_keys
            ],
        )
    return jobs.defer_many(
        session, (jobs.Item(jobs.DELIVER, {"business_key": business_key}) for business_key in business_keys)
    )


def start(
    engine: ProcessEngine,
    session: Session,
    message: str,
    business_key: str | None,
    payload: Mapping[str, Any],
    actor: Actor,
) -> Move | None:
    """Start a process that a message starts, in its current version. Returns None where it starts none. Raises Retired."""
    found = starting(engine, session, message)
    if found is None:
        return None
    definition, start_event = found
    return engine.start(
        session,
        definition.key,
        business_key=business_key or str(engine.new_id()),
        variables={"message": {start_event: dict(payload)}} if payload else {},
        answers=payload,
        actor=actor,
        version=definition.version,
        start_event=start_event,
    )


def starting(engine: ProcessEngine, session: Session, message: str) -> tuple[ProcessDefinition, str] | None:
    """Return the current version of the process that a message starts, and its start event; None where it starts none.

    One that is retired comes last: whoever starts it is refused.
    """
    keys = session.scalars(
        sa.select(ProcessDefinition.key).where(ProcessDefinition.start_messages.any_() == message).distinct()
    ).all()
    if not keys:
        return None
    resting = retired_keys(session, keys)
    found = [latest_definition(session, key) for key in keys]
    # One that can start goes before one that is still to be bound, and that before one that is retired, which refuse.
    for definition in sorted(found, key=lambda one: (one.key in resting, not one.startable)):
        if message in definition.start_messages:
            return definition, engine.catalog.spec(session, definition.id).start_for("message", message)
    return None


def note_taken(
    engine: ProcessEngine,
    session: Session,
    instance: Instance,
    token: Any,
    message: str,
    payload: Mapping[str, Any],
) -> None:
    """Keep in history that a token has taken a message, with the form under whose labels its payload is read."""
    told: dict[str, Any] = {"message": message, "payload": dict(payload)}
    if form := token.task_spec.node.properties.get(MESSAGE_FORM):
        bound = engine.catalog.form_id(session, UUID(token.workflow.definition), form)
        told["form"] = str(bound) if bound else None
    instance.note("message_correlated", token, told)


def expire(engine: ProcessEngine, session: Session, limit: int) -> int:
    """Turn thrown messages nobody took in time into incidents of the activity that threw them; return how many."""
    now = engine.clock.now()
    expired = session.scalars(
        sa.select(messages.Message)
        .where(messages.Message.expires_at <= now, messages.Message.settled_at.is_(None))
        .order_by(messages.Message.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for message in expired:
        message.settled_at, message.outcome = now, "expired"
        sentence = (
            f"Message '{message.name}' of case {message.business_key} was thrown at {message.thrown_at.isoformat()} "
            "and nobody has waited for it in time."
        )
        session.add(
            Incident(
                id=engine.new_id(),
                instance_id=message.thrown_by,
                token_id=message.id,
                activity_id=message.activity_id,
                activity_name="",
                kind="message",
                message=sentence,
                message_zh=f"案件 {message.business_key} 的消息“{message.name}”已发出，但在期限内没有人等待它。",
                raised_at=now,
                attempts=1,
            )
        )
        journal.tell(
            session,
            message.thrown_by,
            [journal.event("message_expired", {"message": message.name})],
            actor=SYSTEM,
            at=now,
        )
    session.flush()
    return len(expired)


def throw_again(engine: ProcessEngine, session: Session, message_id: UUID, actor: Actor) -> None:
    """Offer an expired message once more, for another time to live."""
    message = session.get(messages.Message, message_id)
    if message is None:
        return
    now = engine.clock.now()
    message.settled_at, message.outcome, message.expires_at = None, None, now + journal.MESSAGE_TIME_TO_LIVE
    session.flush()
    journal.close_incidents(session, message.thrown_by, [message_id], actor=actor, at=now)
    jobs.defer_delivery(session, message.business_key)
