"""Reads activities: how they repeat, what they carry, and what each kind does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.dialect.findings import Place
from engine.dialect.model import MultiInstance
from engine.dialect.read.context import FileContext, attribute, child
from engine.dialect.read.machines import (
    read_call,
    read_receive,
    read_rule,
    read_script,
    read_send,
    read_service,
    read_task,
)
from engine.dialect.read.mappings import read_mappings, read_properties
from engine.dialect.read.people import read_user
from engine.dialect.safe_xml import Element, local_name, text_of

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
    fields.update(inputs=inputs, outputs=outputs, loop=read_loop(context, element, place))
    reader = _READERS.get(kind)
    if reader is not None:
        fields.update(reader(context, element, place, fields["properties"]))
    event = fields.get("event")
    if kind == "sendTask" and event is not None:
        fields.update(event=replace(event, payload=inputs), inputs=())
    return fields


def read_loop(context: FileContext, element: Element, place: Place) -> MultiInstance | None:
    """Return how an activity repeats, or None when it does not (or wrongly so, then reported)."""
    if child(element, "standardLoopCharacteristics") is not None:
        context.report.error(
            "unsupported-loop",
            place,
            f"{place:en} has a standard loop, which is not supported; draw the way back with a gateway.",
            f"{place:zh}使用了标准循环，不受支持；请用网关画出返回的路径。",
        )
        return None
    loop = child(element, "multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    read = context.reader.expression
    collection = read(
        attribute(loop, "collection") or text_of(child(loop, "loopDataInputRef")),
        place,
        ("collection", "集合"),
    )
    cardinality = read(text_of(child(loop, "loopCardinality")), place, ("loop cardinality", "循环次数"))
    completion = read(
        text_of(child(loop, "completionCondition")), place, ("completion condition", "完成条件")
    )
    item = child(loop, "inputDataItem")
    variable = attribute(loop, "elementVariable")
    if not variable and item is not None:
        variable = (item.get("name") or item.get("id") or "").strip()
    if child(loop, "loopDataOutputRef") is not None or child(loop, "outputDataItem") is not None:
        context.report.error(
            "unsupported-loop-output",
            place,
            f"{place:en} collects outputs with loopDataOutputRef, which is not supported; "
            "write the results with output mappings.",
            f"{place:zh}用 loopDataOutputRef 收集输出，不受支持；请用输出映射写入结果。",
        )
    given = (
        attribute(loop, "collection")
        or text_of(child(loop, "loopDataInputRef"))
        or text_of(child(loop, "loopCardinality"))
    )
    if not given:
        context.report.error(
            "loop-without-collection",
            place,
            f"{place:en} repeats for nothing: give it a collection or a cardinality.",
            f"{place:zh}没有说明对什么重复：请设置集合或次数。",
        )
        return None
    if variable:
        variable = context.reader.target(variable, place)
    return MultiInstance(
        sequential=loop.get("isSequential", "false").strip() in ("true", "1"),
        collection=collection,
        element_variable=variable or None,
        cardinality=cardinality if collection is None else None,
        completion=completion,
    )
