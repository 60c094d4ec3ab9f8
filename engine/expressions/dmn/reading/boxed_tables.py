"""The decision tables of a file → tables to compile, with everything that is wrong with their form (DMN 1.5 §8.3)."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from lxml import etree

from engine.expressions.dmn.evaluation.policies import POLICIES
from engine.expressions.dmn.evaluation.table import InputClause, OutputClause, Rule, Table
from engine.expressions.dmn.reading import xml
from engine.expressions.dmn.reading.findings import Cell
from engine.expressions.feel.chinese import of_hint
from engine.expressions.feel.data.types import FeelType
from engine.expressions.feel.errors import did_you_mean
from engine.expressions.feel.syntax import tree as t

if TYPE_CHECKING:
    from engine.expressions.dmn.reading.boxed import Boxes

_AGGREGATIONS: Final = ("SUM", "MIN", "MAX", "COUNT")


def read(boxes: Boxes, element: etree._Element) -> Table:
    """The table of a `decisionTable` element. What is wrong is reported; a cell that is missing tests nothing, or is null."""
    policy, aggregation = _policy(boxes, element)
    inputs = tuple(_input(boxes, one) for one in xml.children(element, "input"))
    outputs = tuple(_output(boxes, one, element, policy) for one in xml.children(element, "output"))
    _check_columns(boxes, element, policy, aggregation, outputs)
    remarks = [xml.name(one) for one in xml.children(element, "annotation")]
    rules = tuple(
        _rule(boxes, one, row, inputs, outputs, remarks)
        for row, one in enumerate(xml.children(element, "rule"), 1)
    )
    if not rules:
        boxes.findings.report(
            "table",
            "The decision table has no rule: it never answers.",
            "决策表没有规则，永远没有结果。",
            element,
            warning=True,
        )
    return Table(
        0, boxes.owner, policy, aggregation, inputs, outputs, rules, element.get("id") or "", xml.line(element)
    )  # fmt: skip


def _policy(boxes: Boxes, element: etree._Element) -> tuple[str, str]:
    """The letter of the hit policy, and the aggregation or ""."""
    written = " ".join((element.get("hitPolicy") or "UNIQUE").upper().replace("_", " ").split())
    policy = POLICIES.get(written)
    if policy is None:
        hint = did_you_mean(written, POLICIES)
        boxes.findings.report(
            "hit-policy",
            f'There is no hit policy "{written}". {hint}'.strip(),
            f"没有命中策略“{written}”。{of_hint(hint)}",
            element,
        )
        policy = "U"
    aggregation = (element.get("aggregation") or "").strip().upper()
    if not aggregation:
        return policy, ""
    if aggregation not in _AGGREGATIONS:
        hint = did_you_mean(aggregation, _AGGREGATIONS)
        boxes.findings.report(
            "hit-policy",
            f'There is no aggregation "{aggregation}". {hint}'.strip(),
            f"没有聚合方式“{aggregation}”。{of_hint(hint)}",
            element,
        )
        return policy, ""
    if policy != "C":
        boxes.findings.report(
            "hit-policy",
            f"The aggregation {aggregation} has no effect: only the hit policy COLLECT aggregates.",
            f"聚合方式 {aggregation} 不起作用：只有命中策略“收集”（COLLECT）才聚合。",
            element,
            warning=True,
        )
        return policy, ""
    return policy, aggregation


def _check_columns(
    boxes: Boxes, element: etree._Element, policy: str, aggregation: str, outputs: tuple[OutputClause, ...]
) -> None:
    report = boxes.findings.report
    if not outputs:
        report("table", "A decision table has no output column.", "决策表没有输出列。", element)
    names = [one.name for one in outputs]
    if len(outputs) > 1 and ("" in names or len(set(names)) != len(names)):
        message = "Every output column needs a name of its own."
        report("table", message, "每个输出列都要有自己的名称。", element)
    if len(outputs) > 1 and aggregation:
        message = (
            f"The aggregation {aggregation} is defined for one output column, and there are {len(outputs)}."
        )
        report(
            "table",
            message,
            f"聚合方式 {aggregation} 只用于一个输出列，这里有 {len(outputs)} 个。",
            element,
            warning=True,
        )
    if policy in "PO" and all(one.values is None or not one.values.tests for one in outputs):
        message = "The hit policy needs the output values in their order (outputValues)."
        report("table", message, "该命中策略需要按优先级列出输出值（outputValues）。", element, warning=True)


def _input(boxes: Boxes, element: etree._Element) -> InputClause:
    expression = xml.child(element, "inputExpression")
    text = xml.text(expression)
    label = " ".join((element.get("label") or text).split())
    if expression is None or not text:
        boxes.findings.report(
            "table", "An input column has no expression.", "输入列没有表达式。", element, cell=Cell(0, label)
        )
        return InputClause(t.Literal(0, None), label=label)
    ref = expression.get("typeRef")
    # A declared type that FEEL knows checks the value; whatever Camunda calls a type is only shown.
    wanted = boxes.type_of(ref) if ref else None
    node = boxes.feel(text, expression, Cell(0, label, "input expression", "输入表达式"))
    allowed = _values(boxes, element, "inputValues", Cell(0, label, "input values", "允许的输入值"))
    return InputClause(node, wanted, allowed, label, text)


def _values(boxes: Boxes, element: etree._Element, tag: str, cell: Cell) -> t.UnaryTests | None:
    found = xml.child(element, tag)
    text = xml.text(found)
    return None if found is None or not text else boxes.tests(text, found, cell)


def _output(boxes: Boxes, element: etree._Element, table: etree._Element, policy: str) -> OutputClause:
    name = xml.name(element) or " ".join((element.get("label") or "").split())
    default = xml.child(element, "defaultOutputEntry")
    text = xml.text(default)
    ref = element.get("typeRef")
    wanted = boxes.type_of(ref) if ref else None
    values = _values(boxes, element, "outputValues", Cell(0, name, "output values", "允许的输出值"))
    if values is None and policy in "PO":
        values = _listed(wanted or boxes.result_of(table, name))
    return OutputClause(
        name,
        wanted,
        values,
        None
        if default is None or not text
        else boxes.feel(text, default, Cell(0, name, "default output", "默认输出")),
    )


def _listed(kind: FeelType | None) -> t.UnaryTests | None:
    """The allowed values of an output's type, which order its priorities where the column does not list its own."""
    trees: tuple[t.UnaryTests, ...] = getattr(None if kind is None else kind.allowed, "trees", ())
    return trees[-1] if trees and not trees[-1].negated else None


def _rule(
    boxes: Boxes,
    element: etree._Element,
    row: int,
    inputs: tuple[InputClause, ...],
    outputs: tuple[OutputClause, ...],
    remarks: list[str],
) -> Rule:
    tests = list(xml.children(element, "inputEntry"))
    results = list(xml.children(element, "outputEntry"))
    if len(tests) != len(inputs) or len(results) != len(outputs):
        boxes.findings.report(
            "table",
            f"It has {len(tests)} input and {len(results)} output cells, not {len(inputs)} and {len(outputs)}.",
            f"有 {len(tests)} 个输入单元格和 {len(results)} 个输出单元格，应为 {len(inputs)} 和 {len(outputs)} 个。",
            element,
            cell=Cell(row),
        )
    # A rule may be too short or too long; what has no column is left out, what has no cell says nothing.
    conditions = [
        boxes.tests(xml.text(one), one, Cell(row, clause.label))
        for one, clause in zip(tests, inputs, strict=False)
    ]
    values = [
        boxes.feel(text, one, Cell(row, clause.name)) if (text := xml.text(one)) else t.Literal(0, None)
        for one, clause in zip(results, outputs, strict=False)
    ]
    conditions += [t.UnaryTests(0, ())] * (len(inputs) - len(conditions))
    values += [t.Literal(0, None)] * (len(outputs) - len(values))
    return Rule(
        element.get("id") or f"row-{row}",
        tuple(conditions),
        tuple(values),
        xml.line(element),
        tuple(xml.text(one) for one in (*tests[: len(inputs)], *results[: len(outputs)])),
        _annotations(element, remarks),
    )


def _annotations(element: etree._Element, columns: list[str]) -> tuple[tuple[str, str], ...]:
    """The author's remarks on a rule. Some modelers write the first one as its description, some as both."""
    entries = [xml.text(one) for one in xml.children(element, "annotationEntry")]
    found = list(zip_longest(columns[: len(entries)], entries, fillvalue=""))
    described = xml.child(element, "description")
    text = "" if described is None else "".join(str(part) for part in described.itertext()).strip()
    if text not in entries:
        found.insert(0, ("", text))
    return tuple((name, remark) for name, remark in found if remark)
