"""Runs the kit: which model a test file means, which element a result, and whether the result is the expected one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from engine.expressions.dmn.model import DecisionModel, Element, Input, Service
from engine.expressions.dmn.reading.files import read_together
from engine.expressions.dmn.tck.cases import SUFFIX, Case, Node, TestFile, Unreadable, read_test_file
from engine.expressions.dmn.tck.listed import Listed, read_listed
from engine.expressions.feel.data import operators as op
from engine.expressions.feel.data.types import ANY
from engine.expressions.feel.data.values import Function, text_of
from engine.expressions.feel.errors import EvaluationLimit

_NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
TOLERANCE: Final = Decimal("1e-8")
"""The kit's expected numbers come from implementations with fewer digits."""
SHOWN: Final = 300
"""Characters of a value that a sentence quotes."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One test case, or one thing of a folder that cannot be run. level: the folder above the folder.

    problems: a sentence for each result that is not the expected one. reason: why the case is listed, if it is.
    """

    level: str
    folder: str
    file: str
    case: str
    problems: tuple[str, ...] = ()
    reason: str = ""

    @property
    def verdict(self) -> str:
        """passed, failed or listed; a listed case that passes has failed, so that it is taken off the list."""
        if self.reason:
            return "listed" if self.problems else "failed"
        return "failed" if self.problems else "passed"


def run_tree(root: Path, listed: Listed | None = None) -> Iterator[CaseResult]:
    """Every test case in a folder and below it, folder by folder."""
    listed = read_listed() if listed is None else listed
    root = root.resolve()
    unreadable: list[OSError] = []
    for folder, inner, names in os.walk(root, onerror=unreadable.append):
        inner.sort()
        yield from _run_folder(Path(folder), sorted(names), listed)
    for problem in unreadable:
        place = Path(problem.filename)
        yield CaseResult(place.parent.name, place.name, "", "", (f"The folder cannot be read: {problem}.",))


def _run_folder(folder: Path, names: Sequence[str], listed: Listed) -> Iterator[CaseResult]:
    level, here = folder.parent.name, folder.name
    tests: list[TestFile] = []
    contents: dict[str, bytes] = {}
    for name in names:
        path = folder / name
        try:
            if path.suffix.lower() == SUFFIX:
                found = read_test_file(path)
                if found is not None:
                    tests.append(found)
            elif path.suffix.lower() == ".dmn":
                contents[name] = path.read_bytes()
        except (Unreadable, OSError) as problem:
            yield CaseResult(level, here, name, "", (str(problem),))
    if not tests:
        return
    models = read_together(contents)
    for test in tests:
        model, missing = _model(test, models)
        if not test.cases:
            yield CaseResult(level, here, test.path.name, "", ("The file holds no test case.",))
        for case in test.cases:
            problems = (missing,) if model is None else tuple(_run_case(model, models, case))
            yield CaseResult(level, here, test.path.name, case.id, problems, listed.reason(here, case.id))


def _model(test: TestFile, models: Mapping[str, DecisionModel]) -> tuple[DecisionModel | None, str]:
    """The model a test file means: by file name (a path or another case does no harm), by namespace, or the only one."""
    found: DecisionModel | None = None
    if test.model:
        wanted = test.model.replace("\\", "/").rpartition("/")[2].lower()
        by_name = {name.lower(): model for name, model in models.items()}
        found = models.get(test.model) or by_name.get(wanted) or by_name.get(f"{wanted}.dmn")
        missing = f'The model "{test.model}" is not in the folder.'
    else:
        candidates = [one for one in models.values() if not test.namespace or one.namespace == test.namespace]
        found = candidates[0] if len(candidates) == 1 else None
        missing = "The file names no model."
    if found is None:
        return None, missing
    broken = next((one.message for one in found.findings if one.code == "unreadable"), "")
    return (None, f"The model cannot be read: {broken}") if broken else (found, "")


def _run_case(model: DecisionModel, models: Mapping[str, DecisionModel], case: Case) -> Iterator[str]:
    variables: dict[str, Any] = {}
    for node in case.inputs:
        path, owner = _owner(model, node.namespace)
        element = None if owner is None else _named(owner, node.name, Input)
        home = variables
        for name in path:
            home = home.setdefault(name, {})
        home[node.name] = node.value(element.type if element else ANY)
    for node in case.results:
        problem = _run_result(model, models, case, node, variables)
        if problem:
            yield f"{node.name}: {problem}"


def _run_result(
    model: DecisionModel,
    models: Mapping[str, DecisionModel],
    case: Case,
    node: Node,
    variables: dict[str, Any],
) -> str:
    """What is wrong with a result, or nothing."""
    namespace = node.namespace or case.namespace
    path, owner = _owner(model, namespace)
    if owner is None:
        owner = next((one for one in models.values() if one.namespace == namespace), model)
    wanted = node.name if case.kind == "decision" else case.invocable or node.name
    element = _named(owner, wanted) or owner.elements.get(wanted)
    through, _, inner = wanted.partition(".")
    if element is None and through in owner.imports:
        path, owner = (*path, through), owner.imports[through]
        element = _named(owner, inner)
    if element is None:
        return f'There is no "{wanted}" in {owner.file}.'
    given = variables
    for name in path:
        given = {**given, **given.get(name, {})}
    try:
        outcome = owner.evaluate(element.id, given, now=lambda: _NOW)
    except EvaluationLimit as problem:
        return "" if node.error else f"It was stopped: {problem.message}"
    actual = outcome.value
    if isinstance(element, Service) and len(element.outputs) > 1 and wanted != node.name:
        if not isinstance(actual, dict) or node.name not in actual:
            return f'The decision service "{wanted}" has no output "{node.name}".'
        actual = actual[node.name]
    expected = node.value(element.type)
    if same(expected, actual):
        return ""
    why = " ".join(dict.fromkeys(one.message for one in outcome.warnings[:3]))
    return f"expected {_shown(expected)}, got {_shown(actual)}. {why}".rstrip()


def _owner(model: DecisionModel, namespace: str) -> tuple[tuple[str, ...], DecisionModel | None]:
    """The imported model with a namespace, and the import names that lead to it; nameless imports need none."""
    pending: list[tuple[tuple[str, ...], DecisionModel]] = [((), model)]
    seen: set[int] = set()
    while pending:
        path, one = pending.pop(0)
        if not namespace or one.namespace == namespace:
            return path, one
        if id(one) not in seen:
            seen.add(id(one))
            pending += [
                (path if name in one.nameless else (*path, name), inner)
                for name, inner in one.imports.items()
            ]
    return (), None


def _named(model: DecisionModel, name: str, kind: type[Element] | None = None) -> Element | None:
    """An element by its name; the kit never means ids."""
    return next(
        (
            one
            for one in model.elements.values()
            if one.name == name and (not isinstance(one, Input) if kind is None else isinstance(one, kind))
        ),
        None,
    )


def same(expected: Any, actual: Any) -> bool:
    """Equal as the kit's runners compare: numbers within a tolerance, contexts and lists item by item.

    The kit cannot write functions down, so those in a context that was made are passed over.
    """
    if expected is None or actual is None:
        return expected is actual
    if isinstance(expected, Decimal) and isinstance(actual, Decimal):
        return abs(expected - actual) <= TOLERANCE * max(Decimal(1), abs(expected))
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(same(a, b) for a, b in zip(expected, actual, strict=True))
    if isinstance(expected, dict) and isinstance(actual, dict):
        entries = {key: value for key, value in actual.items() if not isinstance(value, Function)}
        return expected.keys() == entries.keys() and all(
            same(value, entries[key]) for key, value in expected.items()
        )
    return op.equal(expected, actual) is True


def _shown(value: Any) -> str:
    text = text_of(value, True)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
