"""The requirement graph of a file: what each element needs is there, and nothing needs itself (DMN 1.5 §6.3)."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from engine.expressions.dmn.model import (
    Decision,
    DecisionModel,
    Element,
    Input,
    Knowledge,
    Reference,
    Service,
)
from engine.expressions.dmn.reading.findings import Findings
from engine.expressions.feel.chinese import of_hint
from engine.expressions.feel.errors import did_you_mean

Placed = Sequence[tuple[Element, etree._Element]]
"""The elements of a file with where they stand in it."""


def check(model: DecisionModel, placed: Placed, findings: Findings) -> None:
    """Report requirements of things that are not there, or are of another kind, and circles."""
    for made, element in placed:
        for reference, kinds, called in _needed(made):
            _check_one(model, reference, kinds, called, element, findings)
    _check_circles(model, placed, findings)


def _needed(made: Element) -> list[tuple[Reference, tuple[type, ...], str]]:
    """What an element needs: each reference, the kinds of element it may be, and how that is called."""
    if isinstance(made, Input):
        return []
    if isinstance(made, Service):
        return [
            *((one, (Decision,), "a decision") for one in (*made.outputs, *made.input_decisions)),
            *((one, (Input,), "an input") for one in made.inputs),
        ]
    return [(one, (Input, Decision, Knowledge, Service), "an element") for one in made.requires]


def _check_one(
    model: DecisionModel,
    reference: Reference,
    kinds: tuple[type, ...],
    called: str,
    element: etree._Element,
    findings: Findings,
) -> None:
    target = f"{reference.through}#{reference.id}" if reference.through else reference.id
    found = model.resolve(reference)
    if found is None:
        hint = did_you_mean(reference.id, model.elements)
        findings.report(
            "missing-requirement",
            f'It requires "{target}", which is not there. {hint}'.strip(),
            f"所需元素“{target}”不存在。{of_hint(hint)}",
            element,
        )
    elif not isinstance(found[1], kinds):
        findings.report(
            "wrong-requirement",
            f'It requires "{target}" as {called}, which it is not.',
            f"所需元素“{target}”的种类不对。",
            element,
        )


def _check_circles(model: DecisionModel, placed: Placed, findings: Findings) -> None:
    """A decision may not require itself, directly or through others; business knowledge may only call itself."""
    stands = {made.id: element for made, element in placed}
    done: set[str] = set()
    for start in list(model.elements):
        circle = _circle(model, start, done)
        if circle is None:
            continue
        text = " → ".join(circle)
        findings.report(
            "circle",
            f"The decisions require each other in a circle: {text}.",
            f"决策循环依赖：{text}。",
            stands[circle[0]],
        )
        return


def _circle(model: DecisionModel, start: str, done: set[str]) -> list[str] | None:
    """The first circle that can be reached from an element. Iterative: a long chain must not end in Python's limit."""
    path: dict[str, None] = {}
    stack: list[tuple[str, bool]] = [(start, False)]
    while stack:
        current, leaving = stack.pop()
        if leaving:
            path.popitem()
            done.add(current)
            continue
        if current in path:
            around = list(path)
            return [*around[around.index(current) :], current]
        element = model.elements.get(current)
        if current in done or not isinstance(element, Decision | Knowledge):
            continue
        path[current] = None
        stack.append((current, True))
        stack.extend(
            (one.id, False)
            for one in element.requires
            if not one.through and not (one.id == current and isinstance(element, Knowledge))
        )
    return None
