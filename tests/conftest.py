"""What every test may ask for: a real PostgreSQL, a fresh database, a frozen clock, somebody who acts.

One embedded server serves the whole test run; the workers of pytest-xdist share it. A template database is
migrated once; copies of it go from test to test, made empty again, so that no test sees what another has left
behind.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session, sessionmaker

from engine.actor import Actor
from engine.clock import FrozenClock
from redress.migrate import upgrade
from redress.postgres import EmbeddedPostgres
from tasks.audit.sealing import KeyRing
from tasks.audit.writing import keep_trail
from tests.databases import Databases

SECRET_KEY = "the secret key of the tests"
AUDIT_KEYS = KeyRing.derived(SECRET_KEY)
SHANGHAI = timezone(timedelta(hours=8))
TEMPLATE = "redress_template"
# A test database need not survive a power cut.
_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"
_HOME = "REDRESS_TEST_HOME"

# As the product's web processes do (redress/web.py): what thousands of tests leave in memory is not looked through all the time.
gc.set_threshold(20_000, 20, 50)

# How fast generated input comes says how busy the machine is, nothing about the product. Twenty times as much of it:
# --hypothesis-profile=long
settings.register_profile("redress", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("redress"), max_examples=2000)
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
            upgrade(server.start(TEMPLATE))
            (home / "template.ready").touch()
    return server


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Iterator[Databases]:
    """Migrated, empty databases."""
    with closing(Databases(postgres, TEMPLATE)) as made:
        yield made


Furnish = Callable[[sessionmaker[Session], FrozenClock], object]
Furnishing = Callable[[str, Furnish], Databases]


@pytest.fixture(scope="session")
def furnishing(postgres: EmbeddedPostgres) -> Iterator[Furnishing]:
    """Databases with more in them: (name, what fills one) -> copies of one that is filled once for the whole run."""
    made: dict[str, Databases] = {}

    def furnished(name: str, furnish: Furnish) -> Databases:
        def with_trail(sessions: sessionmaker[Session]) -> None:
            keep_trail(sessions, AUDIT_KEYS)
            furnish(sessions, monday_morning())

        if name not in made:
            made[name] = Databases.furnished(postgres, TEMPLATE, f"redress_{name}", with_trail)
        return made[name]

    yield furnished
    for databases in made.values():
        databases.close()


@pytest.fixture
def lender(databases: Databases) -> Databases:
    """The databases this room's tests work in; rooms that need furnished ones say so."""
    return databases


@pytest.fixture
def database_url(lender: Databases) -> Iterator[str]:
    """The URL of a database for one test."""
    with lender.lend() as url:
        yield url


@pytest.fixture
def sessions(lender: Databases, database_url: str) -> sessionmaker[Session]:
    """The session factory of a fresh database."""
    factory = lender.sessions(database_url)
    keep_trail(factory, AUDIT_KEYS)
    return factory


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One open session; what the test does not commit is rolled back."""
    with sessions() as opened:
        yield opened


def monday_morning() -> FrozenClock:
    return FrozenClock(datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI))


@pytest.fixture
def clock() -> FrozenClock:
    """Monday, 2 March 2026, 09:00 in Shanghai; it moves only when the test says so."""
    return monday_morning()


@pytest.fixture
def actor() -> Actor:
    return Actor(id="li.na", name="李娜")
