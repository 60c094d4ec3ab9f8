"""What events need around them: links their other end, event sub-processes one trigger, cancelling a transaction."""

from __future__ import annotations

from engine.dialect.findings import Place, Report
from engine.dialect.model import EVENT_SUB_PROCESS, Flow, Node

Places = dict[str, Place]
"""Id of a node or flow → how findings name it."""


def join_links(report: Report, nodes: list[Node], flows: list[Flow], places: Places) -> list[Flow]:
    """Return the flows, with one from each throwing end of a link to the catching one (BPMN 2.0 §10.5.5).

    Several may throw to one catching end.
    """
    throws = [node for node in nodes if _is_link(node) and node.kind == "intermediateThrowEvent"]
    catches = [node for node in nodes if _is_link(node) and node.kind == "intermediateCatchEvent"]
    target: dict[str, Node] = {}
    for node in catches:
        name, place = _link(node), places[node.id]
        first = target.setdefault(name, node)
        if first is not node:
            report.error(
                "several-link-targets",
                place,
                f'{place:en} is a second catching end of the link "{name}", beside {places[first.id]:en}; keep one.',
                f"{place:zh}是链接“{name}”的第二个捕获端（另一个是{places[first.id]:zh}）；请只保留一个。",
            )
        elif all(_link(throw) != name for throw in throws):
            report.error(
                "link-without-source",
                place,
                f'{place:en} catches the link "{name}", which nothing in the same process or sub-process throws; draw '
                "the throwing end.",
                f"{place:zh}捕获链接“{name}”，但同一流程或子流程中没有抛出它的事件；请画出抛出端。",
            )
        _no_flow(report, [flow.id for flow in flows if flow.target == node.id], places, place)
    found = list(flows)
    for node in throws:
        name, place = _link(node), places[node.id]
        _no_flow(report, [flow.id for flow in flows if flow.source == node.id], places, place)
        if name not in target:
            report.error(
                "link-without-target",
                place,
                f'{place:en} throws the link "{name}", which nothing in the same process or sub-process catches; draw '
                "the catching end.",
                f"{place:zh}抛出链接“{name}”，但同一流程或子流程中没有捕获它的事件；请画出捕获端。",
            )
            continue
        end = target[name]
        flow = Flow(f"{node.id}->{end.id}", node.id, end.id, name)
        places[flow.id] = place
        found.append(flow)
        report.note(
            "link-converted",
            place,
            f'{place:en} leads through the link "{name}" to {places[end.id]:en}; it runs as a sequence flow.',
            f"{place:zh}通过链接“{name}”通向{places[end.id]:zh}；按顺序流运行。",
        )
    return found


def _is_link(node: Node) -> bool:
    return node.event is not None and node.event.kind == "link"


def _link(node: Node) -> str:
    return node.event.name if node.event is not None else ""


def _no_flow(report: Report, flows: list[str], places: Places, place: Place) -> None:
    for flow in flows:
        report.error(
            "flow-at-link",
            place,
            f"{place:en} is an end of a link, but {places[flow]:en} is drawn on the side where the link goes on; remove "
            "one of them.",
            f"{place:zh}是链接的一端，但{places[flow]:zh}画在链接延续的一侧；请删除其中之一。",
        )


def check_event_sub_processes(report: Report, nodes: list[Node], flows: list[Flow], places: Places) -> None:
    """Report event sub-processes that are drawn like activities: they are triggered, never reached (BPMN 2.0 §10.3.5)."""
    for node in nodes:
        if node.kind != EVENT_SUB_PROCESS or node.body is None:
            continue
        place = places[node.id]
        starts = [inner for inner in node.body.nodes if inner.kind == "startEvent"]
        if len(starts) != 1:
            ids = ", ".join(inner.id for inner in starts)
            report.error(
                "event-sub-process-start",
                place,
                f"{place:en} must have exactly one start event, which says what triggers it; it has {len(starts)}"
                + (f" ({ids}); draw an event sub-process for each." if ids else "; draw one."),
                f"{place:zh}必须恰好有一个开始事件来说明由什么触发；现在有 {len(starts)} 个"
                + (f"（{ids}）；请分别画成事件子流程。" if ids else "；请画一个。"),
            )
        for flow in flows:
            if node.id in (flow.source, flow.target):
                report.error(
                    "flow-at-event-sub-process",
                    places[flow.id],
                    f"{places[flow.id]:en} is connected to {place:en}, which its start event triggers; remove the flow.",
                    f"{places[flow.id]:zh}连到了{place:zh}，而它由自己的开始事件触发；请删除该顺序流。",
                )
        if node.loop is not None:
            report.error(
                "event-sub-process-repeated",
                place,
                f"{place:en} is repeated, but it runs once each time it is triggered; put the loop on a task or a "
                "sub-process inside it.",
                f"{place:zh}设置了重复，但它每次触发只运行一次；请把循环放到其中的任务或子流程上。",
            )


def check_cancelling(report: Report, nodes: list[Node], places: Places) -> None:
    """Report transactions that are cancelled inside while nothing at their border goes on (BPMN 2.0 §10.3.5)."""
    caught = {
        node.attached_to
        for node in nodes
        if node.kind == "boundaryEvent" and node.event is not None and node.event.kind == "cancel"
    }
    for node in nodes:
        if node.kind != "transaction" or node.body is None or node.id in caught:
            continue
        for end in node.body.nodes:
            if end.kind == "endEvent" and end.event is not None and end.event.kind == "cancel":
                place = places[node.id]
                report.warning(
                    "cancel-not-caught",
                    place,
                    f"{place:en} is cancelled by {end.id}, and nothing says what happens then: the path ends there. Attach a "
                    "cancel boundary event to go on.",
                    f"{place:zh}会被 {end.id} 取消，但没有说明之后怎么办：路径在此结束。如需继续请附加取消边界事件。",
                )
