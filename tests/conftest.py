"""What every test may ask for: a real PostgreSQL, a fresh database, a frozen clock, somebody who acts.

One embedded server serves the whole test run; the workers of pytest-xdist share it. A template database is
migrated once; copies of it go from test to test, made empty again, so that no test sees what another has left
behind.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session, sessionmaker

from engine.actor import Actor
from engine.clock import FrozenClock
from engine.db import open_database
from redress.migrate import upgrade
from redress.postgres import EmbeddedPostgres
from tasks.audit.sealing import KeyRing
from tasks.audit.writing import keep_trail
from tests.databases import Databases

AUDIT_KEYS = KeyRing.derived("the secret key of the tests")
SHANGHAI = timezone(timedelta(hours=8))
_TEMPLATE = "redress_template"
# A test database need not survive a power cut.
_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"
_HOME = "REDRESS_TEST_HOME"

# How fast generated input comes says how busy the machine is, nothing about the product.
settings.register_profile("redress", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("redress")


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process chooses the server's folder; the workers inherit it through the environment."""
    if _HOME not in os.environ:
        os.environ[_HOME] = tempfile.mkdtemp(prefix="redress-tests-")
        config.stash[_owner] = True


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(_owner, False):
        home = Path(os.environ.pop(_HOME))
        EmbeddedPostgres(home / "pg").stop()
        shutil.rmtree(home, ignore_errors=True)


_owner: pytest.StashKey[bool] = pytest.StashKey()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no worker sits over it alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("crash") is None)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the path coverage of every diagram whose tests ran."""
    told = [
        line
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, text in report.user_properties
        if name == "path coverage"
        for line in text.splitlines()
    ]
    if told:
        terminalreporter.section("path coverage of the diagrams")
        for line in sorted(told):
            terminalreporter.line(line)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that another system user may reach: pytest's own are shut for everybody else."""
    with tempfile.TemporaryDirectory(prefix="redress-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres() -> EmbeddedPostgres:
    """The embedded server of this test run, with the migrated template database in it."""
    import fasteners

    home = Path(os.environ[_HOME])
    server = EmbeddedPostgres(home / "pg", configuration=_FAST)
    with fasteners.InterProcessLock(home / "template.lock"):
        if not (home / "template.ready").exists():
            upgrade(server.start(_TEMPLATE))
            (home / "template.ready").touch()
    return server


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Databases:
    """Migrated, empty databases."""
    return Databases(postgres, _TEMPLATE)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of a migrated, empty database for one test."""
    with databases.lend() as url:
        yield url


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """The session factory of a fresh database."""
    factory = open_database(database_url, pool_size=4)
    keep_trail(factory, AUDIT_KEYS)
    yield factory
    bind = factory.kw["bind"]
    assert isinstance(bind, sa.Engine)
    bind.dispose()


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One open session; what the test does not commit is rolled back."""
    with sessions() as opened:
        yield opened


@pytest.fixture
def clock() -> FrozenClock:
    """Monday, 2 March 2026, 09:00 in Shanghai; it moves only when the test says so."""
    return FrozenClock(datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI))


@pytest.fixture
def actor() -> Actor:
    return Actor(id="li.na", name="李娜")
