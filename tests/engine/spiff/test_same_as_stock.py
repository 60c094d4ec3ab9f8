"""Our runtime beside stock SpiffWorkflow on the same diagrams: the same tasks wait after the same steps.

Only diagrams stock SpiffWorkflow runs correctly are compared: block-structured ones without loops around joins.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.diagrams import process
from tests.engine.spiff.memory import InMemory
from tests.engine.spiff.stock import Stock


@dataclass
class Drawing:
    """A diagram being drawn from left to right."""

    lines: list[str]
    count: int = 0

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"


def draw(block: object, drawing: Drawing, start: str) -> str:
    """Draw a block after node `start`; return its last node."""
    kind, *inner = block  # type: ignore[misc]
    if kind == "task":
        name = drawing.fresh("u")
        drawing.lines += [f"user {name}", f"{start} -> {name}"]
        return name
    if kind == "sequence":
        for part in inner:
            start = draw(part, drawing, start)
        return start
    if kind == "sub":
        name = drawing.fresh("sub")
        inside = Drawing([], drawing.count + 100)
        last = draw(inner[0], inside, f"{name}_s")
        drawing.count = inside.count
        drawing.lines += [
            f"sub {name} {{",
            f"start {name}_s",
            f"end {name}_e",
            *inside.lines,
            f"{last} -> {name}_e",
            "}",
            f"{start} -> {name}",
        ]
        return name
    gateway = "xor" if kind == "choice" else "and"
    fork, join = drawing.fresh("fork"), drawing.fresh("join")
    drawing.lines += [f"{gateway} {fork}", f"{gateway} {join}", f"{start} -> {fork}"]
    for index, part in enumerate(inner):
        step = drawing.fresh("t")
        drawing.lines.append(f"throw {step}")
        if kind == "choice" and index:
            drawing.lines.append(f"{fork} -> {step} : n > {index * 3}")
        elif kind == "choice":
            drawing.lines.append(f"default {fork} -> {step}")
        else:
            drawing.lines.append(f"{fork} -> {step}")
        drawing.lines.append(f"{draw(part, drawing, step)} -> {join}")
    return join


blocks = st.recursive(
    st.just(("task",)),
    lambda inner: st.one_of(
        st.tuples(st.just("sequence"), inner, inner),
        st.tuples(st.just("choice"), inner, inner),
        st.tuples(st.just("both"), inner, inner),
        st.tuples(st.just("both"), inner, inner, inner),
        st.tuples(st.just("sub"), inner),
    ),
    max_leaves=7,
)


@settings(max_examples=60)
@given(block=blocks, n=st.integers(0, 9), order=st.randoms(use_true_random=False))
def test_the_same_tasks_wait_after_the_same_steps(block: object, n: int, order) -> None:  # type: ignore[no-untyped-def]
    drawing = Drawing(["start s"])
    last = draw(block, drawing, "s")
    file = process("p", *drawing.lines, "end e", f"{last} -> e")
    ours, stock = InMemory(file, n=n), Stock(file.content, n=n)
    for _ in range(60):
        assert ours.waiting() == stock.waiting()
        if not ours.waiting():
            break
        name = order.choice(ours.waiting())
        ours.complete(name)
        stock.complete(name)
    assert ours.over
    assert stock.over
