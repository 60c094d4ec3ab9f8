"""`redress calendar` as somebody types it, with and without an installation."""

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
from tests.tasks.deadlines.calendar.test_notices import OF_2026

PAGE = Path(__file__).parents[2] / "docs" / "calendar.md"
Command = Callable[..., Result]


@pytest.fixture
def alone(place: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command where there is no installation."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    environment = {"REDRESS_HOME": str(place / "nothing"), "COLUMNS": "200"}
    return lambda *arguments: CliRunner(env=environment).invoke(main, ["calendar", *arguments])


@pytest.fixture
def redress(database_url: str, place: Path) -> Command:
    """The command on the demo's database."""
    prepare(Settings(home=place), database_url)
    environment = {"DATABASE_URL": database_url, "REDRESS_HOME": str(place), "COLUMNS": "200"}
    return lambda *arguments: CliRunner(env=environment).invoke(main, ["calendar", *arguments])


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("add 2026-02-13 7", "2026-03-02"),
        ("add 2026-03-02T10:00 0.5", "2026-03-02 15:00"),
        ("add 2026-03-02T10:00 1 --unit half", "2026-03-02 15:00"),
        ("add 2026-09-24 10 --unit cd", "2026-10-08"),
        ("add 2026-09-24 10 --unit cd --no-roll", "2026-10-04"),
        ("add 2026-03-02T20:00 4 --unit h", "2026-03-02 24:00"),
        ("subtract 2026-03-02 7", "2026-02-13"),
        ("subtract 2026-03-02 7 --unit cd", "2026-02-23"),
        ("between 2026-02-13 2026-03-02", "7"),
        ("between 2026-03-02 2026-02-13", "-7"),
        ("between 2026-03-02T10:00 2026-03-02T15:00 --unit half", "1"),
        ("between 2026-03-02T10:00 2026-03-02T15:30 --unit h", "5.5"),
    ],
)
def test_an_answer_is_all_that_is_printed(alone: Command, typed: str, printed: str) -> None:
    done = alone(*typed.split())
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"{printed}\n", ""), done.output


@pytest.mark.parametrize(
    "typed",
    [
        "add 2026-02-30 1", "add 2026-02-13 0", "add 2026-02-13 -3", "add 2026-02-13 abc", "add 2026-02-13 1e9",
        "add 2026-02-13 1000000000", "add 2026-02-13 NaN", "add 20260213 1", "add 0001-01-01 1", "add 2026-02-13 0.0001",
        "subtract 2026-02-13 0.5", "subtract 2026-02-29 1", "between 2026-02-13 tomorrow", "show 2026-13", "show x",
        "add 2026-02-13 1 --region henan", "add 2026-02-13 1 --unit weeks",
    ],
)  # fmt: skip
def test_what_is_typed_wrong_is_one_sentence_and_ends_with_two(alone: Command, typed: str) -> None:
    done = alone(*typed.split())
    assert done.exit_code == 2 and done.stdout == ""
    assert "Traceback" not in done.stderr and done.stderr.count("Error: ") == 1


def test_what_rests_on_an_unpublished_year_says_so_or_is_refused(alone: Command) -> None:
    told = alone("add", "2026-12-30", "5")
    assert told.exit_code == 0 and told.stdout == "2027-01-07\n"
    assert told.stderr.startswith("provisional: the schedule of 2027 is not published")
    for typed in ("add 2026-12-30 5", "between 2026-12-30 2027-01-05", "show 2027", "subtract 2027-01-05 5"):
        refused = alone(*typed.split(), "--published")
        assert (refused.exit_code, refused.stdout) == (1, ""), typed
        assert "2027 is an unpublished year" in refused.stderr
    beyond = alone("show", "2050")
    assert beyond.exit_code == 1 and "unpublished year" in beyond.stderr
    assert "workdays.csv" in alone("add", "2026-02-13", "7", "--verbose").stderr


def test_a_year_is_shown_with_its_marks(alone: Command) -> None:
    shown = alone("show", "2026").stdout
    assert shown.count("班 ") >= 6 and "2026-02-14 周六 班 春节" in shown
    month = alone("show", "2026-10").stdout
    assert " 5休  6休  7休  8    9   10班 11" in month and "11 月" not in month


def test_the_commands_of_the_page_print_what_it_says(alone: Command) -> None:
    commands = re.findall(r"^\$ redress calendar (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    printed = [alone(*shlex.split(line)).stdout.strip() for line in commands]
    assert printed[:4] == ["2026-03-02", "2026-03-02 15:00", "2026-02-13", "7"]
    assert len(printed) == 5 and "10班" in printed[4]


def test_an_installation_counts_with_its_own_calendar(redress: Command, place: Path) -> None:
    notice = place / "notice.txt"
    notice.write_text(OF_2026.replace("2月28日\n（周六）", "3月1日（周日）"), encoding="utf-8")
    told = redress("import", str(notice))
    assert told.exit_code == 0 and "Nothing was imported yet" in told.output
    assert "2026-02-28 Sat  work → rest" in told.output and "2026-03-01 Sun  rest → work" in told.output
    assert redress("add", "2026-02-13", "6").stdout == "2026-02-28\n"
    assert "Imported 2026" in redress("import", str(notice), "--yes", "--as", "tang_wei").output
    assert redress("add", "2026-02-13", "6").stdout == "2026-03-01\n"
    assert redress("add", "2026-02-13", "7", "--region", "henan").stdout == "2026-03-02\n"
    assert redress("add", "2026-02-13", "7", "--region", "nowhere").exit_code == 2
    refused = redress("import", str(notice), "--year", "2027")
    assert refused.exit_code == 1 and "it is for 2026, not for 2027" in refused.output
    beyond = redress("import", str(notice), "--as", "li_na")
    assert beyond.exit_code == 1 and "calendar.manage" in beyond.output
