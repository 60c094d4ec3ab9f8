"""What operators do to an instance from outside its diagram: end it, stop it, let it go on, retry what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import firing, jobs, journal, mailbox, messages, signals
from engine.actor import Actor
from engine.errors import NotFound, WrongState
from engine.incidents import Incident
from engine.instance import ACTIVE, CANCELLED, SUSPENDED, Locked, ProcessInstance, locked, require_active
from engine.ports import Move
from engine.timers import release_held

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine


def cancel(engine: ProcessEngine, session: Session, instance_id: UUID, *, reason: str, actor: Actor) -> Move:
    """End an instance for good. Raises WrongState when it is over already."""
    row = locked(session, instance_id)
    if row.status not in (ACTIVE, SUSPENDED):
        require_active(row, "Cancelling")
    instance = engine.acting.restore(session, row)
    instance.cancel_everything()
    row.status = CANCELLED
    return engine.acting.settle(
        session,
        row,
        instance,
        actor,
        [journal.event("instance_cancelled", {"reason": reason})],
        end_reason=reason,
    )


def suspend(engine: ProcessEngine, session: Session, instance_id: UUID, *, reason: str, actor: Actor) -> None:
    """Stop an instance from moving. No clock stops; timers that fall due fire once on resume."""
    row = locked(session, instance_id)
    require_active(row, "Suspending")
    set_status(
        engine, session, row, SUSPENDED, journal.event("instance_suspended", {"reason": reason}), actor
    )


def resume(
    engine: ProcessEngine, session: Session, instance_id: UUID, *, reason: str = "", actor: Actor
) -> None:
    """Let a suspended instance move again. Raises WrongState when it is not suspended."""
    row = locked(session, instance_id)
    if row.status != SUSPENDED:
        raise WrongState(
            f"Resuming was refused: instance {instance_id} of case {row.business_key} is {row.status}.",
            state=row.status,
        )
    set_status(engine, session, row, ACTIVE, journal.event("instance_resumed", {"reason": reason}), actor)
    release_held(session, instance_id)
    instance = engine.acting.restore(session, row)
    for token in instance.live_work():
        jobs.defer_work(session, instance_id, token.id)
    for signal_id in signals.missed(session, instance_id):
        jobs.defer_signals(session, signal_id, [instance_id])
    awaited = [token.task_spec.event.name for token in instance.waiting("message")]
    if awaited and messages.undelivered(session, row.business_key, awaited):
        jobs.defer_delivery(session, row.business_key)


def set_status(
    engine: ProcessEngine, session: Session, row: Locked, status: str, line: dict[str, Any], actor: Actor
) -> None:
    session.execute(
        sa.update(ProcessInstance)
        .where(ProcessInstance.id == row.id)
        .values(status=status, revision=ProcessInstance.revision + 1)
        .execution_options(synchronize_session=False)
    )
    row.status = status
    journal.tell(session, row.id, [line], actor=actor, at=engine.clock.now())


def retry(engine: ProcessEngine, session: Session, incident_id: UUID, *, actor: Actor) -> None:
    """Ask for a failing activity to be run again, by a job. Raises NotFound, WrongState when it is resolved."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(f"Incident {incident_id} was asked for, but there is none with this id.")
    if incident.resolved_at is not None:
        raise WrongState(
            f"Retrying incident {incident_id} was refused: '{incident.activity_id}' was resolved at {incident.resolved_at.isoformat()}."
        )
    row = locked(session, incident.instance_id)
    if incident.kind != "message":
        require_active(row, f"Retrying incident {incident_id}")
    jobs.defer_retry(session, incident_id, actor)


def retry_now(engine: ProcessEngine, session: Session, incident_id: UUID, *, actor: Actor) -> Move | None:
    """Run a failing activity again. Returns None when it does not rest any more: the job may come twice."""
    found = session.execute(
        sa.select(Incident.instance_id, Incident.token_id, Incident.kind).where(
            Incident.id == incident_id, Incident.resolved_at.is_(None)
        )
    ).one_or_none()
    if found is None:
        return None
    if found.kind == "message":
        mailbox.throw_again(engine, session, found.token_id, actor)
        return None
    if found.kind == "timer":
        firing.try_again(session, found.token_id)
        return None
    row = locked(session, found.instance_id)
    if row.status != ACTIVE:
        return None
    instance = engine.acting.restore(session, row)
    token = instance.token(found.token_id)
    if token is None or "held" not in token.internal_data:
        return None
    instance.retry(token)
    instance.run_to_rest()
    if "incident" not in token.internal_data:
        journal.close_incidents(session, row.id, [token.id], actor=actor, at=instance.run.now())
        instance.note("incident_resolved", token)
    return engine.acting.settle(session, row, instance, actor)
