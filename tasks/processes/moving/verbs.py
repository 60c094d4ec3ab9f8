"""What moving instances to another version would do, and the move: of one instance, or of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound, RedressError
from engine.instance import ProcessInstance
from engine.migrating.verdict import Migrated, MigrationRefused, Reason, Verdict
from tasks.audit.recording import chain_of, record
from tasks.core import table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.processes.instances import Reached, reached
from tasks.processes.moving.reach import VERB, mapped, reach_of, version_of, without_contents
from tasks.processes.moving.taking_over import lock_tasks, take_over

MOST_CHECKED, MOST_MOVED = 200, 500
"""How many instances one dry run looks at, and one call moves."""

_INSTANCE = table(ProcessInstance)


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
    verdict = deps.engine.migration_verdict(session, instance_id, target.id, mapping=mapped(mapping))
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
        done = _move(session, deps, caller, found, target.id, mapped(mapping))
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
    renames = mapped(mapping)
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
            verdict = deps.engine.migration_verdict(session, row.id, target.id, mapping=renames)
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
    renames = mapped(mapping)
    target = version_of(session, key, to_version)
    with deps.turns.one("A migration"):
        return [attempt(session, deps, caller, one, key, target.id, renames) for one in sorted(set(ids))]


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
        "instance.migrate",
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
