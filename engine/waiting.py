"""What an activity that waits sees, and what a decision of its deployment says of it: for forms, and for checks of what is sent.

Reads only; nothing in here moves an instance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import mailbox
from engine.dialect.model import (
    MESSAGE_CHECK,
    MESSAGE_FORM,
    MESSAGE_FROM,
    MESSAGE_UNIQUE,
    DecisionCall,
    Node,
)
from engine.errors import DecisionFailed
from engine.expressions.dmn.evaluation.table import Table
from engine.expressions.feel.syntax import tree as t
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
    """A waiting activity or event of an instance in memory; `ProcessEngine.complete` goes on with it instead of reading it again."""

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


@dataclass(frozen=True, slots=True)
class Awaited:
    """A message that an element waits for. label: what the element is called. form, form_id: the form that what it carries has to
    pass; senders: who may send it, check: the decision that checks it, unique: the fields that name one paper, as they are
    drawn; each empty where the diagram does not say. there: what waits, where its process has begun.
    """

    name: str
    label: str
    activity_id: str
    form: str
    form_id: UUID | None
    senders: str
    check: str
    unique: str
    definition_id: UUID
    there: Waiting | None

    @property
    def variables(self) -> Mapping[str, Any]:
        """What the element sees, where its process has begun."""
        return self.there.variables if self.there is not None else {}


def awaited(engine: ProcessEngine, session: Session, row: Locked) -> list[Awaited]:
    """Return the messages an instance waits for, innermost scope first."""
    instance = engine.acting.restore(session, row)
    return [
        _awaited(
            engine,
            session,
            UUID(token.workflow.definition),
            token.task_spec.node,
            token.task_spec.event.name,
            Waiting(instance, token),
        )
        for token in instance.waiting("message")
    ]


def starts_with(engine: ProcessEngine, session: Session, message: str) -> Awaited | None:
    """Return the start event that a message would begin a process with; None where it starts none."""
    found = mailbox.starting(engine, session, message)
    if found is None:
        return None
    definition_id, start_event = found[0].id, found[1]
    node = engine.catalog.spec(session, definition_id).task_specs[start_event].node
    return _awaited(engine, session, definition_id, node, message)


def _awaited(
    engine: ProcessEngine,
    session: Session,
    definition_id: UUID,
    node: Node,
    name: str,
    there: Waiting | None = None,
) -> Awaited:
    said = node.properties
    form = said.get(MESSAGE_FORM, "")
    return Awaited(
        name,
        node.name or name,
        node.id,
        form,
        engine.catalog.form_id(session, definition_id, form) if form else None,
        said.get(MESSAGE_FROM, ""),
        said.get(MESSAGE_CHECK, ""),
        said.get(MESSAGE_UNIQUE, ""),
        definition_id,
        there,
    )


def mistakes(
    engine: ProcessEngine, session: Session, one: Awaited, case: Mapping[str, Any], sent: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the rows the decision gives that checks what a message carries, over what the element sees and `sent` as
    `message.<its id>`; case: the facts, where no process has begun. Raises DecisionFailed.
    """
    before = one.variables.get("message")
    more = {"message": {**(before if isinstance(before, Mapping) else {}), one.activity_id: sent}}
    if one.there is not None:
        return one.there.decide(one.check, more)
    return decide(engine, session, one.definition_id, one.check, {"case": case, **more}, [])


def literal_texts(engine: ProcessEngine, session: Session, one: Awaited) -> frozenset[str]:
    """Return the texts a checking decision gives word for word: those that cannot repeat anything of the case."""
    try:
        model, _ = engine.catalog.decisions(session, one.definition_id, DecisionCall(one.check))
    except ActivityFailed as failure:
        raise failed(one.check, failure) from failure
    found = model.decisions.get(one.check)
    rules = found.logic.rules if found is not None and isinstance(found.logic, Table) else ()
    return frozenset(
        cell.value
        for rule in rules
        for cell in rule.results
        if isinstance(cell, t.Literal) and isinstance(cell.value, str)
    )
