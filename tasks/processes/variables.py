"""The variables of an instance as people see them: with their values for who sees the case, else names and kinds only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.dialect.model import HOMES
from engine.incidents import Incident
from engine.reading import Read, ScopeData
from tasks.core import table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.processes.instances import reached

KINDS = ("text", "number", "boolean", "list", "context", "null")
"""What a value may be, in the words of FEEL."""

_DEEP = {"form": 3, "decision": 2, "result": 2, "message": 2}
"""How many names of a path the diagram gives: `form.<task>.<field>`, `result.<task>`. What is deeper may be data."""


@dataclass(frozen=True, slots=True)
class Named:
    """A variable without its value: its dotted path and its kind (KINDS)."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class ShownScope:
    """One scope. names: everything in it that has a name; variables: with the values, None where the case is not seen."""

    scope: ScopeData
    names: tuple[Named, ...]
    variables: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ShownRead:
    """An expression that failed: `engine.reading.Read`, its values None where the case is not seen."""

    text: str
    position: int
    of: str
    values: Mapping[str, Any] | None
    names: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variables:
    """contents: whether the reader sees the case. failing: what failed, by the id of the open incident."""

    contents: bool
    scopes: tuple[ShownScope, ...]
    failing: Mapping[UUID, tuple[ShownRead, ...]]


def read_variables(session: Session, deps: Deps, caller: Caller, instance_id: UUID) -> Variables:
    """The variables of an instance and of every scope open in it, for whoever may read the instance; somebody who runs the
    installation and does not see the case is told names and kinds. Reading a confidential one is recorded. Raises NotFound.
    """
    found = reached(session, deps, caller, "instance.read", instance_id)
    incidents = session.execute(
        sa.select(table(Incident)).where(Incident.instance_id == instance_id, Incident.resolved_at.is_(None))
    ).all()
    data = deps.engine.data(session, instance_id, incidents)
    ids = {one.token_id: one.id for one in incidents}
    return Variables(
        found.contents,
        tuple(_scope(one, contents=found.contents) for one in data.scopes),
        {
            ids[token]: tuple(_failed(one, contents=found.contents) for one in reads)
            for token, reads in data.failing.items()
        },
    )


def kind_of(value: Any) -> str:
    """The kind of a plain value, one of KINDS."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, Mapping):
        return "context"
    return "list" if isinstance(value, list | tuple) else "text"


def _scope(one: ScopeData, *, contents: bool) -> ShownScope:
    if contents:
        return ShownScope(one, tuple(_names(one.variables)), one.variables)
    bare = ScopeData(one.kind, one.process, {}, one.token, one.activity_id, one.activity_name, one.index)
    return ShownScope(bare, tuple(_names(one.variables)), None)


def _failed(one: Read, *, contents: bool) -> ShownRead:
    return ShownRead(
        one.text, one.position, one.of, one.values if contents else None, tuple(one.values), one.missing
    )


def _names(variables: Mapping[str, Any]) -> Iterator[Named]:
    for name in sorted(variables):
        deep = _DEEP.get(name, 1) if name in HOMES else 1
        yield from _below(name, variables[name], deep)


def _below(path: str, value: Any, deep: int) -> Iterator[Named]:
    yield Named(path, kind_of(value))
    if deep > 1 and isinstance(value, Mapping):
        for key in sorted(value):
            yield from _below(f"{path}.{key}", value[key], deep - 1)
