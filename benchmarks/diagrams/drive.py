"""Deploys one diagram into an empty database and drives it with as little as possible: what the child process does.

Open tasks are completed with no answers, awaited messages and signals come, the clock moves to the next timer, service
activities do nothing. Everything is real but the operations: compiler, database, jobs, sweeps.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.clock import FrozenClock
from engine.db import open_database
from engine.deployment import ProcessDefinition, Resource
from engine.dialect import SourceFile
from engine.dialect.model import NOTHING, Need
from engine.errors import DeploymentRefused, RedressError
from engine.incidents import Incident
from engine.instance import ACTIVE, ProcessInstance, locked
from engine.messages import MessageSubscription
from engine.ports import InstanceRef, Move, UserActivity
from engine.testing import TESTER, Harness, Recorder, run_jobs_until_idle
from engine.timers import Timer
from engine.trial.trying import Trial

NAME = "diagram.bpmn"
STEPS = 200
SECONDS = 3.0
"""After this long no further step is begun: what still moves then is no hang."""

DATA = frozenset({"expression", "condition", "timer", "decision"})
"""Kinds of incident that mean: an expression had nothing to work on."""


class OpenTasks(Recorder):
    """The open user activities, and the instance each belongs to."""

    def __init__(self) -> None:
        super().__init__()
        self.instances: dict[UUID, InstanceRef] = {}

    def instance_moved(self, session: Session, move: Move) -> None:
        super().instance_moved(session, move)
        self.instances.update({activity.id: move.instance for activity in move.entered})


class Drive:
    """One diagram in one database."""

    def __init__(self, url: str, content: bytes) -> None:
        self.content = content
        self.clock = FrozenClock(datetime(2026, 3, 2, 1, tzinfo=UTC))
        self.office = Harness(open_database(url, pool_size=2), self.clock)
        self.office.recorder = self.office.engine.listener = self.office.engine.acting.listener = OpenTasks()
        self.office.engine.deployer.trial = Trial().findings
        self.raised: list[str] = []
        self.until = 0.0

    def run(self) -> dict[str, Any]:
        """Deploy and drive; return what happened as plain data."""
        began = time.perf_counter()
        said: dict[str, Any] = {"starts": [], "needs": [], "startable": True}
        try:
            receipt = self.office.deploy(SourceFile(NAME, self.content))
        except DeploymentRefused as refused:
            return said | {"refused": True, "findings": plain(refused.findings), "deploy_ms": ms(began)}
        said |= {"refused": False, "findings": plain(receipt.findings), "deploy_ms": ms(began)}
        with self.office.sessions() as session:
            # Forms made from fields that the diagram holds are kept beside it.
            stored = session.scalars(sa.select(Resource.content).where(Resource.name == NAME)).all()
            said["bytes_kept"] = stored == [self.content]
            definitions = session.execute(sa.select(ProcessDefinition.id, ProcessDefinition.key)).all()
        said["processes"] = [one.key for one in definitions]
        self.until = time.perf_counter() + SECONDS
        for definition in definitions:
            with self.office.sessions() as session:
                needs = [one.need for one in self.office.engine.needs(session, definition.id)]
            said["needs"] += [need.element for need in needs]
            if needs:
                said["starts"].append(self.walk(definition.key, None, needed=True))
                if not self.bind_to_nothing(definition.id, needs):
                    continue
            with self.office.sessions() as session:
                spec = self.office.engine.catalog.spec(session, definition.id)
            said["starts"] += [self.walk(definition.key, start, needed=False) for start in spec.starts]
        if self.raised:
            said["crash"] = self.raised[0]
        return said

    def bind_to_nothing(self, definition: UUID, needs: Iterable[Need]) -> bool:
        """Bind every need to nothing, where that is possible for all of them; tell whether it was."""
        if any(need.kind not in ("operation", "listener") for need in needs):
            return False
        targets = {need.key: NOTHING for need in needs}
        with self.office.sessions.begin() as session:
            self.office.engine.bind(session, definition, targets, actor=TESTER)
        return True

    def walk(self, key: str, start: str | None, *, needed: bool) -> dict[str, Any]:
        """Start a process at one of its starts and drive it to its end or for STEPS steps."""
        try:
            with self.office.sessions.begin() as session:
                engine = self.office.engine
                engine.start(session, key, business_key=f"{key}/{start}", actor=TESTER, start_event=start)
        except RedressError as refused:
            return {"process": key, "start": start, "refused": str(refused), "needed": needed}
        steps = 0
        while self.step() and steps < STEPS and time.perf_counter() < self.until:
            steps += 1
        moving = steps >= STEPS or time.perf_counter() >= self.until
        found = self.rest(moving)
        self.end()
        return {"process": key, "start": start, "steps": steps, "needed": needed, **found}

    def step(self) -> bool:
        """Do the next thing that can be done; tell whether there was one."""
        self.settle()
        return self.complete() or self.correlate() or self.wait()

    def settle(self) -> None:
        def guarded(task: str) -> Any:
            def perform(session: Session, arguments: dict[str, Any]) -> None:
                try:
                    jobs.perform(self.office.engine, session, task, arguments)
                except RedressError:
                    raise
                except Exception:
                    self.raised.append(traceback.format_exc()[-3000:])
                    raise

            return perform

        tasks = (jobs.FIRE_TIMER, jobs.DELIVER, jobs.RETRY)
        try:
            run_jobs_until_idle(
                self.office.engine, self.office.sessions, extra={task: guarded(task) for task in tasks}
            )
        except RuntimeError as endless:
            self.raised.append(f"endless: {endless}")

    def complete(self) -> bool:
        """Complete the oldest open task with no answers."""
        recorder: Any = self.office.recorder
        activity: UserActivity | None = next(iter(recorder.open.values()), None)
        if activity is None:
            return False
        with self.office.sessions.begin() as session:
            instance = recorder.instances[activity.id].id
            self.office.engine.complete(session, instance, activity.id, {}, actor=TESTER)
        return True

    def correlate(self) -> bool:
        """Send the message that has been awaited longest."""
        with self.office.sessions.begin() as session:
            awaited = session.execute(
                sa.select(MessageSubscription.name, MessageSubscription.instance_id)
                .join(ProcessInstance, ProcessInstance.id == MessageSubscription.instance_id)
                .where(ProcessInstance.status == ACTIVE)
                .order_by(MessageSubscription.instance_id, MessageSubscription.token_id)
                .limit(1)
            ).one_or_none()
            if awaited is None:
                return False
            engine = self.office.engine
            engine.correlate(session, awaited.name, instance_id=awaited.instance_id, payload={}, actor=TESTER)
        return True

    def wait(self) -> bool:
        """Move the clock to the next timer."""
        due = self.office.scalar(
            sa.select(sa.func.min(Timer.due_at))
            .join(ProcessInstance, ProcessInstance.id == Timer.instance_id)
            .where(Timer.fired_at.is_(None), ProcessInstance.status == ACTIVE)
        )
        if due is None:
            return False
        self.clock.advance(max(due - self.clock.now(), self.clock.now() - self.clock.now()))
        return True

    def rest(self, moving: bool) -> dict[str, Any]:
        """Say what has become of the instances that are there now."""
        ends: list[tuple[str, list[str]]] = []
        with self.office.sessions.begin() as session:
            for row in session.execute(sa.select(ProcessInstance.id, ProcessInstance.status)).all():
                if row.status != ACTIVE:
                    if row.status != "cancelled":
                        ends.append(("finished", []))
                    continue
                incidents = session.execute(
                    sa.select(Incident.kind, Incident.activity_id, Incident.message).where(
                        Incident.instance_id == row.id, Incident.resolved_at.is_(None)
                    )
                ).all()
                waits = waiting(self.office.engine.acting.restore(session, locked(session, row.id)))
                if broken := [one for one in incidents if one.kind not in DATA]:
                    ends.append(
                        ("incident", [f"{one.kind} at {one.activity_id}: {one.message}" for one in broken])
                    )
                elif incidents:
                    ends.append(("data", [f"{one.activity_id}: {one.message}" for one in incidents]))
                elif waits:
                    ends.append(("moving" if moving else "waiting", waits))
                else:
                    ends.append(("stall", []))
        worst = max(ends, key=lambda one: ORDER.index(one[0]), default=("stall", ["no instance is there"]))
        return {"outcome": worst[0], "detail": worst[1]}

    def end(self) -> None:
        """Cancel what is still there, so that the next start is seen alone."""
        with self.office.sessions.begin() as session:
            rows = session.scalars(
                sa.select(ProcessInstance.id).where(ProcessInstance.status == ACTIVE)
            ).all()
            for row in rows:
                self.office.engine.cancel(session, row, reason="driven", actor=TESTER)
        with self.office.sessions.begin() as session:
            session.execute(sa.update(ProcessInstance).values(status="cancelled"))


ORDER = ("finished", "waiting", "moving", "data", "incident", "stall")


def waiting(instance: Any) -> list[str]:
    """Return what the tokens of an instance wait for: a person, an event, an operation; never another token."""
    found = []
    for scope in instance.scopes():
        for token in scope.live_tokens():
            spec = token.task_spec
            what = "person" if spec.manual else spec.waits_for or ("operation" if spec.operates else "")
            if what and not token.at_border:
                found.append(f"{what} at {spec.bpmn_id}")
    return found


def plain(findings: Any) -> list[list[str]]:
    """Return findings as data: severity, code, element id, sentence."""
    return [[one.severity, one.code, one.element_id, one.message] for one in findings]


def ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
