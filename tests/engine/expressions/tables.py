"""Decision files for tests, written as short as a person would say them."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from engine.expressions.dmn import DecisionModel, read_decisions

NS = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(
    inputs: Sequence[str],
    rules: Sequence[tuple[Sequence[str], str]],
    *,
    policy: str = "UNIQUE",
    more: str = "",
) -> str:
    """A table with one output "y"; a rule is its cells and what it gives."""
    body = "".join(
        f"<input><inputExpression><text>{escape(one)}</text></inputExpression></input>" for one in inputs
    )
    body += '<output name="y"/>'
    for row, (cells, gives) in enumerate(rules, 1):
        tests = "".join(f"<inputEntry><text>{escape(one)}</text></inputEntry>" for one in cells)
        given = f"<outputEntry><text>{escape(gives)}</text></outputEntry>"
        body += f'<rule id="r{row}">{tests}{given}{more if row == 1 else ""}</rule>'
    name, _, aggregation = policy.partition("+")
    kind = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable hitPolicy="{name}"{kind}>{body}</decisionTable>'


def decision(name: str, logic: str, *requires: str) -> str:
    """A decision that requires others (`#id`), or the knowledge called `*id`."""
    needs = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{one[1:]}"/></knowledgeRequirement>'
        if one.startswith("*")
        else f'<informationRequirement><requiredDecision href="{one}"/></informationRequirement>'
        for one in requires
    )
    return f"<decision id={quoteattr(name)} name={quoteattr(name)}><variable name={quoteattr(name)}/>{needs}{logic}</decision>"


def literal(text: str) -> str:
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def file(*elements: str) -> bytes:
    return f'<definitions xmlns="{NS}" id="d" name="d" namespace="urn:test">{"".join(elements)}</definitions>'.encode()


def read(*elements: str) -> DecisionModel:
    model = read_decisions(file(*elements), "test.dmn")
    assert [one.message for one in model.findings if one.severity == "error"] == []
    return model
