"""An author checks files on any machine: no database, every remark, an exit code a build can use."""

from __future__ import annotations

import hashlib
import json
import os
import re
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
    assert re.search(
        r"^tables/level\.dmn:3  rule-2 The verdict  [\w-]+  warning 提醒$", found.output, re.MULTILINE
    )
    assert 'Did you mean "gold"?' in found.output
    assert "你是不是想写" in found.output
    assert re.search(r"^1 file\(s\) checked: \d+ warning\(s\)", found.output, re.MULTILINE)


def test_the_remarks_are_data_too(folder: Path) -> None:
    found = {one["code"]: one for one in json.loads(check(folder, "--json").stdout)["findings"]}
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
    assert len(lines) % 3 == 2  # three for each finding, one for the file, one for all


THREE = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
<process id="runs" isExecutable="true"><startEvent id="a"/></process>
<process id="asks" isExecutable="true"><startEvent id="b"/><callActivity id="call" calledElement="elsewhere"/>
<sequenceFlow id="f" sourceRef="b" targetRef="call"/></process>
<process id="drawn" isExecutable="false"><task id="c"/></process>
</definitions>"""


def test_every_process_is_told_what_becomes_of_it(tmp_path: Path) -> None:
    (tmp_path / "three.bpmn").write_text(THREE)
    found = check(tmp_path)
    assert found.exit_code == 0, found.output
    assert "three.bpmn:2  runs  可运行 runs\n" in found.output
    assert "three.bpmn:3  asks  待绑定 needs binding: call\n" in found.output
    assert "three.bpmn:5  drawn  仅作为图保存 drawing only\n" in found.output
    assert check(tmp_path, "--strict").exit_code == 1


def test_the_json_says_the_same_in_a_stable_shape(tmp_path: Path) -> None:
    content = THREE.replace('"drawn" isExecutable="false"', '"wrong" isExecutable="true"').encode()
    (tmp_path / "three.bpmn").write_bytes(content)
    found = check(tmp_path, "--json")
    assert found.exit_code == 1
    data = json.loads(found.stdout)
    assert data.keys() == {"ok", "counts", "files", "processes", "findings"}
    assert data["ok"] is False
    assert data["counts"].keys() == {"error", "binding", "warning", "note"}
    assert data["counts"]["binding"] == 1 and data["counts"]["error"] >= 1
    assert data["files"] == [
        {
            "name": "three.bpmn",
            "kind": "bpmn",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
    ]
    states = {one["key"]: one["state"] for one in data["processes"]}
    assert states == {"runs": "runs", "asks": "needs-binding", "wrong": "refused"}
    [need] = data["processes"][1]["needs"]
    assert (need["key"], need["kind"], need["asked"]) == ("call", "process", "elsewhere")
    about = {one["process"] for one in data["findings"] if one["severity"] == "error"}
    assert about == {"wrong"}


def test_an_error_of_the_file_refuses_every_process_of_it(tmp_path: Path) -> None:
    (tmp_path / "three.bpmn").write_text(THREE.replace("<process", '<message id="runs"/><process', 1))
    data = json.loads(check(tmp_path, "--json").stdout)
    refused = [one["key"] for one in data["processes"] if one["state"] == "refused"]
    assert "runs" in refused


def test_two_files_of_one_name_are_both_checked(tmp_path: Path) -> None:
    for folder, key in (("one", "p"), ("two", "q")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.bpmn").write_text(
            THREE.replace('"runs"', f'"{key}"').replace('"asks"', f'"{key}2"').replace('"drawn"', f'"{key}3"')
        )
    found = json.loads(check(tmp_path / "one" / "a.bpmn", tmp_path / "two" / "a.bpmn", "--json").stdout)
    assert [one["name"] for one in found["files"]] == ["a.bpmn", "two/a.bpmn"]
    assert {one["key"] for one in found["processes"]} == {"p", "p2", "p3", "q", "q2", "q3"}


CODES = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
 targetNamespace="urn:t"><process id="p" isExecutable="true"><startEvent id="s"/>
<userTask id="it" name="Look" camunda:candidateGroups="x"><extensionElements><camunda:properties>
<camunda:property name="sla.policy" value="{code}"/></camunda:properties></extensionElements></userTask>
<endEvent id="e"/><sequenceFlow id="a" sourceRef="s" targetRef="it"/><sequenceFlow id="b" sourceRef="it" targetRef="e"/>
</process></definitions>"""


def codes_told(folder: Path, code: str) -> list[str]:
    (folder / "p.bpmn").write_text(CODES.format(code=code), encoding="utf-8")
    found = json.loads(check(folder, "--json").stdout)["findings"]
    return [one["message"] for one in found if one["code"] == "unknown-value"]


def test_codes_of_time_limits_are_looked_up_in_the_shipped_register(tmp_path: Path) -> None:
    assert codes_told(tmp_path, "R01.audit") == []
    (told,) = codes_told(tmp_path, "R01.aduit")
    assert '"R01.aduit" is no code of the clock register. Did you mean "R01.audit"?' in told


def test_codes_of_time_limits_are_looked_up_in_the_register_of_the_checked_folder(tmp_path: Path) -> None:
    (tmp_path / "organisation").mkdir()
    (tmp_path / "organisation" / "clocks.csv").write_text(
        "code,limit,unit\nX01.paint,4,h\n", encoding="utf-8"
    )
    assert codes_told(tmp_path, "X01.paint") == []
    assert len(codes_told(tmp_path, "R01.audit")) == 1
