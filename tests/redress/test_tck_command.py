"""Whoever has the DMN conformance kit runs it with one command and reads how much passes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from redress.cli import main

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:kit" name="kit">
  <inputData name="n" id="n"><variable name="n"/></inputData>
  <decision name="twice" id="d"><variable name="twice"/>
    <informationRequirement><requiredInput href="#n"/></informationRequirement>
    <literalExpression><text>n * 2</text></literalExpression></decision></definitions>"""


def case(id: str, n: int, expected: int) -> str:
    number = 'value xsi:type="xsd:decimal"'
    return (
        f'<testCase id="{id}"><inputNode name="n"><{number}>{n}</value></inputNode>'
        f'<resultNode name="twice"><expected><{number}>{expected}</value></expected></resultNode></testCase>'
    )


def folder(root: Path, name: str, *cases: str, model: str = "kit.dmn") -> None:
    """One folder of a kit."""
    place = root / name
    place.mkdir(parents=True)
    (place / "kit.dmn").write_text(MODEL, encoding="utf-8")
    (place / "kit-test-01.xml").write_text(
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><modelName>{model}</modelName>{"".join(cases)}</testCases>'
    )


def tck(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["tck", *arguments])


def test_it_counts_by_folder_by_level_and_in_all(tmp_path: Path) -> None:
    folder(tmp_path / "compliance-level-2", "0001-a", case("1", 1, 2), case("2", 2, 4))
    folder(tmp_path / "compliance-level-3", "0002-b", case("1", 3, 6))
    found = tck(str(tmp_path))
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        "compliance-level-2/0001-a: 2 passed 通过, 0 failed 失败, 0 listed 已列明",
        "compliance-level-3/0002-b: 1 passed 通过, 0 failed 失败, 0 listed 已列明",
        "compliance-level-2 (100.00 %): 2 passed 通过, 0 failed 失败, 0 listed 已列明",
        "compliance-level-3 (100.00 %): 1 passed 通过, 0 failed 失败, 0 listed 已列明",
        "total 合计 (100.00 %): 3 passed 通过, 0 failed 失败, 0 listed 已列明",
    ]


def test_a_case_that_fails_makes_it_fail_and_says_why_when_asked(tmp_path: Path) -> None:
    folder(tmp_path, "0001-a", case("good", 1, 2), case("bad", 1, 3))
    quiet = tck(str(tmp_path))
    assert quiet.exit_code == 1
    assert "1 of 2 test cases fail. Run it with --verbose" in quiet.stderr
    assert "expected" not in quiet.stdout
    told = tck(str(tmp_path), "--verbose")
    assert told.exit_code == 1
    assert "    failed kit-test-01.xml bad\n      twice: expected 3, got 2" in told.stdout
    assert "good" not in told.stdout


def test_a_listed_case_may_fail_but_not_pass(tmp_path: Path) -> None:
    folder(tmp_path, "0076-feel-external-java", case("literal_001", 1, 3))
    fails = tck(str(tmp_path), "-v")
    assert fails.exit_code == 0
    assert "1 listed" in fails.stdout and "calls a Java method" in fails.stdout
    (tmp_path / "passes").mkdir()
    folder(tmp_path / "passes", "0076-feel-external-java", case("literal_001", 1, 2))
    passes = tck(str(tmp_path / "passes"), "-v")
    assert passes.exit_code == 1
    assert "take it off the list" in passes.stdout


def test_a_model_that_is_not_there_fails_its_cases(tmp_path: Path) -> None:
    folder(tmp_path, "0001-a", case("1", 1, 2), model="other.dmn")
    found = tck(str(tmp_path), "-v")
    assert found.exit_code == 1
    assert 'The model "other.dmn" is not in the folder.' in found.stdout


def test_a_folder_without_a_kit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pom.xml").write_text("<project/>")
    (tmp_path / "some.dmn").write_text(MODEL)
    found = tck(str(tmp_path))
    assert found.exit_code == 1
    assert "There is no test case of the kit in" in found.stderr
    assert tck(str(tmp_path / "nowhere")).exit_code == 2
    assert tck(str(tmp_path / "pom.xml")).exit_code == 2


def test_it_runs_as_a_command_of_its_own(tmp_path: Path) -> None:
    folder(tmp_path, "0001-a", case("1", 1, 3))
    command = [sys.executable, "-m", "redress", "tck", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert found.returncode == 1
    assert "total 合计 (0.00 %): 0 passed 通过, 1 failed 失败, 0 listed 已列明" in found.stdout
