"""Jobs: deferred in the transaction that causes them, performed at least once, guarded by the instance's state.

This file defers and performs; `engine.worker` is the process that fetches them. Task names are stored data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from procrastinate import SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from sqlalchemy.orm import Session, sessionmaker

from engine.actor import SYSTEM, Actor
from engine.db import Statement
from engine.errors import RedressError
from engine.timers import FIRE_TIMER, FIRE_TIMERS

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

QUEUE = "engine"
WORK, RETRY, DELIVER = "redress.work", "redress.retry", "redress.deliver"
ANNOUNCE, SIGNAL = "redress.announce_signal", "redress.signal"
SIGNAL_START = "redress.start_by_signal"
FIRED_TOGETHER = 20
"""How many timers at most one job fires, or how many rungs it rings."""
MANY = 16
"""How many jobs there are at least before any has to do several things."""
MOST_WAITING = 100
"""How many jobs for what has fallen due may wait, of each kind. Fetching a job costs more the more there are, and what a person waits for is not
to stand in line behind all timers of a week without a worker.
"""
TASKS = (WORK, FIRE_TIMER, RETRY, DELIVER, ANNOUNCE, SIGNAL, SIGNAL_START)

_manager = JobManager(SyncPsycopgConnector())


@dataclass(frozen=True, slots=True)
class Item:
    """One of many jobs that are deferred together: its task name, its arguments, and its lock as in `defer`."""

    task: str
    arguments: dict[str, Any]
    lock: str | None = None


def defer_many(session: Session, items: Iterable[Item], *, queue: str = QUEUE) -> int:
    """Defer many jobs as `defer` does one, in that order and in one statement for all; return how many."""
    found = [
        Job(queue=queue, lock=item.lock, queueing_lock=None, task_name=item.task, task_kwargs=item.arguments)
        for item in items
    ]
    if found:
        _manager.batch_defer_jobs(found, connection=_raw(session))
    return len(found)


def defer(
    session: Session,
    task: str,
    arguments: dict[str, Any],
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    queue: str = QUEUE,
    priority: int = 0,
    not_before: datetime | None = None,
) -> None:
    """Defer a job inside the session's transaction: committed with it, or never sent.

    lock: jobs of one lock are worked on one after the other. queueing_lock: nothing happens while another job of that
    lock waits to be worked on. not_before: the earliest instant; None is now.
    """
    raw = _raw(session)
    job = Job(
        queue=queue,
        lock=lock,
        queueing_lock=queueing_lock,
        task_name=task,
        task_kwargs=arguments,
        priority=priority,
        scheduled_at=not_before,
    )
    if queueing_lock is None:
        _manager.defer_job(job, connection=raw)
        return
    # In a savepoint of the connection itself: the refusal must not end the transaction.
    with suppress(AlreadyEnqueued), session.connection().begin_nested():
        _manager.defer_job(job, connection=raw)


def _raw(session: Session) -> Any:
    return session.connection().connection.driver_connection


def of_instance(instance_id: UUID) -> str:
    """Return the lock of all jobs that act on one instance: they run one after the other."""
    return f"i:{instance_id}"


def defer_work(session: Session, instance_id: UUID, token_id: UUID) -> None:
    """Have a job run the operation of a service activity."""
    defer(
        session,
        WORK,
        {"instance_id": str(instance_id), "token_id": str(token_id)},
        lock=of_instance(instance_id),
    )


def defer_timers(session: Session, due: Sequence[tuple[UUID, UUID]]) -> int:
    """Have jobs fire due timers, (timer id, instance id) each, as `defer_due` does; return how many timers."""
    return defer_due(
        session,
        FIRE_TIMER,
        FIRE_TIMERS,
        [({"timer_id": str(timer)}, instance) for timer, instance in due],
    )


def defer_due(session: Session, one: str, many: str, due: Sequence[tuple[dict[str, Any], UUID]]) -> int:
    """Have jobs do what has fallen due, (arguments, instance id) each, in that order; return how much that is.

    Of little, each gets a job `one` with its arguments and the lock of its instance; of much, several share a job `many`,
    which has the arguments of all as `items`, because fetching and finishing a job costs as much as firing a timer. There
    are always enough jobs for all threads of several workers.
    """
    size = min(FIRED_TOGETHER, len(due) // MANY)
    if size < 2:
        defer_many(session, [Item(one, arguments, of_instance(instance)) for arguments, instance in due])
    else:
        # Those of one instance go together, so that they do not wait for each other; the order is kept otherwise.
        of: dict[UUID, list[dict[str, Any]]] = {}
        for arguments, instance in due:
            of.setdefault(instance, []).append(arguments)
        items = list(chain.from_iterable(of.values()))
        defer_many(
            session,
            [Item(many, {"items": items[at : at + size]}) for at in range(0, len(items), size)],
        )
    return len(due)


_WAITING = Statement(
    "SELECT count(*) = %(most)s AS so FROM ("
    "SELECT FROM procrastinate_jobs WHERE status = 'todo' AND task_name = ANY(%(tasks)s) LIMIT %(most)s) AS job"
)


def many_wait(session: Session, one: str, many: str) -> bool:
    """Return whether so many jobs of `defer_due` wait already that more of them would only be in everybody's way."""
    found = _WAITING.one(session, {"tasks": [one, many], "most": MOST_WAITING})
    return bool(found.so)


def defer_retry(session: Session, incident_id: UUID, actor: Actor) -> None:
    """Have a job retry an incident, signed by whoever asked for it."""
    defer(
        session,
        RETRY,
        {
            "incident_id": str(incident_id),
            "actor_id": actor.id,
            "actor_name": actor.name,
            "actor_kind": actor.kind,
        },
    )


def defer_delivery(session: Session, business_key: str) -> None:
    """Have a job deliver the thrown messages of a case."""
    defer(session, DELIVER, {"business_key": business_key})


def defer_announcement(session: Session, signal_id: UUID, after: int = 0) -> None:
    """Have a job hand a signal out to whom it reaches, from behind the subscription with the number `after`."""
    defer(session, ANNOUNCE, {"signal_id": str(signal_id), "after": after})


def defer_signals(session: Session, signal_id: UUID, instances: Iterable[UUID]) -> int:
    """Have a job give a signal to each instance; return how many."""
    return defer_many(
        session,
        (
            Item(
                SIGNAL,
                {"signal_id": str(signal_id), "instance_id": str(instance_id)},
                of_instance(instance_id),
            )
            for instance_id in instances
        ),
    )


def defer_signal_start(session: Session, signal_id: UUID, process_key: str) -> None:
    """Have a job start a process by a signal."""
    defer(session, SIGNAL_START, {"signal_id": str(signal_id), "process_key": process_key})


def perform(engine: ProcessEngine, session: Session, task: str, arguments: dict[str, Any]) -> None:
    """Perform one job in the given transaction. Raises whatever the operation raises; ValueError for a foreign task."""
    from engine import broadcasting  # it defers jobs itself

    if task == WORK:
        engine.work(session, UUID(arguments["instance_id"]), UUID(arguments["token_id"]))
    elif task == FIRE_TIMER:
        engine.fire_timer(session, UUID(arguments["timer_id"]))
    elif task == RETRY:
        actor = Actor(arguments["actor_id"], arguments["actor_name"], arguments["actor_kind"])
        engine.retry_now(session, UUID(arguments["incident_id"]), actor=actor)
    elif task == DELIVER:
        engine.deliver(session, arguments["business_key"])
    elif task == ANNOUNCE:
        broadcasting.announce(session, UUID(arguments["signal_id"]), arguments["after"])
    elif task == SIGNAL:
        broadcasting.deliver(engine, session, UUID(arguments["signal_id"]), UUID(arguments["instance_id"]))
    elif task == SIGNAL_START:
        broadcasting.start(engine, session, UUID(arguments["signal_id"]), arguments["process_key"])
    else:
        raise ValueError(f"job '{task}' is not one of the engine's")


def fire_together(
    engine: ProcessEngine,
    sessions: sessionmaker[Session],
    arguments: dict[str, Any],
    told: Callable[[UUID, Exception], None],
) -> None:
    """Fire several timers as `one_by_one` does: one that fails rests (and `told` hears of it)."""
    from engine import firing

    def fire(session: Session, item: Mapping[str, Any]) -> None:
        firing.fire_if_free(engine, session, UUID(item["timer_id"]), SYSTEM)

    def failed(session: Session, item: Mapping[str, Any], error: Exception) -> None:
        told(UUID(item["timer_id"]), error)
        firing.failed(engine, session, UUID(item["timer_id"]), error)

    one_by_one(sessions, arguments["items"], fire, failed)


def one_by_one(
    sessions: sessionmaker[Session],
    items: Iterable[Mapping[str, Any]],
    do: Callable[[Session, Mapping[str, Any]], None],
    failed: Callable[[Session, Mapping[str, Any], Exception], None],
) -> None:
    """Do the items of a job of `defer_due`, in a transaction each: what raises is handed to `failed` in a new one, and the
    others go on. Raises what `failed` does; the job may come again.
    """
    for item in items:
        try:
            with sessions.begin() as session:
                do(session, item)
        except Exception as error:
            with sessions.begin() as session:
                failed(session, item, error)


def perform_failed(
    engine: ProcessEngine, session: Session, task: str, arguments: dict[str, Any], error: Exception
) -> None:
    """Record, in a new transaction, a job that failed for good: an operation's failure becomes an incident, and a timer's
    rests for a while.
    """
    from engine import firing

    if task == WORK:
        name = type(error).__name__
        reason = str(error) or name
        facts = error.facts if isinstance(error, RedressError) else {}
        engine.work_failed(
            session,
            UUID(arguments["instance_id"]),
            UUID(arguments["token_id"]),
            f"The operation failed: {reason} ({name}).",
            f"操作失败：{facts.get('message_zh') or getattr(error, 'message_zh', '') or reason}（{name}）。",
        )
    elif task == FIRE_TIMER:
        firing.failed(engine, session, UUID(arguments["timer_id"]), error)
