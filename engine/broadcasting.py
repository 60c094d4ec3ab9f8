"""Brings signals to everybody who waits for them: by jobs of one instance each, never in the thrower's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs, signals
from engine.actor import Actor
from engine.choosing import retired_keys
from engine.deployment import ProcessDefinition, latest_definition
from engine.errors import InvalidInput
from engine.instance import ACTIVE, ProcessInstance, locked
from engine.ports import Move
from engine.signals import Signal
from engine.spiff.variables import unkeepable

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

BATCH = 500
"""Subscriptions one job hands out; the next job goes on behind them."""


def throw(
    engine: ProcessEngine, session: Session, name: str, payload: Mapping[str, Any], actor: Actor
) -> int:
    """Throw a signal from outside; return how many activities wait for it now. Raises InvalidInput."""
    if why := unkeepable(dict(payload)):
        raise InvalidInput(f"Signal '{name}' was refused: what it carries is not kept, {why}.")
    signal_id = engine.new_id()
    waiting = signals.record(session, signal_id, name, payload, actor=actor, at=engine.clock.now())
    jobs.defer_announcement(session, signal_id)
    return waiting


def announce(session: Session, signal_id: UUID, after: int) -> int:
    """Defer a job for each instance a signal reaches, and for each process it starts; return how many.

    after: the number of the last subscription that has been handed out, or 0 at the beginning. The job may come twice:
    who has caught the signal meanwhile is not reached again.
    """
    signal = session.get(Signal, signal_id)
    if signal is None:
        return 0
    count = 0
    if after == 0:
        for key in started_by(session, signal.name):
            jobs.defer_signal_start(session, signal_id, key)
            count += 1
    found = signals.reached_instances(session, signal, after=after, limit=BATCH)
    instances = dict.fromkeys(instance_id for _, instance_id in found)
    jobs.defer_signals(session, signal_id, instances)
    if len(found) == BATCH:
        jobs.defer_announcement(session, signal_id, found[-1][0])
    return count + len(instances)


def started_by(session: Session, name: str) -> list[str]:
    """Return the keys of the processes whose current version has a start event for a signal and can start; none retired."""
    keys = session.scalars(
        sa.select(ProcessDefinition.key)
        .where(ProcessDefinition.start_signals.any_() == name)
        .distinct()
        .order_by(ProcessDefinition.key)
    ).all()
    if not keys:
        return []
    resting = retired_keys(session, keys)
    found = [latest_definition(session, key) for key in keys if key not in resting]
    return [
        definition.key for definition in found if name in definition.start_signals and definition.startable
    ]


def deliver(engine: ProcessEngine, session: Session, signal_id: UUID, instance_id: UUID) -> Move | None:
    """Give a signal to the activities of one instance that it reaches. Returns None where none of them waits any more.

    A suspended instance is left alone: resuming asks for what it has missed.
    """
    signal = session.get(Signal, signal_id)
    if signal is None:
        return None
    row = locked(session, instance_id)
    if row.status != ACTIVE:
        return None
    tokens = signals.reached_tokens(session, signal, instance_id)
    if not tokens:
        return None
    instance = engine.acting.restore(session, row)
    for token in instance.deliver("signal", signal.name, signal.payload, tokens):
        instance.note("signal_caught", token, {"signal": signal.name, "payload": signal.payload})
    return engine.acting.settle(session, row, instance, thrower(signal))


def start(engine: ProcessEngine, session: Session, signal_id: UUID, process_key: str) -> Move | None:
    """Start the current version of a process by a signal, once. Returns None where it has been done, or where the current
    version does not start by it any more.
    """
    signal = session.get(Signal, signal_id, with_for_update=True)
    if signal is None:
        return None
    business_key = f"{process_key}-{signal_id.hex[-12:]}"
    there = sa.select(ProcessInstance.id).where(
        ProcessInstance.business_key == business_key, ProcessInstance.process_key == process_key
    )
    definition = latest_definition(session, process_key)
    if session.scalar(there.limit(1)) is not None or process_key not in started_by(session, signal.name):
        return None
    event = engine.catalog.spec(session, definition.id).start_for("signal", signal.name)
    return engine.start(
        session,
        process_key,
        business_key=business_key,
        variables={"signal": {event: signal.payload}},
        answers=signal.payload,
        actor=thrower(signal),
        version=definition.version,
        start_event=event,
    )


def thrower(signal: Signal) -> Actor:
    """Return who threw a signal."""
    return Actor(signal.actor_id, signal.actor_name, "system" if signal.actor_kind == "system" else "person")
