"""Reads activities: how they repeat, what they carry, and what each kind does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.dialect.findings import Place
from engine.dialect.read.context import FileContext, attribute
from engine.dialect.read.nodes.loops import read_loop
from engine.dialect.read.nodes.machines import (
    read_call,
    read_receive,
    read_rule,
    read_script,
    read_send,
    read_service,
    read_task,
)
from engine.dialect.read.nodes.mappings import read_mappings, read_properties
from engine.dialect.read.nodes.people import read_user
from engine.dialect.safe_xml import Element, local_name

Fields = dict[str, Any]
"""Keyword arguments for a Node."""

_READERS: dict[str, Callable[[FileContext, Element, Place, dict[str, str]], Fields]] = {
    "task": read_task,
    "userTask": read_user,
    "serviceTask": read_service,
    "sendTask": read_send,
    "receiveTask": read_receive,
    "scriptTask": read_script,
    "businessRuleTask": read_rule,
    "callActivity": read_call,
}


def read_activity(context: FileContext, element: Element, place: Place) -> Fields:
    """Return the Node fields of an activity other than id, name and body; what is wrong is reported."""
    kind = local_name(element)
    fields: Fields = {"properties": read_properties(context, element, place)}
    inputs, outputs = read_mappings(context, element, place)
    fields.update(inputs=inputs, outputs=outputs, **read_loop(context, element, place))
    reader = _READERS.get(kind)
    if reader is not None:
        fields.update(reader(context, element, place, fields["properties"]))
    if fields.get("operation"):
        given = {assignment.target.partition(".")[0] for assignment in inputs}
        context.reader.host.check_inputs(context.report, place, fields["operation"], given)
    named = attribute(element, "resultVariable") or attribute(element, "resultVariableName")
    if named and "operation" in fields:
        fields["result"] = context.reader.target(named, place)
    event = fields.get("event")
    if kind == "sendTask" and event is not None:
        fields.update(event=replace(event, payload=inputs), inputs=())
    return fields
