"""What can be wrong with an installation, found out without changing anything."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from engine.clock import SystemClock
from engine.errors import WrongState
from engine.instance import ACTIVE
from redress import migrate, runfile
from redress.database import embedded_server
from redress.places import CHECKOUT
from redress.settings import Settings
from redress.supervisor import answers

OLDEST_POSTGRES = 14
SILENT_SECONDS = 60
"""A job worker that has not given a sign of life for so long is counted as gone."""
LATE_SECONDS = 60
"""A timer may wait for the sweep for a moment; so long means that nobody sweeps."""
LONG_PAUSE = timedelta(days=30)
"""Whoever waits outside for so long has been forgotten, or will not answer."""
LONG_DELIVERY = timedelta(minutes=30)
"""A mail server may ask to be tried again once or twice; so long means that it does not take what it is given."""
LONG_REQUEST = timedelta(days=2)
"""How long somebody who asked for more time may be left without an answer."""
_LEAST_DISK = 1 << 30
_SHOWN = ("SpiffWorkflow", "SQLAlchemy", "procrastinate", "psycopg", "Flask", "lxml")


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, whether it is well, what was seen, and what to do if it is not."""

    name: str
    ok: bool
    seen: str
    advice: str = ""


def examine(settings: Settings) -> Iterator[Check]:
    """Yield one check after the other; without a database, those that need it are left out."""
    yield _versions()
    yield _bundle()
    yield _demo_passwords(settings)
    url = settings.database_url
    if url is None:
        server = embedded_server(settings)
        yield _embedded(settings, server.data, server.pid())
        if server.pid() is None:
            return
        url = server.url("redress")
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=5)
    except psycopg.Error as error:
        sentence = str(error).strip().splitlines()[0]
        yield Check("database", False, sentence, "Check DATABASE_URL and that the server runs.")
        return
    with connection:
        yield _server(connection)
        schema = _schema(url)
        yield schema
        if schema.ok:
            yield from _jobs(connection)
            yield from due_work(connection, SystemClock().now())
            yield _content(connection)
            yield _calendar(connection)
            yield _bindings(settings, url, connection)
            yield _gaps(settings, url)
            yield _trail(settings, url)
    yield _web(settings)


def _versions() -> Check:
    python = ".".join(map(str, sys.version_info[:3]))
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _SHOWN)
    return Check(
        "versions", sys.version_info >= (3, 11), f"Python {python}, {found}", "Install Python 3.11 or newer."
    )


def _bundle() -> Check:
    import admin

    place = Path(admin.__file__ or "").parent / "static" / "dist"
    if any(place.glob("*.js")):
        return Check("front end", True, f"{sum(1 for _ in place.rglob('*.js'))} bundles")
    how = "Run `make run` again." if CHECKOUT else "Install the wheel again: it was built without its bundle."
    return Check("front end", False, f"no bundle in {place}", how)


def _demo_passwords(settings: Settings) -> Check:
    """The password everybody knows may only be enough where nobody else can come."""
    if not settings.keeps_demo_passwords:
        return Check("demo passwords", True, "must be changed at the first sign-in")
    seen = "are enough: " + (
        "only this machine can come" if settings.trial else "REDRESS_DEMO_PASSWORDS=keep"
    )
    return Check("demo passwords", settings.trial, seen, "Set REDRESS_DEMO_PASSWORDS=change.")


def _embedded(settings: Settings, data: Path, pid: int | None) -> Check:
    if not data.exists():
        return Check("embedded server", False, f"no data in {data} yet", "Start with `redress run`.")
    free = shutil.disk_usage(data).free
    if free < _LEAST_DISK:
        return Check(
            "embedded server", False, f"{free >> 20} MB of disk left at {data}", "Make room on that disk."
        )
    if pid is None:
        return Check(
            "embedded server", False, f"not running; its data is in {data}", "Start with `redress run`."
        )
    return Check("embedded server", True, f"process {pid}, data in {data}")


def _server(connection: psycopg.Connection) -> Check:
    version = connection.info.server_version
    encoding = _value(
        connection, "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
    )
    size = _value(connection, "SELECT pg_size_pretty(pg_database_size(current_database()))")
    seen = f"PostgreSQL {version // 10000}.{version % 10000}, {encoding}, {size}"
    if version < OLDEST_POSTGRES * 10000:
        return Check("database", False, seen, f"PostgreSQL {OLDEST_POSTGRES} or newer is needed.")
    return Check("database", encoding == "UTF8", seen, "Create the database with ENCODING 'UTF8'.")


def _schema(url: str) -> Check:
    at, head = migrate.current(url), migrate.head()
    return Check(
        "migrations", at == head, f"at {at or 'nothing'}, newest {head}", "Run `redress db upgrade`."
    )


def _jobs(connection: psycopg.Connection) -> Iterator[Check]:
    if _value(connection, "SELECT to_regclass('procrastinate_jobs')") is None:
        yield Check("job engine", False, "its tables are missing", "Run `redress db upgrade`.")
        return
    alive = f"last_heartbeat > now() - interval '{SILENT_SECONDS} seconds'"
    workers = _value(connection, f"SELECT count(*) FROM procrastinate_workers WHERE {alive}")
    yield Check(
        "job workers", workers > 0, f"{workers} alive", "Start one with `redress run` or `redress worker`."
    )
    stalled = _value(
        connection,
        "SELECT count(*) FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id "
        f"WHERE j.status = 'doing' AND (w.id IS NULL OR NOT w.{alive})",
    )
    yield Check(
        "stalled jobs",
        stalled == 0,
        f"{stalled} taken by a worker that is gone",
        "A running worker takes them up within minutes.",
    )
    failed = _value(connection, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
    yield Check(
        "failed jobs",
        failed == 0,
        f"{failed} given up",
        "The worker's log says why.",
    )


def due_work(connection: psycopg.Connection, now: datetime) -> Iterator[Check]:
    """What a worker would have done by now and has not, and what waits for people for too long."""
    late = now - timedelta(seconds=LATE_SECONDS)
    timers = _value(
        connection,
        # Neither those whose instance is suspended nor those that rest after a failure: no worker fires them now.
        "SELECT count(*) FROM timer t JOIN process_instance i ON i.id = t.instance_id "
        "WHERE t.fired_at IS NULL AND NOT t.held AND i.status = %s AND greatest(t.due_at, t.again_at) < %s",
        (ACTIVE, late),
    )
    yield Check(
        "timers", timers == 0, f"{timers} overdue by more than a minute", "Start a worker: it sweeps them up."
    )
    rungs = _value(connection, "SELECT count(*) FROM clock WHERE next_at < %s", (late,))
    yield Check(
        "clocks",
        rungs == 0,
        f"{rungs} with a rung that should have rung more than a minute ago",
        "Start a worker: it rings them. If one runs, its log says why.",
    )
    reasons = connection.execute(
        "SELECT pause_reason, count(*) FROM clock WHERE paused_at < %s AND stopped_at IS NULL GROUP BY 1 ORDER BY 1",
        (now - LONG_PAUSE,),
    ).fetchall()
    told = ", ".join(f"{count} for {reason}" for reason, count in reasons) or "none"
    yield Check(
        "paused clocks",
        not reasons,
        f"{told} for longer than {LONG_PAUSE.days} days",
        "Look at 暂停中 on the page 督办 and resume what nobody waits for any more.",
    )
    requests = _value(
        connection,
        "SELECT count(*) FROM clock_request WHERE state = 'requested' AND asked_at < %s",
        (now - LONG_REQUEST,),
    )
    yield Check(
        "requests for time",
        requests == 0,
        f"{requests} wait for a decision for longer than {LONG_REQUEST.days} days",
        "A supervisor decides on them on the pages of their cases.",
    )
    given_up, waiting = connection.execute(
        "SELECT count(*) FILTER (WHERE state = 'failed'), count(*) FILTER (WHERE state = 'queued' AND since < %s) "
        "FROM delivery WHERE state IN ('failed', 'queued')",
        (now - LONG_DELIVERY,),
    ).fetchone() or (0, 0)
    why = _value(
        connection,
        "SELECT channel || ': ' || error FROM delivery WHERE error <> '' AND state IN ('failed', 'queued') "
        "ORDER BY next_at DESC LIMIT 1",
    )
    yield Check(
        "notices sent",
        not given_up and not waiting,
        f"{given_up} given up, {waiting} waiting for longer than {LONG_DELIVERY.seconds // 60} minutes"
        + (f"; last: {why}" if why and (given_up or waiting) else ""),
        "Set the channel right (docs/notices.md) and have them tried again on the page 通知发送.",
    )


def _gaps(settings: Settings, url: str) -> Check:
    """Whether open work waits for nobody."""
    from redress.bootstrap import bind, build
    from tasks.organisation.assigning.gaps import gaps

    deps = build(settings, url)
    try:
        with deps.sessions() as session:
            found = gaps(session, deps)
    finally:
        bind(deps).dispose()
    groups = ", ".join(f"{name} ({count})" for name, count in sorted(found.deserted.items())[:10])
    seen = f"{found.unrouted} tasks that nobody answers for, {sum(found.deserted.values())} of groups without people"
    return Check(
        "waits for nobody",
        not found,
        f"{seen}: {groups}" if groups else seen,
        "Give the unit people or the role to another one (page 组织).",
    )


def _content(connection: psycopg.Connection) -> Check:
    count = _value(connection, "SELECT count(DISTINCT key) FROM process_definition")
    return Check(
        "content", count > 0, f"{count} processes deployed", "Run `redress deploy bpmn`, or `redress run`."
    )


def _calendar(connection: psycopg.Connection) -> Check:
    """This year must be published; a next year that is late is said, for there may be no notice yet."""
    from tasks.deadlines.calendar.alarm import missing_years
    from tasks.deadlines.calendar.arithmetic import day_of

    today = day_of(SystemClock().now())
    published = {row[0] for row in connection.execute("SELECT year FROM calendar_year")}
    seen = f"published until {max(published)}" if published else "no year is published"
    if today.year + 1 in missing_years(published, today):
        seen += f"; {today.year + 1} is missing, limits that reach into it are provisional"
    return Check(
        "working calendar",
        today.year in published,
        seen,
        "Import the State Council's notice: `redress calendar import FILE --yes`.",
    )


def _bindings(settings: Settings, url: str, connection: psycopg.Connection) -> Check:
    """Everything that processes in use are bound to must still be there; a process that cannot start is told too."""
    from engine.binding import wrongly_bound
    from redress.bootstrap import bind, build

    never = connection.execute(
        "SELECT key FROM process_definition GROUP BY key HAVING NOT bool_or(startable) ORDER BY key LIMIT 10"
    ).fetchall()
    deps = build(settings, url)
    try:
        with deps.sessions() as session:
            gone = wrongly_bound(deps.engine, session)
    finally:
        bind(deps).dispose()
    told = [
        f"{key} version {version}, {one.need.key}: {(one.wrong or ('',))[0]}"
        for key, version, one in gone[:10]
    ]
    told += [f"{row[0]} cannot start: it is still to be bound" for row in never]
    seen = "; ".join(told) or "all processes can start, and what they are bound to is there"
    keys = [key for key, _, _ in gone] + [row[0] for row in never]
    return Check(
        "bindings", not told, seen, f"Bind them, for example `redress bind {keys[0]}`." if keys else ""
    )


def _trail(settings: Settings, url: str) -> Check:
    """Whether processes with these settings can go on the audit trail, or refuse to start."""
    from redress.bootstrap import build, check_audit_key

    try:
        check_audit_key(build(settings, url))
    except WrongState as refused:
        first, _, advice = str(refused).partition(". ")
        return Check("audit trail", False, first, advice)
    return Check("audit trail", True, "sealed with the secret key of these settings, or not begun")


def _web(settings: Settings) -> Check:
    instance = runfile.read(settings.home)
    if instance is None:
        return Check("web server", False, f"none runs from {settings.home}", "Start with `redress run`.")
    return Check("web server", answers(instance.url), instance.url, "Look at what `redress run` printed.")


def _value(connection: psycopg.Connection, query: LiteralString, values: tuple[Any, ...] = ()) -> Any:
    row = connection.execute(query, values or None).fetchone()
    return row[0] if row else None
