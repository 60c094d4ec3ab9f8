"""SpiffWorkflow: what its extensions mean. Python in them never runs; scripts become listeners to be bound."""

from __future__ import annotations

from lxml import etree

from engine.dialect.read.vendors.saying import Saying, add_properties, say, written
from engine.dialect.safe_xml import Element, text_of
from engine.dialect.tables.elements import BPMN


def _operator(owner: Element, element: Element) -> None:
    say(owner, "type", "external")
    say(owner, "topic", element.get("id") or "?")
    say(owner, "resultVariable", element.get("resultVariable"))


def _decision(owner: Element, element: Element) -> None:
    say(owner, "decisionRef", text_of(element))
    say(owner, "mergeResult", "true")


def _properties(owner: Element, element: Element) -> None:
    pairs = [(item.get("name"), item.get("value") or "") for item in written(element, "property")]
    add_properties(owner, [(name, value) for name, value in pairs if name])


def _instructions(owner: Element, element: Element) -> None:
    etree.SubElement(owner, f"{{{BPMN}}}documentation").text = text_of(element)


SAYINGS: dict[str, Saying] = {
    "serviceTaskOperator": _operator,
    "calledDecisionId": _decision,
    "properties": _properties,
    "instructionsForEndUser": _instructions,
}
"""Extension element → what says it."""
