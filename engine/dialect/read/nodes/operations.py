"""Reads which operation an element names, and what it asks for when no operation of that name is offered here.

Whatever dialect it is written in (a topic, a Java class, a connector, a job type, a work item), one element asks for
one operation: it is either offered here under the name the author wrote, or bound to one by the process owner.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.dialect.findings import Place
from engine.dialect.model import Need
from engine.dialect.read.context import FileContext, attribute, extensions
from engine.dialect.safe_xml import Element, local_name, text_of
from engine.dialect.tables.vendors import JBPM

_CODE = ("class", "delegateExpression", "expression")
_STANDARD = ("##unspecified", "##webservice", "")
"""Values of BPMN's own `implementation` that name nothing in particular (BPMN 2.0 §10.3.3, Table 10.9)."""


def read_operation(
    context: FileContext, element: Element, place: Place, properties: dict[str, str]
) -> str | None:
    """Return the operation an element names: "" when it must be bound (then asked for), None when it names none.

    element: a task or a message event definition; place: the flow node that does the work.
    """
    for asked, name in _named(element, properties):
        if name in context.operations:
            return name
        ask(context, place, asked, name)
        return ""
    return None


def ask(context: FileContext, place: Place, asked: str, name: str = "") -> None:
    """Ask for an operation that does what a flow node says; name: what the author thinks it is called here."""
    hint = context.report.closest(name, context.operations) if name else ""
    named_en = (
        f'asks for "{asked[:120]}", which is not offered here' if asked else "does not say what it runs"
    )
    named_zh = f"要求“{asked[:120]}”，这里没有提供" if asked else "没有说明执行什么操作"
    context.need(
        Need(place.id, "operation", asked[:200]),
        place,
        f"{place:en} {named_en}"
        + (f"; did you mean {hint}?" if hint else ";")
        + f" bind {place.id} to an operation of this installation"
        + (", or to nothing if it needs none." if not asked else "."),
        f"{place:zh}{named_zh}"
        + (f"；是否想写 {hint}？" if hint else "；")
        + f"请把 {place.id} 绑定到本系统的操作"
        + ("，不需要时绑定为“无”。" if not asked else "。"),
    )


def _named(element: Element, properties: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what an element says it runs: in words, and the name to look for here (or empty), the most telling first."""
    if name := properties.get("operation"):
        yield f"operation {name}", name
    kind, topic = attribute(element, "type"), attribute(element, "topic")
    if topic:
        # A name that is computed cannot be looked up here.
        yield f"topic {topic}", "" if topic.startswith(("=", "${", "#{", "?")) else topic
    elif kind:
        yield f"type {kind}", ""
    for code in _CODE:
        if text := attribute(element, code):
            yield f"{code} {text}", ""
    for connector in extensions(element, "connector"):
        identity = next((text_of(item) for item in connector if local_name(item) == "connectorId"), "")
        yield f"connector {identity}".strip(), identity
    service = [element.get(f"{{{JBPM}}}{part}") or "" for part in ("serviceinterface", "serviceoperation")]
    if any(service):
        yield f"operation {'.'.join(filter(None, service))}", ""
    implementation = (element.get("implementation") or "").strip()
    operation = (element.get("operationRef") or "").strip().rpartition(":")[2]
    if operation:
        yield f"operation {operation}", operation
    elif implementation.lower() not in _STANDARD:
        yield f"implementation {implementation}", ""
