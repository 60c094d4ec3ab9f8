"""An office with two process owners and a process made of a diagram, a decision table and two forms."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tasks.organisation.changing.loading import load_organisation
from tests.conftest import Furnishing
from tests.databases import Databases
from tests.tasks.office import ORGANISATION, PASSWORD, TestOffice, open_office

SECOND = {"login": "bai_he", "name": "白鹤", "unit": "hq", "title": "流程负责人", "roles": ["process_owner"]}
THIRD = {"login": "mo_ran", "name": "墨染", "unit": "hq", "title": "流程负责人", "roles": ["process_owner"]}


def _furnish(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    office = open_office(sessions, clock)
    with sessions.begin() as session:
        load_organisation(
            session,
            {**ORGANISATION, "people": [*ORGANISATION["people"], SECOND, THIRD]},
            now=clock.now(),
            passwords=office.deps.passwords,
            password=PASSWORD,
        )


@pytest.fixture
def lender(furnishing: Furnishing) -> Databases:
    return furnishing("drafts", _furnish)


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: FrozenClock) -> TestOffice:
    return open_office(sessions, clock, furnished=True)
