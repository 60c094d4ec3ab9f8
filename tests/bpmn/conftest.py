"""What holds for all tests of diagrams: how many sequence flows they have taken is told, and no expression of a diagram,
table or form lost its value on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from engine.history import HistoryEvent
from tests.bpmn.playing import deploy
from tests.conftest import Furnishing
from tests.databases import Databases

LAST = "test_every_sequence_flow_was_taken"
"""The last test of a file that answers for diagrams."""


@pytest.fixture
def lender(furnishing: Furnishing) -> Databases:
    """Databases that hold the content."""
    return furnishing("content", deploy)


@pytest.fixture(autouse=True)
def watched(request: pytest.FixtureRequest) -> Iterator[None]:
    """Add to `TAKEN` of a file that answers for diagrams what each of its tests has gone through, and hold it to this: what
    people do in the ordinary course of work makes no expression warn.
    """
    taken = getattr(request.module, "TAKEN", None)
    if taken is None or request.node.name == LAST:
        yield
        return
    sessions = request.getfixturevalue("sessions")
    yield
    taken.read(sessions)
    lines = sa.select(HistoryEvent.scope, HistoryEvent.activity_id, HistoryEvent.data)
    with sessions() as session:
        warned = session.execute(lines.where(HistoryEvent.kind == "warning_recorded")).all()
    assert [tuple(line) for line in warned] == []


@pytest.fixture(autouse=True)
def path_coverage(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """Hand what the file has taken to the summary of the run (`tests.conftest`)."""
    if request.node.name == LAST:
        record_property("path coverage", request.module.TAKEN.told())
