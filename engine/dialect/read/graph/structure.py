"""Checks the graph of one body: starts, gateways, ends, and what can never be reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from engine.dialect.findings import Place, Report
from engine.dialect.model import EVENT_SUB_PROCESS, Body, Flow, Node, entered_at
from engine.dialect.read.graph.starts import check_starts

_DECIDES = frozenset({"exclusiveGateway", "inclusiveGateway"})


def check_structure(
    report: Report, owner: Place, body: Body, places: dict[str, Place], *, inner: bool
) -> Body:
    """Report what is wrong with how the nodes of a process (inner: of a sub-process) are connected.

    Returns the body, without default flows that lead nowhere.
    """
    nodes, flows = body.nodes, body.flows
    outgoing: dict[str, list[Flow]] = defaultdict(list)
    incoming: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        outgoing[flow.source].append(flow)
        incoming[flow.target].append(flow)
    check_starts(report, owner, body, places, inner=inner)
    for node in nodes:
        place = places[node.id]
        if node.kind in ("startEvent", "boundaryEvent") and incoming[node.id]:
            report.error(
                "flow-into-start",
                place,
                f"{place:en} has an incoming flow ({incoming[node.id][0].id}); lead it to the next "
                "element instead.",
                f"{place:zh}有入口顺序流（{incoming[node.id][0].id}）；请把它连到下一个元素。",
            )
        if node.kind == "endEvent" and outgoing[node.id]:
            report.error(
                "flow-out-of-end",
                place,
                f"{place:en} has an outgoing flow ({outgoing[node.id][0].id}); use an intermediate event.",
                f"{place:zh}有出口顺序流（{outgoing[node.id][0].id}）；请改用中间事件。",
            )
        if node.kind.endswith("Gateway"):
            _gateway(report, node, outgoing[node.id], places)
            if node.kind == "eventBasedGateway":
                _awaited(report, node, nodes, outgoing[node.id], incoming, places)
        elif not outgoing[node.id] and node.kind not in ("endEvent", "boundaryEvent", EVENT_SUB_PROCESS):
            report.note(
                "implicit-end",
                place,
                f"{place:en} has no outgoing flow; the path ends there.",
                f"{place:zh}没有出口；路径在此结束。",
            )
        _default(report, node, outgoing[node.id], place)
    reached = _unreachable(report, body, outgoing, places)
    _endless(report, body, reached, outgoing, places)
    own = {(flow.source, flow.id) for flow in flows}
    kept = [
        node if (node.id, node.default_flow) in own else replace(node, default_flow=None) for node in nodes
    ]
    return replace(body, nodes=tuple(kept))


def _gateway(report: Report, node: Node, outgoing: list[Flow], places: dict[str, Place]) -> None:
    place = places[node.id]
    if node.kind == "parallelGateway":
        for flow in outgoing:
            if flow.condition is not None:
                report.warning(
                    "condition-ignored",
                    places[flow.id],
                    f"The condition of {places[flow.id]:en} has no effect: {place:en} takes every flow.",
                    f"{places[flow.id]:zh}的条件不起作用：{place:zh}会走所有出口。",
                )
    elif node.kind in _DECIDES and len(outgoing) > 1:
        for flow in outgoing:
            where = places[flow.id]
            if flow.condition is None and flow.id != node.default_flow:
                _unconditional(report, node, flow, places)
            elif flow.condition is not None and flow.id == node.default_flow:
                report.warning(
                    "condition-ignored",
                    where,
                    f"The condition of {where:en} has no effect: it is the default flow.",
                    f"{where:zh}的条件不起作用：它是默认流。",
                )
    elif node.kind in _DECIDES and any(f.condition and f.id != node.default_flow for f in outgoing):
        report.warning(
            "only-way-conditional",
            places[outgoing[0].id],
            f"{places[outgoing[0].id]:en} is the only way out of {place:en} and has a condition; where it does not hold, the "
            "token rests there as an incident. Draw another way out, or remove the condition.",
            f"{places[outgoing[0].id]:zh}是{place:zh}的唯一出口且带条件；条件不成立时会停在那里成为异常。"
            "请再画一个出口，或去掉条件。",
        )
    if not outgoing:
        report.note(
            "implicit-end",
            place,
            f"{place:en} has no outgoing flow; the path ends there.",
            f"{place:zh}没有出口；路径在此结束。",
        )


def _unconditional(report: Report, node: Node, flow: Flow, places: dict[str, Place]) -> None:
    place, where = places[node.id], places[flow.id]
    if node.kind == "inclusiveGateway":
        report.warning(
            "flow-always-taken",
            where,
            f"{where:en} leaves {place:en} without a condition, so it is always taken; write a condition or mark it as the "
            "default flow.",
            f"{where:zh}从{place:zh}出发但没有条件，因此总会执行；请写条件，或把它设为默认流。",
        )
    else:
        report.error(
            "flow-without-condition",
            where,
            f"{where:en} leaves {place:en} without a condition; write one or mark it as the default flow.",
            f"{where:zh}从{place:zh}出发但没有条件；请写条件，或把它设为默认流。",
        )


def _awaited(
    report: Report,
    node: Node,
    nodes: Sequence[Node],
    outgoing: list[Flow],
    incoming: dict[str, list[Flow]],
    places: dict[str, Place],
) -> None:
    """Check that an event-based gateway leads only to events, each of them its own."""
    kinds = {other.id: other.kind for other in nodes}
    place = places[node.id]
    for flow in outgoing:
        where = places[flow.target]
        if kinds.get(flow.target) not in ("intermediateCatchEvent", "receiveTask"):
            report.error(
                "not-an-awaited-event",
                where,
                f"{where:en} follows {place:en}, which waits for events; put a catch event or a receive "
                "task there.",
                f"{where:zh}接在{place:zh}之后，而它等待事件；请在此处放置捕获事件或接收任务。",
            )
        elif len(incoming[flow.target]) > 1:
            report.error(
                "awaited-event-shared",
                where,
                f"{where:en} belongs to {place:en} and has another incoming flow too; draw it twice.",
                f"{where:zh}属于{place:zh}，但还有别的入口；请分别画出。",
            )
        if flow.condition is not None:
            report.warning(
                "condition-ignored",
                places[flow.id],
                f"The condition of {places[flow.id]:en} has no effect: {place:en} waits for events.",
                f"{places[flow.id]:zh}的条件不起作用：{place:zh}等待事件。",
            )


def _default(report: Report, node: Node, outgoing: list[Flow], place: Place) -> None:
    if not node.default_flow or any(flow.id == node.default_flow for flow in outgoing):
        return
    matters = node.kind in _DECIDES or any(flow.condition is not None for flow in outgoing)
    report.warning(
        "bad-default-flow",
        place,
        f'The default flow "{node.default_flow[:80]}" of {place:en} does not leave it, so it has none; mark an '
        "outgoing flow" + (", or the case rests there where no condition holds." if matters else "."),
        f"{place:zh}的默认流“{node.default_flow[:80]}”不是它的出口，因此没有默认流；请标记一个出口"
        + ("，否则没有条件成立时案件会停在此处。" if matters else "。"),
    )


def _unreachable(
    report: Report, body: Body, outgoing: dict[str, list[Flow]], places: dict[str, Place]
) -> set[str]:
    """Warn of what no token ever comes to; return the rest."""
    boundaries: dict[str, list[str]] = defaultdict(list)
    for node in body.nodes:
        if node.attached_to:
            boundaries[node.attached_to].append(node.id)
    reached: set[str] = set()
    waiting = [*entered_at(body), *(node.id for node in body.nodes if node.kind == EVENT_SUB_PROCESS)]
    while waiting:
        identity = waiting.pop()
        if identity in reached:
            continue
        reached.add(identity)
        waiting.extend(boundaries[identity])
        waiting.extend(flow.target for flow in outgoing[identity])
    for node in body.nodes:
        if node.id not in reached and node.kind != "eventSubProcess":
            place = places[node.id]
            report.warning(
                "unreachable",
                place,
                f"{place:en} can never be reached from the start and never runs; connect or remove it.",
                f"从开始事件无法到达{place:zh}，它永远不会执行；请连接或删除它。",
            )
    return reached


def _endless(
    report: Report, body: Body, reached: set[str], outgoing: dict[str, list[Flow]], places: dict[str, Place]
) -> None:
    """Warn once for each round a token can enter and never leave: nothing in it leads to an end."""
    before: dict[str, list[str]] = defaultdict(list)
    for flow in body.flows:
        before[flow.target].append(flow.source)
    for node in body.nodes:
        if node.attached_to:
            before[node.id].append(node.attached_to)
    ending = {node.id for node in body.nodes if not outgoing[node.id]}
    waiting = list(ending)
    while waiting:
        for source in before[waiting.pop()]:
            if source not in ending:
                ending.add(source)
                waiting.append(source)
    caught = {node.id for node in body.nodes if node.id in reached and node.id not in ending}
    leading = [identity for identity in caught if not caught & set(before[identity])]
    while leading:  # what only leads into the round is not part of it
        identity = leading.pop()
        caught.remove(identity)
        leading += [
            flow.target
            for flow in outgoing[identity]
            if flow.target in caught and flow.target not in leading and not caught & set(before[flow.target])
        ]
    if caught:
        inside = [node.id for node in body.nodes if node.id in caught]
        place, names = places[inside[0]], ", ".join(inside[:5])
        report.warning(
            "no-way-out",
            place,
            f"From {place:en} no way leads to an end: a token goes round for ever ({names}); draw a way out.",
            f"从{place:zh}没有路径通向结束，令牌会一直循环（{names}）；请画出离开的路径。",
        )
