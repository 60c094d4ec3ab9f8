"""Deploying and checking try the processes: what only running them shows refuses the deployment, and nothing is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.deployment import Deployment
from engine.dialect import Compilation
from engine.dialect.findings import Finding
from engine.errors import DeploymentRefused
from engine.testing import TESTER, Harness
from engine.trial.trying import Trial
from redress.cli import main
from redress.settings import Settings
from redress.trial import trial_of
from tests.engine.diagrams import process

STARVED = process(
    "p", "start s", "xor x", "user a", "user b", "and j", "end e", "s -> x", "x -> a : form.q.v = 1",
    "default x -> b", "a -> j -> e", "b -> j",
)  # fmt: skip
SOUND = process("p", "start s", "user a", "end e", "s -> a -> e")


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    harness = Harness(sessions, clock)
    harness.engine.deployer.trial = Trial().findings
    return harness


def test_a_process_that_can_only_get_stuck_is_not_deployed(office: Harness) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        office.deploy(STARVED)
    assert [one.code for one in refused.value.findings if one.severity == "error"] == ["dead-token"]
    assert office.scalar(sa.select(sa.func.count()).select_from(Deployment)) == 0


def test_a_check_says_the_same(office: Harness) -> None:
    with office.sessions() as session:
        found = office.engine.check(session, [STARVED])
    assert "dead-token" in [one.code for one in found.findings]


def test_the_receipt_tells_what_the_trial_guessed(office: Harness) -> None:
    guess = process("p", "start s", "xor x", "end e", "end f", "s -> x", "x -> e : n > 1", "default x -> f")
    assert "trial-guess" in [one.code for one in office.deploy(guess).findings]


def test_what_is_deployed_already_is_not_tried_again(office: Harness) -> None:
    tried: list[int] = []

    def counted(compiled: Compilation, *, until: float | None = None) -> list[Finding]:
        tried.append(len(compiled.models))
        return []

    office.engine.deployer.trial = counted
    office.deploy(SOUND)
    with office.sessions.begin() as session:
        assert office.engine.deploy(session, [SOUND], actor=TESTER, name="again").unchanged
    assert tried == [1]


def test_others_deploy_while_a_deployment_is_tried_and_what_they_did_counts(office: Harness) -> None:
    def meanwhile(compiled: Compilation, *, until: float | None = None) -> list[Finding]:
        office.engine.deployer.trial = None
        with office.sessions.begin() as other:
            other.execute(sa.text("set local lock_timeout = '5s'"))
            assert not office.engine.deploy(other, [SOUND], actor=TESTER, name="faster").unchanged
        return []

    office.engine.deployer.trial = meanwhile
    with office.sessions.begin() as session:
        receipt = office.engine.deploy(session, [SOUND], actor=TESTER, name="slower")
    assert receipt.unchanged and [one.version for one in receipt.definitions] == [1]
    assert office.scalar(sa.select(sa.func.count()).select_from(Deployment)) == 1


def test_the_command_line_tries_what_it_checks(tmp_path: Path) -> None:
    (tmp_path / "p.bpmn").write_bytes(STARVED.content)
    done = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert done.exit_code == 1
    assert "stops for ever" in done.output and "会永远停在" in done.output


def test_trials_can_be_switched_off(tmp_path: Path) -> None:
    assert trial_of(Settings.from_environment({"REDRESS_TRIAL_SECONDS": "0"}), ()) is None
    assert trial_of(Settings.from_environment({}), ()) is not None
    (tmp_path / "p.bpmn").write_bytes(STARVED.content)
    done = CliRunner(env={"REDRESS_TRIAL_SECONDS": "0"}).invoke(main, ["check", str(tmp_path)])
    assert done.exit_code == 0
