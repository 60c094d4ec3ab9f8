"""Makes implicit splits explicit: several or conditional flows that leave something else than a gateway.

BPMN lets a token leave an activity on every outgoing flow at once (a hidden parallel split) and only on those
whose condition holds (a hidden inclusive split). The engine gets a gateway instead; readers of the diagram
never see it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from engine.dialect.findings import Place, Report
from engine.dialect.model import Body, Flow, Node

_UNCONDITIONAL = ("parallelGateway", "eventBasedGateway")


def make_splits_explicit(report: Report, body: Body, places: dict[str, Place]) -> Body:
    """Return the body with a generated gateway behind every node that splits without one; each is noted."""
    outgoing: dict[str, list[Flow]] = defaultdict(list)
    for flow in body.flows:
        outgoing[flow.source].append(flow)
    nodes: list[Node] = []
    splits: list[Node] = []
    for node in body.nodes:
        left = outgoing[node.id]
        conditional = any(flow.condition is not None and flow.id != node.default_flow for flow in left)
        if node.kind.endswith("Gateway"):
            ignores = node.kind in _UNCONDITIONAL
            outgoing[node.id] = [
                replace(flow, condition=None) if ignores or flow.id == node.default_flow else flow
                for flow in left
            ]
        elif len(left) > 1 or conditional:
            split = Node(
                id=f"split:{node.id}",
                kind="inclusiveGateway" if conditional else "parallelGateway",
                name=node.name,
                serves=node.id,
                lane=node.lane,
                lane_id=node.lane_id,
                line=node.line,
                default_flow=node.default_flow if conditional else None,
            )
            splits.append(split)
            places[split.id] = places[node.id]
            outgoing[node.id] = [Flow(id=f"{node.id}->{split.id}", source=node.id, target=split.id)]
            outgoing[split.id] = [_moved(flow, split, always=conditional) for flow in left]
            node = replace(node, default_flow=None)
            _note(report, places[node.id], conditional)
        nodes.append(node)
    nodes.extend(splits)
    return Body(tuple(nodes), tuple(flow for node in nodes for flow in outgoing[node.id]))


def _moved(flow: Flow, split: Node, *, always: bool) -> Flow:
    if flow.id == split.default_flow:
        return replace(flow, source=split.id, condition=None)
    if always and flow.condition is None:
        return replace(flow, source=split.id, condition="true")
    return replace(flow, source=split.id)


def _note(report: Report, place: Place, conditional: bool) -> None:
    if conditional:
        report.note(
            "conditional-split",
            place,
            f"{place:en} has conditional outgoing flows; every flow whose condition holds is taken.",
            f"{place:zh}的出口带条件；条件成立的出口都会执行。",
        )
    else:
        report.note(
            "implicit-split",
            place,
            f"{place:en} has several outgoing flows without a gateway; all of them are taken, in parallel.",
            f"{place:zh}没有网关却有多个出口；所有出口并行执行。",
        )
