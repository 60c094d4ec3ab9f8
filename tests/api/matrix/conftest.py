"""The office of the walk, furnished once for all its tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from engine.clock import FrozenClock
from engine.db import open_database
from tests.api.matrix import cases, instances
from tests.api.matrix.world import World, open_world
from tests.databases import Databases


@pytest.fixture(scope="module")
def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for a module: whatever a test does in it is taken back."""
    monday = FrozenClock(datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8))))
    with databases.lend() as url:
        sessions = open_database(url, pool_size=1)
        made = open_world(sessions, monday, tmp_path_factory.mktemp("home"))
        cases.furnish(made)
        instances.furnish(made)
        yield made
        made.connection.close()
        sessions.kw["bind"].dispose()


@pytest.fixture(autouse=True)
def _taken_back(world: World) -> Iterator[None]:
    with world.taken_back():
        yield
