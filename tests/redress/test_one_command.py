"""`redress run` as an operator meets it: start, stop, kill, start again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.redress.running import Installation, until

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def content() -> Iterator[Path]:
    """The smallest content there is: one process, nobody."""
    folder = Path(tempfile.mkdtemp(prefix="redress-test-")) / "content"
    folder.mkdir()
    (folder / "ping.bpmn").write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
        '<process id="ping" isExecutable="true"><startEvent id="asked"><outgoing>f</outgoing></startEvent>'
        '<sequenceFlow id="f" sourceRef="asked" targetRef="done"/>'
        '<endEvent id="done"><incoming>f</incoming></endEvent></process></definitions>'
    )
    yield folder
    shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture(scope="module")
def started(content: Path) -> Iterator[Installation]:
    with Installation(content.parent / "home", content=content) as running:
        yield running


@pytest.fixture
def installation(started: Installation) -> Installation:
    """One installation for all tests here; a test that stopped it leaves the next one a fresh start."""
    if started.instance() is None:
        started.start()
    return started


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_stopping_leaves_nothing_running_and_the_next_start_finds_the_data(
    installation: Installation,
) -> None:
    assert _ready(installation.url)
    assert installation.child("web") is not None
    assert installation.child("worker") is not None
    assert installation.stop(signal.SIGINT) == 0
    assert installation.family() == []
    assert installation.instance() is None
    installation.start()
    assert _ready(installation.url)


def test_a_second_start_from_the_same_folder_is_refused_with_the_address_of_the_first(
    installation: Installation,
) -> None:
    refused = installation.run("run")
    assert refused.returncode == 1
    assert f"already runs from {installation.home} at {installation.url}" in refused.stdout
    assert _ready(installation.url)


def test_a_killed_web_server_and_a_killed_worker_are_started_again_and_nobody_is_turned_away(
    installation: Installation,
) -> None:
    url = installation.url
    for name in ("web", "worker"):
        victim = installation.child(name)
        assert victim is not None
        family = [victim, *victim.children()]
        victim.kill()
        psutil.wait_procs(family, timeout=30)
        with urllib.request.urlopen(f"{url}/healthz", timeout=60) as answer:
            assert answer.status == 200
        until(
            lambda name=name, old=victim.pid: (
                (found := installation.child(name)) is not None and found.pid != old
            ),
            installation.told,
        )
    until(lambda: _ready(url), installation.told)
    assert "web server stopped (killed by SIGKILL)" in installation.told()
    assert "job worker stopped (killed by SIGKILL)" in installation.told()


def test_a_killed_database_is_started_again(installation: Installation) -> None:
    url = installation.url
    pid = int((installation.home / "pg" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    until(lambda: "the embedded database stopped" in installation.told(), installation.told)
    until(lambda: _ready(url), installation.told)


def test_children_of_a_killed_supervisor_stop_and_the_next_start_takes_over_the_database(
    installation: Installation,
) -> None:
    assert installation.process is not None
    orphans = [child for child in (installation.child("web"), installation.child("worker")) if child]
    installation.process.kill()
    installation.process.wait()
    assert psutil.wait_procs(orphans, timeout=30)[1] == []
    assert installation.instance() is None
    installation.start()
    assert _ready(installation.url)


def test_the_doctor_finds_a_running_installation_well_and_says_what_to_do_about_a_stopped_one(
    installation: Installation,
) -> None:
    well = until(lambda: (found := installation.run("doctor")).returncode == 0 and found, installation.told)
    assert "All is well" in well.stdout
    installation.stop()
    stopped = installation.run("doctor")
    assert stopped.returncode == 1
    assert "Start with `redress run`" in stopped.stdout


def test_the_note_about_the_running_instance_can_be_read_by_other_commands(
    installation: Installation,
) -> None:
    note = json.loads((installation.home / "run.json").read_text())
    assert note["url"] == installation.url
    assert psutil.pid_exists(note["pid"])
