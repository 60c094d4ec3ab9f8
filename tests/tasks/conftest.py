"""The office every test here works in."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.conftest import Furnishing
from tests.databases import Databases
from tests.tasks.office import TestOffice, open_office


@pytest.fixture
def lender(request: pytest.FixtureRequest, databases: Databases, furnishing: Furnishing) -> Databases:
    """Who works in the office gets a database with the office in it."""
    return furnishing("office", open_office) if "office" in request.fixturenames else databases


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: FrozenClock) -> TestOffice:
    return open_office(sessions, clock, furnished=True)


@pytest.fixture
def settled(office: TestOffice) -> TestOffice:
    """The office after the job that its own loading left behind."""
    office.settle()
    return office
