"""`make fuzz`: damages diagrams for FUZZ_SECONDS (600) and tells every seed the gate or the engine did not survive.

Each case runs in a child with limits of time and memory; a child that exceeds them is killed and replaced. `python -m
tests.engine.dialect.fuzzing SEED…` runs single seeds in this process and shows the trace.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import secrets
import sys
import time
import traceback
from multiprocessing.connection import Connection

from tests.engine.dialect.fuzzing.cases import case, sources
from tests.engine.dialect.fuzzing.judging import complaints

SECONDS = 5.0
"""Processor time of one case."""
MEGABYTES = 300
"""Memory of one case above what the child had before it."""
WALL = 30.0
"""Seconds after which a child is taken for hanging, on a machine that others use too."""


def _child(pipe: Connection) -> None:
    base = _megabytes()
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    files = sources()
    while True:
        seed = pipe.recv()
        began, before = time.process_time(), _megabytes()
        try:
            found = complaints(case(seed, files))
        except Exception:
            found = ["raised " + traceback.format_exc(limit=-6)]
        spent, more = time.process_time() - began, _megabytes() - before
        if spent > SECONDS:
            found.append(f"took {spent:.1f} s")
        if more > MEGABYTES:
            found.append(f"took {more} MB more")
        pipe.send((found, spent, _megabytes() - base))


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (
        1024 if sys.platform != "darwin" else 1 << 20
    )


def _started() -> tuple[multiprocessing.Process, Connection]:
    here, there = multiprocessing.Pipe()
    child = multiprocessing.Process(target=_child, args=(there,), daemon=True)
    child.start()
    there.close()
    return child, here


def main() -> int:
    """Fuzz until the time is up; returns the exit code."""
    seconds = float(os.environ.get("FUZZ_SECONDS", "600"))
    seed = int(os.environ.get("FUZZ_SEED", secrets.randbelow(10**9)))
    print(f"Fuzzing the gate for {seconds:.0f} s from seed {seed}.", flush=True)
    until, done, bad, slowest = time.monotonic() + seconds, 0, 0, (0.0, 0)
    child, pipe = _started()
    while time.monotonic() < until:
        found: list[str] = []
        try:
            pipe.send(seed)
            if pipe.poll(WALL):
                found, spent, _ = pipe.recv()
                slowest = max(slowest, (spent, seed))
            else:
                found = [f"did not answer within {WALL:.0f} s"]
        except (EOFError, OSError):
            found = ["ended its process"]
        if (found and not found[0].startswith(("raised", "took"))) or not child.is_alive():
            child.kill()
            child.join()
            child, pipe = _started()
        if found:
            bad += 1
            print(f"seed {seed}:", *found, sep="\n  ", flush=True)
        done, seed = done + 1, seed + 1
    child.kill()
    print(
        f"{done} cases, {bad} with something wrong; the slowest took {slowest[0]:.2f} s (seed {slowest[1]})."
    )
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for argument in sys.argv[1:]:
            print(argument, complaints(case(int(argument), sources())) or "nothing wrong")
        sys.exit(0)
    sys.exit(main())
