"""The move itself, and its dry run: the same code, which either writes at the end or does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import journal
from engine.actor import Actor
from engine.deployment import ProcessDefinition
from engine.dialect.ids import author_id, engine_id
from engine.errors import InvalidInput, NotFound
from engine.incidents import Incident
from engine.instance import ACTIVE, SUSPENDED, Locked, ProcessInstance, locked, unlocked
from engine.messages import MessageSubscription
from engine.migrating.listening import borders_before, still_there, withdraw
from engine.migrating.pairing import Pairing, pair
from engine.migrating.reads import unanswered
from engine.migrating.taking import Taking
from engine.migrating.verdict import Migrated, MigrationRefused, Verdict, called
from engine.ports import TakenOver
from engine.signals import SignalSubscription
from engine.spiff import state
from engine.spiff.specs.base import ProcessSpec
from engine.spiff.task import Token
from engine.spiff.workflow import Instance
from engine.timers import Timer

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

_PROCESS = ProcessDefinition.__table__.c


@dataclass(frozen=True, slots=True)
class Target:
    """The version instances are moved to. mapping: renamed nodes, by the engine's ids."""

    id: UUID
    key: str
    version: int
    deployment_id: UUID
    spec: ProcessSpec
    mapping: Mapping[str, str]


def migrate(
    engine: ProcessEngine,
    session: Session,
    instance_id: UUID,
    target_definition_id: UUID,
    *,
    actor: Actor,
    mapping: Mapping[str, str] | None = None,
) -> Migrated:
    """Move an instance to another version of its process. Raises NotFound, NeedsBinding, InvalidInput, MigrationRefused."""
    row = locked(session, instance_id)
    target = target_of(engine, session, target_definition_id, mapping or {})
    attempt = _Attempt(engine, session, row, target)
    attempt.make()
    if not attempt.verdict.ok:
        raise MigrationRefused(attempt.verdict)
    return Migrated(attempt.verdict, attempt.write(actor))


def verdict(
    engine: ProcessEngine,
    session: Session,
    instance_id: UUID,
    target_definition_id: UUID,
    *,
    mapping: Mapping[str, str] | None = None,
) -> Verdict:
    """Return what `migrate` would do and why it would refuse, having done all of it but the writing. Nothing is locked.

    Raises NotFound, NeedsBinding, InvalidInput.
    """
    row = unlocked(session, instance_id)
    if row is None:
        raise NotFound(
            f"Instance {instance_id} was asked for, but there is none with this id.", id=str(instance_id)
        )
    attempt = _Attempt(engine, session, row, target_of(engine, session, target_definition_id, mapping or {}))
    attempt.make()
    return attempt.verdict


def target_of(
    engine: ProcessEngine, session: Session, definition_id: UUID, mapping: Mapping[str, str]
) -> Target:
    """Return a version as a target. mapping: author's ids. Raises NotFound, NeedsBinding, InvalidInput."""
    spec = engine.catalog.spec(session, definition_id)
    found = session.execute(
        sa.select(_PROCESS.key, _PROCESS.version, _PROCESS.deployment_id).where(_PROCESS.id == definition_id)
    ).one()
    renamed = {engine_id(old): engine_id(new) for old, new in mapping.items()}
    if len(set(renamed.values())) < len(renamed):
        raise InvalidInput(
            "The mapping was refused: it brings two elements together in one.",
            message_zh="对应关系不成立：两个元素对应到了同一个元素。",
        )
    return Target(definition_id, found.key, found.version, found.deployment_id, spec, renamed)


class _Attempt:
    """One instance on its way to another version, in memory."""

    def __init__(self, engine: ProcessEngine, session: Session, row: Locked, target: Target) -> None:
        self.engine, self.session, self.target = engine, session, target
        self.before = row.definition_id
        version = session.scalar(sa.select(_PROCESS.version).where(_PROCESS.id == row.definition_id))
        self.row = Locked(
            row.id,
            target.id,
            target.deployment_id,
            row.process_key,
            row.business_key,
            row.status,
            row.revision,
            row.state,
        )
        self.verdict = Verdict(
            row.id,
            row.business_key,
            row.process_key,
            row.status,
            row.definition_id,
            target.id,
            int(version or 0),
            target.version,
        )
        self.instance: Instance | None = None
        self.taking: Taking | None = None
        self.relabelled: list[tuple[Token, Any]] = []

    def make(self) -> None:
        """Do everything but write; what stands against it is in the verdict."""
        target, row, verdict = self.target, self.row, self.verdict
        if target.key != row.process_key:
            raise InvalidInput(
                f"Moving instance {row.id} was refused: it runs '{row.process_key}', the target is a version of '{target.key}'.",
                message_zh=f"不能迁移：该实例运行流程“{row.process_key}”，目标是“{target.key}”的版本。",
            )
        if row.status not in (ACTIVE, SUSPENDED):
            verdict.refuse("ended", None, f"the instance is {row.status}.", "流程实例已经结束。")
            return
        acting = self.engine.acting
        run = acting.run(self.session, row)
        source = state.restore(row.state, self._spec, run)
        self._check_mapping(source)
        pairing = Pairing(verdict, target.mapping)
        pair(source, target.spec, str(target.id), run.callee, pairing)
        self._warn(source, pairing)
        if not verdict.ok:
            return
        before = {token.id: token.task_spec for scope in source.scopes() for token in scope.live_tokens()}
        borders = still_there(borders_before(source, target.mapping), pairing.borders, target.mapping)
        withdraw(source, pairing.borders, verdict)
        self.instance = instance = state.rebuild(rewritten(source, pairing), self._spec, run)
        self.taking = taking = Taking(
            instance, verdict, before, borders, target.mapping, moves=row.status == ACTIVE
        )
        live = [token for scope in instance.scopes() for token in scope.live_tokens()]
        self.relabelled = [
            (token, before[token.id])
            for token in live
            if (token.task_spec.bpmn_id, token.task_spec.bpmn_name)
            != (before[token.id].bpmn_id, before[token.id].bpmn_name)
        ]
        taking.take()
        if verdict.ok and row.status == ACTIVE and (instance.ready or instance.arrived):
            instance.run_to_rest()
            taking.tell_failures()

    def write(self, actor: Actor) -> Any:
        """Write what was made, and tell those above."""
        instance, taking, row, verdict = self.instance, self.taking, self.row, self.verdict
        assert instance is not None and taking is not None
        session, target = self.session, self.target
        if taking.resubscribed:
            for table in (MessageSubscription, SignalSubscription):
                session.execute(
                    sa.delete(table)
                    .where(table.token_id.in_(taking.resubscribed))
                    .execution_options(synchronize_session=False)
                )
        session.execute(
            sa.update(ProcessInstance)
            .where(ProcessInstance.id == row.id)
            .values(definition_id=target.id, deployment_id=target.deployment_id, version=target.version)
            .execution_options(synchronize_session=False)
        )
        self._relabel()
        mapping = {author_id(old): author_id(new) for old, new in target.mapping.items()}
        line = journal.event(
            "instance_migrated",
            {
                "from": verdict.version,
                "to": target.version,
                "from_definition": str(self.before),
                "to_definition": str(target.id),
                **({"mapping": mapping} if mapping else {}),
            },
        )
        taken_over = tuple(
            self._taken_over(token, changed) for token, changed in taking.taken_over if token.live
        )
        return self.engine.acting.settled(session, row, instance, actor, [line], taken_over=taken_over)

    def _spec(self, definition: str) -> ProcessSpec:
        return self.engine.catalog.spec(self.session, UUID(definition))

    def _check_mapping(self, source: Instance) -> None:
        """What is renamed has to be in both versions. Raises InvalidInput."""
        here, there = names_in(source.spec), names_in(self.target.spec)
        for old, new in self.target.mapping.items():
            missing = old if old not in here else new if new not in there else ""
            if not missing:
                continue
            version = self.verdict.version if missing == old else self.target.version
            raise InvalidInput(
                f"The mapping was refused: version {version} of '{self.target.key}' has no element '{author_id(missing)}'.",
                message_zh=f"对应关系不成立：流程“{self.target.key}”第 {version} 版没有元素“{author_id(missing)}”。",
            )

    def _warn(self, source: Instance, pairing: Pairing) -> None:
        """Say which answers are read later that nobody gave and nobody will be asked for."""
        at = [
            pairing.names[token.id]
            for token in source.live_tokens()
            if token.id in pairing.names and "item" not in token.internal_data
        ]
        answers = source.store.values.get("form")
        answered = frozenset(answers) if isinstance(answers, dict) else frozenset[str]()
        for task, reader in unanswered(self.target.spec, at, answered).items():
            spec = self.target.spec.task_specs[reader]
            en, zh = called(spec)
            task = author_id(task)
            self.verdict.warn(
                "unwritten",
                spec,
                f"{en} reads the answers of '{task}', which this instance has passed without them.",
                f"{zh}读取“{task}”的填写内容，但本实例已越过它而没有填写。",
            )

    def _taken_over(self, token: Token, changed: frozenset[str]) -> TakenOver:
        acting, session, row, taking = self.engine.acting, self.session, self.row, self.taking
        assert taking is not None
        user = token.task_spec.node.user
        form = user.form if user is not None else None
        form_id = (
            acting.catalog.form_id(session, UUID(token.workflow.definition), form, user.form_binding)
            if form
            else None
        )
        activity = acting.user_activity(session, row, token, taking.attributes[token.id]) if changed else None
        return TakenOver(token.id, form, form_id, changed, activity)

    def _relabel(self) -> None:
        """Rows about what waits name the element as the target does."""
        for token, _ in self.relabelled:
            spec = token.task_spec
            for table in (Timer, MessageSubscription, SignalSubscription):
                self.session.execute(
                    sa.update(table)
                    .where(table.token_id == token.id)
                    .values(activity_id=spec.bpmn_id)
                    .execution_options(synchronize_session=False)
                )
            self.session.execute(
                sa.update(Incident)
                .where(Incident.token_id == token.id, Incident.resolved_at.is_(None))
                .values(activity_id=spec.bpmn_id, activity_name=spec.bpmn_name or "")
                .execution_options(synchronize_session=False)
            )


def rewritten(source: Instance, pairing: Pairing) -> list[dict[str, Any]]:
    """Return the records of an instance as they are in the target."""
    records = state.records(source)
    for record in records:
        host = UUID(record["p"]) if "p" in record else None
        if host not in pairing.definitions:
            continue  # inside of what stays as it is
        record["d"] = pairing.definitions[host]
        for line in record["t"]:
            identity = UUID(line[0])
            line[2] = pairing.names[identity]
            if identity in pairing.vias:
                line[4]["via"] = pairing.vias[identity]
    return records


def names_in(process: ProcessSpec) -> frozenset[str]:
    """Return the names of a process's nodes, inside of its sub-processes too."""
    found = set(process.task_specs)
    for spec in process.task_specs.values():
        inside = getattr(getattr(spec, "item_spec", spec), "inside", None)
        if inside is not None:
            found |= names_in(inside)
    return frozenset(found)
