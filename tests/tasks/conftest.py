"""The office every test here works in."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.tasks.office import TestOffice, open_office


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: FrozenClock) -> TestOffice:
    return open_office(sessions, clock)


@pytest.fixture
def settled(office: TestOffice) -> TestOffice:
    """The office after the job that its own loading left behind."""
    office.settle()
    return office
