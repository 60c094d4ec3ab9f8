"""The wheel built from the tree runs where there is no tree."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.redress.running import REPOSITORY, Installation

pytestmark = pytest.mark.crash


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_an_installed_wheel_starts_with_its_own_content_pages_and_migrations(place: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
    _run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(place), str(REPOSITORY))
    (wheel,) = place.glob("redress-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "redress/packaged/bpmn/processes/complaint.bpmn" in names
    assert "redress/packaged/bpmn/letters/final_reply.md" in names
    assert "tasks/letters/paper/letter.typ" in names
    assert "redress/packaged/migrations/env.py" in names
    assert "engine/expressions/dmn/tck/listed.toml" in names
    assert any(name.startswith("admin/static/dist/") for name in names)
    assert not [name for name in names if "node_modules" in name or name.startswith("tests/")]

    installed = place / "installed"
    _run(*pip, "install", "--no-deps", "--target", str(installed), str(wheel))
    installation = Installation(place / "home", outside=True)
    installation.environment["PYTHONPATH"] = str(installed)
    with installation:
        with urllib.request.urlopen(f"{installation.url}/api/v1/openapi.json", timeout=10) as answer:
            assert b'"/api/v1/tasks"' in answer.read()
        doctor = installation.run("doctor")
        assert "processes deployed" in doctor.stdout
        assert "bundles" in doctor.stdout
        served = installation.child("web")
        assert served is not None
        assert str(installed) in served.environ()["PYTHONPATH"]
