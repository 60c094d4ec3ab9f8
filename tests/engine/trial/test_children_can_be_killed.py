"""A trial runs in a child of a clean process: it may hang, grow, break or be killed, and whoever asked goes on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.trial.children import Server, Unstarted
from engine.trial.server import ended
from engine.trial.telling import Telling
from engine.trial.trying import Trial
from tests.engine.diagrams import process
from tests.engine.trial.trying import compiled, met

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server whose children do what the tests say."""
    started = Server("tests.engine.trial.trying:works")
    yield started
    started.stop()


def ask(server: Server, key: str, **limits: float) -> dict[str, Any]:
    given: dict[str, Any] = {"wall": 20.0, "cpu": 10.0, "megabytes": 200, **limits}
    return server.ask({"key": key}, **given)


def test_a_child_that_spins_is_killed_by_its_processor_time(server: Server) -> None:
    assert ask(server, "spin", cpu=0.2) == {"died": "deadline", "element": "spin"}


def test_a_child_that_never_had_its_turn_is_killed_at_the_deadline_and_said_to_have_starved(
    server: Server,
) -> None:
    assert ask(server, "hold", wall=0.3) == {"died": "starved", "element": "hold"}


def test_a_child_that_had_its_share_of_the_processor_is_not_said_to_have_starved() -> None:
    assert ended(-9, killed=True, spent=True) == {"died": "deadline"}


def test_a_child_that_grows_is_stopped(server: Server) -> None:
    assert ask(server, "grow") == {"died": "memory", "element": "grow"}


def test_what_a_child_raises_is_told_with_the_place(server: Server) -> None:
    assert ask(server, "break") == {"raised": "LookupError: nothing is there", "element": "break"}
    assert ask(server, "deep") == {"died": "recursion", "element": "deep"}


def test_several_ask_at_once_and_get_their_own_answers(server: Server) -> None:
    keys = [f"k{number}" for number in range(8)] + ["break"]
    with ThreadPoolExecutor(len(keys)) as threads:
        said = list(threads.map(lambda key: ask(server, key), keys))
    assert [one["answer"][0]["key"] for one in said[:-1]] == keys[:-1]
    assert "raised" in said[-1]


def test_a_child_knows_no_password_of_whoever_asks(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret@host/db")
    fresh = Server("tests.engine.trial.trying:works")
    try:
        assert "DATABASE_URL" not in ask(fresh, "plain")["answer"][0]["environment"]
    finally:
        fresh.stop()


def test_a_child_has_nothing_open_but_its_answer(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as kept, ThreadPoolExecutor(1) as threads:
        kept.set_inheritable(True)  # as whoever asks may have opened it
        waiting = threads.submit(ask, server, "hold", wall=1.0)
        fresh = Server("tests.engine.trial.trying:works")
        try:
            found = [ask(one, "plain")["answer"][0]["open"] for one in (server, fresh)]
        finally:
            fresh.stop()
        waiting.result()
    for one in found:
        sockets = [name for name in one if not name.startswith(("/dev/null", "/proc/"))]
        assert len(sockets) == 1 and sockets[0].startswith("socket:"), one


def test_a_child_can_write_no_file_and_start_no_process(server: Server, tmp_path: Path) -> None:
    said = server.ask({"key": "write", "path": str(tmp_path / "x")}, wall=20.0, cpu=10.0, megabytes=200)
    assert said["raised"].startswith("OSError")
    assert not (tmp_path / "x").exists() or not (tmp_path / "x").read_bytes()
    told = ask(server, "plain")["answer"][0]
    assert (told["processes"], told["badness"]) == (0, "1000")


def test_a_child_whose_server_was_killed_ends_by_itself() -> None:
    server = Server("tests.engine.trial.trying:works")
    ask(server, "plain")
    assert server.pid is not None
    while running(server.pid):
        pass
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ask, server, "hold", wall=0.5)
        while not (found := running(server.pid)):
            pass
        os.kill(server.pid, signal.SIGKILL)
        assert (
            found[0].wait(20) is None
        )  # its parent is not this process, so how it ended nobody here is told
        waiting.result()
    server.stop()


def test_a_child_that_is_stopped_is_killed_at_the_deadline(server: Server) -> None:
    ask(server, "plain")
    assert server.pid is not None
    while running(server.pid):
        pass
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ask, server, "hold", wall=2.0)
        while not (found := running(server.pid)):
            pass
        found[0].suspend()
        assert waiting.result()["died"] == "starved"
    assert not psutil.pid_exists(found[0].pid), "and nothing of it is left"


def test_an_answer_without_end_is_not_read(server: Server) -> None:
    with pytest.raises(Unstarted, match="longer than"):
        ask(server, "long", megabytes=400)


def test_a_child_that_crashes_is_the_diagram_s_fault(server: Server) -> None:
    said = ask(server, "crash")
    assert said == {"raised": "its process broke, signal 11", "element": "crash"}
    telling = Telling(compiled(process("p", "start s", "end e", "s -> e")).models[0], [])
    assert [(one.severity, one.code) for one in telling.of(said)] == [("error", "trial-fails")]


def running(pid: int) -> list[psutil.Process]:
    """Return the children of a process that have not ended."""
    found = []
    for one in psutil.Process(pid).children():
        with suppress(psutil.NoSuchProcess):  # it has ended since
            if one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found


def test_a_child_killed_from_outside_is_no_fault_of_the_diagram(server: Server) -> None:
    ask(server, "plain")
    assert server.pid is not None
    while running(server.pid):
        pass
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ask, server, "hold")
        while not (found := running(server.pid)):
            pass
        found[0].kill()
        assert waiting.result()["died"] == "signal 9"
    telling = Telling(compiled(process("p", "start s", "end e", "s -> e")).models[0], [])
    for died in ("signal 9", "starved"):
        (told,) = telling.of({"died": died, "element": "s"})
        assert (told.severity, told.code) == ("warning", "not-tried")


def test_a_server_that_was_killed_is_started_again(server: Server) -> None:
    ask(server, "plain")
    before = server.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert ask(server, "plain")["answer"][0]["key"] == "plain"
    assert server.pid != before


def test_a_forked_process_shares_the_server(server: Server) -> None:
    code = (
        "import os\n"
        "from engine.trial.children import Server\n"
        "server = Server('tests.engine.trial.trying:works')\n"
        "def ask(): return server.ask({'key': 'k'}, wall=20.0, cpu=10.0, megabytes=200)['answer'][0]['key']\n"
        "assert ask() == 'k'\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(0 if ask() == 'k' and server.pid is None else 1)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0\n"
        "assert ask() == 'k'\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, timeout=60, capture_output=True, text=True
    )
    assert done.returncode == 0 and not done.stderr, done.stderr


def test_the_server_ends_with_whoever_started_it() -> None:
    code = (
        "import os\n"
        "from engine.trial.children import Server\n"
        "server = Server('tests.engine.trial.trying:works')\n"
        "server.ask({'key': 'k'}, wall=20.0, cpu=10.0, megabytes=200)\n"
        "print(server.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, capture_output=True, text=True)
    pid = int(done.stdout)
    try:
        psutil.Process(pid).wait(10)
    except psutil.NoSuchProcess:
        pass
    assert not psutil.pid_exists(pid)


def test_where_no_child_can_be_started_the_deployment_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    server = Server()
    with pytest.raises(Unstarted):
        server.ask({}, wall=1.0, cpu=1.0, megabytes=100)
    diagram = process("p", "start s", "user a", "end e", "s -> a -> e")
    found = Trial(server=server).findings(compiled(diagram))
    assert met(found) == [("warning", "not-tried", "p")]
    assert "not tried" in found[0].message and "没有试运行" in found[0].message_zh


@pytest.mark.parametrize(
    ("key", "code"),
    [("spin", "trial-hangs"), ("grow", "trial-grows"), ("break", "trial-fails"), ("deep", "trial-fails")],
)
def test_a_diagram_whose_trial_hangs_grows_or_breaks_is_refused(server: Server, key: str, code: str) -> None:
    diagram = process(key, "start s", "user a", "end e", "s -> a -> e")
    (found,) = Trial(server=server, seconds=0.3, megabytes=200).findings(compiled(diagram))
    assert (found.severity, found.code, found.file) == ("error", code, f"{key}.bpmn")
    assert key in found.message and key in found.message_zh


def test_a_whole_deployment_is_bounded(server: Server) -> None:
    several = [process(f"p{number}", "start s", "user a", "end e", "s -> a -> e") for number in range(3)]
    found = Trial(server=server, whole=-1.0).findings(compiled(*several))
    assert [one.code for one in found] == ["not-tried"]
