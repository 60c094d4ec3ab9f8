"""Moving every instance of a version: asked for here, done by the worker (`tasks.processes.moving.batches`), and how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.instance import ProcessInstance
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import BLIND, require
from tasks.processes.moving.reach import VERB, mapped, reach_of, version_of
from tasks.processes.moving.tables import Migration, MigrationRefusal
from tasks.processes.moving.work import begin

LONGEST_NOTE = 1000

_INSTANCE, _MIGRATION, _REFUSAL = table(ProcessInstance), table(Migration), table(MigrationRefusal)


def move_all(
    session: Session,
    deps: Deps,
    caller: Caller,
    key: str,
    from_version: int,
    to_version: int,
    *,
    mapping: Mapping[str, str] | None = None,
    note: str = "",
) -> Any:
    """Have the worker move every instance of a version that the caller reaches, in batches; return the migration's row.

    Raises NotPermitted, NotFound, NeedsBinding, InvalidInput.
    """
    require(caller, VERB)
    note = note.strip()
    if len(note) > LONGEST_NOTE or not storable(note):
        raise InvalidInput(
            f"A note of at most {LONGEST_NOTE} characters is possible.",
            message_zh=f"说明最多 {LONGEST_NOTE} 个字符。",
        )
    source, target = version_of(session, key, from_version), version_of(session, key, to_version)
    if source.id == target.id:
        raise InvalidInput(
            f"Moving all instances of version {from_version} of '{key}' to itself was asked for.",
            message_zh=f"流程“{key}”第 {from_version} 版不能迁移到自己。",
        )
    deps.engine.catalog.require_startable(session, target.id)
    total = session.scalar(
        sa.select(sa.func.count()).select_from(
            reach_of(caller).where(_INSTANCE.c.definition_id == source.id).subquery()
        )
    )
    identity = deps.engine.new_id()
    session.execute(
        sa.insert(Migration),
        [
            {
                "id": identity,
                "process_key": key,
                "from_definition_id": source.id,
                "from_version": source.version,
                "to_definition_id": target.id,
                "to_version": target.version,
                "mapping": dict(mapped(mapping)),
                "note": note,
                "by_id": caller.id,
                "by_login": caller.login,
                "by_name": caller.name,
                "at": deps.clock.now(),
                "total": total or 0,
                "moved": 0,
                "refused": 0,
            }
        ],
    )
    record(
        session,
        caller.actor,
        "instance.migrate",
        at=deps.clock.now(),
        subject="migration",
        subject_id=identity,
        before={"version": source.version},
        after={"process": key, "version": target.version, "instances": total or 0, "note": note},
    )
    begin(session, identity)
    return read_row(session, identity)


def read_migration(session: Session, caller: Caller, migration_id: UUID) -> tuple[Any, Sequence[Any]]:
    """How far moving a version is, for whoever began it and for operators, and the instances left behind that the caller reaches,
    at most 1,000 of them, each with its business key and reasons. Raises NotPermitted, NotFound.
    """
    require(caller, VERB)
    row = read_row(session, migration_id)
    if row.by_id != caller.id and not caller.roles & BLIND:
        raise no_migration(migration_id)
    seen = reach_of(caller, live=False).subquery()
    left = session.execute(
        sa.select(_REFUSAL.c.instance_id, seen.c.business_key, seen.c.contents, _REFUSAL.c.reasons)
        .join(seen, seen.c.id == _REFUSAL.c.instance_id)
        .where(_REFUSAL.c.migration_id == migration_id)
        .order_by(_REFUSAL.c.instance_id)
        .limit(1000)
    ).all()
    return row, left


def migrations_of(session: Session, caller: Caller, key: str, *, limit: int = 20) -> Sequence[Any]:
    """The latest migrations of whole versions of a process that the caller may read. Raises NotPermitted."""
    require(caller, VERB)
    mine = sa.true() if caller.roles & BLIND else _MIGRATION.c.by_id == caller.id
    return session.execute(
        sa.select(_MIGRATION)
        .where(_MIGRATION.c.process_key == key, mine)
        .order_by(_MIGRATION.c.at.desc(), _MIGRATION.c.id.desc())
        .limit(limit)
    ).all()


def read_row(session: Session, migration_id: UUID) -> Any:
    """The row of a migration. Raises NotFound."""
    row = session.execute(sa.select(_MIGRATION).where(_MIGRATION.c.id == migration_id)).first()
    if row is None:
        raise no_migration(migration_id)
    return row


def no_migration(migration_id: UUID) -> NotFound:
    """The refusal of whoever asks for a migration that is not there, or not theirs."""
    return NotFound(
        f"The migration {migration_id} was asked for; there is no such migration for you.",
        message_zh="没有您可见的这次迁移。",
    )
