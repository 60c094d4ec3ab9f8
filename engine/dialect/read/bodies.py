"""Reads the inside of a process or sub-process: nodes, flows, lanes, what is attached to what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from engine.dialect.findings import Place
from engine.dialect.model import Body, EventDefinition, Flow, Node, UserTaskSettings
from engine.dialect.read.activities import read_activity
from engine.dialect.read.concurrency import check_concurrency
from engine.dialect.read.context import FileContext, child, children, place_of
from engine.dialect.read.events import read_event
from engine.dialect.read.mappings import read_mappings, read_properties
from engine.dialect.read.normalise import make_splits_explicit
from engine.dialect.read.operations import read_operation
from engine.dialect.read.people import read_form_settings
from engine.dialect.read.structure import check_structure
from engine.dialect.safe_xml import Element, local_name, namespace, text_of
from engine.dialect.tables.elements import BPMN, DRAWN_ONLY, FLOW_NODES, is_feel

MAX_FLOW_NODES = 2_000
_WRONG = "null"
"""Stands for a condition that was reported, so that it is not reported as missing too."""

ID = re.compile(r"(?!__)[^\W\d][\w.-]{0,199}\Z")
MAX_NESTED = 50


@dataclass(slots=True)
class ProcessReading:
    """The processes of one file while they are read.

    drawn: the ids of all flow nodes of the file. ids: every id met so far. lanes: node id → lane name.
    node_count counts over the file.
    """

    context: FileContext
    drawn: frozenset[str]
    ids: dict[str, Place] = field(default_factory=dict)
    lanes: dict[str, str] = field(default_factory=dict)
    node_count: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    """How often an id was generated from the same words."""

    def unused(self, wanted: str) -> str:
        """Return an id nobody has: the wanted one, or with a number behind it."""
        while True:
            number = self.numbers[wanted] = self.numbers.get(wanted, 0) + 1
            identity = wanted if number == 1 else f"{wanted}-{number}"
            if identity not in self.ids:
                return identity


def read_body(
    reading: ProcessReading, container: Element, *, inner: bool, lane: str = "", depth: int = 0
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
    elements: list[Element] = []
    flow_elements: list[Element] = []
    for element in container:
        name = local_name(element)
        if namespace(element) != BPMN:
            continue
        if name in FLOW_NODES:
            elements.append(element)
        elif name == "sequenceFlow":
            flow_elements.append(element)
        elif name not in DRAWN_ONLY:
            place = place_of(element)
            context.report.error(
                "unknown-element",
                place,
                f"<{name}> in {owner:en} is not an element this engine knows; remove it.",
                f"{owner:zh}中的 <{name}> 不是本引擎认识的元素；请删除。",
            )
    reading.node_count += len(elements)
    if reading.node_count > MAX_FLOW_NODES:
        return Body()  # reported once, by the caller, which sees the same count
    places: dict[str, Place] = {}
    nodes: list[Node] = []
    for element in elements:
        node = _read_node(reading, element, places, inner=inner, lane=lane, depth=depth)
        if node is not None:
            nodes.append(node)
    flows = list(_read_flows(reading, flow_elements, places))
    for node in nodes:
        if node.kind == "boundaryEvent":
            _check_attached(context, node, nodes, places[node.id])
    nodes = check_structure(context.report, owner, nodes, flows, places)
    body = make_splits_explicit(context.report, Body(tuple(nodes), tuple(flows)), places)
    check_concurrency(context.report, body, places)
    return body


def take_id(reading: ProcessReading, element: Element, place: Place) -> bool:
    """Check an author's id: well-formed and used once in the file. Returns whether it may be used."""
    report, identity = reading.context.report, place.id
    if not ID.match(identity):
        report.error(
            "bad-id",
            place,
            f'The id "{identity[:80]}" of {place.en} is not allowed; '
            "start with a letter or one _, then letters, digits, _ . and - (at most 200).",
            f"{place.zh}的 id“{identity[:80]}”不允许；请以字母或一个 _ 开头，后接字母、数字、_、. 和 -（最多 200 个）。",
        )
        return False
    first = reading.ids.setdefault(identity, place)
    if first is not place:
        report.error(
            "duplicate-id",
            place,
            f"The id {identity} of {place:en} is already used by {first:en} on line {first.line}; give "
            "each its own.",
            f"{place:zh}的 id {identity} 已被第 {first.line} 行的{first:zh}使用；请各用各的 id。",
        )
        return False
    return True


def _read_node(
    reading: ProcessReading,
    element: Element,
    places: dict[str, Place],
    *,
    inner: bool,
    lane: str,
    depth: int,
) -> Node | None:
    context, place, kind = reading.context, place_of(element), local_name(element)
    if not place.id:
        identity = _boundary_id(reading, element) if kind == "boundaryEvent" else ""
        if not identity:
            context.report.error(
                "missing-id",
                place,
                f"{place:en} on line {place.line} has no id, so nothing can refer to it; give it one.",
                f"第 {place.line} 行的{place:zh}没有 id，无法被引用；请设置 id。",
            )
            return None
        place = Place(place.line, identity, place.name, place.en, place.zh)
        reading.ids[identity] = place
        element.set("id", identity)
        context.report.note(
            "id-generated",
            place,
            f"{place.en} on line {place.line} has no id and is called {identity}.",
            f"第 {place.line} 行的{place.zh}没有 id，记作 {identity}。",
        )
    elif not take_id(reading, element, place):
        places.setdefault(place.id, place)
        return None
    places[place.id] = place
    lane = reading.lanes.get(place.id, lane)
    node = Node(
        id=place.id,
        kind=kind,
        name=place.name,
        lane=lane,
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
    default = (element.get("default") or "").strip().rpartition(":")[2]
    return replace(node, default_flow=default or None, **fields)


def _read_event_node(context: FileContext, element: Element, place: Place, *, inner: bool) -> dict[str, Any]:
    kind = local_name(element)
    operation = _throws_by(context, element, place)
    event = EventDefinition() if operation is not None else read_event(context, element, place, inner=inner)
    inputs, outputs = read_mappings(context, element, place)
    if event is not None and event.kind == "message" and kind in ("intermediateThrowEvent", "endEvent"):
        event, inputs = replace(event, payload=inputs), ()
    fields: dict[str, Any] = {
        "event": event or EventDefinition(),
        "operation": operation or None,
        "inputs": inputs,
        "outputs": outputs,
        "properties": read_properties(context, element, place),
    }
    if kind == "startEvent" and not inner:
        form, binding = read_form_settings(context, element, place)
        if form:
            fields["user"] = UserTaskSettings(form=form, form_binding=binding)
    if kind == "boundaryEvent":
        interrupting = element.get("cancelActivity", "true").strip() not in ("false", "0")
        if event is not None and event.kind == "error" and not interrupting:
            context.report.warning(
                "error-interrupts",
                place,
                f"{place:en} is drawn as non-interrupting, but an error always interrupts its activity.",
                f"{place:zh}画成了非中断，但错误总是中断所附的活动。",
            )
            interrupting = True
        fields["interrupting"] = interrupting
        fields["attached_to"] = (element.get("attachedToRef") or "").strip().rpartition(":")[2] or None
    return fields


def _throws_by(context: FileContext, element: Element, place: Place) -> str | None:
    """Return the operation that throws an event's message instead of the engine; "" if unbound, None if there is none."""
    if local_name(element) not in ("intermediateThrowEvent", "endEvent"):
        return None
    definition = child(element, "messageEventDefinition")
    return None if definition is None else read_operation(context, definition, place, {})


def _check_attached(context: FileContext, node: Node, nodes: list[Node], place: Place) -> None:
    host = next((other for other in nodes if other.id == node.attached_to), None)
    if host is None:
        context.report.error(
            "unresolved-reference",
            place,
            f'{place:en} is attached to "{node.attached_to or ""}", which is not in the same process or '
            "sub-process; "
            "attach it to an activity.",
            f"{place:zh}附着在“{node.attached_to or ''}”上，但同一流程或子流程中没有它；请附着到活动上。",
        )
    elif not FLOW_NODES[host.kind].is_activity:
        context.report.error(
            "boundary-on-wrong-element",
            place,
            f"{place:en} is attached to {host.id}, a {FLOW_NODES[host.kind].en}; attach it to an activity.",
            f"{place:zh}附着在{FLOW_NODES[host.kind].zh} {host.id} 上；请附着到活动上。",
        )


def _read_flows(reading: ProcessReading, elements: list[Element], places: dict[str, Place]) -> Iterator[Flow]:
    context = reading.context
    for element in elements:
        place = place_of(element)
        source, target = (
            (element.get(name) or "").strip().rpartition(":")[2] for name in ("sourceRef", "targetRef")
        )
        usable = True
        for end_en, end_zh, end in (("source", "起点", source), ("target", "终点", target)):
            if end in places:
                continue
            usable = False
            if end in reading.drawn:
                en, zh = "is in another process or sub-process", "在另一个流程或子流程中"
            else:
                en, zh = ("does not exist", "不存在") if end else ("is missing", "缺失")
            context.report.error(
                "flow-without-end",
                place,
                f'The {end_en} of {place:en} {en}: "{end[:80]}"; connect it again.',
                f"{place:zh}的{end_zh}{zh}：“{end[:80]}”；请重新连接。",
            )
        identity = place.id
        if not identity:
            identity = reading.unused(f"{source}->{target}")
            place = Place(place.line, identity, place.name, place.en, place.zh)
            reading.ids[identity] = place
            element.set("id", identity)
            context.report.note(
                "id-generated",
                place,
                f"The sequence flow from {source} to {target} has no id and is called {identity}.",
                f"从 {source} 到 {target} 的顺序流没有 id，记作 {identity}。",
            )
        elif not take_id(reading, element, place):
            usable = False
        condition = _condition(context, element, place)
        if usable:
            places[identity] = place
            yield Flow(identity, source, target, place.name, condition)


def _condition(context: FileContext, element: Element, place: Place) -> str | None:
    expression = child(element, "conditionExpression")
    text = text_of(expression)
    if expression is None or not text:
        return None
    language = expression.get("language", "").strip()
    juel = text.startswith(("${", "#{"))
    if (
        language
        and not is_feel(language)
        and not (juel and "java" not in language.lower().replace("juel", ""))
    ):
        context.report.error(
            "unsupported-expression-language",
            place,
            f'The condition of {place:en} is written in "{language[:60]}"; write it in FEEL.',
            f"{place:zh}的条件使用“{language[:60]}”编写；请改用 FEEL。",
        )
        return _WRONG
    return context.reader.expression(text, place, ("condition", "条件")) or _WRONG


def _boundary_id(reading: ProcessReading, element: Element) -> str:
    host = (element.get("attachedToRef") or "").strip().rpartition(":")[2]
    return reading.unused(f"boundary:{host}") if host else ""
