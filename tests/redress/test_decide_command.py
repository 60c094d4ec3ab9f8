"""A process owner tries a decision file in a terminal, and asks why it came out as it did."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from redress.cli import main

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
LEVEL = f"""<definitions xmlns="{DMN}" id="file" name="file" namespace="urn:fees">
  <inputData id="i1" name="amount"><variable name="amount" typeRef="number"/></inputData>
  <inputData id="i2" name="card"><variable name="card" typeRef="string"/></inputData>
  <decision id="level" name="Level of care"><variable name="Level of care"/>
    <informationRequirement><requiredInput href="#i1"/></informationRequirement>
    <informationRequirement><requiredInput href="#i2"/></informationRequirement>
    <decisionTable hitPolicy="FIRST">
      <input label="sum"><inputExpression><text>amount</text></inputExpression></input>
      <input><inputExpression><text>card</text></inputExpression></input>
      <output name="level"/><annotation name="clause"/>
      <rule id="r1"><inputEntry><text>&gt; 100</text></inputEntry><inputEntry><text>"gold"</text></inputEntry>
        <outputEntry><text>"high"</text></outputEntry><annotationEntry><text>§7</text></annotationEntry></rule>
      <rule id="r2"><inputEntry><text>&gt; 100</text></inputEntry><inputEntry><text>-</text></inputEntry>
        <outputEntry><text>"mid"</text></outputEntry></rule>
      <rule id="r3"><inputEntry><text>-</text></inputEntry><inputEntry><text>? &gt; 3</text></inputEntry>
        <outputEntry><text>"odd"</text></outputEntry></rule>
      <rule id="r4"><inputEntry><text>-</text></inputEntry><inputEntry><text>-</text></inputEntry>
        <outputEntry><text>"low"</text></outputEntry></rule>
    </decisionTable></decision>
  <decision id="fee" name="fee"><variable name="fee"/>
    <informationRequirement><requiredDecision href="#level"/></informationRequirement>
    <literalExpression><text>if Level of care = "low" then 0.10 else 12.30</text></literalExpression></decision>
  <businessKnowledgeModel id="twice" name="twice"><variable name="twice"/><encapsulatedLogic>
    <formalParameter name="n"/><literalExpression><text>n * 2</text></literalExpression>
    </encapsulatedLogic></businessKnowledgeModel>
  <decisionService id="desk" name="desk"><variable name="desk"/><outputDecision href="#fee"/>
    <inputDecision href="#level"/></decisionService>
</definitions>"""
BILL = f"""<definitions xmlns="{DMN}" id="bill" name="bill" namespace="urn:bill">
  <import name="fees" namespace="urn:fees" importType="{DMN}"/>
  <decision id="bill" name="bill"><variable name="bill"/>
    <informationRequirement><requiredDecision href="urn:fees#fee"/></informationRequirement>
    <literalExpression><text>fees.fee + 1</text></literalExpression></decision>
</definitions>"""

Decide = Callable[..., Result]


@pytest.fixture
def decide(tmp_path: Path) -> Decide:
    """Run the command on the file above (or one of another name); inputs are given as a file."""
    (tmp_path / "fees.dmn").write_text(LEVEL, encoding="utf-8")
    (tmp_path / "bill.dmn").write_text(BILL, encoding="utf-8")

    def run(*arguments: str, given: str = "{}", file: str = "fees.dmn") -> Result:
        (tmp_path / "input.json").write_text(given, encoding="utf-8")
        command = ["decide", str(tmp_path / file), *arguments, "--input", str(tmp_path / "input.json")]
        return CliRunner(env={"COLUMNS": "200"}).invoke(main, command)

    return run


@pytest.mark.parametrize(
    ("asked", "given", "printed"),
    [
        (["level"], '{"amount": 200, "card": "gold"}', '"high"'),
        (["Level of care"], '{"amount": 50, "card": "x"}', '"low"'),
        (["fee"], '{"amount": 50, "card": "x"}', "0.10"),
        (["fee", "--feel"], '{"amount": 500, "card": "x"}', "12.30"),
        (["twice"], '{"n": 4.25}', "8.50"),
        (["desk"], '{"Level of care": "low"}', "0.10"),
        (["twice", "--set", "n", '@"P1DT12H"'], "{}", '"P3D"'),
        (["twice", "--set", "n", "n + 1"], '{"n": 1}', "4"),
    ],
)
def test_it_prints_the_answer(decide: Decide, asked: list[str], given: str, printed: str) -> None:
    found = decide(*asked, given=given)
    assert (found.exit_code, found.stdout.strip()) == (0, printed), found.output


def test_why_is_told_decision_by_decision(decide: Decide) -> None:
    found = decide("fee", "--explain", given='{"amount": 200, "card": "iron"}')
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        '1. decision 决策 Level of care (level) = "mid"',
        "   input 输入 amount = 200",
        '   input 输入 card = "iron"',
        '   table 决策表 level, FIRST = "mid"',
        "     sum (amount) = 200",
        '     card = "iron"',
        '     row 第 2 行 r2 fired 命中 → "mid"',
        "       sum: > 100, card: -",
        '     row 第 1 行 r1 not 未命中: card: "gold" no 不符',
        "     row 第 3 行 r3 not 未命中: card: ? > 3 null 无法判断",
        "     row 第 4 行 r4 not 未命中: it matches, but FIRST takes another 符合，但按命中策略未采用",
        "2. decision 决策 fee = 12.30",
        '   input 输入 Level of care = "mid"',
        "12.30",
    ]


def test_why_is_told_as_data_too(decide: Decide) -> None:
    found = decide("level", "--explain", "--json", given='{"amount": 200, "card": "gold"}')
    told = json.loads(found.stdout)
    assert (told["decision"], told["value"], told["warnings"], told["skipped"]) == ("level", "high", [], 0)
    ((table,),) = [step["tables"] for step in told["steps"]]
    (fired,) = table["fired"]
    assert (fired["row"], fired["rule"], fired["outputs"]) == (1, "r1", "high")
    assert fired["annotations"] == [{"column": "clause", "text": "§7"}]
    assert table["inputs"][0] == {"label": "sum", "expression": "amount", "value": 200, "allowed": True}
    assert [(rule["row"], rule["matched"]) for rule in table["missed"]] == [(2, True), (3, False), (4, True)]
    assert table["missed"][1]["because"] == [{"column": "card", "cell": "? > 3", "says": None}]


def test_a_value_that_is_not_allowed_is_told_as_the_reason(decide: Decide, tmp_path: Path) -> None:
    column = "<inputExpression><text>card</text></inputExpression>"
    strict = LEVEL.replace(column, column + '<inputValues><text>"gold", "iron"</text></inputValues>')
    (tmp_path / "strict.dmn").write_text(strict, encoding="utf-8")
    found = decide("level", "--explain", given='{"amount": 200, "card": "tin"}', file="strict.dmn")
    assert (
        '     card = "tin" is not allowed, so no rule is tested 不在允许值之内' in found.stdout.splitlines()
    )
    assert "it matches" not in found.stdout


def test_a_warning_names_decision_row_and_column(decide: Decide) -> None:
    found = decide("level", given='{"amount": 5, "card": "iron"}')
    assert (found.exit_code, found.stdout.strip()) == (0, '"low"')
    assert '("level", row 第 3 行, column 列 "card")' in found.stderr
    as_data = json.loads(decide("level", "--json", given='{"amount": 5, "card": "iron"}').stdout)
    assert as_data["warnings"][0]["place"] == {"element": "level", "row": 3, "column": "card"}


def test_a_file_that_imports_another_is_given_both(decide: Decide, tmp_path: Path) -> None:
    alone = decide(file="bill.dmn")
    assert alone.exit_code == 1
    assert "urn:fees" in alone.stderr and "bill.dmn:2" in alone.stderr
    given = '{"amount": 5, "card": "x"}'
    both = decide("--import", str(tmp_path / "fees.dmn"), given=given, file="bill.dmn")
    assert (both.exit_code, both.stdout.strip()) == (0, "1.10")


def test_whoever_does_not_say_which_decision_is_shown_what_there_is(decide: Decide) -> None:
    found = decide()
    assert found.exit_code == 2
    assert "  level (Level of care), decision: amount (number), card (string)\n" in found.stderr
    assert "  fee, decision: amount (number), card (string)\n" in found.stderr
    assert "  desk, decision service: Level of care\n" in found.stderr


def test_a_misspelt_decision_is_refused_with_the_name_that_was_meant(decide: Decide) -> None:
    found = decide("Level of car")
    assert found.exit_code == 1
    assert 'There is no decision "Level of car"' in found.stderr
    assert 'Did you mean "Level of care"?' in found.stderr
    assert "没有决策" in found.stderr


def test_a_file_with_mistakes_decides_nothing(decide: Decide, tmp_path: Path) -> None:
    (tmp_path / "wrong.dmn").write_text(LEVEL.replace("n * 2", "n *"), encoding="utf-8")
    found = decide("level", file="wrong.dmn")
    assert found.exit_code == 1
    assert f"{tmp_path / 'wrong.dmn'}:24 " in found.stderr
    assert "1 mistake(s)" in found.stderr
    assert found.stdout == ""


@pytest.mark.parametrize("content", ["", "<a/>", "no xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_is_no_decision_file_is_refused(decide: Decide, tmp_path: Path, content: str) -> None:
    (tmp_path / "strange.dmn").write_text(content, encoding="utf-8")
    found = decide("level", file="strange.dmn")
    assert found.exit_code == 1
    assert "strange.dmn" in found.stderr and "Traceback" not in found.output


def test_a_bomb_in_a_cell_is_refused(decide: Decide, tmp_path: Path) -> None:
    bomb = LEVEL.replace("? &gt; 3", "count(for a in 1..9999, b in 1..9999 return a) &gt; 3")
    (tmp_path / "bomb.dmn").write_text(bomb, encoding="utf-8")
    found = decide("level", "--explain", file="bomb.dmn")
    assert found.exit_code == 1
    assert 'In the decision "Level of care": The evaluation was stopped' in found.stderr
    assert found.stdout == ""


def test_it_runs_as_a_command_of_its_own(decide: Decide, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "redress", "decide", str(tmp_path / "fees.dmn"), "twice", "--input", "-"]
    found = subprocess.run(command, input='{"n": 21}', capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.strip()) == (0, "42"), found.stderr


WHEN = f"""<definitions xmlns="{DMN}" id="when" name="when" namespace="urn:when">
  <decision id="when" name="when"><variable name="when"/><decisionTable hitPolicy="FIRST">
    <input label="level"><inputExpression><text>decision.level</text></inputExpression></input>
    <output name="at"/>
    <rule id="r1"><inputEntry><text>"none"</text></inputEntry><outputEntry><text>due("X99.none")</text></outputEntry></rule>
    <rule id="r2"><inputEntry><text>-</text></inputEntry><outputEntry><text>due("R01.all")</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


def when(place: Path, level: str, url: str = "", year: int = 2026) -> Result:
    (place / "when.dmn").write_text(WHEN, encoding="utf-8")
    given = place / "given.json"
    given.write_text(json.dumps({"decision": {"level": level}}), encoding="utf-8")
    environment = {"REDRESS_HOME": str(place / "home"), "DATABASE_URL": url or None}
    words = [
        "decide",
        str(place / "when.dmn"),
        "--input",
        str(given),
        "--now",
        f"{year}-03-02T09:00:00+08:00",
    ]
    return CliRunner(env=environment).invoke(main, words)


def test_a_table_may_ask_for_limits_by_the_shipped_register(tmp_path: Path) -> None:
    told = when(tmp_path, "general")
    assert told.exit_code == 0, told.output
    assert told.stdout.strip() == '"2026-03-03T01:00:00Z"'
    assert "clock register has no row of it" in when(tmp_path, "none").stderr


def test_a_table_asks_the_register_of_the_installation_where_there_is_one(
    tmp_path: Path, database_url: str
) -> None:
    from redress.bootstrap import prepare
    from redress.settings import Settings

    folder = tmp_path / "content"
    (folder / "organisation").mkdir(parents=True)
    (folder / "organisation" / "clocks.csv").write_text("code,limit,unit\nR01.all,5,h\n", encoding="utf-8")
    (folder / "when.dmn").write_text(WHEN, encoding="utf-8")
    prepare(Settings(home=tmp_path / "home", content_dir=folder), database_url)
    told = when(tmp_path, "general", url=database_url, year=2999)
    assert told.stdout.strip() == '"2999-03-02T06:00:00Z"', told.output


def test_a_database_that_is_down_is_told_and_a_table_that_asks_for_nothing_needs_none(tmp_path: Path) -> None:
    nobody = "postgresql://somebody:secret@127.0.0.1:1/redress"
    failed = when(tmp_path, "general", url=nobody)
    assert failed.exit_code == 1
    assert "The database does not answer" in failed.output
    environment = {"REDRESS_HOME": str(tmp_path / "home"), "DATABASE_URL": nobody}
    (tmp_path / "fees.dmn").write_text(LEVEL, encoding="utf-8")
    plain = CliRunner(env=environment).invoke(
        main, ["decide", str(tmp_path / "fees.dmn"), "twice", "--set", "n", "2"]
    )
    assert plain.stdout.strip() == "4", plain.output


def test_an_expression_may_ask_too(tmp_path: Path) -> None:
    words = ["feel", 'due("R01.all")', "--now", "2026-03-02T09:00:00+08:00"]
    told = CliRunner(env={"REDRESS_HOME": str(tmp_path), "DATABASE_URL": None}).invoke(main, words)
    assert told.stdout.strip() == '"2026-03-03T01:00:00Z"', told.output


def test_the_command_line_knows_every_function_of_the_product() -> None:
    from engine.clock import SystemClock
    from redress.cli.limits import NAMES
    from tasks.ports import build_ports

    assert set(NAMES) == set(build_ports(SystemClock()).functions)
