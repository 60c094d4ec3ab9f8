"""The scan hook: a command of the installation's looks at every file before it is kept. It fails closed."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
from dataclasses import dataclass
from typing import IO

from tasks.evidence.refusals import PaperRefused, ScanFailed

log = logging.getLogger("redress.evidence")

CLEAN, INFECTED = 0, 1
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Scanner:
    """`command` gets the file on its standard input and says 0 (clean) or 1 (infected) within `seconds`.

    It is split into words as a shell would, and run without one.
    """

    command: str
    seconds: float = 60.0

    def check(self, file: IO[bytes]) -> None:
        """Raise PaperRefused when the file is infected, ScanFailed when there is no verdict."""
        try:
            self._ask(file)
        except ScanFailed as error:
            log.error("no verdict on an upload: %s", error)
            raise

    def _ask(self, file: IO[bytes]) -> None:
        file.seek(0)
        try:
            running = subprocess.Popen(
                shlex.split(self.command),
                stdin=file,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # The scanner needs neither the database's password nor the key of the cookies.
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise ScanFailed("could not be started") from error
        try:
            verdict = running.wait(self.seconds)
        except BaseException as error:
            _end(running)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            raise ScanFailed(f"did not finish within {self.seconds:g} seconds") from None
        if verdict == INFECTED:
            raise PaperRefused(
                "The file was refused: the scanner found something harmful in it.",
                "文件未被接收：扫描发现其中含有有害内容。",
            )
        if verdict != CLEAN:
            raise ScanFailed(f"ended with the code {verdict}")


def _end(running: subprocess.Popen[bytes]) -> None:
    """End the command and whatever it started, and leave no zombie."""
    try:
        os.killpg(running.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    running.wait()
