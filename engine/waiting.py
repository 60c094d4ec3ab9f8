"""What an activity that waits sees, and what a decision of its deployment says of it: for forms, and for checks of what is sent.

Reads only; nothing in here moves an instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.dialect.model import DecisionCall
from engine.errors import DecisionFailed
from engine.instance import Locked
from engine.ports import FormWarning
from engine.spiff.run import ActivityFailed
from engine.spiff.task import Token
from engine.spiff.workflow import Instance

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

ROWS = "resultList"
"""How a decision's result is taken that checks something: the outputs of every rule that matches, by name."""


@dataclass(slots=True)
class Waiting:
    """A waiting activity of an instance in memory; `ProcessEngine.complete` goes on with it instead of reading it again."""

    instance: Instance
    token: Token

    @property
    def variables(self) -> dict[str, Any]:
        """What the activity sees: `case` and `clock`, the variables of its scope, its item and its input mapping."""
        try:
            seen = self.token.task_spec.seen(self.token)
        except ActivityFailed:  # a mapping that does not hold any more hides nothing else
            seen = self.token.workflow.view(self.token)
        return {name: seen[name] for name in seen}

    def decide(self, decision: str, more: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the outputs of each rule of a decision that matches, over what the activity sees and `more`.

        What it warns of is kept with the instance once that moves. Raises DecisionFailed.
        """
        run = self.instance.run
        try:
            rows, _ = run.decide(
                self.token.workflow.definition,
                DecisionCall(decision, shape=ROWS),
                {**self.variables, **more},
                run.warned.by(self.token, "decision", decision),
            )
        except ActivityFailed as failure:
            raise failed(decision, failure) from failure
        return _rows(rows)


def waiting(engine: ProcessEngine, session: Session, row: Locked, task_id: UUID) -> Waiting | None:
    """Return a waiting user activity of an instance; None where none waits under this id any more."""
    instance = engine.acting.restore(session, row)
    token = instance.token(task_id)
    return None if token is None else Waiting(instance, token)


def left_behind(engine: ProcessEngine, session: Session, row: Locked) -> dict[str, Any]:
    """Return what the process of an instance holds itself: what is left to read once an activity is over."""
    return dict(engine.acting.restore(session, row).store.values)


def decide(
    engine: ProcessEngine,
    session: Session,
    definition_id: UUID,
    decision: str,
    variables: Mapping[str, Any],
    warnings: list[FormWarning],
) -> list[dict[str, Any]]:
    """The same as `Waiting.decide` of a process that has not begun: over these variables only. Raises DecisionFailed."""
    call = DecisionCall(decision, shape=ROWS)
    try:
        model, resource = engine.catalog.decisions(session, definition_id, call)
        rows, _ = engine.evaluator.decide(
            model,
            call,
            variables,
            str(resource),
            lambda text, told: warnings.extend(FormWarning(text or decision, one) for one in told),
        )
    except ActivityFailed as failure:
        raise failed(decision, failure) from failure
    return _rows(rows)


def failed(decision: str, failure: ActivityFailed) -> DecisionFailed:
    """Return the refusal of what a decision was to check and could not."""
    return DecisionFailed(
        f"What was sent could not be checked by the decision table {decision}: {failure.message}",
        message_zh=f"提交的内容无法由决策表“{decision}”检查：{failure.message_zh or failure.message}",
        decision=decision,
    )


def _rows(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
