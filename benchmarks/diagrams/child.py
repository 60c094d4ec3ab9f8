"""One piece of work in a process of its own: what it says, how long it took, how much memory, and how it died."""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MEGABYTE = 1 << 20
_SPARE_MB = 1_000
"""Address space a child may take besides: libraries reserve far more than they use."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended. died: empty, "hang" (killed at the deadline) or "crash"; said: what the work returned."""

    died: str
    said: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    peak_mb: float = 0.0
    """Memory above what the child began with."""


def in_child(work: Callable[[], dict[str, Any]], *, seconds: float, megabytes: int) -> Ended:
    """Fork, do the work, and kill the child at the deadline. The caller must have no threads.

    megabytes: what the work may take; the operating system stops it well above that, the caller compares the peak.
    """
    reading, writing = os.pipe()
    began = time.perf_counter()
    child = os.fork()
    if not child:
        os.close(reading)
        _work(work, writing, megabytes)
    os.close(writing)
    told = bytearray()
    killed = False
    while True:
        left = began + seconds - time.perf_counter()
        ready, _, _ = select.select([reading], [], [], max(0.0, left))
        if not ready:
            os.kill(child, signal.SIGKILL)
            killed = True
            break
        part = os.read(reading, MEGABYTE)
        if not part:
            break
        told += part
    os.close(reading)
    _, status = os.waitpid(child, 0)
    took = time.perf_counter() - began
    if killed:
        return Ended("hang", seconds=took)
    if not told:
        return Ended("crash", {"crash": f"the process died ({os.waitstatus_to_exitcode(status)})"}, took)
    said = json.loads(told)
    return Ended("crash" if "crash" in said else "", said, took, said.pop("peak_mb", 0.0))


def _work(work: Callable[[], dict[str, Any]], writing: int, megabytes: int) -> None:
    gc.collect()
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    most = int((memory("VmSize") + megabytes + _SPARE_MB) * MEGABYTE)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        said = work()
    except BaseException:
        said = {"crash": traceback.format_exc()[-3000:]}
    said["peak_mb"] = memory("VmHWM") - before
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(json.dumps(said).encode())
    os._exit(0)


def memory(field: str) -> float:
    """A line of /proc/self/status, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024
