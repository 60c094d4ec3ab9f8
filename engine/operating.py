"""Operations that jobs run for waiting service activities: their result, the error they throw, their failure for good."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.acting import seen_by
from engine.actor import Actor
from engine.instance import ACTIVE, SUSPENDED, Locked, locked
from engine.ports import BpmnError, Move, OperationCall
from engine.spiff.run import ActivityFailed
from engine.spiff.specs.events import raise_code

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine


def work(
    engine: ProcessEngine, session: Session, instance_id: UUID, token_id: UUID, *, actor: Actor
) -> Move | None:
    """Run the operation of a waiting service activity. Returns None where it does not wait any more.

    Whatever the operation raises rolls back with the caller's transaction; `work_failed` records it. Raising
    ports.BpmnError takes the activity's error boundary instead.
    """
    row = locked(session, instance_id)
    if row.status == SUSPENDED:
        return None  # resuming asks for the work again
    instance = engine.acting.restore(session, row)
    token = instance.token(token_id)
    if (
        row.status != ACTIVE
        or token is None
        or "held" in token.internal_data
        or "inputs" not in token.internal_data
    ):
        return None
    result = _operate(engine, session, row, token, actor)
    if isinstance(result, BpmnError):
        instance.note("error_thrown", token, {"code": result.code})
        if not raise_code(token, "error", result.code, str(result)):
            failure = ActivityFailed(
                "error",
                f"Error '{result.code}' of '{token.task_spec.bpmn_id}' is caught nowhere: {result}",
                f"“{token.task_spec.bpmn_id}”的错误“{result.code}”没有被捕获：{result}",
            )
            instance.hold(token, "run", failure)
    else:
        token.task_spec.finish(token, result)
    return engine.acting.settle(session, row, instance, actor)


def _operate(engine: ProcessEngine, session: Session, row: Locked, token: Any, actor: Actor) -> Any:
    name = token.task_spec.node.operation
    operation = engine.operations.get(name)
    if operation is None:
        raise ActivityFailed(
            "operation",
            f"Operation '{name}' was asked for, but it is not known here.",
            f"需要操作“{name}”，但这里没有这个操作。",
        )
    call = OperationCall(
        session,
        row.ref(),
        token.task_spec.bpmn_id,
        str(token.id),
        token.internal_data["inputs"],
        engine.facts.facts(session, row.ref()),
        engine.clock,
        actor,
        partial(engine.start, session, even_retired=True),
        seen_by(token),
    )
    try:
        return operation(call) or {}
    except BpmnError as error:
        return error


def work_failed(
    engine: ProcessEngine,
    session: Session,
    instance_id: UUID,
    token_id: UUID,
    reason: str,
    reason_zh: str,
    *,
    actor: Actor,
) -> None:
    """Record that an operation failed for good: the activity rests as an incident until it is retried.

    reason, reason_zh: the sentence in English and Chinese.
    """
    row = locked(session, instance_id)
    if row.status != ACTIVE:
        return  # over, or resuming asks for the work again
    instance = engine.acting.restore(session, row)
    token = instance.token(token_id)
    if token is None or "held" in token.internal_data:
        return
    instance.hold(token, "run", ActivityFailed("operation", reason, reason_zh))
    engine.acting.settle(session, row, instance, actor)
