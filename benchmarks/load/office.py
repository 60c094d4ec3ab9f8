"""The small office of the tests over a database of its own, for benchmarks that need no server."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from engine.clock import FrozenClock
from engine.db import open_database
from redress import migrate
from redress.postgres import EmbeddedPostgres
from tasks.audit.sealing import KeyRing
from tasks.audit.writing import keep_trail
from tests.conftest import SHANGHAI
from tests.tasks.office import TestOffice, open_office


@contextmanager
def database() -> Iterator[TestOffice]:
    """The small office of the tests over a database of its own."""
    home = Path(tempfile.mkdtemp(prefix="redress-bench-"))
    server = EmbeddedPostgres(home / "pg")
    server.start()
    try:
        server.create_database("bench")
        url = server.url("bench")
        migrate.upgrade(url)
        sessions = open_database(url)
        keep_trail(sessions, KeyRing.derived("a benchmark's secret key, known to all"))
        yield open_office(sessions, FrozenClock(datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)))
        sessions.kw["bind"].dispose()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
