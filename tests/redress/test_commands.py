"""The `redress` commands as somebody types them, on a real database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine.instance import ProcessInstance
from engine.testing import run_jobs_until_idle
from redress.bootstrap import bind, build, prepare
from redress.cli import COMMANDS, main
from redress.cli.local import opened
from redress.settings import Settings, SettingsError
from tests.engine.diagrams import process

Command = Callable[..., Result]


@pytest.fixture
def redress(database_url: str, place: Path) -> Command:
    """Run one command; its output and exit code come back."""
    environment = {"DATABASE_URL": database_url, "REDRESS_HOME": str(place), "COLUMNS": "200"}

    def command(*arguments: str, **more: str) -> Result:
        return CliRunner(env=environment | more).invoke(main, arguments)

    return command


@pytest.fixture
def office(redress: Command, database_url: str, place: Path) -> None:
    """The demo organisation and its processes, loaded as `redress run` loads them."""
    prepare(Settings(home=place), database_url)


FACTS = (
    '{"channel": "hotline", "customer": {"name": "黄晓岚", "phone": "13700010001", "level": "normal", '
    '"home_province": "henan", "network": "4g"}, "business": "gsm", "problem_type": "billing", '
    '"phenomenon": "多收费", "description": "账单多出一笔费用。", "demand": "退费", '
    '"occurred_at": "2026-02-26T10:20+08:00", "occurred_province": "henan", "contact_method": "phone", '
    '"recording_id": "R-1"}'
)


@pytest.mark.usefixtures("office")
def test_a_complaint_is_filed_found_and_worked_on_from_the_command_line(
    redress: Command, database_url: str, place: Path
) -> None:
    nowhere = redress("start", "complaint", "--facts", FACTS, "--at", "nowhere", "--as", "li_na")
    assert nowhere.exit_code == 1
    assert "has no such start event; there are: " in nowhere.output
    filed = redress("start", "complaint", "--facts", FACTS, "--as", "li_na")
    assert filed.exit_code == 0, filed.output
    number = re.search(r"TS\d+", filed.output)
    assert number is not None
    deps = build(Settings(home=place), database_url)
    run_jobs_until_idle(deps.engine, deps.sessions)  # what a worker does: it looks for duplicates
    bind(deps).dispose()
    queue = redress("tasks", "--as", "li_na")
    assert number[0] in queue.output
    assert "核实受理" in queue.output
    task = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", queue.output)
    assert task is not None
    refused = redress("complete", task[0], "--answers", '{"outcome": "lost"}', REDRESS_AS="li_na")
    assert refused.exit_code == 1
    assert "outcome" in refused.output
    done = redress(
        "complete", task[0], "--answers", '{"outcome": "submitted", "summary": "已核实"}', REDRESS_AS="li_na"
    )
    assert done.exit_code == 0, done.output
    assert f"{number[0]}: 核实受理投诉 completed" in done.output
    again = redress("complete", task[0], "--answers", "{}", REDRESS_AS="li_na")
    assert again.exit_code == 1
    assert "was completed by 李楠" in again.output


def test_deploying_a_diagram_with_mistakes_shows_them_all_and_stores_nothing(
    redress: Command, place: Path
) -> None:
    (place / "bad.bpmn").write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
        '<process id="bad" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="c"/>'
        '<complexGateway id="c"/><scriptTask id="x" scriptFormat="python"><script>import os</script></scriptTask>'
        "</process></definitions>"
    )
    refused = redress("deploy", str(place / "bad.bpmn"), "--note", "try")
    assert refused.exit_code == 1
    assert "complex gateway (c)" in refused.output
    assert "script task (x)" in refused.output
    assert "nothing was stored" in refused.output
    assert redress("doctor").exit_code == 1


def test_deploying_the_same_content_twice_says_that_nothing_changed(redress: Command) -> None:
    folder = Path(__file__).parents[1] / "acceptance" / "lost_property"
    first = redress("deploy", str(folder))
    assert first.exit_code == 0, first.output
    assert "lost_property version 1 (new)" in first.output
    second = redress("deploy", str(folder))
    assert "Unchanged" in second.output


def test_a_deployed_file_is_fetched_as_it_was_brought(redress: Command, place: Path) -> None:
    (place / "bytes").mkdir()
    content = b'\xef\xbb\xbf{"type": "default",\r\n "id": "odd", "components": []} \n\n'
    (place / "bytes" / "odd.form").write_bytes(content)
    deployed = redress("deploy", str(place / "bytes"))
    found = re.search(r"^Deployment ([0-9a-f-]{36})$", deployed.stdout, re.MULTILINE)
    assert found, deployed.stdout
    listed = redress("fetch", found[1])
    assert listed.stdout == f"{hashlib.sha256(content).hexdigest()}  form     odd.form\n"
    assert redress("fetch", found[1], "odd.form", "-o", str(place / "back.form")).exit_code == 0
    assert (place / "back.form").read_bytes() == content
    missing = redress("fetch", found[1], "other.form")
    assert missing.exit_code == 1 and "there is none" in missing.output


def test_deploying_an_empty_folder_is_refused_in_a_sentence(redress: Command, place: Path) -> None:
    (place / "empty").mkdir()
    refused = redress("deploy", str(place / "empty"))
    assert refused.exit_code == 1
    assert "no .bpmn, .dmn or .form file there" in refused.output


@pytest.mark.usefixtures("office")
def test_acting_as_somebody_who_does_not_exist_is_refused_in_a_sentence(redress: Command) -> None:
    refused = redress("tasks", "--as", "nobody")
    assert refused.exit_code == 1
    assert "nobody" in refused.output


@pytest.mark.usefixtures("office")
def test_a_signal_is_thrown_from_the_command_line_by_who_may(redress: Command) -> None:
    thrown = redress("signal", "holiday", "--payload", '{"days": 3}', "--as", "tang_wei")
    assert thrown.exit_code == 0, thrown.output
    assert "holiday thrown" in thrown.output
    assert redress("signal", "holiday", "--as", "li_na").exit_code == 1


@pytest.mark.usefixtures("office")
def test_what_a_diagram_reads_and_nobody_gave_is_set_and_run_again(
    redress: Command, place: Path, database_url: str
) -> None:
    (place / "drawn").mkdir()
    drawn = process("p", "start s", "xor g", "user u", "s -> g", "g -> u : ${amount > 100}")
    (place / "drawn" / "p.bpmn").write_bytes(drawn.content)
    assert redress("deploy", str(place / "drawn")).exit_code == 0
    started = redress("start", "p", "--as", "li_na")
    assert started.exit_code == 0, started.output
    with opened(Settings(home=place, database_url=database_url)) as deps, deps.sessions() as session:
        instance = session.scalar(sa.select(ProcessInstance.id).where(ProcessInstance.process_key == "p"))
    given = ("--set", '{"amount": 200}', "--reason", "asked", "--retry")
    refused = redress("variables", str(instance), *given, "--as", "li_na")
    assert refused.exit_code == 1 and "instance.correct" in refused.output
    done = redress("variables", str(instance), *given, "--as", "tang_wei")
    assert done.exit_code == 0, done.output
    assert done.output == "set 已设置: amount\nrun again 重新执行: g\n"


def test_upgrading_an_upgraded_database_says_so(redress: Command) -> None:
    assert redress("db", "upgrade").output.startswith("already at")


def test_the_help_and_the_readme_name_every_command() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", shown, re.MULTILINE)
        assert f"`redress {command}" in readme


@pytest.mark.parametrize(
    ("variable", "value"),
    [("REDRESS_PORT", "eighty"), ("REDRESS_PORT", "0"), ("REDRESS_WEB_WORKERS", "-1")],
)
def test_a_setting_that_cannot_be_used_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment({variable: value})


def test_four_eyes_are_asked_for_only_where_the_setting_says_so() -> None:
    wanted = {
        value: Settings.from_environment({"REDRESS_DEPLOYMENT_FOUR_EYES": value}).deployment_four_eyes
        for value in ("", "0", "1")
    }
    assert wanted == {"": False, "0": False, "1": True}


def test_the_key_that_signs_cookies_is_made_once_and_for_the_owner_only(place: Path) -> None:
    key = Settings(home=place).ensure_secret_key()
    assert len(key) > 40
    assert Settings(home=place).ensure_secret_key() == key
    assert (place / "secret.key").stat().st_mode & 0o077 == 0
