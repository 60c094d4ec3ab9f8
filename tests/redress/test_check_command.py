"""An author checks files on any machine: no database, every remark, an exit code a build can use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from redress.cli import main
from tests.engine.expressions.checked_tables import In, Made, Out

CONTENT = Path(__file__).parents[2] / "bpmn"
LEVELS = Made(
    [In("amount", "number"), In("tier", "string", '"gold", "silver"')],
    [(["< 100", "-"], ['"low"']), (["> 100", '"gold"'], ['"hihg"']), (["> 50", '"glod"'], ['"high"'])],
    outputs=[Out("level", "string", '"low", "high"')],
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "level.dmn").write_bytes(LEVELS.file())
    return tmp_path


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


def test_remarks_are_told_with_file_line_and_example_and_are_no_error(folder: Path) -> None:
    found = check(folder)
    assert found.exit_code == 0, found.output
    assert "tables/level.dmn:3 warning rule-2 The verdict" in found.output
    assert 'Did you mean "gold"?' in found.output
    assert "你是不是想写" in found.output
    assert "1 file(s) checked: 0 error(s)" in found.output


def test_the_remarks_are_data_too(folder: Path) -> None:
    found = {one["code"]: one for one in json.loads(check(folder, "--json").stdout)}
    assert {"table-gap", "value-not-allowed", "rule-never-fires"} <= set(found)
    assert found["table-gap"]["example"].keys() == {"amount", "tier"}
    assert (found["rule-never-fires"]["row"], found["rule-never-fires"]["column"]) == (3, "tier")


def test_an_error_makes_the_exit_code_1(folder: Path) -> None:
    (folder / "broken.dmn").write_bytes(LEVELS.file().replace(b"&lt; 100", b"&lt; 100 and"))
    found = check(folder)
    assert found.exit_code == 1
    assert "broken.dmn" in found.output and "error" in found.output


def test_a_folder_without_files_is_refused_in_a_sentence(tmp_path: Path) -> None:
    found = check(tmp_path)
    assert found.exit_code == 1
    assert "no .bpmn, .dmn or .form file there" in found.output


def test_the_content_of_the_office_is_clean_and_needs_no_database(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REDRESS_")}
    environment |= {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDRESS_HOME": str(tmp_path / "home"),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "redress", "check", str(CONTENT)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=CONTENT.parent,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("no remark.\n")
    assert not (tmp_path / "home").exists()


def test_what_is_piped_is_one_line_for_each_sentence(folder: Path) -> None:
    lines = check(folder).output.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []
    assert all(line.startswith(("    ", "tables/", "level.dmn", "1 file")) for line in lines), lines
    assert len(lines) % 3 == 1
