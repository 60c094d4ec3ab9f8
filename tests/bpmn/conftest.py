"""What the tests of diagrams tell besides passing: how many sequence flows of each diagram they have taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

LAST = "test_every_sequence_flow_was_taken"
"""The last test of a file that answers for diagrams."""


@pytest.fixture(autouse=True)
def path_coverage(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """Hand what the file has taken to the summary of the run (`tests.conftest`)."""
    if request.node.name == LAST:
        record_property("path coverage", request.module.TAKEN.told())
