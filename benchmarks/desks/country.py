"""The databases of the benchmark, one for each number of open tasks, in one server, and the web server over one of them."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg

from benchmarks.desks.crowd import FINISHED, Crowd
from benchmarks.desks.nation import organisation
from benchmarks.load.http import Connection
from engine.clock import FrozenClock
from redress import migrate
from redress.bootstrap import bind, build
from redress.places import packaged
from redress.postgres import EmbeddedPostgres
from redress.settings import Settings
from tasks.audit.anchoring import begin_trail, require_key
from tasks.deps import Deps
from tasks.lists.weights import load_weights
from tasks.organisation.changing.loading import load_organisation
from tasks.people.identity import caller_by_login
from tasks.people.tokens import issue_token
from tests.conftest import SHANGHAI

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
"""The instant at which all lists are read, so that kept data do not age."""
PASSWORD = "a password of nobody"
_FILLING = (
    "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\nmax_wal_size = 16GB\n"
)
_PATIENCE_SECONDS = 60.0


class Country:
    """One PostgreSQL as the product ships it, in a folder that is kept if one is named."""

    def __init__(self, keep: Path | None, say: Callable[[str], None]) -> None:
        self._home = keep or Path(tempfile.mkdtemp(prefix="redress-bench-"))
        self._kept, self._say = keep is not None, say
        self._home.mkdir(parents=True, exist_ok=True)
        self._server = EmbeddedPostgres(self._home / "pg")
        self._settings = Settings.from_environment({"REDRESS_HOME": str(self._home)})

    def __enter__(self) -> Country:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        if not self._kept:
            shutil.rmtree(self._home, ignore_errors=True)

    def url(self, tasks: int) -> str:
        return self._server.url(f"open_{tasks}")

    def fill(self, tasks: int) -> None:
        """Make the database of so many open tasks, unless it is there; bring it to the present schema."""
        self._server.create_database(f"open_{tasks}")
        url = self.url(tasks)
        if not self._there(url):
            began = time.perf_counter()
            self._server.drop_database(f"open_{tasks}")
            self._server.stop()
            fast = EmbeddedPostgres(self._home / "pg", configuration=_FILLING)
            fast.start(f"open_{tasks}")
            self._furnish(url)
            Crowd(url, tasks, NOW, lambda line: self._say(f"  {line}")).gather()
            fast.stop()
            self._server.start()
            self._say(f"{tasks:,} open tasks made in {time.perf_counter() - began:.0f} s")
        migrate.upgrade(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE) user_task")
            connection.execute("CHECKPOINT")

    def deps(self, tasks: int) -> Deps:
        """The product over that database. One connection at a time answers, as one thread of a web process does."""
        return build(self._settings, self.url(tasks), clock=FrozenClock(NOW))

    def token(self, tasks: int, login: str) -> str:
        """A bearer token that holds today, whatever day it is in the data."""
        deps = build(self._settings, self.url(tasks))
        with deps.sessions.begin() as session:
            caller = caller_by_login(session, deps, login)
            issued = issue_token(session, deps, caller.id, actor=caller.actor, label="benchmark")
        bind(deps).dispose()
        return issued.secret

    @contextmanager
    def web(self, tasks: int) -> Iterator[Callable[[], Connection]]:
        """The production web server over that database; yields what opens a connection to it."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "redress", "web", "--port", str(port)],
            env={**os.environ, "DATABASE_URL": self.url(tasks), "REDRESS_HOME": str(self._home)},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until = time.monotonic() + _PATIENCE_SECONDS
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit("the web server to be measured did not start; try `redress web`")
                time.sleep(0.1)
            yield lambda: Connection("127.0.0.1", port)
        finally:
            process.terminate()
            process.wait(30)

    def _furnish(self, url: str) -> None:
        migrate.upgrade(url)
        deps = build(self._settings, url, clock=FrozenClock(NOW))
        with deps.sessions.begin() as session:
            require_key(session)
            begin_trail(session, NOW)
            load_organisation(session, organisation(), now=NOW, passwords=deps.passwords, password=PASSWORD)
            with (packaged("bpmn") / "organisation" / "next_task.csv").open(encoding="utf-8") as rows:
                load_weights(session, list(csv.DictReader(rows)))
        bind(deps).dispose()

    @staticmethod
    def _there(url: str) -> bool:
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT to_regclass(%s)", [FINISHED]).fetchone()
        return bool(found and found[0])


def _answers(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0
