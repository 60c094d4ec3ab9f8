"""Completes a user activity that waits, with what a person answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import WrongState
from engine.instance import Locked, locked, require_active
from engine.ports import FormWarning, Move
from engine.waiting import Waiting

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine


def complete(
    engine: ProcessEngine,
    session: Session,
    instance_id: UUID,
    task_id: UUID,
    answers: Mapping[str, Any],
    *,
    actor: Actor,
    row: Locked | None,
    waiting: Waiting | None,
    form_warnings: Sequence[FormWarning],
) -> Move:
    """Complete a waiting user activity and run on to rest (see `ProcessEngine.complete`). Raises NotFound, WrongState."""
    row = row or locked(session, instance_id)
    require_active(row, f"Completing task {task_id}")
    instance = waiting.instance if waiting else engine.acting.restore(session, row)
    token = instance.token(task_id)
    if token is None or not token.task_spec.manual or "held" in token.internal_data:
        raise WrongState(
            f"Completing task {task_id} was refused: no activity of case {row.business_key} waits under this id any more.",
            id=str(task_id),
        )
    instance.run.warned.of_form(token, form_warnings)
    token.task_spec.finish(token, answers)
    return engine.acting.settle(session, row, instance, actor)
