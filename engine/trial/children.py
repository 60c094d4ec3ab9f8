"""The caller's side: starts the server trials are forked from, and asks it for one child after the other.

One server per process that asks, and one for all forked from it: a web worker with threads is never forked itself. A server
that is gone is started again. Nothing here raises because of what a child did; Unstarted says that there could be none.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
from threading import Lock
from typing import Any

from engine.trial.server import HEADER, WORK, receive, send

_STARTING_SECONDS = 30.0
"""How long a server may take to start, on a busy machine."""
_ATTEMPTS = 2
_STOPPING_SECONDS = 5.0
_LONGEST_ANSWER = 16 << 20
"""Bytes; a trial tells of a few hundred things."""
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
"""Of the environment; passwords and database addresses stay here."""
_BEGIN = (
    "import sys; sys.path[:] = {path!r}\n"
    "import socket; from engine.trial.server import serve\n"
    "serve(socket.socket(fileno=0), {work!r})\n"
)


class Unstarted(Exception):
    """No child could be started: no memory, no process, no interpreter."""


class Server:
    """The server process of this process. work: what its children do, as module:function."""

    def __init__(self, work: str = WORK) -> None:
        self._work = work
        self._lock = Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        os.register_at_fork(after_in_child=self._forked)
        atexit.register(self.stop)

    @property
    def pid(self) -> int | None:
        """The process id of the server, or None where none runs that this process has started."""
        process = self._process
        return process.pid if process is not None and self._owner == os.getpid() else None

    def ask(self, errand: dict[str, Any], *, wall: float, cpu: float, megabytes: int) -> dict[str, Any]:
        """Have a child do an errand and return what it, or the server, said: `answer`, or `died` or `raised` with `element`.

        wall, cpu: seconds the child may take; megabytes: memory it may take besides. Raises Unstarted.
        """
        why = ""
        for _ in range(_ATTEMPTS):
            try:
                said = self._ask(errand, HEADER.pack(wall, cpu, megabytes), wall)
            except TimeoutError as error:
                self.stop()
                why = str(error) or "the server did not answer in time"
            except (OSError, EOFError, ValueError, subprocess.SubprocessError) as error:
                why = f"{type(error).__name__}: {error}"
            else:
                if "unstarted" not in said:
                    return said
                why = str(said["unstarted"])
        raise Unstarted(why)

    def _ask(self, errand: dict[str, Any], header: bytes, wall: float) -> dict[str, Any]:
        mine, theirs = socket.socketpair()
        with mine:
            with theirs:
                self._hand_over(header, theirs)
            mine.settimeout(wall + _STARTING_SECONDS)
            send(mine, errand)
            said = receive(mine, _LONGEST_ANSWER)
        if not isinstance(said, dict):
            raise ValueError("the child's answer is no answer")
        return said

    def _hand_over(self, header: bytes, end: socket.socket) -> None:
        with self._lock:
            for _ in range(_ATTEMPTS):
                control = self._control or self._start()
                try:
                    socket.send_fds(control, [header], [end.fileno()])
                    return
                except OSError:  # it is gone
                    self._drop()
            raise ConnectionError("the server trials are forked from ends at once")

    def _start(self) -> socket.socket:
        mine, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-c", _BEGIN.format(path=sys.path, work=self._work)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={name: os.environ[name] for name in _KEPT if name in os.environ},
                    start_new_session=True,  # Ctrl-C is for whoever asks
                )
            except BaseException:
                mine.close()
                raise
        self._control, self._owner = mine, os.getpid()
        return mine

    def start(self) -> None:
        """Start the server now, for this process and all forked from it. Raises OSError where that is not possible."""
        with self._lock:
            self._control = self._control or self._start()

    def stop(self) -> None:
        """End the server; the next errand starts another."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        control, process, self._control, self._process = self._control, self._process, None, None
        if control is not None:
            control.close()
        if process is not None and self._owner == os.getpid():
            try:
                process.wait(_STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _forked(self) -> None:
        """In a child of this process: the server is shared, its process is somebody else's to wait for."""
        self._lock = Lock()
        if self._process is not None:
            self._process.returncode = 0  # never waited for here
            self._process = None


SERVER = Server()
"""The server of this process."""
