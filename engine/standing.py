"""What is deployed already, as a deployment compares itself with it: newest versions, current ones, bindings, callers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.deployment import (
    IN_USE_FIRST,
    DefinitionBinding,
    Deployment,
    ProcessChoice,
    ProcessDefinition,
    Resource,
)
from engine.dialect.model import ProcessModel


def bindings_before(session: Session, models: Mapping[str, ProcessModel]) -> dict[str, list[Any]]:
    """Return by process key the bindings of its versions, newest first; only of processes that have ever had any."""
    rows = session.execute(
        sa.select(*DefinitionBinding.__table__.c, ProcessDefinition.key, ProcessDefinition.version)
        .join(ProcessDefinition, ProcessDefinition.id == DefinitionBinding.definition_id)
        .where(ProcessDefinition.key.in_(models))
        .order_by(ProcessDefinition.version.desc())
    )
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return found


def callers_of(session: Session, keys: Iterable[str]) -> list[str]:
    """Return the processes whose newest version is bound to a version of one of these."""
    wanted = set(keys)
    if not wanted:
        return []
    rows = session.execute(
        sa.select(ProcessDefinition.key, ProcessDefinition.bindings)
        .ext(distinct_on(ProcessDefinition.key))
        .order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
    )
    return [row.key for row in rows if wanted & row.bindings.get("processes", {}).keys()]


def newest_content(session: Session, kind: str, name: str) -> str | None:
    """Return the SHA-256 of the newest file of that kind and name: for files that no key names."""
    found: str | None = session.scalar(
        sa.select(Resource.sha256)
        .join(Deployment, Deployment.id == Resource.deployment_id)
        .where(Resource.kind == kind, Resource.name == name)
        .order_by(Deployment.deployed_at.desc(), Resource.id.desc())
        .limit(1)
    )
    return found


def newest_definitions(session: Session, keys: list[str]) -> dict[str, Any]:
    """Return the newest version of each process by key, bound or not: id, version, hashes, what it is bound to."""
    rows = session.execute(
        sa.select(
            ProcessDefinition.key,
            ProcessDefinition.id,
            ProcessDefinition.version,
            ProcessDefinition.content_hash,
            ProcessDefinition.bindings,
        )
        .ext(distinct_on(ProcessDefinition.key))
        .where(ProcessDefinition.key.in_(keys))
        .order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
    )
    return {row.key: row for row in rows}


def startable_versions(session: Session, keys: list[str]) -> dict[str, int]:
    """Return the version of each process that starts use: the chosen one, else the newest that can start."""
    rows = session.execute(
        sa.select(ProcessDefinition.key, ProcessDefinition.version)
        .ext(distinct_on(ProcessDefinition.key))
        .where(ProcessDefinition.key.in_(keys), ProcessDefinition.startable)
        .order_by(ProcessDefinition.key, *IN_USE_FIRST)
    )
    return {row[0]: row[1] for row in rows}


def chosen_versions(session: Session, keys: list[str]) -> dict[str, int]:
    """Return the versions that owners have made current, by process key."""
    rows = session.execute(
        sa.select(ProcessDefinition.key, ProcessDefinition.version)
        .join(ProcessChoice, ProcessChoice.definition_id == ProcessDefinition.id)
        .where(ProcessChoice.process_key.in_(keys))
    )
    return {row[0]: row[1] for row in rows}
