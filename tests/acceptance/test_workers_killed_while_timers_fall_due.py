"""Real worker processes killed while timers and rungs fall due: each fires exactly once. `benchmarks/kills.py` kills 200."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.kills import COPIES, INSTANTS, run
from redress.bootstrap import prepare
from redress.settings import Settings

KILLS = 5

pytestmark = pytest.mark.crash


def test_whatever_is_killed_when_each_timer_and_each_rung_fires_exactly_once(
    database_url: str, place: Path
) -> None:
    prepare(
        Settings.from_environment({"REDRESS_HOME": str(place), "REDRESS_TRIAL_SECONDS": "0"}), database_url
    )
    found = run(place, database_url, kills=KILLS, seed=7, told=print)
    assert found.clean, found
    assert (found.kills, found.timers, found.rungs) == (
        KILLS,
        KILLS * INSTANTS * COPIES,
        KILLS * INSTANTS * 2,
    )
