"""Somebody tries an expression in a terminal: no database, no server, and a sentence for whatever is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from redress.cli import main


def feel(*arguments: str, context: str | None = None, **more: str) -> Result:
    """Run the command; a context is given on standard input."""
    given = () if context is None else ("--context", "-")
    return CliRunner().invoke(main, ["feel", *arguments, *given], input=context, env=more)


@pytest.mark.parametrize(
    ("arguments", "context", "printed"),
    [
        (["1 + 1"], None, "2"),
        (['"a" + "b"'], None, '"ab"'),
        (["-5 + 2"], None, "-3"),
        (["-", "--unary", "-5"], None, "true"),
        (["amount * 2"], '{"amount": 1.10}', "2.20"),
        (["n"], '{"n": 0.1234567890123456789012345678901234}', "0.1234567890123456789012345678901234"),
        (["n + 1"], '{"n": 1000000000000000000000000000000001}', "1000000000000000000000000000000002"),
        (["客户 等级"], '\ufeff{"客户 等级": "金卡"}', '"金卡"'),
        (["order.ship date"], '{"order": {"ship date": null}}', "null"),
        (["[1, null, {a: true}]", "--feel"], None, "[1, null, {a: true}]"),
        (['[@"P1DT2H", @"2026-03-01", (1..2], {"a b": "x\\ny"}]', "--feel"], None,
         '[@"P1DT2H", @"2026-03-01", (1..2], {"a b": "x\\ny"}]'),
        (['@"P1Y2M"'], None, '"P1Y2M"'),
        (["today()", "--now", "2026-03-01T23:30:00Z"], None, '"2026-03-02"'),
        (["now()", "--now", "2026-03-01"], None, '"2026-03-01T00:00:00+08:00"'),
        (["[1..5]", "--unary", "3"], None, "true"),
        (['"gold", "silver"', "--unary", "customer.level"], '{"customer": {"level": "iron"}}', "false"),
        (["> limit", "--unary", '"text"'], '{"limit": 5}', "null"),
        (["s"], '{"s": "\\ud83d"}', '"\\ud83d"'),
        (["s", "--feel"], '{"s": "\\ud83d"}', '"\\ud83d"'),
    ],
)  # fmt: skip
def test_it_prints_the_value(arguments: list[str], context: str | None, printed: str) -> None:
    found = feel(*arguments, context=context)
    assert (found.exit_code, found.stdout.strip()) == (0, printed), found.output


def test_what_feel_prints_is_feel_again() -> None:
    text = '{a: [1.50, "q\\"uote", null], "key with space": @"2026-01-31T10:00:00+08:00", r: [@"P1D"..@"P2D"), o: (>= 3)}'
    once = feel(text, "--feel").stdout.strip()
    assert feel(once, "--feel").stdout.strip() == once
    assert feel(f"{text} = {once}").stdout.strip() == "true"


def test_a_warning_points_at_its_place_and_the_value_comes_all_the_same() -> None:
    found = feel("{金额: 5, 结果: 金额 + amuont}", context='{"amount": 1}')
    assert found.exit_code == 0
    assert '"结果": null' in found.stdout
    lines = found.stderr.splitlines()
    assert 'There is no variable "amuont". Did you mean "amount"?' in lines[0]
    assert "(line 1, column 18)" in lines[0]
    assert "是否想写“amount”" in lines[1]
    # Chinese characters are two columns wide.
    assert lines[3].index("^") == 4 + 17 + 6


def test_a_warning_of_a_loop_is_told_once() -> None:
    found = feel("for i in 1..7 return order.amuont", context='{"order": {"amount": 1}}')
    (head,) = [line for line in found.stderr.splitlines() if line.startswith("warning")]
    assert "×7" in head and 'Did you mean "amount"?' in head


@pytest.mark.parametrize(
    ("expression", "sentence", "pointed"),
    [
        ("1 +\n  summ([1])", 'There is no function "summ". (line 2, column 3) Did you mean "sum"?', "      ^"),
        ("(1 + 2", "(line 1, column 7)", "          ^"),
        ("x" * 20_000, "longer than", ""),
        ("(" * 4_000 + "1" + ")" * 4_000, "nested more than 100 levels deep", ""),
        ("for i in 1..1000000000 return i", "was stopped", ""),
        ("count(for i in 1..9999, j in 1..9999 return i)", "was stopped", ""),
        ('{f: function(s, n) if n = 0 then s else f(s + s, n - 1), r: f("xxxxxxxx", 60)}.r', "was stopped", ""),
        ("__import__(1)", 'There is no function "__import__"', "    ^"),
    ],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_refused(expression: str, sentence: str, pointed: str) -> None:
    found = feel(expression)
    assert found.exit_code == 1
    assert sentence in found.stderr
    assert any("\u4e00" <= sign <= "\u9fff" for sign in found.stderr)
    assert not pointed or found.stderr.splitlines()[-1] == pointed
    assert found.stdout == ""


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        ("{", "is not JSON"),
        ("[1]", "must hold a JSON object"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', 'the key "c" stands twice'),
        ('{"a": NaN}', "NaN is no JSON number"),
        ('{"a": -Infinity}', "-Infinity is no JSON number"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
    ],
)
def test_a_context_that_is_no_data_is_a_wrong_call(context: str, sentence: str) -> None:
    found = feel("1", context=context)
    assert found.exit_code == 2
    assert sentence in found.stderr


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "cannot be read"), (b'{"a": "\xff"}', "is not written in UTF-8")]
)
def test_a_file_that_cannot_be_read_is_a_wrong_call(
    content: bytes | None, sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "context.json"
    if content is not None:
        file.write_bytes(content)
    found = feel("1", "--context", str(file))
    assert found.exit_code == 2
    assert sentence in found.stderr


def test_a_number_beyond_feel_is_null_with_a_warning() -> None:
    found = feel("n", context='{"n": 1e99999}')
    assert (found.exit_code, found.stdout.strip()) == (0, "null")
    assert "cannot be used" in found.stderr


def test_an_instant_that_is_none_is_a_wrong_call() -> None:
    found = feel("now()", "--now", "yesterday")
    assert found.exit_code == 2
    assert '"yesterday" is no date or date-time' in found.stderr


def test_a_long_line_is_cut_around_the_caret() -> None:
    found = feel("1 + " * 200 + "summ(1)")
    quoted, pointer = found.stderr.splitlines()[-2:]
    assert len(quoted) < 100
    assert quoted[pointer.index("^") :].startswith("summ(1)")


def test_it_runs_as_a_command_of_its_own_without_database_or_engine() -> None:
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "PYTHONUTF8": "1"}
    found = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "redress", "feel", "客户.等级", "--context", "-"],
        input='{"客户": {"等级": 3}}', capture_output=True, text=True, encoding="utf-8", env=environment, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout.strip()) == (0, "3")
    loaded = {line.rpartition("|")[2].strip() for line in found.stderr.splitlines()}
    assert "engine.expressions.feel" in loaded
    assert not loaded & {
        "flask",
        "sqlalchemy",
        "psycopg",
        "SpiffWorkflow",
        "lxml",
        "rich",
        "engine.process_engine",
    }
