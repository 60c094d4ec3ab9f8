"""Reads the inside of a process or sub-process: nodes, flows, lanes, what is attached to what."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field, replace
from typing import Any

from engine.dialect.findings import Place
from engine.dialect.model import EVENT_SUB_PROCESS, Body, EventDefinition, Node
from engine.dialect.read.context import FileContext, attribute, child, children, is_triggered, place_of
from engine.dialect.read.graph.concurrency import check_concurrency
from engine.dialect.read.graph.flows import read_flows
from engine.dialect.read.graph.normalise import make_splits_explicit
from engine.dialect.read.graph.starts import catch_behind_entry
from engine.dialect.read.graph.structure import check_structure
from engine.dialect.read.nodes.activities import read_activity
from engine.dialect.read.nodes.event_rules import check_cancelling, check_event_sub_processes, join_links
from engine.dialect.read.nodes.events import read_event
from engine.dialect.read.nodes.mappings import read_mappings, read_properties
from engine.dialect.read.nodes.operations import read_operation
from engine.dialect.read.nodes.people import read_form_settings
from engine.dialect.safe_xml import Element, local_name, namespace, text_of
from engine.dialect.tables.elements import BPMN, DRAWN_ONLY, EVENT_ADVICE, FLOW_NODES
from engine.dialect.tables.vocabulary import VOCABULARY

MAX_FLOW_NODES = 2_000
MAX_NESTED = 50


NO_LANE = ("", "")


@dataclass(slots=True)
class ProcessReading:
    """The processes of one file while they are read.

    drawn: the ids of all flow nodes of the file. skipped: elements whose id another one had first. lanes: node id →
    name and id of its lane. node_count counts over the file.
    """

    context: FileContext
    drawn: frozenset[str]
    skipped: Set[Element]
    lanes: dict[str, tuple[str, str]] = field(default_factory=dict)
    node_count: int = 0


def read_body(
    reading: ProcessReading,
    container: Element,
    *,
    inner: bool,
    lane: tuple[str, str] = NO_LANE,
    depth: int = 0,
) -> Body:
    """Return the compiled inside of a process (inner: of a sub-process in `lane`); reports what is wrong."""
    context, owner = reading.context, place_of(container)
    if depth > MAX_NESTED:
        context.report.error(
            "too-deep",
            owner,
            f"{owner:en} is nested more than {MAX_NESTED} deep; turn inner parts into call activities.",
            f"{owner:zh}嵌套超过 {MAX_NESTED} 层；请把内层部分改为调用活动。",
        )
        return Body()
    if inner:
        catch_behind_entry(container, context.report)
    elements: list[Element] = []
    flow_elements: list[Element] = []
    for element in container:
        name = local_name(element)
        if namespace(element) != BPMN or element in reading.skipped:
            continue
        if name in FLOW_NODES:
            elements.append(element)
        elif name == "sequenceFlow":
            flow_elements.append(element)
        elif name in VOCABULARY and name not in DRAWN_ONLY:
            context.report.error(
                "misplaced-element",
                place_of(element),
                f"<{name}> stands directly in {owner:en}, where it means nothing; move or remove it.",
                f"<{name}> 直接位于{owner:zh}中，在那里没有意义；请移动或删除。",
            )
    reading.node_count += len(elements)
    if reading.node_count > MAX_FLOW_NODES:
        return Body()  # reported once, by the caller, which sees the same count
    places: dict[str, Place] = {}
    nodes: list[Node] = []
    for element in elements:
        nodes.append(_read_node(reading, element, places, inner=inner, lane=lane, depth=depth))
    flows = list(read_flows(context, flow_elements, places, reading.drawn))
    by_id = {node.id: node for node in nodes}
    for node in nodes:
        if node.kind == "boundaryEvent":
            _check_attached(context, node, by_id, places[node.id])
    check_event_sub_processes(context.report, nodes, flows, places)
    check_cancelling(context.report, nodes, places)
    flows = join_links(context.report, nodes, flows, places)
    body = Body(tuple(nodes), tuple(flows))
    body = check_structure(context.report, owner, body, places, inner=inner)
    body = make_splits_explicit(context.report, body, places)
    check_concurrency(context.report, body, places, inner=inner)
    return body


def _read_node(
    reading: ProcessReading,
    element: Element,
    places: dict[str, Place],
    *,
    inner: bool,
    lane: tuple[str, str],
    depth: int,
) -> Node:
    context, place, kind = reading.context, place_of(element), local_name(element)
    places[place.id] = place
    lane = reading.lanes.get(place.id, lane)
    node = Node(
        id=place.id,
        kind=EVENT_SUB_PROCESS if is_triggered(element) else kind,
        name=place.name,
        lane=lane[0],
        lane_id=lane[1],
        documentation="\n\n".join(text_of(text) for text in children(element, "documentation")),
        line=place.line,
    )
    rule = FLOW_NODES[kind]
    if not rule.runs:
        context.report.error(
            "unsupported-element",
            place,
            f"{place:en} is not supported; {rule.refused_en}.",
            f"不支持{place:zh}；{rule.refused_zh}。",
        )
        return node
    fields: dict[str, Any] = {}
    if rule.is_activity:
        fields = read_activity(context, element, place)
        if rule.family == "sub-process":
            fields["body"] = read_body(reading, element, inner=True, lane=lane, depth=depth + 1)
    elif rule.family == "event":
        fields = _read_event_node(context, element, place, inner=inner)
    else:
        fields = {"properties": read_properties(context, element, place)}
    _check_data(context, element, place)
    return replace(node, default_flow=element.get("default") or None, **fields)


def _check_data(context: FileContext, element: Element, place: Place) -> None:
    """Say of an element with data associations that data does not pass along them."""
    drawn = [*children(element, "dataInputAssociation"), *children(element, "dataOutputAssociation")]
    if drawn:
        context.report.warning(
            "data-not-carried",
            place,
            f"{place:en} has {len(drawn)} data associations, which show what it works with and carry nothing; every element "
            "sees the variables, and mappings write them.",
            f"{place:zh}有 {len(drawn)} 个数据关联，仅表示用到的数据，不传递内容；各元素都能看到变量，写入请用映射。",
        )


def _read_event_node(context: FileContext, element: Element, place: Place, *, inner: bool) -> dict[str, Any]:
    kind = local_name(element)
    operation = _throws_by(context, element, place)
    event = EventDefinition() if operation is not None else read_event(context, element, place)
    inputs, outputs = read_mappings(context, element, place)
    if (
        event is not None
        and event.kind in ("message", "signal")
        and kind in ("intermediateThrowEvent", "endEvent")
    ):
        event, inputs = replace(event, payload=inputs), ()
    fields: dict[str, Any] = {
        "event": event or EventDefinition(),
        "operation": operation or None,
        "inputs": inputs,
        "outputs": outputs,
        "properties": read_properties(context, element, place),
    }
    if kind == "startEvent" and not inner:
        settings = read_form_settings(context, element, place)
        if settings.form:
            fields["user"] = settings
        if name := attribute(element, "initiator"):
            fields["initiator"] = context.reader.target(name, place)
    if is_triggered(element.getparent()) and kind == "startEvent":
        fields["interrupting"] = _interrupts(context, element.get("isInterrupting"), event, place)
    if kind == "boundaryEvent":
        fields["interrupting"] = _interrupts(context, element.get("cancelActivity"), event, place)
        fields["attached_to"] = element.get("attachedToRef") or None
    return fields


def _interrupts(context: FileContext, drawn: str | None, event: EventDefinition | None, place: Place) -> bool:
    """Tell whether an event ends what it is attached to or drawn in; errors and cancelling always do (BPMN 2.0 §10.5.4)."""
    interrupting = (drawn or "true").strip() not in ("false", "0")
    if event is not None and event.kind in ("error", "cancel") and not interrupting:
        context.report.warning(
            "error-interrupts",
            place,
            f"{place:en} is drawn as non-interrupting, but an error or a cancelling always interrupts.",
            f"{place:zh}画成了非中断，但错误和取消总是中断。",
        )
        return True
    return interrupting


def _throws_by(context: FileContext, element: Element, place: Place) -> str | None:
    """Return the operation that throws an event's message instead of the engine; "" if unbound, None if there is none."""
    if local_name(element) not in ("intermediateThrowEvent", "endEvent"):
        return None
    definition = child(element, "messageEventDefinition")
    return None if definition is None else read_operation(context, definition, place, {})


def _check_attached(context: FileContext, node: Node, nodes: dict[str, Node], place: Place) -> None:
    host = nodes.get(node.attached_to or "")
    if host is None:
        context.report.error(
            "unresolved-reference",
            place,
            f'{place:en} is attached to "{node.attached_to or ""}", which is not in the same process or '
            "sub-process; "
            "attach it to an activity.",
            f"{place:zh}附着在“{node.attached_to or ''}”上，但同一流程或子流程中没有它；请附着到活动上。",
        )
    elif host.kind == EVENT_SUB_PROCESS:
        context.report.error(
            "boundary-on-wrong-element",
            place,
            f"{place:en} is attached to the event sub-process {host.id}, which has no border; attach it to an activity.",
            f"{place:zh}附着在事件子流程 {host.id} 上，而它没有边界；请附着到活动上。",
        )
    elif node.event is not None and node.event.kind == "cancel" and host.kind != "transaction":
        advice_en, advice_zh = EVENT_ADVICE["cancel"]
        context.report.error(
            "unsupported-event",
            place,
            f"{place:en} waits for a cancelling, but {host.id} is no transaction; {advice_en}.",
            f"{place:zh}等待取消，但 {host.id} 不是事务子流程；{advice_zh}。",
        )
    elif not FLOW_NODES[host.kind].is_activity:
        context.report.error(
            "boundary-on-wrong-element",
            place,
            f"{place:en} is attached to {host.id}, a {FLOW_NODES[host.kind].en}; attach it to an activity.",
            f"{place:zh}附着在{FLOW_NODES[host.kind].zh} {host.id} 上；请附着到活动上。",
        )
