"""Who runs on which version, what a move would do, and the move: of one instance, of several, of all of a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition
from engine.errors import InvalidInput, NotFound, RedressError
from engine.instance import ACTIVE, SUSPENDED, ProcessInstance
from engine.migrating.verdict import Migrated, MigrationRefused, Reason, Verdict
from tasks.audit.recording import chain_of, record
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import BLIND, CASELESS, VERBS, require
from tasks.permissions.visibility import visible_to
from tasks.processes.instances import Reached, reached
from tasks.processes.moving.tables import Migration, MigrationRefusal
from tasks.processes.moving.taking_over import lock_tasks, take_over
from tasks.processes.moving.work import begin

VERB = "instance.migrate"
MOST_CHECKED, MOST_MOVED, MOST_MAPPED = 200, 500, 200
"""How many instances one dry run looks at, one call moves, and elements a mapping renames."""
LONGEST_NOTE = 1000

_INSTANCE, _DEFINITION, _CASE = table(ProcessInstance), table(ProcessDefinition), table(Case)
_MIGRATION, _REFUSAL = table(Migration), table(MigrationRefusal)
LIVE = (ACTIVE, SUSPENDED)


@dataclass(frozen=True, slots=True)
class Checked:
    """A page of dry runs. total: how many instances of the version there are for the caller; next_after: where to go on."""

    verdicts: list[Verdict]
    total: int
    next_after: UUID | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one instance that was to be moved: the verdict, or why it was not even looked at (`problem`)."""

    instance_id: UUID
    moved: bool
    verdict: Verdict | None = None
    problem: RedressError | None = None


def instances_by_version(session: Session, caller: Caller, key: str) -> Sequence[Any]:
    """The versions of a process, newest first, each with how many instances run (`active`) and rest (`suspended`) on it.

    Raises NotPermitted, NotFound.
    """
    require(caller, "definition.read")
    count = {status: sa.func.count().filter(_INSTANCE.c.status == status).label(status) for status in LIVE}
    live = (
        sa.select(_INSTANCE.c.definition_id, *count.values())
        .where(_INSTANCE.c.process_key == key, _INSTANCE.c.status.in_(LIVE))
        .group_by(_INSTANCE.c.definition_id)
        .subquery()
    )
    rows = (
        session.execute(
            sa.select(
                *_DEFINITION.c["id", "key", "version", "version_tag", "name", "startable", "deployed_at"],
                *(sa.func.coalesce(live.c[status], 0).label(status) for status in LIVE),
            )
            .outerjoin(live, live.c.definition_id == _DEFINITION.c.id)
            .where(_DEFINITION.c.key == key)
            .order_by(_DEFINITION.c.version.desc())
        ).all()
        if storable(key)
        else []
    )
    if not rows:
        raise no_process(key)
    return rows


def check_one(
    session: Session,
    deps: Deps,
    caller: Caller,
    instance_id: UUID,
    version: int,
    mapping: Mapping[str, str] | None = None,
) -> Verdict:
    """What moving one instance would do. Raises NotFound, NotPermitted, NeedsBinding, InvalidInput."""
    found = reached(session, deps, caller, VERB, instance_id)
    target = version_of(session, found.row.process_key, version)
    verdict = deps.engine.migration_verdict(session, instance_id, target.id, mapping=_mapped(mapping))
    return verdict if found.contents else without_contents(verdict)


def move_one(
    session: Session,
    deps: Deps,
    caller: Caller,
    instance_id: UUID,
    version: int,
    mapping: Mapping[str, str] | None = None,
) -> Verdict:
    """Move one instance. Raises NotFound, NotPermitted, NeedsBinding, InvalidInput, MigrationRefused with every reason."""
    found = reached(session, deps, caller, VERB, instance_id)
    target = version_of(session, found.row.process_key, version)
    try:
        done = _move(session, deps, caller, found, target.id, _mapped(mapping))
    except MigrationRefused as refusal:
        raise MigrationRefused(without_contents(refusal.verdict)) if not found.contents else refusal from None
    return done.verdict if found.contents else without_contents(done.verdict)


def check(
    session: Session,
    deps: Deps,
    caller: Caller,
    key: str,
    from_version: int,
    to_version: int,
    *,
    ids: Sequence[UUID] = (),
    mapping: Mapping[str, str] | None = None,
    after: UUID | None = None,
    limit: int = MOST_CHECKED,
) -> Checked:
    """What moving the instances of a version would do, those with an id above `after` first; ids: only these.

    Raises NotPermitted, NotFound, NeedsBinding, InvalidInput.
    """
    require(caller, VERB)
    if not 1 <= limit <= MOST_CHECKED or len(ids) > MOST_CHECKED:
        raise InvalidInput(
            f"A dry run of more than {MOST_CHECKED} instances at once was asked for; ask page by page.",
            message_zh=f"一次最多试算 {MOST_CHECKED} 个流程实例，请分页进行。",
        )
    source, target = version_of(session, key, from_version), version_of(session, key, to_version)
    wanted = reach_of(caller).where(_INSTANCE.c.definition_id == source.id)
    if ids:
        wanted = wanted.where(_INSTANCE.c.id.in_(ids))
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    if after is not None:
        wanted = wanted.where(_INSTANCE.c.id > after)
    found = session.execute(wanted.order_by(_INSTANCE.c.id).limit(limit + 1)).all()
    verdicts = []
    with deps.turns.one("A dry run"):
        for row in found[:limit]:
            verdict = deps.engine.migration_verdict(session, row.id, target.id, mapping=_mapped(mapping))
            verdicts.append(verdict if row.contents else without_contents(verdict))
    return Checked(verdicts, int(total), found[limit - 1].id if len(found) > limit else None)


def move(
    session: Session,
    deps: Deps,
    caller: Caller,
    key: str,
    to_version: int,
    ids: Sequence[UUID],
    *,
    mapping: Mapping[str, str] | None = None,
) -> list[Answer]:
    """Move several instances, each of which is moved or left as it was, with an answer each; a mapping that is none refuses all.

    Raises NotPermitted, NotFound for no such version, NeedsBinding, InvalidInput for more than MOST_MOVED.
    """
    require(caller, VERB)
    if not 1 <= len(set(ids)) <= MOST_MOVED:
        raise InvalidInput(
            f"Moving {len(set(ids))} instances at once was asked for; it must be 1 to {MOST_MOVED}, or all of a version.",
            message_zh=f"一次可迁移 1 到 {MOST_MOVED} 个流程实例；更多时请整版迁移。",
        )
    target = version_of(session, key, to_version)
    with deps.turns.one("A migration"):
        return [
            attempt(session, deps, caller, one, key, target.id, _mapped(mapping)) for one in sorted(set(ids))
        ]


def attempt(
    session: Session,
    deps: Deps,
    caller: Caller,
    instance_id: UUID,
    key: str,
    target: UUID,
    mapping: Mapping[str, str],
    *,
    source: UUID | None = None,
) -> Answer:
    """Move one instance; what is refused has written nothing. source: the version it has to be on still."""
    try:
        found = reached(session, deps, caller, VERB, instance_id)
        if found.row.process_key != key or source not in (None, found.row.definition_id):
            raise NotFound(
                f"The instance {instance_id} was asked for; there is no such instance of '{key}' for you.",
                message_zh=f"流程“{key}”没有您可见的实例 {instance_id}。",
            )
    except NotFound as problem:
        return Answer(instance_id, False, problem=problem)
    try:
        verdict = _move(session, deps, caller, found, target, mapping).verdict
    except MigrationRefused as refusal:
        verdict = refusal.verdict
    return Answer(instance_id, verdict.ok, verdict if found.contents else without_contents(verdict))


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
                "mapping": dict(_mapped(mapping)),
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
        VERB,
        at=deps.clock.now(),
        subject="migration",
        subject_id=identity,
        before={"version": source.version},
        after={"process": key, "version": target.version, "instances": total or 0, "note": note},
    )
    begin(session, identity)
    return read_row(session, identity)


def counted(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many of the verdicts are `ok`, and how many instances are refused for each reason."""
    codes = [code for one in verdicts for code in {reason.code for reason in one.refusals}]
    return {"ok": sum(one.ok for one in verdicts), **{code: codes.count(code) for code in sorted(set(codes))}}


def reasons_of(answer: Answer) -> list[Reason]:
    """Why an instance was not moved; nothing of one that was."""
    if answer.problem is not None:
        message_zh = str(answer.problem.facts.get("message_zh", ""))
        return [Reason("error", "", "", str(answer.problem), message_zh or "没有您可见的这个流程实例。")]
    return [] if answer.moved or answer.verdict is None else answer.verdict.refusals


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


def version_of(session: Session, key: str, version: int) -> Any:
    """The row (id, version) of a version of a process. Raises NotFound."""
    row = (
        session.execute(
            sa.select(*_DEFINITION.c["id", "version"]).where(
                _DEFINITION.c.key == key, _DEFINITION.c.version == version
            )
        ).first()
        if storable(key)
        else None
    )
    if row is None:
        raise NotFound(
            f"Version {version} of the process '{key[:100]}' was asked for; it is not deployed.",
            message_zh=f"没有部署过流程“{key[:100]}”的第 {version} 版。",
        )
    return row


def no_process(key: str) -> NotFound:
    """The refusal of whoever asks for a process that is not here."""
    return NotFound(
        f"The process '{key[:100]}' was asked for; it is not deployed.",
        message_zh=f"没有部署过流程“{key[:100]}”。",
    )


def without_contents(verdict: Verdict) -> Verdict:
    """The verdict for who does not see the case: no sentence quotes values of it."""
    verdict.refusals = [_bare(one) for one in verdict.refusals]
    return verdict


def _bare(one: Reason) -> Reason:
    if one.code != "expression":
        return one
    return Reason(
        one.code,
        one.element,
        one.name,
        f"What is drawn of '{one.element}' fails with the values of this instance.",
        f"“{one.element}”的表达式用本实例的值求值失败。",
    )


def _move(
    session: Session,
    deps: Deps,
    caller: Caller,
    found: Reached,
    target: UUID,
    mapping: Mapping[str, str],
) -> Migrated:
    instance_id = found.row.id
    lock_tasks(session, instance_id)
    done = deps.engine.migrate(session, instance_id, target, actor=caller.actor, mapping=mapping)
    take_over(session, deps, done.move)
    verdict = done.verdict
    record(
        session,
        caller.actor,
        VERB,
        at=deps.clock.now(),
        chain=chain_of(found.number, instance_id),
        subject="instance",
        subject_id=instance_id,
        before={"version": verdict.version, "definition": str(verdict.definition_id)},
        after={
            "version": verdict.target_version,
            "definition": str(verdict.target_id),
            **({"mapping": dict(mapping)} if mapping else {}),
        },
    )
    return done


def _mapped(mapping: Mapping[str, str] | None) -> Mapping[str, str]:
    found = dict(mapping or {})
    if len(found) > MOST_MAPPED or not all(
        0 < len(text) <= 200 and storable(text) for pair in found.items() for text in pair
    ):
        raise InvalidInput(
            f"A mapping of at most {MOST_MAPPED} element ids to element ids is possible.",
            message_zh=f"对应关系最多 {MOST_MAPPED} 对元素标识。",
        )
    return found


def reach_of(caller: Caller, *, live: bool = True) -> Any:
    """The instances the verb reaches for the caller (`reached`, as a condition): id, business_key, contents."""
    roles = caller.roles & VERBS[VERB].roles
    of_case = _CASE.c.id.is_not(None)
    seen = sa.func.coalesce(visible_to(caller, VERB), sa.false())
    without = sa.true() if roles & CASELESS else _INSTANCE.c.started_by == str(caller.id)
    blind = sa.true() if roles & BLIND else sa.false()
    contents = sa.or_(sa.not_(of_case), seen).label("contents")
    wanted = (
        sa.select(_INSTANCE.c.id, _INSTANCE.c.business_key, _INSTANCE.c.status, contents)
        .select_from(_INSTANCE.outerjoin(_CASE, _CASE.c.number == _INSTANCE.c.business_key))
        .where(sa.or_(sa.and_(sa.not_(of_case), without), sa.and_(of_case, sa.or_(seen, blind))))
    )
    return wanted.where(_INSTANCE.c.status.in_(LIVE)) if live else wanted
