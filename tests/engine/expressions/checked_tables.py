"""Decision tables as short Python values, for the tests of their verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from engine.expressions.dmn import DecisionModel, DecisionOutcome, read_decisions
from engine.expressions.dmn.verification import Effort, TableFinding, verify
from engine.expressions.feel import Scope, compile_expression

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


@dataclass(frozen=True)
class In:
    """An input column: its expression, its type, and its inputValues."""

    text: str
    type: str = ""
    values: str = ""
    label: str = ""


@dataclass(frozen=True)
class Out:
    """An output column."""

    name: str = "answer"
    type: str = ""
    values: str = ""
    default: str = ""


@dataclass(frozen=True)
class Made:
    """A table; each rule is its input cells and its output cells."""

    inputs: Sequence[In]
    rules: Sequence[tuple[Sequence[str], Sequence[str]]]
    policy: str = "UNIQUE"
    outputs: Sequence[Out] = field(default_factory=lambda: [Out()])
    aggregation: str = ""
    types: str = ""
    requires: Sequence[tuple[str, str]] = ()
    """Inputs of the decision: name and type."""

    def file(self) -> bytes:
        body = "".join(_input(one) for one in self.inputs) + "".join(_output(one) for one in self.outputs)
        for row, (tests, results) in enumerate(self.rules, 1):
            cells = "".join(f"<inputEntry><text>{escape(one)}</text></inputEntry>" for one in tests)
            cells += "".join(f"<outputEntry><text>{escape(one)}</text></outputEntry>" for one in results)
            body += f'\n<rule id="rule-{row}">{cells}</rule>'
        more = f' aggregation="{self.aggregation}"' if self.aggregation else ""
        needs = "".join(
            f'<informationRequirement><requiredInput href="#in-{n}"/></informationRequirement>'
            for n in range(len(self.requires))
        )
        given = "".join(
            f'<inputData id="in-{n}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'
            for n, (name, kind) in enumerate(self.requires)
        )
        return (
            f'<definitions xmlns="{NAMESPACE}" id="d" name="d" namespace="urn:test">{self.types}{given}'
            f'<decision id="verdict" name="The verdict">{needs}'
            f'<decisionTable id="table" hitPolicy="{self.policy}"{more}>{body}</decisionTable>'
            "</decision></definitions>"
        ).encode()

    def model(self) -> DecisionModel:
        model = read_decisions(self.file(), "verdict.dmn")
        assert [one.message for one in model.findings if one.severity == "error"] == []
        return model

    def findings(self, effort: Effort | None = None) -> list[TableFinding]:
        return verify(self.model(), effort=effort)


def _values(tag: str, text: str) -> str:
    return f"<{tag}><text>{escape(text)}</text></{tag}>" if text else ""


def _input(column: In) -> str:
    kind = f' typeRef="{column.type}"' if column.type else ""
    label = f' label="{column.label}"' if column.label else ""
    inner = f"<inputExpression{kind}><text>{escape(column.text)}</text></inputExpression>"
    return f"<input{label}>{inner}{_values('inputValues', column.values)}</input>"


def _output(column: Out) -> str:
    kind = f' typeRef="{column.type}"' if column.type else ""
    inner = _values("outputValues", column.values) + _values("defaultOutputEntry", column.default)
    return f'<output name="{column.name}"{kind}>{inner}</output>'


def values_of(example: Any) -> dict[str, Any]:
    """An example as the variables of an evaluation: FEEL texts read as FEEL values."""
    return {name: compile_expression(text).evaluate(Scope()).value for name, text in example.items()}


def decide(model: DecisionModel, variables: dict[str, Any]) -> tuple[DecisionOutcome, list[int]]:
    """The outcome and the rows that fired, counted from 1."""
    outcome = model.evaluate("verdict", variables)
    return outcome, [hit.row for hit in outcome.matched]
