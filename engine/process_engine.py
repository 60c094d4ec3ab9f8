"""The facade: every verb the engine knows. Each takes the session first, acts under the instance's lock, never commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import (
    binding,
    broadcasting,
    choosing,
    completing,
    correcting,
    firing,
    mailbox,
    operating,
    reading,
    rearming,
    starting,
    steering,
)
from engine.acting import Acting
from engine.actor import SYSTEM, Actor
from engine.binding import BoundNeed, BoundVersion
from engine.catalog import Catalog
from engine.clock import Clock
from engine.deploying import Deployer, TrialRun
from engine.deployment import DeploymentReceipt
from engine.dialect import SourceFile
from engine.dialect.host import Host
from engine.dialect.outcome import Outcome, outcome_of
from engine.errors import InvalidInput
from engine.evaluation import FeelEvaluator
from engine.ids import NewId, time_ordered
from engine.instance import Locked, locked
from engine.migrating import moving
from engine.migrating.verdict import Migrated, Verdict
from engine.ports import Facts, FormWarning, Function, Listener, Move, Operation
from engine.spiff.run import ActivityFailed
from engine.waiting import Waiting


class ProcessEngine:
    """Deploys and runs processes. Stateless but for a cache of deployed, immutable things: one per process, shared."""

    def __init__(
        self,
        *,
        clock: Clock,
        listener: Listener,
        facts: Facts,
        operations: Mapping[str, Operation] | None = None,
        functions: Mapping[str, Function] | None = None,
        new_id: NewId | None = None,
        host: Callable[[Session], Host] | None = None,
        trial: TrialRun | None = None,
    ) -> None:
        """host: which words of diagrams the host understands now; None: nothing is known of them, and nothing said.
        trial: runs the processes of a deployment before it is stored; None: they are checked as drawings only.
        """
        self.clock = clock
        self.listener = listener
        self.facts = facts
        self.operations = dict(operations or {})
        self.functions = dict(functions or {})
        self.new_id = new_id or time_ordered(clock)
        self.catalog = Catalog(self.functions)
        self.evaluator = FeelEvaluator(clock, self.functions)
        self.acting = Acting(
            clock=clock,
            catalog=self.catalog,
            evaluator=self.evaluator,
            facts=facts,
            listener=listener,
            new_id=self.new_id,
        )
        self.deployer = Deployer(
            clock=clock,
            new_id=self.new_id,
            operations=self.operations,
            functions=self.functions,
            facts=facts.always,
            host=host or (lambda session: Host()),
            trial=trial,
        )

    # -- deploying ------------------------------------------------------------------------------------------------

    def check(self, session: Session, files: Sequence[SourceFile]) -> Outcome:
        """Return everything a deployment of these files would be told, without deploying."""
        return outcome_of(self.deployer.tried(self.deployer.compile(session, files)))

    def deploy(
        self,
        session: Session,
        files: Sequence[SourceFile],
        *,
        actor: Actor,
        name: str,
        note: str = "",
        source: str = "",
        tag: str = "",
        until: float | None = None,
    ) -> DeploymentReceipt:
        """Deploy several files at once, or none of them. Raises DeploymentRefused with every finding.

        until: on the monotonic clock, when the trial run has to be over; None: when it has used what it is allowed.
        """
        receipt = self.deployer.deploy(
            session, files, actor=actor, name=name, note=note, source=source, tag=tag, until=until
        )
        choosing.schedule_deployed(self, session, receipt.definitions)
        return receipt

    def needs(self, session: Session, definition_id: UUID) -> list[BoundNeed]:
        """Return what a version asks this installation for: bound to what, and what each can be bound to.

        Raises NotFound.
        """
        return binding.needs_of(self, session, definition_id)

    def bind(
        self, session: Session, definition_id: UUID, targets: Mapping[str, str], *, actor: Actor
    ) -> BoundVersion:
        """Bind needs of a version (need key → target), all that are given or none.

        A version that can start already stays as it is: another one is made of the same file. Raises NotFound,
        BindingRefused, WrongState.
        """
        try:
            return binding.bind(self, session, definition_id, targets, actor=actor)
        except ActivityFailed as failure:
            sentence = f"Binding was refused: a timer start is no time. {failure.message}"
            raise InvalidInput(sentence) from failure

    # -- starting and moving --------------------------------------------------------------------------------------

    def start(
        self,
        session: Session,
        process_key: str,
        *,
        business_key: str,
        variables: Mapping[str, Any] | None = None,
        answers: Mapping[str, Any] | None = None,
        actor: Actor,
        version: int | None = None,
        start_event: str | None = None,
        form_warnings: Sequence[FormWarning] = (),
        even_retired: bool = False,
    ) -> Move:
        """Start an instance of the current (or the given) version and run it to rest. Raises NotFound, InvalidInput, and
        Retired where nothing new starts with the process; even_retired: somebody who runs already starts it.

        answers: to the form it is started with, or what the event carries that starts it; they become variables where the
        start event says so. form_warnings: of that form; they are kept with the instance.
        """
        return starting.start(
            self,
            session,
            process_key,
            business_key=business_key,
            variables=variables or {},
            answers=answers or {},
            actor=actor,
            version=version,
            start_event=start_event,
            form_warnings=form_warnings,
            even_retired=even_retired,
        )

    def complete(
        self,
        session: Session,
        instance_id: UUID,
        task_id: UUID,
        answers: Mapping[str, Any],
        *,
        actor: Actor,
        row: Locked | None = None,
        waiting: Waiting | None = None,
        form_warnings: Sequence[FormWarning] = (),
    ) -> Move:
        """Complete a waiting user activity with a person's answers and run on to rest.

        The answers become `form.<activity id>`. `row` is the instance, where the caller has locked it already in this
        transaction, `waiting` what was read of it since; form_warnings are of the form, and kept with the instance. Raises
        NotFound, WrongState where the instance is suspended or over, or the activity does not wait any more.
        """
        return completing.complete(
            self,
            session,
            instance_id,
            task_id,
            answers,
            actor=actor,
            row=row,
            waiting=waiting,
            form_warnings=form_warnings,
        )

    def correlate(
        self,
        session: Session,
        message: str,
        *,
        business_key: str | None = None,
        instance_id: UUID | None = None,
        payload: Mapping[str, Any] | None = None,
        actor: Actor,
    ) -> Move:
        """Give a message to whoever waits for it in the case, or start the process it starts; now, or refuse.

        Raises MessageNotAwaited when nobody waits, WrongState when the instance that waits is suspended.
        """
        return mailbox.correlate(
            self,
            session,
            message,
            business_key=business_key,
            instance_id=instance_id,
            payload=payload or {},
            actor=actor,
        )

    def signal(
        self, session: Session, name: str, *, payload: Mapping[str, Any] | None = None, actor: Actor
    ) -> int:
        """Throw a signal to everybody who waits for it; jobs bring it to them. Returns how many activities wait for it now.

        A signal nobody waits for has no effect. Raises InvalidInput where what it carries cannot be kept.
        """
        return broadcasting.throw(self, session, name, payload or {}, actor)

    def fire_timer(self, session: Session, timer_id: UUID, *, actor: Actor = SYSTEM) -> Move | None:
        """Fire a due timer, once. Returns None where there is nothing left to fire: the job may come twice."""
        return firing.fire(self, session, timer_id, actor)

    def rearm(self, session: Session, instance_id: UUID, *, actor: Actor = SYSTEM) -> Move | None:
        """Move the timers that are bound to what the host says; None, and nothing is written, where none has moved.

        Works on a suspended instance and from within a listener too. Raises NotFound.
        """
        return rearming.rearm(self.acting, session, instance_id, actor=actor)

    def deliver(self, session: Session, business_key: str, *, actor: Actor = SYSTEM) -> int:
        """Give the thrown messages of a case to whoever waits for them by now; return how many were taken."""
        return mailbox.deliver(self, session, business_key, actor)

    def expire_messages(self, session: Session, *, limit: int = 200) -> int:
        """Turn thrown messages nobody took in time into incidents of the activity that threw them; return how many."""
        return mailbox.expire(self, session, limit)

    # -- operations, run by jobs ----------------------------------------------------------------------------------

    def work(
        self, session: Session, instance_id: UUID, token_id: UUID, *, actor: Actor = SYSTEM
    ) -> Move | None:
        """Run the operation of a waiting service activity. Returns None where it does not wait any more.

        Whatever the operation raises rolls back with the caller's transaction; `work_failed` records it. Raising
        ports.BpmnError takes the activity's error boundary instead.
        """
        return operating.work(self, session, instance_id, token_id, actor=actor)

    def work_failed(
        self,
        session: Session,
        instance_id: UUID,
        token_id: UUID,
        reason: str,
        reason_zh: str,
        *,
        actor: Actor = SYSTEM,
    ) -> None:
        """Record that an operation failed for good: the activity rests as an incident until it is retried.

        reason, reason_zh: the sentence in English and Chinese.
        """
        operating.work_failed(self, session, instance_id, token_id, reason, reason_zh, actor=actor)

    # -- steering -------------------------------------------------------------------------------------------------

    def cancel(self, session: Session, instance_id: UUID, *, reason: str, actor: Actor) -> Move:
        """End an instance for good. Raises WrongState when it is over already."""
        return steering.cancel(self, session, instance_id, reason=reason, actor=actor)

    def variables(self, session: Session, instance_id: UUID) -> Mapping[str, Any]:
        """Return what the process's own scope holds, under the instance's lock; read-only. Raises NotFound."""
        return self.acting.restore(session, locked(session, instance_id)).store.values

    def data(
        self, session: Session, instance_id: UUID, incidents: Sequence[Any] = ()
    ) -> reading.InstanceData:
        """Return the variables of every scope of an instance, and what the expressions of these open incidents read; no
        lock is taken.
        """
        return reading.read_data(self, session, instance_id, incidents)

    def suspend(self, session: Session, instance_id: UUID, *, reason: str, actor: Actor) -> None:
        """Stop an instance from moving. No clock stops; timers that fall due fire once on resume."""
        steering.suspend(self, session, instance_id, reason=reason, actor=actor)

    def resume(self, session: Session, instance_id: UUID, *, reason: str = "", actor: Actor) -> None:
        """Let a suspended instance move again. Raises WrongState when it is not suspended."""
        steering.resume(self, session, instance_id, reason=reason, actor=actor)

    def set_variables(
        self,
        session: Session,
        instance_id: UUID,
        variables: Mapping[str, Any],
        *,
        reason: str,
        at: str | None = None,
        actor: Actor,
    ) -> Move:
        """Set variables a diagram reads, of the process or as the activity `at` sees them. Raises WrongState, InvalidInput."""
        return correcting.set_variables(
            self, session, instance_id, variables, reason=reason, at=at, actor=actor
        )

    def migrate(
        self,
        session: Session,
        instance_id: UUID,
        target_definition_id: UUID,
        *,
        actor: Actor,
        mapping: Mapping[str, str] | None = None,
    ) -> Migrated:
        """Move an instance to another version of its process, or refuse with every reason. mapping: renamed elements by their
        ids, old to new. Works on a suspended instance too. Raises NotFound, NeedsBinding, InvalidInput, MigrationRefused.
        """
        return moving.migrate(self, session, instance_id, target_definition_id, actor=actor, mapping=mapping)

    def migration_verdict(
        self,
        session: Session,
        instance_id: UUID,
        target_definition_id: UUID,
        *,
        mapping: Mapping[str, str] | None = None,
    ) -> Verdict:
        """Return what `migrate` would do or refuse: it has done all of it but the writing. Raises NotFound, NeedsBinding,
        InvalidInput.
        """
        return moving.verdict(self, session, instance_id, target_definition_id, mapping=mapping)

    def retry(self, session: Session, incident_id: UUID, *, actor: Actor) -> None:
        """Ask for a failing activity to be run again, by a job. Raises NotFound, WrongState when it is resolved."""
        steering.retry(self, session, incident_id, actor=actor)

    def retry_now(self, session: Session, incident_id: UUID, *, actor: Actor) -> Move | None:
        """Run a failing activity again. Returns None when it does not rest any more: the job may come twice."""
        return steering.retry_now(self, session, incident_id, actor=actor)
