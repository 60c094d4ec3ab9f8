"""What the commands say when the installation is in trouble: a sentence, what to do, and exit code 1."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from redress.cli import main

Command = Callable[..., Result]
NOBODY_LISTENS = "postgresql://somebody:secret@127.0.0.1:1/redress"


@pytest.fixture
def redress(database_url: str, place: Path) -> Command:
    """Run one command against a database; its output and exit code come back."""

    def command(*arguments: str, url: str = database_url) -> Result:
        environment = {"DATABASE_URL": url, "REDRESS_HOME": str(place), "COLUMNS": "80"}
        return CliRunner(env=environment).invoke(main, arguments)

    return command


@pytest.mark.parametrize(
    "words", [("tasks", "--as", "li_na"), ("start", "complaint", "--as", "li_na"), ("db", "upgrade")]
)
def test_a_database_that_is_down_is_told_in_a_sentence(redress: Command, words: tuple[str, ...]) -> None:
    failed = redress(*words, url=NOBODY_LISTENS)
    assert failed.exit_code == 1
    assert "The database does not answer" in failed.output
    assert "redress doctor" in failed.output
    assert "Traceback" not in failed.output
    assert "secret" not in failed.output


def test_the_doctor_says_that_the_database_is_down(redress: Command) -> None:
    examined = redress("doctor", url=NOBODY_LISTENS)
    assert examined.exit_code == 1
    assert "problem  database: connection failed" in examined.output
    assert "Check DATABASE_URL" in examined.output


def test_an_address_that_is_none_is_told_in_a_sentence(redress: Command) -> None:
    failed = redress("tasks", "--as", "li_na", url="gibberish")
    assert failed.exit_code == 1
    assert "DATABASE_URL cannot be used" in failed.output


def test_a_database_without_this_versions_schema_sends_to_the_upgrade(
    redress: Command, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP TABLE user_task CASCADE")
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    listed = redress("doctor")
    assert "problem  migrations: at 0000" in listed.output
    assert "redress db upgrade" in listed.output
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP TABLE person CASCADE")
    failed = redress("tasks", "--as", "li_na")
    assert failed.exit_code == 1
    assert "redress db upgrade" in failed.output


def test_findings_are_whole_in_a_narrow_window(redress: Command, place: Path) -> None:
    (place / "bad.bpmn").write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
        '<process id="bad" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="c"/>'
        '<complexGateway id="c" name="一个名字很长很长的复杂网关，放在窄窗口里也要看得全"/></process></definitions>',
        encoding="utf-8",
    )
    refused = redress("deploy", str(place / "bad.bpmn"))
    assert "bad.bpmn:1  c 一个名字很长" in refused.output
    assert "…" not in refused.output


def test_nobody_deploys_in_the_name_of_somebody_who_may_not(
    redress: Command, database_url: str, place: Path
) -> None:
    from redress.bootstrap import prepare
    from redress.settings import Settings

    prepare(Settings(home=place), database_url)
    folder = Path(__file__).parents[1] / "acceptance" / "lost_property"
    refused = redress("deploy", str(folder), "--as", "li_na")
    assert refused.exit_code == 1
    assert "deployment.create" in refused.output
    assert redress("deploy", str(folder), "--as", "lu_jian").exit_code == 0
    assert "Nothing in the queue of lu_jian" in redress("tasks", "--as", "lu_jian").output
