"""Which versions of a process there are, and which instances run one: its own, and those of the processes that call it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition

_D = ProcessDefinition
_CALLS = sa.text(
    "jsonb_path_exists(model, 'lax $.**.call.process ? (@ == $key)', jsonb_build_object('key', :key))"
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a process."""

    id: UUID
    version: int
    name: str
    deployed_at: datetime


def versions_of(session: Session, key: str) -> tuple[Version, ...]:
    """The versions of a process, the latest first; none where nobody has deployed it."""
    rows = session.execute(
        sa.select(_D.id, _D.version, _D.name, _D.deployed_at).where(_D.key == key).order_by(_D.version.desc())
    )
    return tuple(Version(row.id, row.version, row.name or key, row.deployed_at) for row in rows)


def roots_of(session: Session, key: str) -> dict[UUID, int | None]:
    """The definitions whose instances may run this process, each with the version of it that they run: its own versions, and
    those of every process that calls it, through others too. None for the version where it is chosen at the call.
    """
    found: dict[UUID, int | None] = {one.id: one.version for one in versions_of(session, key)}
    keys, waiting = {key}, [key]
    while waiting:
        called = waiting.pop()
        for row in _callers(session, called):
            if row.id not in found:
                bound = (row.bindings or {}).get("processes", {}).get(called)
                found[row.id] = found.get(UUID(bound)) if bound else None
            if row.key not in keys:
                keys.add(row.key)
                waiting.append(row.key)
    return found


def _callers(session: Session, key: str) -> list[Any]:
    bound = _D.bindings["processes"].has_key(key)
    return list(
        session.execute(
            sa.select(_D.id, _D.key, _D.bindings).where(sa.or_(bound, _CALLS.bindparams(key=key)))
        )
    )
