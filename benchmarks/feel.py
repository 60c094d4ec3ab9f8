"""FEEL and decision tables beside Python's own eval, in one run: python benchmarks/feel.py"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# This folder comes first on the path of a script, and a file in it would then hide the package it measures.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from engine.expressions.dmn import DecisionModel, read_decisions
from engine.expressions.feel import Scope, compile_condition

VARIABLES = {
    "case": {"approved": True, "amount": 395, "kind": "k9", "age": 10, "channel": "x", "weight": 5},
    "form": {"review": {"dept": "HR"}},
}
CONDITION = 'case.approved = true and case.amount > 100 and form.review.dept = "HR"'
PYTHON = "case['approved'] == True and case['amount'] > 100 and form['review']['dept'] == 'HR'"
INPUTS = ["case.kind", "case.amount", "case.age", "case.channel", "case.weight"]
LARGE: list[tuple[str, list[str], Callable[[int], list[str]]]] = [
    (
        "5 inputs, usual",
        INPUTS,
        lambda row: [f'"k{row % 10}"', f"[{row * 10}..{row * 10 + 9}]", "< 50", f'"x","y{row}"', "> 3"],
    ),
    (
        "ranges only",
        ["case.amount", "case.age", "case.weight"],
        lambda row: [f"[{row}..{row + 1})", f"< {row}", f"> {row - 900}"],
    ),
    (
        "many dashes",
        INPUTS,
        lambda row: [
            f'"k{row}"',
            f"[{row}..{row + 90}]" if row % 2 else "-",
            "-",
            "-",
            "-" if row % 3 else "> 3",
        ],
    ),
    ("half formulas", ["case.amount", "case.age"], lambda row: [f"{row}", f"? > {row} + 1"]),
    ("only formulas", ["case.amount"], lambda row: [f"? > {row} + 1000"]),
    ("none matches", ["case.channel", "case.amount"], lambda row: [f'"{row}"', "> 1"]),
]
NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(rows: int, inputs: list[str], cells: Callable[[int], list[str]]) -> DecisionModel:
    """A decision table of that many rows."""
    body = "".join(
        f"<input><inputExpression><text>{text}</text></inputExpression></input>" for text in inputs
    )
    body += '<output name="level"/>'
    for row in range(rows):
        tests = "".join(
            f"<inputEntry><text>{cell.replace('<', '&lt;')}</text></inputEntry>" for cell in cells(row)
        )
        body += f'<rule id="r{row}">{tests}<outputEntry><text>"r{row}"</text></outputEntry></rule>'
    text = f'<decision id="level" name="level"><decisionTable>{body}</decisionTable></decision>'
    return read_decisions(f'<definitions xmlns="{NAMESPACE}">{text}</definitions>'.encode(), "bench.dmn")


def measure(label: str, work: Callable[[], Any], times: int) -> None:
    """Print the best of five rounds."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            work()
        best = min(best, (time.perf_counter() - start) / times)
    print(f"{label:<48}{best * 1e6:>10.1f} µs")


def main() -> None:
    """Run and print everything."""
    condition, scope = compile_condition(CONDITION), Scope(VARIABLES)
    compiled = compile(PYTHON, "condition", "eval")
    measure("usual condition, compiled once (goal: 20)", lambda: condition.evaluate(scope), 20_000)
    measure("usual condition, compiling", lambda: compile_condition(CONDITION), 500)
    measure("Python eval of the text", lambda: eval(PYTHON, {}, VARIABLES), 5_000)
    measure("Python eval, compiled once", lambda: eval(compiled, {}, VARIABLES), 20_000)
    small = table(
        40,
        ["case.kind", "case.amount", "case.age"],
        lambda row: [f'"k{row % 10}"', f"[{row * 10}..{row * 10 + 9}]", "-" if row % 2 else "< 50"],
    )
    measure("table of 40 rules, 3 inputs (goal: 300)", lambda: small.evaluate("level", VARIABLES), 1_000)
    for label, inputs, cells in LARGE:
        large = table(1_000, inputs, cells)
        measure(f"1,000 rules, {label}", lambda large=large: large.evaluate("level", VARIABLES), 200)


if __name__ == "__main__":
    main()
