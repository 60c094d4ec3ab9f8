"""The instrument itself: it sees a crash, a hang and a stall, and its rules say what the classes ask for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.diagrams.child import Ended
from benchmarks.diagrams.index import Case
from benchmarks.diagrams.verdict import explained, judge, outcome
from tests.engine.diagrams import process

ROOT = Path(__file__).resolve().parents[2]


def case(expected: str, *ids: str) -> Case:
    return Case("a.bpmn", expected, frozenset(ids), "", "", "", b"")


def ended(
    *findings: tuple[str, str, str], refused: bool = False, outcomes: tuple[str, ...] = (), **said: Any
) -> Ended:
    """What a child said: findings as (severity, code, element), and how each start ended."""
    starts = [{"outcome": one, "detail": [], "needed": False} for one in outcomes]
    starts += said.pop("also", [])
    told = {
        "refused": refused, "findings": [[*one, ""] for one in findings], "starts": starts, "needs": [],
        "processes": [] if refused else ["p"], "bytes_kept": True,
    }  # fmt: skip
    return Ended("", told | said)


REFUSED = {"refused": "it needs a", "needed": True}
STARTED = {"outcome": "finished", "detail": [], "needed": True}
WALKS = ("finished", "waiting", "moving", "data")


@pytest.mark.parametrize(
    ("expected", "ids", "happened", "agrees"),
    [
        *[("accept-run", (), ended(outcomes=(one,)), True) for one in WALKS],
        ("accept-run", (), ended(outcomes=("finished", "stall")), False),
        ("accept-run", (), ended(outcomes=("finished", "incident")), False),
        ("accept-run", (), ended(refused=True), False),
        ("accept-run", (), ended(outcomes=("finished",), bytes_kept=False), False),
        ("accept-run", (), Ended("crash", {"crash": "…"}), False),
        ("accept-run", (), Ended("hang"), False),
        ("accept-convert", ("a",), ended(("note", "x", "a"), outcomes=("finished",)), True),
        ("accept-convert", ("a",), ended(("note", "x", "b"), outcomes=("finished",)), False),
        ("accept-convert", ("a",), ended(("error", "x", "a"), refused=True), True),
        ("accept-convert", ("a",), ended(("error", "x", "b"), refused=True), False),
        ("accept-bind", ("a", "b"), ended(("binding", "x", "a"), needs=["a"]), True),
        ("accept-bind", ("a", "b"), ended(("binding", "x", "c"), needs=["c"]), False),
        ("accept-bind", ("a",), ended(("binding", "x", "a"), needs=["a"], outcomes=("finished",)), True),
        ("accept-bind", ("a",), ended(("binding", "x", "a"), needs=["a"], outcomes=("stall",)), False),
        ("accept-bind", ("a",), ended(("binding", "x", "a"), needs=["a"], also=[REFUSED]), True),
        ("accept-bind", ("a",), ended(("binding", "x", "a"), needs=["a"], also=[STARTED]), False),
        ("accept-bind", ("a",), ended(outcomes=("finished",)), False),
        ("reject-invalid", ("a",), ended(("error", "x", "a"), refused=True), True),
        ("reject-invalid", ("a",), ended(("error", "x", "b"), refused=True), False),
        ("reject-unsupported", ("a",), ended(outcomes=("finished",)), True),
        ("reject-unsupported", ("a",), ended(outcomes=("stall",)), False),
        (
            "reject-unsupported",
            ("a",),
            ended(("binding", "x", "b"), needs=["b"], outcomes=("finished",)),
            True,
        ),
        ("reject-unsupported", ("a",), ended(("binding", "x", "b"), needs=["b"], outcomes=("stall",)), False),
        ("reject-unsupported", ("a",), ended(("binding", "x", "b"), needs=["b"], also=[REFUSED]), False),
        ("not-executable", (), ended(("warning", "not-executable", "p"), processes=[]), True),
        ("not-executable", (), ended(processes=[]), False),
        ("not-executable", (), ended(outcomes=("finished",)), False),
        ("accept-all", (), ended(outcomes=("finished",)), False),
    ],
)
def test_a_class_asks_for(expected: str, ids: tuple[str, ...], happened: Ended, agrees: bool) -> None:
    assert judge(case(expected, *ids), happened, megabytes=300).agrees is agrees


def test_too_much_memory_is_a_disagreement() -> None:
    greedy = Ended("", ended(outcomes=("finished",)).said, peak_mb=301)
    assert judge(case("accept-run"), greedy, megabytes=300).why == ("took 301 MB more memory",)


def test_a_refusal_without_an_element_id_is_called_so() -> None:
    assert outcome(ended(("error", "x", ""), refused=True)) == "refused without id"


def test_an_explanation_is_a_row_with_a_reason_under_the_heading(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "| z.bpmn | a | elsewhere |\n## Disagreements with the corpus\n| file | class | why |\n|---|---|---|\n"
        "| `a.bpmn` | accept-run | It has no start. |\n| b.bpmn | accept-run | |\n## Next\n| c.bpmn | x | y |\n"
    )
    found = explained(page)
    assert found["a.bpmn"] == "It has no start."
    assert not {"b.bpmn", "c.bpmn", "z.bpmn"} & found.keys()
    assert explained(tmp_path / "none.md") == {}


CHILD = """
import signal, sys
from benchmarks.diagrams.child import in_child
def die():
    raise ValueError("boom")
def grow():
    held = bytearray(40 << 20)
    return {"size": len(held)}
for work, died in ((signal.pause, "hang"), (die, "crash"), (lambda: __import__("os")._exit(3), "crash")):
    found = in_child(work, seconds=0.3, megabytes=300)
    assert found.died == died, found
assert "boom" in in_child(die, seconds=5, megabytes=300).said["crash"]
assert 35 < in_child(grow, seconds=5, megabytes=300).peak_mb < 60
assert in_child(lambda: {"size": len(bytearray(4 << 30))}, seconds=5, megabytes=300).died == "crash"
"""


def test_a_child_that_hangs_dies_or_grows_is_seen() -> None:
    subprocess.run([sys.executable, "-c", CHILD], cwd=ROOT, check=True, timeout=60)


@pytest.mark.slow
def test_a_folder_is_deployed_driven_and_judged(tmp_path: Path) -> None:
    runs = process("p", "start s", "user a", "catch t timeDuration=P3D", "end e", "s -> a -> t -> e").content
    stalls = process(
        "p", "start s", "xor x", "and j", "end e", "default x -> j", "x -> j : 1 = 2", "s -> x", "j -> e"
    ).content
    (tmp_path / "runs.bpmn").write_bytes(runs)
    (tmp_path / "stalls.bpmn").write_bytes(stalls)
    rows = ["file\texpected_class\telement_ids\treasons\tmodeler\tsha256"]
    rows += [f"{name}.bpmn\taccept-run\t\t\tnobody\t" for name in ("runs", "stalls")]
    (tmp_path / "index.tsv").write_text("\n".join(rows) + "\n")
    done = subprocess.run(
        [sys.executable, "benchmarks/corpus.py", str(tmp_path), "--json", str(tmp_path / "out.json")],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 of 2" in done.stdout
    assert "stalls.bpmn" in done.stderr and "runs.bpmn" not in done.stderr
