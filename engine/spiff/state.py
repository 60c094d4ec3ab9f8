"""Saves and restores an instance: live tokens and variables, never the spec, in a few hundred bytes.

Format 1: byte 1, then zlib over JSON: [scope, …], the instance's own scope first, each
{"p": parent token, "d": definition, "v": variables (absent when shared), "w": writers ("lineage@place" by path),
 "l": locals, "f": forks,
 "t": [[id, parent, node, state, internal data], …], the root first}.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson

from engine.spiff.run import Run
from engine.spiff.scope import Scope
from engine.spiff.specs.base import ProcessSpec
from engine.spiff.task import Token
from engine.spiff.variables import Store, surviving_forks, without_others
from engine.spiff.workflow import Instance

FORMAT = b"\x01"


def save(instance: Instance) -> bytes:
    """Return the instance's state. Finished tokens are forgotten on the way."""
    return FORMAT + zlib.compress(orjson.dumps(records(instance)), 1)


def records(instance: Instance) -> list[dict[str, Any]]:
    """Return the instance as the records of its scopes, its own first. Finished tokens are forgotten on the way."""
    forget_dead_forks(instance)
    scopes = []
    for scope in instance.scopes():
        scope.trim()
        own = scope is instance or scope.own_store
        record: dict[str, Any] = {
            "d": scope.definition,
            "t": [
                [
                    task.id.hex,
                    task._parent.hex if task._parent else 0,
                    task.task_spec.name,
                    task._state,
                    task.internal_data,
                ]
                for task in scope.tasks.values()
            ],
        }
        if scope is not instance:
            record["p"] = scope.parent_task_id.hex
        if own:
            record["v"] = scope.store.values
            if scope.store.writers:
                record["w"] = scope.store.writers
        if scope.local:
            record["l"] = scope.local
        if scope.forks:
            record["f"] = scope.forks
        scopes.append(record)
    return scopes


def forget_dead_forks(instance: Instance) -> None:
    """Shorten lineages by the forks of which one branch is left: nothing is concurrent to it any more."""
    owned: dict[int, tuple[Any, list[Token]]] = {}
    for scope in instance.scopes():
        owner = scope.owner()
        owned.setdefault(id(owner), (owner, []))[1].extend(scope.tasks.values())
    for owner, tokens in owned.values():
        if not owner.store.writers and not any("lineage" in token.internal_data for token in tokens):
            continue
        forks = surviving_forks(token.lineage for token in tokens if token.live and not token.at_border)
        for token in tokens:
            if token.lineage:
                token.set_lineage(without_others(token.lineage, forks))
        owner.store.forget_forks(forks)


def restore(state: bytes, spec_of: Callable[[str], ProcessSpec], run: Run) -> Instance:
    """Rebuild the instance. `spec_of` gives the spec of a definition id, from the process's cache."""
    if state[:1] != FORMAT:
        raise ValueError(f"instance state of unknown format {state[:1]!r}")
    return rebuild(orjson.loads(zlib.decompress(memoryview(state)[1:])), spec_of, run)


def rebuild(scopes: list[dict[str, Any]], spec_of: Callable[[str], ProcessSpec], run: Run) -> Instance:
    """Return the instance that the records of its scopes say, as of `records`."""
    first = scopes[0]
    instance = Instance(spec_of(first["d"]), first["d"], run)
    fill(instance, first)
    waiting = scopes[1:]
    parents: dict[UUID, Token] = dict(instance.tasks)
    while waiting:
        later = []
        for record in waiting:
            parent = parents.get(UUID(int=int(record["p"], 16)))
            if parent is None:
                later.append(record)
                continue
            inside = parent.task_spec.inside
            store = Store(record["v"], record.get("w")) if "v" in record else None
            scope = Scope(inside if inside is not None else spec_of(record["d"]), parent, record["d"], store)
            fill(scope, record)
            parents.update(scope.tasks)
        if len(later) == len(waiting):
            raise ValueError("instance state has a scope without its activity")
        waiting = later
    return instance


def fill(scope: Any, record: dict[str, Any]) -> None:
    """Put a record's tokens, variables and counters into a scope."""
    if "v" in record and scope.top_workflow is scope:
        scope.store = Store(record["v"], record.get("w"))
    scope.local = record.get("l", {})
    scope.forks = record.get("f", 0)
    specs = scope.spec.task_specs
    children: dict[str, list[UUID]] = {}
    for index, (token_id, parent, name, state, internal) in enumerate(record["t"]):
        token = Token(scope, specs[name], None, state, UUID(int=int(token_id, 16)))
        token.internal_data = internal
        if index == 0:
            scope.task_tree = token
        if parent:
            token._parent = UUID(int=int(parent, 16))
            children.setdefault(parent, []).append(token.id)
    for token_hex, ids in children.items():
        scope.tasks[UUID(int=int(token_hex, 16))]._children = ids
