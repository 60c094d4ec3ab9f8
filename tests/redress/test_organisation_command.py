"""`redress organisation` and the page that explains it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from redress.bootstrap import prepare
from redress.cli import main
from redress.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "organisation.md"
Command = Callable[..., Result]


@pytest.fixture
def redress(database_url: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run one command in a folder of its own, on the demo's database."""
    monkeypatch.chdir(place)
    prepare(Settings(home=place), database_url)
    environment = {"DATABASE_URL": database_url, "REDRESS_HOME": str(place)}
    return lambda *arguments: CliRunner(env=environment).invoke(main, ["organisation", *arguments])


def test_the_commands_of_the_page_run(redress: Command) -> None:
    commands = re.findall(r"^\$ redress organisation (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) == 4
    for line in commands:
        done = redress(*shlex.split(line))
        assert done.exit_code == 0, (line, done.output)
    assert "added 新增 0, changed 变更 0, ended 结束 0" in done.output


def test_the_example_of_the_page_is_told_and_then_imported(redress: Command, place: Path) -> None:
    example = re.search(r"```csv\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    (place / "people.csv").write_bytes(example[1].encode("gb18030"))
    told = redress("check", "people.csv")
    assert told.exit_code == 0 and "added 新增 2" in told.output and "people.csv 2" in told.output
    assert "liu_fang" not in redress("export", "before").output
    assert "刘芳" not in (place / "before" / "people.csv").read_text(encoding="utf-8-sig")
    assert "Imported 2 changes" in redress("import", "people.csv", "--as", "tang_wei").output
    redress("export", "after")
    assert "刘芳" in (place / "after" / "people.csv").read_text(encoding="utf-8-sig")


def test_a_file_with_a_mistake_fails_and_imports_nothing(redress: Command, place: Path) -> None:
    (place / "units.csv").write_text("code,name,parent\na,甲,henan\nb,乙,nowhere\n", encoding="utf-8")
    for verb in ("check", "import"):
        done = redress(verb, "units.csv")
        assert done.exit_code == 1
        assert "units.csv 3 · unit b · parent: there is no unit nowhere." in done.output
    assert "甲" not in redress("show").output
