"""An author sees on any machine what differs between two versions, and a build can tell by the exit code."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from redress.cli import main

CONTENT = Path(__file__).parents[2] / "bpmn"


def compare(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


def test_two_files_are_compared_by_what_they_say(tmp_path: Path) -> None:
    before = CONTENT / "processes" / "complaint.bpmn"
    after = tmp_path / "new.bpmn"
    after.write_bytes(before.read_bytes().replace(b'value="R01.all"', b'value="R02.all"') + b"\n")
    found = compare(before, after)
    assert found.exit_code == 1
    assert "~ process 流程: complaint 投诉处理" in found.output
    assert "property sla.policy: R01.all → R02.all" in found.output


def test_two_folders_are_compared_file_by_file(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "level.dmn").write_bytes((CONTENT / "decisions" / "level.dmn").read_bytes())
    (tmp_path / "other" / "close_case.form").write_bytes((CONTENT / "forms" / "close_case.form").read_bytes())
    found = compare(tmp_path / "one", tmp_path / "other", "--json")
    told = json.loads(found.output)
    assert {one["file"]: one["what"] for one in told["files"]} == {
        "level.dmn": "same",
        "close_case.form": "added",
    }
    assert found.exit_code == 1


def test_nothing_that_differs_is_no_error_and_what_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    same = CONTENT / "decisions" / "level.dmn"
    assert compare(same, same).exit_code == 0
    broken = tmp_path / "level.dmn"
    broken.write_bytes(b"<definitions")
    found = compare(same, broken)
    assert found.exit_code == 2
    assert "! after:" in found.output


def test_a_file_and_a_folder_are_not_compared(tmp_path: Path) -> None:
    found = compare(tmp_path, CONTENT / "decisions" / "level.dmn")
    assert found.exit_code == 2
    assert "two files or two folders" in found.output
