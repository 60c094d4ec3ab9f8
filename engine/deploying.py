"""The act of deploying: compile everything, store every byte, make a version only where something changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.catalog import latest_resource, version_of_resource
from engine.choosing import end_choices
from engine.clock import Clock
from engine.deployment import (
    DefinitionBinding,
    Deployment,
    DeploymentReceipt,
    ProcessChoice,
    ProcessDefinition,
    Resource,
    lock_deployments,
)
from engine.dialect import Compilation, SourceFile, compile_files
from engine.dialect.findings import Finding
from engine.dialect.host import Host
from engine.dialect.model import Binding
from engine.dialect.outcome import Outcome, outcome_of
from engine.dialect.soundness.merging import with_trial
from engine.errors import DeploymentRefused, InvalidInput
from engine.ids import NewId
from engine.offers import read_offers
from engine.planning import Plan
from engine.ports import Function, Operation


class TrialRun(Protocol):
    """Runs the processes of a compiled deployment. until: on the monotonic clock, when it has to be over."""

    def __call__(self, compiled: Compilation, /, *, until: float | None = None) -> list[Finding]: ...


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is already deployed, as the compiler wants to know it."""

    session: Session

    def has_process(self, key: str, binding: Binding) -> bool:
        """Tell whether a binding of a process key would resolve now."""
        query = sa.select(sa.literal(1)).where(ProcessDefinition.key == key)
        if binding.kind == "version":
            query = query.where(
                ProcessDefinition.version == number_of(binding) if number_of(binding) else sa.false()
            )
        if binding.kind == "versionTag":
            query = query.where(ProcessDefinition.version_tag == binding.value)
        return self.session.scalar(query.limit(1)) is not None

    def retirement(self, key: str) -> tuple[datetime, str] | None:
        """Return since when a process is retired, and by whom."""
        row = self.session.execute(
            sa.select(ProcessChoice.retired_at, ProcessChoice.retired_by_name).where(
                ProcessChoice.process_key == key, ProcessChoice.retired_at.is_not(None)
            )
        ).first()
        return (row.retired_at, row.retired_by_name) if row else None

    def has_decision(self, key: str, binding: Binding) -> bool:
        """Tell whether a binding of a decision would resolve now; its versions are counted by changed content."""
        if binding.kind == "version":
            return version_of_resource(self.session, "dmn", key, number_of(binding)) is not None
        return binding.kind != "versionTag" and latest_resource(self.session, "dmn", key) is not None

    def has_form(self, key: str, binding: Binding) -> bool:
        """Tell whether a form is deployed."""
        return latest_resource(self.session, "form", key) is not None


def number_of(binding: Binding) -> int:
    """Return the version a binding names, or 0 where it is none that could ever be deployed."""
    return int(binding.value) if binding.value.isdecimal() and len(binding.value) < 10 else 0


class Deployer:
    """Compiles and stores deployments for one engine."""

    def __init__(
        self,
        *,
        clock: Clock,
        new_id: NewId,
        operations: Mapping[str, Operation],
        functions: Mapping[str, Function],
        facts: Collection[str],
        host: Callable[[Session], Host],
        trial: TrialRun | None = None,
    ) -> None:
        self.host = host
        self.trial = trial
        self.clock = clock
        self.new_id = new_id
        self.operations = operations
        self.functions = functions
        self.facts = facts

    def compile(self, session: Session, files: Sequence[SourceFile]) -> Compilation:
        """Compile the files against what is deployed; nothing is stored."""
        return compile_files(
            files,
            operations=self.operations.keys(),
            functions=self.functions.keys(),
            host=self.host(session),
            facts=self.facts,
            known=Deployed(session),
        )

    def tried(self, compiled: Compilation, until: float | None = None) -> Compilation:
        """Return a compilation with what its trial run found besides, where it has no errors and trials are made here.

        until: on the monotonic clock, when whoever asks has gone; None: they wait as long as trials are allowed to take.
        """
        if self.trial is None or compiled.errors:
            return compiled
        found = self.trial(compiled, until=until)
        return replace(compiled, findings=with_trial(compiled.findings, found))

    def _plan(self, session: Session, compiled: Compilation) -> Plan:
        return Plan(
            session, compiled, compiled.files, self.new_id, lambda: read_offers(session, self.operations)
        )

    def deploy(
        self,
        session: Session,
        files: Sequence[SourceFile],
        *,
        actor: Actor,
        name: str,
        note: str,
        source: str,
        tag: str,
        until: float | None = None,
    ) -> DeploymentReceipt:
        """Deploy the files atomically. Raises InvalidInput for none, DeploymentRefused with every finding.

        until: as for `tried`. Deploying files that are byte for byte what the newest versions were made of stores nothing.
        """
        if not files:
            raise InvalidInput("The deployment was refused: it has no files.")
        compiled = self.compile(session, files)
        outcome = _accepted(compiled)
        plan = self._plan(session, compiled)
        if plan.nothing_new():
            return DeploymentReceipt(None, plan.current(), True, outcome)
        outcome = _accepted(self.tried(compiled, until))
        # What takes long is done: only now nobody else may deploy or bind, and what they did meanwhile is looked at.
        lock_deployments(session)
        plan = self._plan(session, compiled)
        if plan.nothing_new():
            return DeploymentReceipt(None, plan.current(), True, outcome)
        now = self.clock.now()
        deployment_id = self.new_id()
        session.execute(
            sa.insert(Deployment),
            [
                {
                    "id": deployment_id,
                    "name": name,
                    "note": note,
                    "source": source,
                    "tag": tag,
                    "deployed_at": now,
                    "deployed_by": actor.id,
                    "deployed_by_name": actor.name,
                }
            ],
        )
        session.execute(
            sa.insert(Resource), [{**row, "deployment_id": deployment_id} for row in plan.resources.values()]
        )
        fresh = plan.new_definitions()
        if fresh:
            session.execute(
                sa.insert(ProcessDefinition),
                [{**row, "deployment_id": deployment_id, "deployed_at": now} for row in fresh],
            )
        if taken_over := plan.new_bindings():
            session.execute(sa.insert(DefinitionBinding), taken_over)
        end_choices(session, [row["key"] for row in fresh if row["startable"]])
        return DeploymentReceipt(deployment_id, plan.current(), False, outcome, plan.callers_left_behind())


def _accepted(compiled: Compilation) -> Outcome:
    """Return what a compilation comes to. Raises DeploymentRefused where it has errors."""
    outcome = outcome_of(compiled)
    if not outcome.ok:
        raise DeploymentRefused(list(outcome.findings), outcome)
    return outcome
