"""What the tests of the trial run share: a diagram written as text, compiled and tried in a real child."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Collection
from pathlib import Path
from typing import Any

from engine.dialect import Compilation, SourceFile, compile_files
from engine.dialect.findings import Finding
from engine.trial.trying import Trial
from tests.engine.diagrams import process


def compiled(*files: SourceFile, functions: Collection[str] = ()) -> Compilation:
    found = compile_files(files, operations={"op"}, functions=functions)
    assert not found.errors, [one.message for one in found.errors]
    return found


def tried(*lines: str, **settings: Any) -> list[Finding]:
    """Try one process called p."""
    return Trial(**settings).findings(compiled(process("p", *lines)))


def met(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Return what was found besides notes: severity, code and element."""
    return [(one.severity, one.code, one.element_id) for one in findings if one.severity != "note"]


def works(errand: dict[str, Any], at: Any) -> Any:
    """What a child of the tests does: spin, grow, break, sleep or answer, as the errand's key says."""
    at(errand["key"])
    if errand["key"] == "spin":
        while True:
            pass
    if errand["key"] == "grow":
        held = []
        while True:
            held.append(bytearray(1 << 20))
    if errand["key"] == "break":
        raise LookupError("nothing is there")
    if errand["key"] == "deep":
        return works_deep(0)
    if errand["key"] == "hold":
        import threading

        threading.Event().wait()
    if errand["key"] == "write":
        Path(errand["path"]).write_bytes(b"x")
    if errand["key"] == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if errand["key"] == "long":
        return "x" * (20 << 20)
    return [
        {
            "key": errand["key"],
            "environment": sorted(os.environ),
            "open": sorted(
                os.readlink(f"/proc/self/fd/{name}")
                for name in os.listdir("/proc/self/fd")
                if Path(f"/proc/self/fd/{name}").exists()
            ),
            "badness": Path("/proc/self/oom_score_adj").read_text().strip(),
            "processes": resource.getrlimit(resource.RLIMIT_NPROC)[0],
        }
    ]


def works_deep(depth: int) -> int:
    return works_deep(depth + 1) + 1
