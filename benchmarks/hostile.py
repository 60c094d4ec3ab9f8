"""Expressions and decision files that want too much, each in a process of its own: python benchmarks/hostile.py [name]

Prints wall and processor milliseconds of compiling and evaluating, the memory it took at its highest, and how it ended;
the worst comes last. Goal on a quiet machine: 100 ms and 50 MB. Files are read by their size and only listed.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from engine.expressions.dmn import read_decisions
from engine.expressions.feel import ExpressionError, Scope, compile_expression, compile_unary_tests, to_plain
from tests.engine.expressions.attacks import ENDLESS, LARGE, MANY_PATTERNS, PATTERNS, TEXTS
from tests.engine.expressions.tables import file
from tests.engine.expressions.test_hostile_files import EVALUATED

GOAL_MS, GOAL_MB = 100, 50


class Measured(NamedTuple):
    """What one attack took. share: of the goal, by whatever it came nearest to."""

    wall_ms: float
    cpu_ms: float
    peak_mb: float
    ended: str

    @property
    def share(self) -> float:
        return max(self.wall_ms / GOAL_MS, self.peak_mb / GOAL_MB)


def highest() -> float:
    """The most memory this process had at a time, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def measure(work: Callable[[], Any]) -> Measured:
    """Do it in a child process, whose memory nobody else has touched."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        memory, cpu, wall = highest(), time.process_time(), time.perf_counter()
        try:
            work()
            ended = "a value"
        except ExpressionError as refused:
            ended = refused.message
        except BaseException as broken:
            ended = f"BROKEN: {broken!r}"
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        os.write(writing, f"{wall * 1e3}\t{cpu * 1e3}\t{highest() - memory}\t{ended[:300]}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="replace") as pipe:
        told = pipe.read().split("\t", 3)
    os.waitpid(child, 0)
    if len(told) < 4:
        return Measured(float("inf"), 0, 0, "BROKEN: the process died")
    return Measured(float(told[0]), float(told[1]), float(told[2]), told[3])


def expression(text: str) -> None:
    """Compile, evaluate, and hand the result over as plain data."""
    to_plain(compile_expression(text).evaluate(Scope()).value)


def cell(text: str) -> None:
    compile_unary_tests(text).evaluate(Scope(), 5)


def attacks() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Everything the tests try, by name."""
    for name, text in {**ENDLESS, **LARGE, **MANY_PATTERNS}.items():
        yield name, lambda text=text: expression(text)
    for pattern, text in PATTERNS.items():
        yield (
            f"pattern {pattern[:30]}",
            lambda text=text, pattern=pattern: expression(f'matches("{text}", "{pattern}")'),
        )
    for name, text in TEXTS.items():
        yield f"text {name}", lambda text=text: expression(text)
        yield f"cell {name}", lambda text=text: cell(text)
    for name, elements in EVALUATED.items():
        model = read_decisions(file(*elements), "hostile.dmn")
        yield f"decision {name}", lambda model=model: model.evaluate("last", {"a": 1})


def main(wanted: str = "") -> None:
    """Run and print everything, or the attacks whose name holds `wanted`."""
    print(f"{'attack':<44}{'wall ms':>9}{'CPU ms':>9}{'MB':>7}  ended with")
    measured = [(name, measure(work)) for name, work in attacks() if wanted in name]
    for name, found in sorted(measured, key=lambda one: one[1].share):
        print(f"{name:<44}{found.wall_ms:>9.1f}{found.cpu_ms:>9.1f}{found.peak_mb:>7.1f}  {found.ended[:70]}")
    over = [name for name, found in measured if found.share > 1]
    print(f"{len(measured)} attacks, {len(over)} over {GOAL_MS} ms or {GOAL_MB} MB")


if __name__ == "__main__":
    main(*sys.argv[1:2])
