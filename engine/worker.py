"""The worker process: fetches jobs, sweeps due timers, recovers what a killed worker left behind."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import procrastinate
from procrastinate import JobContext, RetryStrategy
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from sqlalchemy.orm import Session, sessionmaker

from engine import jobs, schedules, timers
from engine.process_engine import ProcessEngine

log = logging.getLogger("redress.worker")

SWEEP_SECONDS = 0.5
"""Longest time between two sweeps: how late a timer may fire while nothing else is wrong."""
ATTEMPTS = 3
"""How often an operation is tried before it becomes an incident."""
STALLED_SECONDS = 20
"""A job whose worker has not been heard of for so long is given to another; installations may choose another time."""

HOUSEKEEPING = "housekeeping"
"""The queue of what keeps the tables small."""
_EVERY_HOUR = "17 * * * *"  # not once a night: a machine that is off at night would never do it
_KEEP_JOBS_HOURS = 72

Performer = Callable[[Session, Mapping[str, Any]], None]
"""A job of the rooms above the engine: (session, arguments) -> None, in a transaction that the worker commits."""

Sweep = Callable[[Session, datetime], int]
"""What the rooms above the engine want done at every sweep: (session, now) -> how much was due; it defers jobs."""


def build_job_app(
    engine: ProcessEngine,
    sessions: sessionmaker[Session],
    dsn: str,
    *,
    extra: Mapping[str, Performer] | None = None,
    hourly: Mapping[str, Performer] | None = None,
    stalled_seconds: int = STALLED_SECONDS,
) -> procrastinate.App:
    """Return the job application of one worker process. `dsn` is a libpq connection string or URL.

    `extra` are jobs that the rooms above defer, `hourly` what they want done every hour, each by its task name;
    an hourly one gets the time it is run for, `timestamp` in Unix seconds, as its only argument. A job whose worker has
    not been heard of for `stalled_seconds` is given to another, at most half as long after that.

    Each job runs in one transaction. A job of the engine that raises is tried again, then recorded as an incident;
    other jobs are tried again and then stay `failed` in the job table.
    """
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=dsn, min_size=1, max_size=4),
        worker_defaults={"fetch_job_polling_interval": 1.0},
    )
    for name in jobs.TASKS:
        _register(app, name, _engine_job(engine, sessions, name))
    _register(app, timers.FIRE_TIMERS, _firing_job(engine, sessions))
    for name, performer in (extra or {}).items():
        _register(app, name, _outer_job(sessions, name, performer))
    for name, performer in (hourly or {}).items():
        _register_hourly(app, name, _outer_job(sessions, name, performer))

    @app.periodic(cron=f"* * * * * */{min(max(stalled_seconds // 2, 1), 30)}")
    @app.task(name="redress.recover_stalled", queueing_lock="redress.recover_stalled", queue=HOUSEKEEPING)
    async def recover_stalled(timestamp: int) -> None:
        await _recover(app.job_manager, stalled_seconds)

    @app.periodic(cron="* * * * *")
    @app.task(
        name="redress.release_lost_timers", queueing_lock="redress.release_lost_timers", queue=HOUSEKEEPING
    )
    def release_lost_timers(timestamp: int) -> None:
        with sessions.begin() as session:
            if lost := timers.release_lost(session, engine.clock.now()):
                log.warning("%s timers whose job was lost are swept again", lost)

    @app.periodic(cron=_EVERY_HOUR)
    @app.task(name="redress.remove_old_jobs", queueing_lock="redress.remove_old_jobs", queue=HOUSEKEEPING)
    async def remove_old_jobs(timestamp: int) -> None:
        await app.job_manager.delete_old_jobs(nb_hours=_KEEP_JOBS_HOURS)

    return app


async def _recover(manager: JobManager, stalled_seconds: int) -> None:
    """Give the jobs of lost workers to others. One that cannot be given back stops none of the others."""
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=stalled_seconds):
        try:
            await manager.retry_job(job)
            log.warning("job %s of a lost worker is tried again", job.id)
        except UniqueViolation:  # another with its queueing lock waits, and will do what it was to do
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)
        except ConnectorException:
            log.exception(
                "job %s of a lost worker could not be given to another; that is tried again", job.id
            )


def _register(app: procrastinate.App, name: str, run: Callable[..., None]) -> None:
    app.task(
        name=name,
        queue=jobs.QUEUE,
        retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2),
        pass_context=True,
    )(run)


def _register_hourly(app: procrastinate.App, name: str, run: Callable[..., None]) -> None:
    task = app.task(
        name=name,
        queue=HOUSEKEEPING,
        queueing_lock=name,
        retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=60),
        pass_context=True,
    )(run)
    app.periodic(cron=_EVERY_HOUR)(task)


def _engine_job(engine: ProcessEngine, sessions: sessionmaker[Session], name: str) -> Callable[..., None]:
    def run(context: JobContext, **arguments: Any) -> None:
        try:
            with sessions.begin() as session:
                jobs.perform(engine, session, name, arguments)
        except Exception as error:
            # A timer is tried again by its row, not by a job that would hold up its instance's other jobs meanwhile.
            if name != timers.FIRE_TIMER and context.job.attempts + 1 < ATTEMPTS:
                raise
            log.exception("job %s (%s) failed for good", context.job.id, name)
            with sessions.begin() as session:
                jobs.perform_failed(engine, session, name, arguments, error)

    run.__name__ = name
    return run


def _firing_job(engine: ProcessEngine, sessions: sessionmaker[Session]) -> Callable[..., None]:
    def told(timer_id: UUID, error: Exception) -> None:
        log.error("timer %s could not be fired; it is tried again", timer_id, exc_info=error)

    def fire_timers(context: JobContext, **arguments: Any) -> None:
        jobs.fire_together(engine, sessions, arguments, told)

    return fire_timers


def _outer_job(sessions: sessionmaker[Session], name: str, performer: Performer) -> Callable[..., None]:
    def run(context: JobContext, **arguments: Any) -> None:
        with sessions.begin() as session:
            performer(session, arguments)

    run.__name__ = name
    return run


def sweep_once(
    engine: ProcessEngine,
    sessions: sessionmaker[Session],
    sweeps: Iterable[Sweep] = (),
    *,
    failed: Callable[[Exception], None] | None = None,
) -> int:
    """Turn due timers into jobs and overdue messages into incidents, do what the rooms above want done at every sweep, and
    start what starts by itself.

    Each of these and each start has a transaction of its own; one that fails is logged (or told to `failed`), holds none
    of the others up, and is done again by the next sweep. Returns how much was found due and is being done.
    """
    found = 0
    first: tuple[Sweep, ...] = (partial(_sweep_timers, engine), partial(_sweep_messages, engine))
    for sweep in (*first, *sweeps):
        try:
            with sessions.begin() as session:
                due = sweep(session, engine.clock.now())
            found += due
        except Exception as error:
            (failed or _log_sweep)(error)
    while _start_next(engine, sessions):
        pass
    return found


def _log_sweep(error: Exception) -> None:
    log.error("a sweep failed; it is tried again", exc_info=error)


def _sweep_timers(engine: ProcessEngine, session: Session, now: datetime) -> int:
    if jobs.many_wait(session, timers.FIRE_TIMER, timers.FIRE_TIMERS):
        return 0
    return jobs.defer_timers(session, timers.sweep(session, now))


def _sweep_messages(engine: ProcessEngine, session: Session, now: datetime) -> int:
    return engine.expire_messages(session)


def _start_next(engine: ProcessEngine, sessions: sessionmaker[Session]) -> bool:
    try:
        with sessions.begin() as session:
            return schedules.start_next(engine, session) is not None
    except Exception:
        log.exception("a scheduled start failed; it is tried again in a minute")
        with sessions.begin() as session:
            schedules.postpone_next(engine, session)
        return True


class Sweeper(threading.Thread):
    """Sweeps until told to stop; a broken sweep is logged and the next one comes."""

    def __init__(
        self, engine: ProcessEngine, sessions: sessionmaker[Session], sweeps: Iterable[Sweep] = ()
    ) -> None:
        super().__init__(name="timer-sweep", daemon=True)
        self._sweeps = tuple(sweeps)
        self._engine = engine
        self._sessions = sessions
        self._stop_asked = threading.Event()

    def run(self) -> None:
        while not self._stop_asked.is_set():
            try:
                due = sweep_once(self._engine, self._sessions, self._sweeps)
            except Exception:
                log.exception("the timer sweep failed; it is tried again")
                due = 0
            if not due:
                self._stop_asked.wait(SWEEP_SECONDS)

    def stop(self) -> None:
        """Ask the thread to end after the sweep it is in."""
        self._stop_asked.set()


def run_worker(
    engine: ProcessEngine,
    sessions: sessionmaker[Session],
    dsn: str,
    *,
    concurrency: int = 4,
    extra: Mapping[str, Performer] | None = None,
    hourly: Mapping[str, Performer] | None = None,
    sweeps: Iterable[Sweep] = (),
    stalled_seconds: int = STALLED_SECONDS,
) -> None:
    """Run a worker in the foreground until SIGINT or SIGTERM; jobs under way are finished first. `extra`, `hourly` and
    `stalled_seconds` as in `build_job_app`, `sweeps` as in `sweep_once`.
    """
    sweeper = Sweeper(engine, sessions, sweeps)
    sweeper.start()
    try:
        app = build_job_app(
            engine, sessions, dsn, extra=extra, hourly=hourly, stalled_seconds=stalled_seconds
        )
        asyncio.run(_serve(app, concurrency, stalled_seconds))
    finally:
        sweeper.stop()
        sweeper.join(timeout=5)


async def _serve(app: procrastinate.App, concurrency: int, stalled_seconds: int) -> None:
    async with app.open_async():
        worker = asyncio.ensure_future(
            app.run_worker_async(
                concurrency=concurrency,
                install_signal_handlers=False,
                delete_jobs="successful",
                shutdown_graceful_timeout=10,
                update_heartbeat_interval=stalled_seconds / 4,
                stalled_worker_timeout=stalled_seconds,
            )
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, worker.cancel)
        try:
            await worker
        except asyncio.CancelledError:
            log.info("worker stopped")
