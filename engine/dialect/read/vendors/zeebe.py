"""Camunda 8: what `zeebe:` extensions mean."""

from __future__ import annotations

from lxml import etree

from engine.dialect.read.context import attribute, child
from engine.dialect.read.vendors.saying import Saying, add, add_mappings, add_properties, say, written
from engine.dialect.safe_xml import Element, local_name
from engine.dialect.tables.elements import BPMN


def _task_definition(owner: Element, element: Element) -> None:
    definition = child(owner, "messageEventDefinition")
    worker = definition if definition is not None else owner
    say(worker, "type", "external")
    say(worker, "topic", element.get("type") or "?")


def _io_mapping(owner: Element, element: Element) -> None:
    inputs, outputs = (
        [(item.get("target") or "", item.get("source") or "") for item in written(element, side)]
        for side in ("input", "output")
    )
    if local_name(owner) != "callActivity":
        add_mappings(owner, inputs, outputs)
        return
    for side, pairs in (("in", inputs), ("out", outputs)):
        for target, source in pairs:
            add(owner, side, sourceExpression=source, target=target)


def _called_element(owner: Element, element: Element) -> None:
    if attribute(owner, "calledElementBinding"):
        return  # a second one means nothing
    process = element.get("processId") or f"={element.get('processIdExpression') or ''}"
    if process != "=" and not owner.get("calledElement"):
        owner.set("calledElement", process)
    _binding(owner, element, "calledElement")
    maps = [item for holder in written(element.getparent(), "ioMapping") for item in holder]
    everything_in = element.get("propagateAllParentVariables", "true") != "false"
    # Output mappings replace the passing of everything (Camunda 8, "Call activities", variable mappings).
    mapped_out = any(local_name(item) == "output" for item in maps)
    everything_out = element.get("propagateAllChildVariables", "true") != "false" and not mapped_out
    if everything_in and everything_out and not maps:
        return
    if not (everything_in or everything_out or maps):
        say(owner, "apart", "true")
    if everything_in:
        add(owner, "in", variables="all")
    if everything_out:
        add(owner, "out", variables="all")


def _called_decision(owner: Element, element: Element) -> None:
    say(owner, "decisionRef", element.get("decisionId"))
    say(owner, "resultVariable", element.get("resultVariable"))
    _binding(owner, element, "decisionRef")


def _binding(owner: Element, element: Element, prefix: str) -> None:
    """Say which version is meant: without a word, Camunda 8 takes the latest."""
    say(owner, f"{prefix}Binding", element.get("bindingType") or "latest")
    say(owner, f"{prefix}VersionTag", element.get("versionTag"))


def _assignment(owner: Element, element: Element) -> None:
    for name in ("assignee", "candidateUsers", "candidateGroups"):
        say(owner, name, element.get(name))


def _schedule(owner: Element, element: Element) -> None:
    say(owner, "dueDate", element.get("dueDate"))
    say(owner, "followUpDate", element.get("followUpDate"))


def _priority(owner: Element, element: Element) -> None:
    say(owner, "priority", element.get("priority"))


def _form(owner: Element, element: Element) -> None:
    if element.get("formId"):
        say(owner, "formRef", element.get("formId"))
        _binding(owner, element, "formRef")
        return
    key = element.get("formKey") or ""
    if key.startswith("camunda-forms:bpmn:"):
        say(owner, "embeddedForm", key.rpartition(":")[2])
    elif element.get("externalReference"):
        say(owner, "formKey", f"external:{element.get('externalReference')}")
    else:
        say(owner, "formKey", key)


def _script(owner: Element, element: Element) -> None:
    if child(owner, "script") is not None:
        return
    owner.set("scriptFormat", "feel")
    etree.SubElement(owner, f"{{{BPMN}}}script").text = (
        (element.get("expression") or "").strip().removeprefix("=")
    )
    say(owner, "resultVariable", element.get("resultVariable"))


def _loop(owner: Element, element: Element) -> None:
    say(owner, "collection", element.get("inputCollection"))
    say(owner, "elementVariable", element.get("inputElement"))
    say(owner, "outputCollection", element.get("outputCollection"))
    say(owner, "outputElement", element.get("outputElement"))


def _headers(owner: Element, element: Element) -> None:
    pairs = [(item.get("key"), item.get("value") or "") for item in written(element, "header")]
    add_properties(owner, [(f"header.{key}", value) for key, value in pairs if key])


def _properties(owner: Element, element: Element) -> None:
    pairs = [(item.get("name"), item.get("value") or "") for item in written(element, "property")]
    add_properties(owner, [(name, value) for name, value in pairs if name])


def _version_tag(owner: Element, element: Element) -> None:
    say(owner, "versionTag", element.get("value"))


SAYINGS: dict[str, Saying] = {
    "taskDefinition": _task_definition,
    "ioMapping": _io_mapping,
    "calledElement": _called_element,
    "calledDecision": _called_decision,
    "assignmentDefinition": _assignment,
    "taskSchedule": _schedule,
    "priorityDefinition": _priority,
    "formDefinition": _form,
    "script": _script,
    "loopCharacteristics": _loop,
    "taskHeaders": _headers,
    "properties": _properties,
    "versionTag": _version_tag,
}
"""Extension element → what says it."""
