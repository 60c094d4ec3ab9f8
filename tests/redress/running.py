"""A whole installation in its own folder, started by the command an operator types."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from redress import runfile
from redress.postgres import EmbeddedPostgres
from redress.runfile import RunningInstance
from redress.supervisor import PortTaken, listen

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 120


class Installation:
    """`redress run` with its own home folder. Use it as a context manager: nothing is left running
    afterwards.
    """

    def __init__(self, home: Path, *, content: Path | None = None, outside: bool = False) -> None:
        self.home = home
        self.log = home.parent / f"{home.name}.log"
        self.cwd = home.parent if outside else REPOSITORY
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if key != "DATABASE_URL" and not key.startswith("REDRESS_")
        } | {"REDRESS_HOME": str(home), "REDRESS_PORT": str(port_of_its_own())}
        if content is not None:
            self.environment["REDRESS_CONTENT"] = str(content)
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Installation:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        EmbeddedPostgres(self.home / "pg").stop()

    def start(self) -> RunningInstance:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = self.command("run", stdout=log, stderr=log)
        process = self.process
        found = until(
            lambda: (process.poll() is None and self.instance()) or process.poll() is not None, self.told
        )
        assert isinstance(found, RunningInstance), f"it did not start:\n{self.told()}"
        return found

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop it as an operator does, and return the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def command(self, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        """Start a `redress` command in this installation."""
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            [sys.executable, "-m", "redress", *arguments],
            env=self.environment,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            **options,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `redress` command to its end."""
        process = self.command(*arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = process.communicate(timeout=600)
        return subprocess.CompletedProcess(arguments, process.returncode, output.decode())

    def instance(self) -> RunningInstance | None:
        """Where it runs, when it does."""
        return runfile.read(self.home)

    @property
    def url(self) -> str:
        instance = self.instance()
        assert instance is not None, self.told()
        return instance.url

    def child(self, name: str) -> psutil.Process | None:
        """The supervisor's child process `web` or `worker`."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            try:
                if name in child.cmdline():
                    return child
            except psutil.Error:
                continue
        return None

    def family(self) -> list[psutil.Process]:
        """Every process of this installation, the database's included."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and (
                    str(self.home) in " ".join(process.cmdline())
                    or process.environ().get("REDRESS_HOME") == str(self.home)
                ):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def told(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def port_of_its_own() -> int:
    """A port nobody uses, far from the usual ones: a page still open on a server of this machine keeps asking there."""
    while True:
        try:
            with listen("127.0.0.1", random.randrange(20_000, 30_000)) as listener:
                return int(listener.getsockname()[1])
        except PortTaken:
            continue


def until(question: Callable[[], Any], told: Callable[[], str] = str) -> Any:
    """Ask again and again, until the answer is true, and return it."""
    give_up = time.monotonic() + PATIENCE
    while not (answer := question()):
        assert time.monotonic() < give_up, f"waited in vain:\n{told()}"
        _breathe.wait(0.1)
    return answer


_breathe = threading.Event()
