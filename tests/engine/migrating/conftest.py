"""A harness for versions of one process."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.engine.migrating.moves import Moving, work


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Moving:
    return Moving(sessions, clock, case={"items": [1, 2, 3]}, operations={"work": work})
