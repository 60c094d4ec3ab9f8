"""jBPM: what its `drools:` (or `tns:`) attributes mean."""

from __future__ import annotations

from engine.dialect.read.vendors.saying import say
from engine.dialect.safe_xml import Element, local_name
from engine.dialect.tables.vendors import JBPM

_OWN_KINDS = frozenset(
    {"", "Human Task", "Send Task", "Receive Task", "Service Task", "BusinessRuleTask", "DecisionTask"}
)
"""Work items that only repeat the kind of their task."""


def translate(element: Element) -> None:
    """Say which work item or group of rules a task stands for."""
    name = (element.get(f"{{{JBPM}}}taskName") or "").strip()
    if name not in _OWN_KINDS and local_name(element) in ("task", "serviceTask", "sendTask"):
        say(element, "type", "external")
        say(element, "topic", name)
    if local_name(element) == "businessRuleTask":
        say(element, "ruleGroup", element.get(f"{{{JBPM}}}ruleFlowGroup"))
