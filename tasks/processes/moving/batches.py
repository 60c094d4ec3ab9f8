"""One batch of moving all instances of a version. Each instance is a transaction of its own, which also writes how far it is."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import RedressError
from engine.instance import ProcessInstance
from tasks.core import table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.identity import caller_by_login
from tasks.processes.moving.reach import reach_of
from tasks.processes.moving.tables import Migration, MigrationRefusal
from tasks.processes.moving.verbs import attempt, reasons_of
from tasks.processes.moving.work import BATCH, begin

log = logging.getLogger("redress.moving")
_MIGRATION, _INSTANCE = table(Migration), table(ProcessInstance)


def move_batch(session: Session, arguments: Mapping[str, Any], deps: Deps) -> None:
    """Move the next instances of a migration and defer the batch after them; nothing where it is finished.

    Whoever asked for it has to be here still, with the permission: what they do not reach any more is left.
    """
    identity = UUID(arguments["migration_id"])
    row = session.execute(sa.select(_MIGRATION).where(_MIGRATION.c.id == identity)).first()
    if row is None or row.finished_at is not None:
        return
    try:
        caller = caller_by_login(session, deps, row.by_login)
    except RedressError:
        log.warning("The migration %s ends: %s is not here any more.", identity, row.by_login)
        found = []
    else:
        wanted = reach_of(caller).where(_INSTANCE.c.definition_id == row.from_definition_id)
        if row.after is not None:
            wanted = wanted.where(_INSTANCE.c.id > row.after)
        found = [one.id for one in session.execute(wanted.order_by(_INSTANCE.c.id).limit(BATCH))]
        for one in found:
            _next(deps, row, one)
    if len(found) == BATCH:
        begin(session, identity)
        return
    session.execute(
        sa.update(_MIGRATION)
        .where(_MIGRATION.c.id == identity, _MIGRATION.c.finished_at.is_(None))
        .values(finished_at=deps.clock.now())
    )


def _next(deps: Deps, row: Any, instance_id: UUID) -> None:
    """Move one instance, or write down why it was left; once, whoever else works on the same migration."""
    try:
        with deps.sessions.begin() as session:
            if _taken(session, row.id, instance_id):
                _move(session, deps, row, instance_id, caller_by_login(session, deps, row.by_login))
    except Exception as error:
        log.exception("Moving the instance %s failed.", instance_id)
        with deps.sessions.begin() as session:
            if _taken(session, row.id, instance_id):
                kind = type(error).__name__
                reason = {
                    "code": "error",
                    "element": "",
                    "name": "",
                    "message": f"Moving it failed unexpectedly ({kind}); the log of the worker says more.",
                    "message_zh": f"迁移时发生意外错误（{kind}），详见后台日志。",
                }
                _left(session, row.id, instance_id, [reason])


def _taken(session: Session, migration_id: UUID, instance_id: UUID) -> bool:
    """Take the next instance of a migration; tell whether nobody has taken it before. Holds the migration until the commit."""
    taken = session.execute(
        sa.update(_MIGRATION)
        .where(
            _MIGRATION.c.id == migration_id,
            _MIGRATION.c.finished_at.is_(None),
            sa.or_(_MIGRATION.c.after.is_(None), _MIGRATION.c.after < instance_id),
        )
        .values(after=instance_id)
        .returning(_MIGRATION.c.id)
    )
    return taken.first() is not None


def _move(session: Session, deps: Deps, row: Any, instance_id: UUID, caller: Caller) -> None:
    answer = attempt(
        session,
        deps,
        caller,
        instance_id,
        row.process_key,
        row.to_definition_id,
        row.mapping,
        source=row.from_definition_id,
    )
    if not answer.moved:
        _left(session, row.id, instance_id, [one.to_plain() for one in reasons_of(answer)])
        return
    session.execute(
        sa.update(_MIGRATION).where(_MIGRATION.c.id == row.id).values(moved=_MIGRATION.c.moved + 1)
    )


def _left(session: Session, migration_id: UUID, instance_id: UUID, reasons: list[dict[str, str]]) -> None:
    session.execute(
        sa.insert(MigrationRefusal),
        [{"migration_id": migration_id, "instance_id": instance_id, "reasons": reasons}],
    )
    session.execute(
        sa.update(_MIGRATION).where(_MIGRATION.c.id == migration_id).values(refused=_MIGRATION.c.refused + 1)
    )
