"""`redress bind` lists what a process asks for and binds it; `redress start` and `redress doctor` lead to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from redress.cli import main
from redress.postgres import EmbeddedPostgres
from redress.settings import Settings
from tests.engine.diagrams import process

Command = Callable[..., Result]


@pytest.fixture
def redress(database_url: str, place: Path) -> Command:
    """Run one command; its output and exit code come back."""
    environment = {"DATABASE_URL": database_url, "REDRESS_HOME": str(place), "COLUMNS": "160"}
    return lambda *arguments: CliRunner(env=environment).invoke(main, arguments)


@pytest.fixture
def asking(redress: Command, tmp_path: Path) -> None:
    """A deployed process that asks for an operation and a callee."""
    file = process(
        "asking",
        "start s",
        "service w camunda:class=x.Y",
        "call c calledElement=missing",
        "end e",
        "s -> w -> c -> e",
    )
    (tmp_path / file.name).write_bytes(file.content)
    deployed = redress("deploy", str(tmp_path / file.name))
    assert deployed.exit_code == 0, deployed.output
    assert "2 to be bound 待绑定: redress bind asking" in deployed.output


@pytest.mark.usefixtures("asking")
def test_needs_are_listed_bound_and_bound_otherwise(redress: Command) -> None:
    listed = redress("bind", "asking")
    assert listed.exit_code == 0, listed.output
    for word in (
        "class x.Y",
        "missing",
        "open 待绑定",
        "operation: nothing, archive_case",
        "cannot start",
        "2 of 2",
    ):
        assert word in listed.output, word
    some = redress("bind", "asking", "w=archive_case")
    assert "1 of 2 to be bound" in some.output
    done = redress("bind", "asking", "c=asking:1", "w=archive_case")
    assert "All is bound" in done.output, done.output
    again = redress("bind", "asking", "w=nothing")
    assert "Version 2 was made" in again.output
    assert "asking version 2" in redress("bind", "asking").output
    assert "starts use version 2" in redress("bind", "asking", "--version", "1").output


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("asking", "w"), 'w" is not ELEMENT=TARGET'),
        (("asking", "w=archive_cas"), "did you mean archive_case?"),
        (("asking", "x=nothing", "y=nothing"), "· y: version has no such need"),
        (("nothing",), "Process 'nothing' was asked for"),
        (("asking", "--version", "7"), "version 7 of it is not deployed"),
        (("asking", "w=nothing", "--as", "nobody"), "nobody"),
    ],
)
def test_what_cannot_be_bound_is_said(redress: Command, arguments: tuple[str, ...], sentence: str) -> None:
    refused = redress("bind", *arguments)
    assert refused.exit_code != 0
    assert sentence in refused.output


def test_starting_what_is_not_bound_names_the_command(
    redress: Command, asking: None, database_url: str, place: Path
) -> None:
    from redress.bootstrap import prepare

    prepare(Settings(home=place), database_url)
    refused = redress("start", "asking", "--as", "li_na")
    assert refused.exit_code == 1
    assert "`redress bind asking`" in refused.output
    assert redress("bind", "asking", "w=nothing", "--as", "li_na").exit_code == 1
    assert redress("bind", "asking", "w=nothing", "--as", "lu_jian").exit_code == 0


@pytest.mark.usefixtures("asking")
def test_the_doctor_tells_what_cannot_start_and_what_is_gone(
    redress: Command, database_url: str, postgres: EmbeddedPostgres
) -> None:
    assert "asking cannot start: it is still to be bound" in redress("doctor").output
    redress("bind", "asking", "w=nothing", "c=asking")
    assert "what they are bound to is there" in redress("doctor").output
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE definition_binding SET target = 'gone_by_now' WHERE need_key = 'w'")
    told = redress("doctor").output
    assert 'asking version 1, w: the operation "gone_by_now" does not exist here' in told
    assert "redress bind asking" in told


@pytest.mark.usefixtures("database_url")
def test_refusals_are_told_in_both_languages(redress: Command) -> None:
    missing = redress("bind", "nowhere")
    assert missing.exit_code == 1
    assert "no version of it is deployed" in missing.output
    assert "没有部署过流程“nowhere”" in missing.output


def test_needs_stand_in_the_order_of_the_diagram(redress: Command, tmp_path: Path) -> None:
    lines = ("start s", "call first calledElement=missing", "service second camunda:class=x.Y", "end e")
    file = process("ordered", *lines, "s -> first -> second -> e")
    text = file.content.decode().replace("<bpmn:", "\n<bpmn:")
    (tmp_path / file.name).write_text(text, encoding="utf-8")
    told = redress("check", str(tmp_path / file.name)).output
    assert "needs binding: first, second" in told
