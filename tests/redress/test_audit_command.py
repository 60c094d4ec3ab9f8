"""`redress audit` shows the trail, verifies it, and keeps its ends elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.errors import WrongState
from redress.bootstrap import serve_jobs, serve_web
from redress.cli import main
from redress.settings import Settings
from tests.engine.diagrams import process
from tests.tasks.audit.tampering import tamper

Command = Callable[..., Result]
SECRET = "a-secret-key-that-is-long-enough"


@pytest.fixture
def redress(database_url: str, place: Path) -> Command:
    """Run one command; its output and exit code come back."""

    def run(*arguments: str, **environment: str) -> Result:
        given = {"DATABASE_URL": database_url, "REDRESS_HOME": str(place), "REDRESS_SECRET_KEY": SECRET}
        return CliRunner(env={**given, **environment}).invoke(main, arguments)

    return run


@pytest.fixture
def deployed(redress: Command, tmp_path: Path) -> None:
    file = process("lone", "start s", "task t", "end e", "s -> t -> e")
    (tmp_path / file.name).write_bytes(file.content)
    done = redress("deploy", str(tmp_path / file.name))
    assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("deployed")
def test_a_trail_is_anchored_outside_verified_and_its_damage_told(
    redress: Command, database_url: str, tmp_path: Path
) -> None:
    dropped = redress("audit", "anchor")
    assert dropped.exit_code == 0, dropped.output
    kept = tmp_path / "anchors"
    kept.write_text(dropped.output)
    assert set(json.loads(dropped.output)) == {"at", "seq", "hash"}
    sound = redress("audit", "verify", "--anchor", str(kept), "--contents", "--jobs", "2")
    assert sound.exit_code == 0, sound.output
    assert "3 rows in 2 chains read" in sound.output and "全部完好" in sound.output
    shown = redress("audit", "show", "office/deployment")
    assert "部署 deployment.create" in shown.output and "definitions" in shown.output
    tamper(database_url, "UPDATE audit_event SET actor_name = 'nobody' WHERE verb = 'deployment.create'")
    broken = redress("audit", "verify")
    assert broken.exit_code == 1
    assert "chain 链 office/deployment row 行 1: is not what was sealed" in broken.output
    assert "与封印不符" in broken.output and "1 findings" in broken.output


@pytest.mark.usefixtures("deployed")
def test_a_command_with_another_secret_key_writes_nothing(redress: Command, tmp_path: Path) -> None:
    assert redress("audit", "anchor").exit_code == 0
    stranger = redress("audit", "anchor", REDRESS_SECRET_KEY="somebody else's")
    assert stranger.exit_code == 1
    assert "sealed with another secret key" in stranger.output and "另一个密钥" in stranger.output
    keys = {"REDRESS_SECRET_KEY": "a new one", "REDRESS_OLD_SECRET_KEYS": SECRET}
    renewed = redress("audit", "anchor", **keys)
    assert renewed.exit_code == 0, renewed.output
    assert redress("audit", "verify", **keys).exit_code == 0
    assert (
        redress("audit", "anchor").exit_code == 1
    )  # the trail has gone on: the old key alone is a stranger's now


@pytest.mark.usefixtures("deployed")
def test_servers_with_another_secret_key_do_not_start_and_the_doctor_says_why(
    redress: Command, database_url: str, place: Path
) -> None:
    assert redress("audit", "anchor").exit_code == 0
    assert "sealed with the secret key of these settings" in redress("doctor").output
    strange = Settings(home=place, secret_key="somebody else's long secret")
    with pytest.raises(WrongState, match="sealed with another secret key"):
        serve_web(strange, database_url, address="127.0.0.1:0")
    with pytest.raises(WrongState, match="sealed with another secret key"):
        serve_jobs(strange, database_url)
    told = redress("doctor", REDRESS_SECRET_KEY=strange.secret_key or "").output
    assert "sealed with another secret key" in told and "Set REDRESS_SECRET_KEY" in told


def test_what_is_no_anchor_and_a_case_without_a_trail_are_told(redress: Command, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("[]")
    refused = redress("audit", "verify", "--anchor", str(tmp_path / "kept"))
    assert refused.exit_code == 2 and "不是锚点文件" in refused.output
    assert redress("audit", "show", "TS1").exit_code == 1
    assert redress("audit", "verify", "--case", "TS1").exit_code == 1
