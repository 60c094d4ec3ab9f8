"""The benchmark of timers runs, and counts what it has fired."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = [
    "--armed=500",
    "--looks=5",
    "--firing=40",
    "--runs=1",
    "--workers=1",
    "--windows=1",
    "--seconds=1",
    "--rate=4",
    "--burst=20",
    "--ahead=0.2",
]


@pytest.mark.crash
@pytest.mark.soak
def test_a_small_run_prints_every_line() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/timers.py", *SMALL],
        cwd=ROOT,
        env={**os.environ, "REDRESS_TRIAL_SECONDS": "0"},  # other tests try the shipped diagrams out
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^sweep, nothing due, .* ms$", done.stdout, re.M)) == 3
    assert "moving one" in done.stdout and "40 due at once, 1 worker" in done.stdout
    lags = re.findall(r"completions/s.*0 refused.*max \d+\.\d\d s \((\d+) timers\)", done.stdout)
    assert lags == ["20", "40"], done.stdout
