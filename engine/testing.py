"""The test harness, shipped with the engine: real database, frozen clock, jobs run in the test's own thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine import jobs, timers
from engine.actor import Actor
from engine.clock import FrozenClock
from engine.ports import Function, InstanceRef, Move, Operation, UserActivity
from engine.process_engine import ProcessEngine
from engine.worker import Performer, Sweep, sweep_once

TESTER = Actor(id="tester", name="测试员", login="tester")


@dataclass
class Recorder:
    """A listener and facts source that remembers: which user activities wait, and every move."""

    case: dict[str, Any] = field(default_factory=dict)
    always: frozenset[str] = frozenset()
    open: dict[UUID, UserActivity] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)

    def instance_moved(self, session: Session, move: Move) -> None:
        """Keep the open user activities current."""
        self.moves.append(move)
        for token in (*move.completed, *move.cancelled):
            self.open.pop(token, None)
        self.open.update({activity.id: activity for activity in move.entered})

    def limits(self, session: Session, instance: InstanceRef) -> Any:
        return None

    def facts(self, session: Session, instance: InstanceRef) -> Mapping[str, Any]:
        """Return the case's facts."""
        return self.case

    def named(self, activity_id: str) -> list[UserActivity]:
        """Return the open user activities with this id, oldest first."""
        return [activity for activity in self.open.values() if activity.activity_id == activity_id]


class Harness:
    """An engine over a real database. Every step commits, so the next one restores from what was saved."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        clock: FrozenClock,
        *,
        operations: Mapping[str, Operation] | None = None,
        functions: Mapping[str, Function] | None = None,
        case: dict[str, Any] | None = None,
    ) -> None:
        self.sessions = sessions
        self.clock = clock
        self.recorder = Recorder(case=case or {})
        self.engine = ProcessEngine(
            clock=clock,
            listener=self.recorder,
            facts=self.recorder,
            operations=operations,
            functions=functions,
        )

    def deploy(self, *files: Any, **options: Any) -> Any:
        """Deploy source files and return the receipt."""
        with self.sessions.begin() as session:
            return self.engine.deploy(
                session, list(files), actor=TESTER, name=options.pop("name", "test"), **options
            )

    def start(
        self,
        process_key: str,
        business_key: str = "K-1",
        answers: Mapping[str, Any] | None = None,
        **variables: Any,
    ) -> UUID:
        """Start an instance and return its id; answers: to the start form."""
        with self.sessions.begin() as session:
            return self.engine.start(
                session,
                process_key,
                business_key=business_key,
                variables=variables,
                answers=answers,
                actor=TESTER,
            ).instance.id

    def complete(self, activity_id: str, answers: Mapping[str, Any] | None = None, *, which: int = 0) -> Move:
        """Complete the open user activity with this id."""
        found = self.recorder.named(activity_id)
        assert found, f"'{activity_id}' does not wait; waiting: {self.waiting()}"
        move = next(m for m in self.recorder.moves if any(a.id == found[which].id for a in m.entered))
        with self.sessions.begin() as session:
            return self.engine.complete(
                session, move.instance.id, found[which].id, answers or {}, actor=TESTER
            )

    def correlate(self, message: str, business_key: str = "K-1", **payload: Any) -> Move:
        """Send a message to the case."""
        with self.sessions.begin() as session:
            return self.engine.correlate(
                session, message, business_key=business_key, payload=payload, actor=TESTER
            )

    def waiting(self) -> list[str]:
        """Return the ids of the open user activities, sorted."""
        return sorted(activity.activity_id for activity in self.recorder.open.values())

    def advance(self, **span: float) -> None:
        """Let time pass, and everything happen that falls due in it."""
        self.clock.advance(timedelta(**span))
        self.settle()

    def settle(
        self,
        *,
        extra: Mapping[str, Performer] | None = None,
        sweeps: Iterable[Sweep] = (),
        failing: bool = False,
    ) -> int:
        """Sweep timers and run jobs until nothing is left to do; return how many jobs ran."""
        return run_jobs_until_idle(self.engine, self.sessions, extra=extra, sweeps=sweeps, failing=failing)

    def scalar(self, query: Any) -> Any:
        """Read one value."""
        with self.sessions() as session:
            return session.scalar(query)

    def rows(self, query: Any) -> list[Any]:
        """Read rows."""
        with self.sessions() as session:
            return list(session.execute(query))


_NEXT = sa.text(
    "SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id LIMIT 1"
)
_DONE = sa.text("DELETE FROM procrastinate_jobs WHERE id = :id")


def _raise(error: Exception) -> None:
    raise error


def run_jobs_until_idle(
    engine: ProcessEngine,
    sessions: sessionmaker[Session],
    *,
    extra: Mapping[str, Performer] | None = None,
    sweeps: Iterable[Sweep] = (),
    limit: int = 1000,
    failing: bool = False,
) -> int:
    """Sweep and perform every waiting job, one after the other, without a worker; return how many ran.

    extra and sweeps as in `engine.worker.run_worker`. A job that raises is tried once: what a worker does after its last
    attempt is done at once. Raises what a sweep raises, and RuntimeError when the jobs do not come to an end; also what a
    performer of `extra` raises, for nothing else tells of it, unless it is expected to be `failing`.
    """
    sweeps, count = tuple(sweeps), 0
    while count < limit:
        sweep_once(engine, sessions, sweeps, failed=_raise)
        with sessions() as session:
            job = session.execute(_NEXT).one_or_none()
        if job is None:
            return count
        arguments = orjson.loads(job.args) if isinstance(job.args, str) else job.args
        if job.task_name == timers.FIRE_TIMERS:
            with sessions.begin() as session:
                session.execute(_DONE, {"id": job.id})
            jobs.fire_together(engine, sessions, arguments, lambda _timer, _error: None)
            count += 1
            continue
        try:
            with sessions.begin() as session:
                session.execute(_DONE, {"id": job.id})
                if extra and job.task_name in extra:
                    extra[job.task_name](session, arguments)
                else:
                    jobs.perform(engine, session, job.task_name, arguments)
        except Exception as error:
            with sessions.begin() as session:
                session.execute(_DONE, {"id": job.id})
                jobs.perform_failed(engine, session, job.task_name, arguments, error)
            if extra and job.task_name in extra and not failing:
                raise
        count += 1
    raise RuntimeError(f"{limit} jobs ran and more are waiting")
