"""Runs folders of the DMN Technology Compatibility Kit: models (*.dmn) with expected results (*-test-*.xml)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from lxml import etree

from engine.expressions.dmn.model import DecisionModel
from engine.expressions.dmn.reader import read_decisions
from engine.expressions.feel import literals
from engine.expressions.feel import operators as op
from engine.expressions.feel.errors import ExpressionError
from engine.expressions.feel.temporal import InvalidTemporal
from engine.expressions.feel.values import NUMBERS

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_NOW: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
TOLERANCE: Final = Decimal("1e-8")
"""The kit's expected numbers come from implementations with fewer digits."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One result node of one test case. why: empty when it passed."""

    folder: str
    case: str
    node: str
    why: str = ""

    @property
    def passed(self) -> bool:
        return not self.why


def run_tree(root: Path) -> Iterator[CaseResult]:
    """Every test case below a folder, folder by folder."""
    for folder in sorted({path.parent for path in root.rglob("*.dmn")}):
        yield from run_folder(folder)


def run_folder(folder: Path) -> Iterator[CaseResult]:
    models = _models(folder)
    for path in sorted(folder.glob("*.xml")):
        tests = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        if not isinstance(tests.tag, str) or _local(tests) != "testCases":
            continue
        file = "".join(str(part) for part in _children(tests, "modelName")[0].itertext()).strip()
        model = models.get(file)
        for case in _children(tests, "testCase"):
            yield from _run_case(folder.name, model, case)


def _models(folder: Path) -> dict[str, DecisionModel]:
    """All models of a folder; those that import others are read once those are there."""
    contents = {path.name: path.read_bytes() for path in sorted(folder.glob("*.dmn"))}
    made: dict[str, DecisionModel] = {}
    for _ in contents:
        for name, content in contents.items():
            others = [model for key, model in made.items() if key != name]
            if name not in made or any(one.code == "missing-import" for one in made[name].findings):
                made[name] = read_decisions(content, name, imports=others)
    return made


def _run_case(folder: str, model: DecisionModel | None, case: etree._Element) -> Iterator[CaseResult]:
    case_id = case.get("id") or ""
    variables: dict[str, Any] = {}
    for node in _children(case, "inputNode"):
        variables[" ".join((node.get("name") or "").split())] = _value(node)
    for node in _children(case, "resultNode"):
        name = node.get("name") or ""
        yield CaseResult(folder, case_id, name, _check(model, case, node, name, variables))


def _check(
    model: DecisionModel | None,
    case: etree._Element,
    node: etree._Element,
    name: str,
    variables: dict[str, Any],
) -> str:
    if model is None:
        return "the model is not there"
    kind = case.get("type") or "decision"
    wanted = case.get("invocableName") if kind != "decision" and case.get("invocableName") else name
    expected_nodes = _children(node, "expected")
    try:
        outcome = model.evaluate(wanted or name, variables, now=lambda: _NOW)
    except ExpressionError as problem:
        return "" if node.get("errorResult") == "true" else f"refused: {problem}"
    actual = outcome.value
    if kind == "decisionService" and isinstance(actual, dict) and name in actual and wanted != name:
        actual = actual[name]
    expected = _value(expected_nodes[0]) if expected_nodes else None
    if same(expected, actual):
        return ""
    return f"expected {expected!r}, got {actual!r}; {'; '.join(one.message for one in outcome.warnings[:3])}"


def same(expected: Any, actual: Any) -> bool:
    """Equal as the kit's runners compare: numbers within a tolerance, contexts and lists item by item."""
    if expected is None or actual is None:
        return expected is actual
    if isinstance(expected, Decimal) and isinstance(actual, Decimal):
        return abs(expected - actual) <= TOLERANCE * max(Decimal(1), abs(expected))
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(same(a, b) for a, b in zip(expected, actual, strict=True))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            same(value, actual[key]) for key, value in expected.items()
        )
    return op.equal(expected, actual) is True


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in element if isinstance(one.tag, str) and _local(one) == name]


def _value(element: etree._Element) -> Any:
    components = _children(element, "component")
    if components:
        return {" ".join((one.get("name") or "").split()): _value(one) for one in components}
    lists = _children(element, "list")
    if lists:
        return None if _nil(lists[0]) else [_value(one) for one in _children(lists[0], "item")]
    values = _children(element, "value")
    if not values or _nil(values[0]):
        return None
    return _simple(values[0])


def _nil(element: etree._Element) -> bool:
    return element.get(_XSI + "nil") in ("true", "1")


def _simple(element: etree._Element) -> Any:
    text = "".join(str(part) for part in element.itertext())
    kind = (element.get(_XSI + "type") or "string").rpartition(":")[2]
    try:
        if kind in ("decimal", "double", "integer", "int", "long", "float"):
            return NUMBERS.create_decimal(text.strip())
        if kind == "boolean":
            return text.strip() in ("true", "1")
        readers: dict[str, Any] = {
            "date": literals.parse_date,
            "dateTime": literals.parse_date_and_time,
            "time": literals.parse_time,
            "duration": literals.parse_duration,
            "dayTimeDuration": literals.parse_duration,
            "yearMonthDuration": literals.parse_duration,
        }
        return readers[kind](text.strip()) if kind in readers else text
    except (InvalidTemporal, ArithmeticError):
        return text
