"""What an instance holds just now: the variables of its scopes, and what failing expressions read. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.expressions.feel import ExpressionError, compile_expression
from engine.incidents import Incident
from engine.instance import unlocked
from engine.spiff.run import ActivityFailed
from engine.spiff.task import Token
from engine.spiff.workflow import Instance

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

MISSING = object()
"""What an expression reads where there is nothing."""


@dataclass(frozen=True, slots=True)
class ScopeData:
    """The variables of one scope.

    kind: process, call (a called process or sub-process with variables of its own) or item (what one item of a repeated
    activity sees beside them). token: the activity the scope runs for, None for the process. index: of the item, from 1.
    """

    kind: str
    process: str
    variables: Mapping[str, Any]
    token: UUID | None = None
    activity_id: str = ""
    activity_name: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """An expression with what it reads now: values by dotted path, and the paths that lead nowhere.

    of: the flow it decides on, by name or id; position: the character meant, counted from 1, 0 for none.
    """

    text: str
    position: int = 0
    of: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceData:
    """Everything an instance holds: its scopes, its own first; and by the token of an open incident what failed there reads."""

    scopes: tuple[ScopeData, ...] = ()
    failing: Mapping[UUID, tuple[Read, ...]] = field(default_factory=dict)


def read_data(
    engine: ProcessEngine, session: Session, instance_id: UUID, incidents: Iterable[Any] = ()
) -> InstanceData:
    """Return what the instance holds as it is just now; no lock is taken. incidents: rows of the open ones.

    An instance that is over has its process's variables only; one that does not exist, nothing.
    """
    row = unlocked(session, instance_id)
    if row is None or not row.state:
        return InstanceData()
    instance = engine.acting.restore(session, row)
    failing = {}
    for incident in incidents:
        token = instance.token(incident.token_id)
        if token is not None:
            failing[incident.token_id] = tuple(_read(token, one) for one in _failed(token, incident))
    return InstanceData(tuple(_scopes(instance)), failing)


def _scopes(instance: Instance) -> Iterator[ScopeData]:
    yield ScopeData("process", instance.spec.process_key, dict(instance.store.values))
    for scope in instance.scopes():
        if scope is not instance and (scope.own_store or scope.local):
            parent = scope.parent
            seen = {**(scope.store.values if scope.own_store else {}), **scope.local}
            yield ScopeData(
                "call" if scope.own_store else "item",
                scope.spec.process_key,
                seen,
                parent.id,
                parent.task_spec.bpmn_id,
                parent.task_spec.bpmn_name or "",
                _index(parent),
            )
        for token in scope.live_tokens():
            if "item" in token.internal_data and token.id not in instance.subprocesses:
                spec = token.task_spec
                yield ScopeData(
                    "item",
                    scope.spec.process_key,
                    spec.item_locals(token),
                    token.id,
                    spec.bpmn_id,
                    spec.bpmn_name or "",
                    _index(token),
                )


def _index(token: Token) -> int | None:
    found = token.internal_data.get("index")
    return found if isinstance(found, int) else None


def _failed(token: Token, incident: Incident) -> list[Read]:
    """The expressions an incident is about: the one that failed, or the conditions of a gateway none of which holds."""
    if incident.expression:
        return [Read(incident.expression, incident.position)]
    if incident.kind != "condition":
        return []
    flows = getattr(token.task_spec, "flows", ())
    return [Read(flow.condition, 0, flow.name or flow.id) for flow in flows if flow.condition]


def _read(token: Token, one: Read) -> Read:
    try:
        expression = compile_expression(one.text)
    except ExpressionError:
        return one
    try:
        seen = token.task_spec.seen(token)
    except ActivityFailed:  # an input mapping may be what failed
        seen = token.workflow.view(token)
    roots = {path.partition(".")[0] for path in expression.paths}
    values: dict[str, Any] = {}
    missing: list[str] = []
    for path in sorted(expression.paths | (expression.names - roots)):
        value = _at(seen, path)
        if value is MISSING:
            missing.append(path)
        else:
            values[path] = value
    return Read(one.text, one.position, one.of, values, tuple(missing))


def _at(seen: Mapping[str, Any], path: str) -> Any:
    value: Any = seen
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return MISSING
        value = value[key]
    return value
