"""The page that tells owners how to bring a diagram drawn elsewhere: its commands, one after the other, print what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from redress.bootstrap import prepare
from redress.cli import main
from redress.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
NAMED = {"deploy": "DEPLOYMENT", "tasks": "TASK"}
"""Command → what the page calls the id it prints."""
PAGE = (DOCS / "bringing-diagrams.md").read_text(encoding="utf-8")


def test_the_commands_of_the_page_bring_bind_start_and_end_a_diagram(
    database_url: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(DOCS.parent)
    prepare(Settings(home=place), database_url)
    runner = CliRunner(env={"DATABASE_URL": database_url, "REDRESS_HOME": str(place), "COLUMNS": "100"})
    known: dict[str, str] = {}
    for command, shown in commands():
        for name, value in known.items():
            command = command.replace(name, value)
        ran = runner.invoke(main, shlex.split(command))
        assert re.fullmatch(pattern(shown), squeezed(ran.output)), f"redress {command}\n{ran.output}"
        if name := NAMED.get(command.split()[0]):
            found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", ran.output)
            known |= {name: found[0]} if found else {}
    assert set(known) == {"TASK", "DEPLOYMENT"}


def commands() -> list[tuple[str, str]]:
    """The commands of the page in their order, and what stands below each."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [
        pair for block in blocks for pair in re.findall(r"^\$ redress (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)
    ]


def squeezed(text: str) -> str:
    return "".join(text.split())


def pattern(shown: str) -> str:
    """What was printed must be what is shown; an ellipsis stands for anything."""
    return ".*".join(re.escape(part) for part in squeezed(shown).split("…"))
