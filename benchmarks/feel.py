"""FEEL and decision tables beside Python's own eval and feelin in Node, in one run: python benchmarks/feel.py"""

from __future__ import annotations

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from engine.expressions.dmn import DecisionModel, read_decisions
from engine.expressions.feel import Scope, compile_condition
from tests.engine.expressions.beside.feelin import VERSION, time_in_node

ROUNDS = 7
VARIABLES = {
    "case": {"approved": True, "amount": 395, "kind": "k9", "age": 10, "channel": "x", "weight": 5},
    "form": {"review": {"dept": "HR"}},
}
CONDITION = 'case.approved = true and case.amount > 100 and form.review.dept = "HR"'
PYTHON = "case['approved'] == True and case['amount'] > 100 and form['review']['dept'] == 'HR'"
NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


@dataclass(frozen=True)
class Cell:
    """An input cell, and the same as a Python expression over v."""

    feel: str
    python: str


@dataclass(frozen=True)
class Shape:
    """A kind of table: which entries of `case` it asks about, and the cells of a row."""

    name: str
    inputs: tuple[str, ...]
    cells: Callable[[int], list[Cell]]
    policy: str = "UNIQUE"


def text(value: str) -> Cell:
    return Cell(f'"{value}"', f"v == '{value}'")


def between(low: int, high: int) -> Cell:
    return Cell(f"[{low}..{high}]", f"{low} <= v <= {high}")


ANY = Cell("-", "True")
SMALL = [
    Shape("mixed", ("kind", "amount", "age"), lambda row: [text(f"k{row % 10}"), between(row * 10, row * 10 + 9),
          ANY if row % 2 else Cell("< 50", "v < 50")]),
    Shape("texts", ("kind", "channel", "kind"), lambda row: [text(f"k{row % 10}"), Cell(f'"x","y{row}"', f"v in ('x', 'y{row}')"),
          text("k9") if row == 19 else text(f"z{row}")]),
    Shape("ranges", ("amount", "age", "weight"), lambda row: [between(row * 10, row * 10 + 9), between(0, row + 20),
          Cell("> 3", "v > 3")]),
    Shape("no match", ("kind", "amount", "age"), lambda row: [text(f"k{row % 10}"), between(row * 10, row * 10 + 9),
          Cell("> 90", "v > 90")]),
]  # fmt: skip
FIVE = ("kind", "amount", "age", "channel", "weight")
LARGE = [
    Shape("mixed", FIVE, lambda row: [text(f"k{row % 10}"), between(row * 10, row * 10 + 9), Cell("< 50", "v < 50"),
          Cell(f'"x","y{row}"', f"v in ('x', 'y{row}')"), Cell("> 3", "v > 3")]),
    Shape("texts", ("kind", "channel", "kind", "channel", "kind"), lambda row: [text(f"k{row % 10}"), text("x"),
          Cell('not("k1")', "v != 'k1'"), text("x" if row == 9 else f"y{row}"), ANY]),
    Shape("ranges", ("amount", "age", "weight", "amount", "age"), lambda row: [Cell(f"[{row}..{row + 1})", f"{row} <= v < {row + 1}"),
          Cell(f"< {row}", f"v < {row}"), Cell(f"> {row - 900}", f"v > {row - 900}"), between(0, row), between(0, 20)]),
    Shape("many dashes", FIVE, lambda row: [text(f"k{row}"), between(row, row + 90) if row % 2 else ANY, ANY, ANY,
          ANY if row % 3 else Cell("> 3", "v > 3")]),
    Shape("half formulas", ("amount", "age"), lambda row: [Cell(f"{row}", f"v == {row}"), Cell(f"? > {row} + 1", f"v > {row} + 1")]),
    Shape("only formulas", ("amount",), lambda row: [Cell(f"? > {row} + 1000", f"v > {row} + 1000")]),
    Shape("no match", FIVE, lambda row: [text(f"k{row % 10}"), between(row * 10, row * 10 + 9), Cell("< 50", "v < 50"),
          text(f"y{row}"), Cell("> 3", "v > 3")]),
    Shape("every rule matches", FIVE, lambda row: [text("k9"), between(0, row + 395), Cell("< 50", "v < 50"), ANY,
          Cell("> 3", "v > 3")], "RULE ORDER"),
]  # fmt: skip


def table(rows: int, shape: Shape) -> DecisionModel:
    """A decision table of that many rows."""
    body = "".join(
        f"<input><inputExpression><text>case.{name}</text></inputExpression></input>" for name in shape.inputs
    )
    body += '<output name="level"/>'
    for row in range(rows):
        cells = "".join(
            f"<inputEntry><text>{cell.feel.replace('<', '&lt;')}</text></inputEntry>"
            for cell in shape.cells(row)
        )
        body += f'<rule id="r{row}">{cells}<outputEntry><text>"r{row}"</text></outputEntry></rule>'
    content = f'<decision id="level" name="level"><decisionTable hitPolicy="{shape.policy}">{body}</decisionTable></decision>'
    return read_decisions(f'<definitions xmlns="{NAMESPACE}">{content}</definitions>'.encode(), "bench.dmn")


def in_python(rows: int, shape: Shape) -> Callable[[], list[str]]:
    """The same table as a loop over compiled Python expressions, left at the first cell that does not hold."""
    values = [VARIABLES["case"][name] for name in shape.inputs]
    compiled = [[compile(cell.python, "cell", "eval") for cell in shape.cells(row)] for row in range(rows)]

    def evaluate() -> list[str]:
        return [
            f"r{number}"
            for number, cells in enumerate(compiled)
            if all(eval(code, {"v": value}) for code, value in zip(cells, values, strict=True))
        ]

    return evaluate


def measure(work: Callable[[], Any], times: int) -> list[float]:
    """Microseconds per call, of each round, after one that does not count."""
    work()
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - start) / times * 1e6)
    return found


def show(label: str, rounds: list[float]) -> None:
    """Print the median and what the rounds spanned."""
    print(f"{label:<58}{median(rounds):>10.1f} µs   {min(rounds):.1f}–{max(rounds):.1f}")


def show_tables(rows: int, shapes: list[Shape], goal: str) -> None:
    """Each shape in our engine, in Python, and in feelin; all three must find the same rules."""
    times = 20_000 // rows
    in_node = time_in_node(
        CONDITION,
        VARIABLES,
        [
            {
                "rows": [[cell.feel for cell in shape.cells(row)] for row in range(rows)],
                "inputs": [VARIABLES["case"][name] for name in shape.inputs],
                "times": max(1, times // 50),
            }
            for shape in shapes
        ],
        ROUNDS,
    )
    for at, shape in enumerate(shapes):
        start = time.perf_counter()
        model = table(rows, shape)
        reading = (time.perf_counter() - start) * 1e6
        python = in_python(rows, shape)
        found = model.evaluate("level", VARIABLES).value
        assert python() == (found if isinstance(found, list) else [] if found is None else [found])
        assert in_node["hits"][at] == len(python())
        name = f"{rows:,} rules × {len(shape.inputs)} inputs, {shape.name}"
        show(f"{name}{goal}", measure(lambda model=model: model.evaluate("level", VARIABLES), times))
        show(f"{name}: Python eval, compiled once", measure(python, max(1, times // 10)))
        show(f"{name}: feelin {VERSION}", in_node["tables"][at])
        print(f"{name + ': reading and compiling':<58}{reading / rows:>10.1f} µs a rule")


def memory(count: int = 1_000) -> float:
    """Bytes a compiled condition holds, its text included."""
    texts = [CONDITION.replace("100", str(number)) for number in range(count)]
    compile_condition(CONDITION)
    gc.collect()
    tracemalloc.start()
    kept = [compile_condition(one) for one in texts]
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return held / len(kept)


def main() -> None:
    """Run and print everything."""
    condition, scope = compile_condition(CONDITION), Scope(VARIABLES)
    compiled = compile(PYTHON, "condition", "eval")
    print(f"{'':<58}{'median':>13}   span of {ROUNDS} rounds")
    show("usual condition, compiled once (goal: 20)", measure(lambda: condition.evaluate(scope), 5_000))
    show("usual condition, compiling", measure(lambda: compile_condition(CONDITION), 300))
    show("Python eval of the text", measure(lambda: eval(PYTHON, {}, VARIABLES), 2_000))
    show("Python eval, compiled once", measure(lambda: eval(compiled, {}, VARIABLES), 5_000))
    show(f"feelin {VERSION}, parsing each time", time_in_node(CONDITION, VARIABLES, [], ROUNDS)["condition"])
    print(f"{'a compiled condition holds':<58}{memory():>10.0f} bytes")
    show_tables(40, SMALL, " (goal: 300)")
    show_tables(1_000, LARGE, "")


if __name__ == "__main__":
    main()
