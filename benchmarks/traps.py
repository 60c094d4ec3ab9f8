"""The traps of size: what stock SpiffWorkflow explodes, freezes or slows down on, in milliseconds of CPU beside ours.

python benchmarks/traps.py

No database and no network. Stock SpiffWorkflow runs each case in a process of its own and is stopped after 15 seconds
or at 2 GB. Prints medians of several rounds, and ratios within one run, which is what a busy machine leaves true.
"""

from __future__ import annotations

import json
import logging
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

# This folder comes first on the path of a script, and its files would then hide the packages they measure.
ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

from engine.dialect import SourceFile, compile_files
from engine.spiff import state
from engine.spiff.build import build
from engine.spiff.workflow import Instance
from tests.engine.diagrams import process
from tests.engine.spiff.memory import InMemory
from tests.engine.spiff.stock import Stock, created

LIMIT_SECONDS, LIMIT_BYTES = 15, 2_000_000_000


def blocks(count: int, ways: int = 2, gateway: str = "and") -> SourceFile:
    """Return blocks in a row, then a user task."""
    lines, last = ["start s"], "s"
    for block in range(count):
        lines += [f"{gateway} f{block}", f"{gateway} j{block}", f"{last} -> f{block}"]
        for way in range(ways):
            condition = " : 1 = 1" if gateway == "or" else ""
            lines += [
                f"throw t{block}_{way}",
                f"f{block} -> t{block}_{way}{condition}",
                f"t{block}_{way} -> j{block}",
            ]
        last = f"j{block}"
    return process("p", *lines, "user u", "end e", f"{last} -> u -> e")


def loop(equals: str = "=") -> SourceFile:
    """Return an endless loop over one user task."""
    return process(
        "p",
        "start s",
        "xor m",
        "user a",
        "xor g",
        "end e",
        "s -> m -> a -> g",
        f"g -> m : 1 {equals} 1",
        "default g -> e",
    )


def joining_loop(equals: str = "=") -> SourceFile:
    """Return an endless loop over two user tasks side by side."""
    return process(
        "p", "start s", "xor m", "and f", "and j", "user a", "user b", "xor g", "end e", "s -> m -> f", "f -> a -> j", "f -> b -> j",
        "j -> g", f"g -> m : 1 {equals} 1", "default g -> e",
    )  # fmt: skip


def chain(length: int) -> SourceFile:
    """Return nodes in a row."""
    names = [f"t{number}" for number in range(length)]
    return process(
        "p",
        "start s",
        *[f"throw {n}" for n in names],
        "user u",
        "end e",
        " -> ".join(["s", *names, "u", "e"]),
    )


def nested(depth: int) -> SourceFile:
    """Return sub-processes inside each other around a user task."""
    lines: list[str] = []
    for level in range(depth):
        inner = f"b{level + 1}" if level < depth - 1 else "u"
        lines += [f"sub b{level} {{", f"start s{level}", f"end e{level}", f"s{level} -> {inner} -> e{level}"]
    return process("p", "start s", "end e", "s -> b0 -> e", *lines, "user u", *["}"] * depth)


def repeated(items: int) -> SourceFile:
    """Return a user task for each of so many items."""
    return process("p", "start s", f"user u times={items}", "end e", "s -> u -> e")


def large() -> SourceFile:
    """Return a diagram of just under 2,000 flow nodes of many kinds."""
    lines, last, count = ["start s"], "s", 0
    while count < 1_980:
        b = count
        lines += [
            f"xor x{b}", f"and f{b}", f"and j{b}", f"or o{b}", f"or p{b}", f"script c{b} | v{b} = {b}", f"user u{b}", f"throw t{b}",
            f"throw w{b}", f"xor y{b}", f"{last} -> x{b}", f"x{b} -> f{b} : 1 = 1", f"default x{b} -> y{b}",
            f"f{b} -> c{b} -> j{b}", f"f{b} -> t{b} -> j{b}", f"j{b} -> o{b}", f"o{b} -> w{b} : 1 = 1", f"default o{b} -> p{b}",
            f"w{b} -> p{b}", f"p{b} -> u{b} -> y{b}",
        ]  # fmt: skip
        last, count = f"y{b}", count + 10
    return process("p", *lines, "end e", f"{last} -> e")


def cpu(action: Callable[[], object]) -> float:
    """Return milliseconds of CPU."""
    started = time.process_time()
    action()
    return (time.process_time() - started) * 1000


def median(action: Callable[[], object], rounds: int = 5) -> float:
    """Return the median of several rounds, in milliseconds of CPU."""
    return statistics.median(cpu(action) for _ in range(rounds))


def create(file: SourceFile) -> tuple[float, float]:
    """Return what compiling and building, and what creating an instance and running it to rest costs, in ms."""
    first = InMemory(file)

    def run() -> None:
        instance = Instance(first.specs["p"], "p", first.new_run())
        instance.begin()
        instance.run_to_rest()

    return median(lambda: build(compile_files([file], operations=()).models[0])), median(run)


def spread(first: list[float], last: list[float]) -> str:
    """Return medians of the first and last rounds and their ratio."""
    one, other = statistics.median(first), statistics.median(last)
    return f"{one:.3f} → {other:.3f} ms, {other / one:.2f}×"


def rounds_of_ours(file: SourceFile, count: int, ends: int, *names: str) -> str:
    """Complete the tasks of a loop round by round, saved and restored each time."""
    run = InMemory(file)
    spent = [cpu(lambda: [run.complete(name) for name in names]) for _ in range(count)]
    size = len(state.save(run.instance))
    return f"{spread(spent[:ends], spent[-ends:])}, state {size} B"


# -- stock, each in a child -----------------------------------------------------------------------------------------------


def stock_blocks(count: int, ways: int = 2) -> str:
    file = blocks(count, ways)
    tasks = [0]
    spent = cpu(lambda: tasks.__setitem__(0, len(created(file.content).tasks)))
    return f"{spent:.0f} ms, {tasks[0]} tasks"


def stock_loop(count: int, ends: int) -> str:
    run = Stock(loop("==").content)
    spent: list[float] = []
    for _ in range(count):
        if run.waiting() != ["a"]:
            return f"froze after {len(spent)} rounds; {spread(spent[:ends], spent[-ends:])}"
        spent.append(cpu(lambda: run.complete("a")))
    return spread(spent[:ends], spent[-ends:])


def stock_joins(count: int, ends: int) -> str:
    run = Stock(joining_loop("==").content)
    spent = [cpu(lambda: [run.complete("a"), run.complete("b")]) for _ in range(count)]
    return spread(spent[:ends], spent[-ends:])


def stock_create(file: SourceFile) -> str:
    return f"{cpu(lambda: Stock(file.content)):.0f} ms"


STOCK: dict[str, Callable[[], str]] = {
    "blocks 10": lambda: stock_blocks(10),
    "blocks 13": lambda: stock_blocks(13),
    "blocks 20": lambda: stock_blocks(20),
    "blocks 3-way 8": lambda: stock_blocks(8, 3),
    "loop": lambda: stock_loop(520, 20),
    "joins": lambda: stock_joins(60, 5),
    "chain 480": lambda: stock_create(chain(470)),
    "chain 490": lambda: stock_create(chain(495)),
    "nested": lambda: stock_create(nested(50)),
}


def in_child(case: str) -> str:
    """Run a case of stock SpiffWorkflow in a process of its own, under limits."""
    command = [sys.executable, __file__, "--stock", case]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"stopped after {LIMIT_SECONDS} s"
    if done.returncode == 0:
        return str(json.loads(done.stdout))
    if done.returncode < 0 or "MemoryError" in done.stderr:
        return f"stopped at {LIMIT_BYTES // 10**9} GB"
    return done.stderr.strip().splitlines()[-1].split(".")[-1][:70]


def show(what: str, ours: str, stock: str = "") -> None:
    """Print one line."""
    print(f"{what:<44}{ours:<52}{stock}", flush=True)


def main() -> None:
    logging.disable(logging.INFO)  # stock SpiffWorkflow logs every state change
    if sys.argv[1:2] == ["--stock"]:
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
        print(json.dumps(STOCK[sys.argv[2]]()))
        return
    show("ms of CPU", "redress: compile + build | create and run", "stock SpiffWorkflow")

    def created_line(what: str, file: SourceFile, stock: str = "") -> None:
        before, run = create(file)
        show(what, f"{before:.0f} | {run:.1f}", in_child(stock) if stock else "")

    created_line("10 parallel blocks", blocks(10), "blocks 10")
    created_line("13 parallel blocks", blocks(13), "blocks 13")
    created_line("20 parallel blocks", blocks(20), "blocks 20")
    created_line("8 three-way blocks", blocks(8, 3), "blocks 3-way 8")
    created_line("20 three-way blocks", blocks(20, 3))
    created_line("30 inclusive blocks", blocks(30, 3, "or"))
    created_line("chain of 470 nodes", chain(470), "chain 480")
    created_line("chain of 495 nodes", chain(495), "chain 490")
    created_line("chain of 1,990 nodes", chain(1_990))
    created_line("sub-processes 50 deep", nested(50), "nested")
    created_line("user task for each of 1,000 items", repeated(1_000))
    created_line("2,000 nodes of many kinds", large())
    show("loop, first and last 500 of 5,000 rounds", rounds_of_ours(loop(), 5_000, 500, "a"))
    show("loop, first and last 20 of 520 rounds", rounds_of_ours(loop(), 520, 20, "a"), in_child("loop"))
    show(
        "join in a loop, first and last 5 of 60",
        rounds_of_ours(joining_loop(), 60, 5, "a", "b"),
        in_child("joins"),
    )
    run = InMemory(repeated(1_000))
    spent = [cpu(lambda: run.complete("u")) for _ in range(1_000)]
    show("1,000 items, one completion, first and last 50", spread(spent[:50], spent[-50:]))


if __name__ == "__main__":
    main()
