"""Callers that go on calling an older version: which they are, and letting them call the current one.

A call is fixed when its caller is deployed (docs/modeler.md), so a changed part reaches nobody until its callers, and theirs,
are deployed again. That is done here with the very files their current versions are made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.catalog import latest_resource
from engine.deployment import IN_USE_FIRST, DeploymentReceipt, ProcessDefinition, not_deployed
from engine.dialect import SourceFile
from engine.errors import WrongState
from tasks.core import storable
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.deployments import deploy_as
from tasks.processes.versions.current import note_of
from tasks.processes.versions.files import parts_of_version

SOURCE = "callers"
"""What the deployments that are made here name as their source."""


def behind(session: Session, caller: Caller, key: str) -> Sequence[Any]:
    """The current versions that call another version of a process than the current one, or call one that does, and so on up.

    Rows with key, version, name, resource_id and bindings, by key. Raises NotPermitted, NotFound.
    """
    require(caller, "definition.read")
    current = _current(session)
    if key not in current:
        raise not_deployed(key)
    stale: dict[str, Any] = {}
    changed = [key]
    while changed:
        callee = changed.pop()
        for row in current.values():
            called = row.bindings.get("processes", {}).get(callee)
            if called is None or row.key in stale or row.key == key:
                continue
            if callee in stale or called != str(current[callee].id):
                stale[row.key] = row
                changed.append(row.key)
    return [stale[name] for name in sorted(stale)]


def follow(session: Session, deps: Deps, caller: Caller, key: str, *, note: str) -> DeploymentReceipt:
    """Deploy again what `behind` names, byte for byte, all together or nothing: new versions that call the current one.

    One owner may do it where deployments need two: nothing is deployed that was not before, as with `choose`. Raises
    NotPermitted, NotFound, InvalidInput without a note, WrongState where nothing is behind or two callers hold different
    files of one key, DeploymentRefused, TooBusy.
    """
    require(caller, "definition.choose")
    said = note_of(note, "updating the callers of a process", "更新调用者")
    asked = key if storable(key) else "?"
    rows = behind(session, caller, asked)
    if not rows:
        raise WrongState(
            f"Updating the callers of process '{asked}' was refused: every process that calls it calls its current version "
            "already.",
            process=asked,
            message_zh=f"没有更新流程“{asked}”的调用者：调用它的流程都已使用当前版本。",
        )
    with deps.turns.one("A deployment"):
        return deploy_as(
            session, deps, caller.actor, _files(session, rows), name=f"{asked} ↑", note=said, source=SOURCE
        )


def _current(session: Session) -> Mapping[str, Any]:
    """The version of each process that starts and calls use, by key."""
    rows = session.execute(
        sa.select(
            ProcessDefinition.id,
            ProcessDefinition.key,
            ProcessDefinition.version,
            ProcessDefinition.name,
            ProcessDefinition.resource_id,
            ProcessDefinition.bindings,
        )
        .ext(distinct_on(ProcessDefinition.key))
        .order_by(ProcessDefinition.key, *IN_USE_FIRST)
    )
    return {row.key: row for row in rows}


def _files(session: Session, rows: Sequence[Any]) -> list[SourceFile]:
    """The files of these versions, each once. Forms and tables that are the latest of their key stay where they are: they are
    found there. Raises WrongState where two versions hold different files of one key.
    """
    found: dict[tuple[str, str], SourceFile] = {}
    owner: dict[tuple[str, str], str] = {}
    names: set[str] = set()
    for row in rows:
        for part in parts_of_version(session, row.key, row.resource_id, row.bindings):
            what = (part.kind, part.key)
            if what in found:
                if found[what].content != part.content:
                    raise WrongState(
                        f"Updating the callers was refused: {owner[what]} and {row.key} use different contents of {part.key}; "
                        "bring them together in a draft.",
                        process=row.key,
                        message_zh=f"没有更新调用者：{owner[what]} 与 {row.key} 使用的 {part.key} 内容不同，请在流程草稿中一并处理。",
                    )
                continue
            if part.kind != "bpmn" and _is_latest(session, part.kind, part.key, part.content):
                continue
            name = part.name if part.name not in names else f"{row.key}/{part.name}"
            names.add(name)
            found[what], owner[what] = SourceFile(name, part.content), row.key
    # A file with several processes stands once, whichever of them is behind.
    by_content = {(file.name, file.content): file for file in found.values()}
    return list(by_content.values())


def _is_latest(session: Session, kind: str, key: str, content: bytes) -> bool:
    latest = latest_resource(session, kind, key)
    return latest is not None and latest[1] == sha256(content).hexdigest()
