"""var/run.json: how other commands find the instance that runs from this home folder."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import fasteners
import psutil


@dataclass(frozen=True, slots=True)
class RunningInstance:
    """The supervisor's process id and the address it serves."""

    pid: int
    url: str

    @property
    def alive(self) -> bool:
        """Whether that process still exists."""
        return psutil.pid_exists(self.pid)


def _path(home: Path) -> Path:
    return home / "run.json"


def read(home: Path) -> RunningInstance | None:
    """The instance that runs from this home folder, or None; what a killed one left behind does not count."""
    try:
        instance = RunningInstance(**json.loads(_path(home).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return instance if instance.alive else None


def write(home: Path, instance: RunningInstance) -> None:
    """Note the instance; a reader sees either the old note or the new one, whole."""
    draft = _path(home).with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(instance)))
    draft.replace(_path(home))


def claim(home: Path) -> fasteners.InterProcessLock | None:
    """Claim the home folder for one supervisor; None when another one has it. A killed one has lost its
    claim.
    """
    home.mkdir(parents=True, exist_ok=True)
    lock = fasteners.InterProcessLock(home / "run.lock")
    return lock if lock.acquire(blocking=False) else None


def remove(home: Path) -> None:
    _path(home).unlink(missing_ok=True)
