"""`redress run`: everything on one machine, in order, and in the reverse order when it is told to stop.

Embedded PostgreSQL (unless DATABASE_URL names another) → migrations → content → web server and job worker
as child processes. A child that dies is started again, each time a little later; the database likewise.
Nothing is left running at the end; if the supervisor itself is killed outright, its children stop by
themselves and the database waits for the next start.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from redress import runfile
from redress.database import NAME, embedded_server
from redress.leash import PARENT
from redress.postgres import EmbeddedPostgres, EmbeddedServerError
from redress.settings import Settings

FIRST_PORT = 8000
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}
"""Where this machine reaches a server that listens on such an address."""
_PORTS_TRIED = 50
_BACKLOG = 2048
_READY_SECONDS = 60
_STOP_SECONDS = 20
_LOOK_EVERY_SECONDS = 0.25
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_SECONDS = 30.0
"""A child that lived this long is started again at once when it dies."""


class CannotRun(RuntimeError):
    """`redress run` cannot start; the message says why and what to do."""


class PortTaken(CannotRun):
    """Somebody else listens there."""


@dataclass
class Child:
    """One child process that should always be there."""

    name: str
    arguments: Sequence[str]
    environment: dict[str, str]
    inherits: Sequence[int] = ()
    """File descriptors that it shares with the supervisor."""
    process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _pause: float = field(default=_FIRST_PAUSE_SECONDS)
    _start_again_at: float = 0.0

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "redress", *self.arguments],
            env={**os.environ, **self.environment, PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            pass_fds=self.inherits,
            start_new_session=True,  # Ctrl-C in the terminal is for the supervisor alone
        )

    def look_after(self, say: Callable[[str], None]) -> None:
        """Start the process again when it has died and its pause is over."""
        now = time.monotonic()
        if self.process is not None:
            if (status := self.process.poll()) is None:
                return
            if now - self._started >= _STEADY_SECONDS:
                self._pause = _FIRST_PAUSE_SECONDS
            self.process = None
            self._start_again_at = now + self._pause
            say(f"{self.name} stopped ({_reason(status)}); starting it again in {self._pause:g} s")
            self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
        if now >= self._start_again_at:
            self.start()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait until the process is gone; past the deadline (monotonic) kill it and whatever it started."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Runs one installation. `say` gets one line for the operator at a time; `prepare(url)` brings the
    database to the present schema and content and returns the lines to greet with.
    """

    def __init__(
        self, settings: Settings, *, say: Callable[[str], None], prepare: Callable[[str], Sequence[str]]
    ) -> None:
        self._settings = settings
        self._say = say
        self._prepare = prepare
        self._stopping = threading.Event()

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or `stop()`. Raises CannotRun when it cannot start."""
        settings = self._settings
        claim = runfile.claim(settings.home)
        if claim is None:
            other = runfile.read(settings.home)
            where = f" at {other.url} (process {other.pid})" if other else ""
            raise CannotRun(
                f"Redress already runs from {settings.home}{where}; "
                "stop it, or set REDRESS_HOME to another folder."
            )
        try:
            with self._signals(), self._database() as (url, server):
                greeting = self._prepare(url)
                if not self._stopping.is_set():
                    self._serve(url, server, greeting)
        finally:
            runfile.remove(settings.home)
            claim.release()

    def stop(self) -> None:
        """Ask a running `run()` to end; may be called from a signal handler or another thread."""
        self._stopping.set()

    def _serve(self, url: str, server: EmbeddedPostgres | None, greeting: Sequence[str]) -> None:
        settings = self._settings
        # Held here, not by the web server: nobody takes the port while that comes up or is started again, and
        # whoever calls meanwhile waits instead of being turned away.
        listener = self._listen()
        port, handle = listener.getsockname()[1], listener.fileno()
        environment = {
            "DATABASE_URL": url,
            "REDRESS_HOME": str(settings.home),
            "REDRESS_SECRET_KEY": settings.ensure_secret_key(),
            # The web server knows neither that the database is the embedded one nor what it listens on.
            "REDRESS_DEMO_PASSWORDS": "keep" if settings.keeps_demo_passwords else "change",
        }
        children = [
            Child("web server", ["web", "--listener", str(handle)], environment, inherits=[handle]),
            Child("job worker", ["worker"], environment),
        ]
        address = f"http://{_LOOPBACK.get(settings.host, settings.host)}:{port}"
        try:
            for child in children:
                child.start()
            greeted = False
            patience = time.monotonic() + _READY_SECONDS
            while not self._stopping.wait(_LOOK_EVERY_SECONDS):
                if server is not None and server.pid() is None:
                    self._start_again(server)
                for child in children:
                    child.look_after(self._say)
                if not greeted and answers(address):
                    greeted = True
                    runfile.write(settings.home, runfile.RunningInstance(os.getpid(), address))
                    self._say("\n".join([f"Redress is ready: {address}", *greeting]))
                elif not greeted and time.monotonic() > patience:
                    raise CannotRun(f"The web server did not answer at {address} within {_READY_SECONDS} s.")
        finally:
            self._say("stopping …")
            listener.close()
            deadline = time.monotonic() + _STOP_SECONDS
            for child in children:
                child.ask_to_stop()
            for child in children:
                child.wait(deadline)

    def _listen(self) -> socket.socket:
        """Listen where the settings say; what a killed supervisor left behind may hold a named port a little longer."""
        patience = time.monotonic() + _STOP_SECONDS
        told = False
        while True:
            try:
                return listen(self._settings.host, self._settings.port)
            except PortTaken as taken:
                if self._settings.port is None or time.monotonic() > patience or self._stopping.is_set():
                    raise
                if not told:
                    self._say(f"{taken} Waiting {_STOP_SECONDS} s for it …")
                told = True
                self._stopping.wait(_LOOK_EVERY_SECONDS)

    def _start_again(self, server: EmbeddedPostgres) -> None:
        self._say("the embedded database stopped; starting it again")
        try:
            server.start(NAME)
        except EmbeddedServerError as error:
            self._say(f"that failed, and is tried again in {_LONGEST_PAUSE_SECONDS:g} s: {error}")
            self._stopping.wait(_LONGEST_PAUSE_SECONDS)

    @contextmanager
    def _database(self) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
        if self._settings.database_url is not None:
            yield self._settings.database_url, None
            return
        server = embedded_server(self._settings)
        try:
            yield server.start(NAME), server
        finally:
            server.stop()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def asked(_number: int, _frame: FrameType | None) -> None:
            self._stopping.set()

        before = {
            number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def listen(host: str, port: int | None = None) -> socket.socket:
    """Listen on the port; without one, on 8000 or the next that nobody listens on.

    Raises PortTaken when the port, or fifty in a row, are taken, and CannotRun when this machine has no such address.
    """
    for number in [port] if port else range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, number))
            listener.listen(_BACKLOG)  # of two that have bound the same port, only one gets past this
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise CannotRun(f"Cannot listen on {host} port {number}: {error.strerror}.") from error
        else:
            return listener
    if port:
        raise PortTaken(f"Port {port} of {host} is taken; name another, or none for the next free one.")
    raise PortTaken(f"Ports {FIRST_PORT} to {FIRST_PORT + _PORTS_TRIED - 1} are all taken; set REDRESS_PORT.")


def answers(address: str) -> bool:
    """Whether the web server at the address is ready to serve."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _reason(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"
