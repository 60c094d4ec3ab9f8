"""The short form of `make fuzz`: a few hundred damaged diagrams, each from its seed, are answered in sentences."""

from __future__ import annotations

import pytest

from tests.engine.dialect.fuzzing.cases import case, sources
from tests.engine.dialect.fuzzing.judging import complaints


@pytest.mark.parametrize("block", range(4))
def test_no_damaged_diagram_makes_the_gate_or_a_first_run_fall(block, monkeypatch):
    monkeypatch.delenv("REDRESS_CORPUS", raising=False)
    files = sources()
    for seed in range(block * 60, block * 60 + 60):
        assert complaints(case(seed, files)) == [], f"seed {seed}"
