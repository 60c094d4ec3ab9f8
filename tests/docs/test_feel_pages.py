"""The pages that teach FEEL tell the truth: every example on them is run here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from engine.expressions.feel import (
    Evaluation,
    ExpressionError,
    Scope,
    compile_expression,
    compile_unary_tests,
)
from engine.expressions.feel.builtins import BUILTINS
from engine.expressions.feel.runtime import DEFAULT
from redress.cli import main

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "feel.md").read_text(encoding="utf-8")
FUNCTIONS = (DOCS / "feel-functions.md").read_text(encoding="utf-8")


def value_of(text: str, variables: dict[str, Any] | None = None) -> Evaluation:
    compiled = compile_expression(text, names=list(variables or ()), functions=())
    return compiled.evaluate(Scope(variables or {}, now=lambda: datetime(2026, 2, 13, 1, 30, tzinfo=UTC)))


def examples() -> Iterator[tuple[str, str, str]]:
    """The data an example uses, the example, and what the page says comes out."""
    data = "{}"
    for block in re.findall(r"^```feel\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        written: list[str] = []
        for line in block.splitlines():
            if line.startswith("// with "):
                data = line.removeprefix("// with ")
            elif line.startswith("// → "):
                yield data, "\n".join(written), line.removeprefix("// → ")
                written = []
            else:
                written.append(line)
        assert not written, f"{written} has no result"


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table whose first line starts with that heading."""
    _, _, rest = page.partition(f"| {heading}")
    body = rest.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in body]


def code(cell: str) -> str:
    found = re.search(r"`(.+?)`(?!`)", cell)
    assert found is not None, cell
    return found[1]


@pytest.mark.parametrize(("data", "example", "result"), list(examples()))
def test_an_example_gives_what_the_page_says(data: str, example: str, result: str) -> None:
    expected, _, warning = result.partition(" · ")
    found = value_of(example, value_of(data).value)
    assert value_of(f"is({expected}, x)", {"x": found.value}).value is True, found
    assert warning in {one.code for one in found.warnings} or not warning


def functions() -> list[list[str]]:
    return [row for part in FUNCTIONS.split("\n## ")[1:-1] for row in rows(part, "函数 Function | 例")]


@pytest.mark.parametrize(("signature", "example", "result"), functions())
def test_a_function_gives_what_the_page_says(signature: str, example: str, result: str) -> None:
    name = code(signature).partition("(")[0]
    assert name in code(example)
    found = value_of(code(example))
    assert not found.warnings
    assert value_of(f"{code(result)} = x", {"x": found.value}).value is True, found


def test_every_function_stands_on_the_page_with_its_parameters() -> None:
    documented = {code(row[0]).replace("[", "").replace("]", "") for row in functions()}
    assert {one.partition("(")[0] for one in documented} == set(BUILTINS)
    for one in documented:
        name = one.partition("(")[0]
        assert one in BUILTINS[name].signatures().split(" or "), one


def test_the_cells_of_the_page_pass_what_they_say() -> None:
    cells = rows(PAGE, "单元格 Cell")
    assert len(cells) > 8
    for cell, _, passes in cells:
        given = value_of(code(passes)).value
        assert compile_unary_tests(code(cell)).evaluate(Scope(), given).value is True, cell


def test_the_mistakes_of_the_page_are_refused_where_it_says() -> None:
    mistakes = rows(PAGE, "写的是 Written")
    assert len(mistakes) > 4
    for written, says in mistakes:
        with pytest.raises(ExpressionError) as refused:
            compile_expression(code(written))
        column, _, hint = says.partition(" · ")
        assert column.endswith(f"column {refused.value.column}")
        assert hint.strip("`") in refused.value.hint.replace('"text"', '"text"')


def commands() -> Iterator[tuple[str, str]]:
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        yield from re.findall(r"^\$ redress (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


@pytest.mark.parametrize(("command", "shown"), list(commands()))
def test_a_command_of_the_page_prints_what_stands_there(
    command: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(DOCS.parent)
    words, _, given = command.partition(" <<< ")
    ran = CliRunner().invoke(main, shlex.split(words), input="".join(shlex.split(given)))
    assert "".join(ran.output.split()) == "".join(shown.split()), ran.output


def test_the_bounds_of_the_page_are_those_that_hold() -> None:
    told = [int(row[1].split()[0].replace(",", "")) for row in rows(PAGE, "边界 Bound")]
    hold = DEFAULT
    assert told == [
        hold.length, hold.depth, hold.steps, hold.list_size, hold.string_size, hold.seconds * 1000
    ]  # fmt: skip


def test_every_code_of_the_checks_stands_on_the_page() -> None:
    source = (DOCS.parent / "engine" / "expressions" / "dmn" / "verification").rglob("*.py")
    used = {
        code
        for path in source
        for code in re.findall(r'"((?:table|rule|value)-[a-z-]+)"', path.read_text("utf-8"))
    }
    assert {code(row[0]) for row in rows(PAGE, "代号 Code")} == used
