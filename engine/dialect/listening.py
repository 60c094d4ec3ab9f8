"""Puts the operations that listeners are bound to where they run: as generated nodes before, behind or on a flow.

A diagram says that code is called when an element starts or ends, when a flow is taken, when a user task is created or
completed. The engine gets a node that waits for the operation at that place; readers of the diagram never see it: its
token is at the element it is called for, and the history tells of the call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.dialect.model import Assignment, Body, Flow, Need, Node, ProcessModel, Value, entered_at

BEFORE = ("start", "create")
"""Events of a node that are run before it, in this order."""
BEHIND = ("complete", "end")
"""Events of a node that are run behind it, in this order."""
TAKE = "take"

Called = Sequence[tuple[Need, str]]
"""Listeners and the operation each is bound to."""


class Moments:
    """Tells which listeners of a process can be run, and which can only be bound to nothing."""

    def __init__(self, model: ProcessModel) -> None:
        self.process_key = model.key
        self.nodes: dict[str, Node] = {}
        self.flows: set[str] = set()
        self.beside: set[str] = set()
        """Nodes that no flow reaches and that start nothing, such as event sub-processes."""
        self._read(model.body)

    def _read(self, body: Body) -> None:
        self.flows |= {flow.id for flow in body.flows}
        reached = {flow.target for flow in body.flows}
        entries = entered_at(body)
        for node in body.nodes:
            self.nodes[node.id] = node
            if node.id not in reached and node.id not in entries and not _is_event(node):
                self.beside.add(node.id)
            if node.body is not None:
                self._read(node.body)

    def runs(self, need: Need) -> bool:
        """Tell whether the moment of a listener can be run.

        Runs: start and end of activities, events and gateways, create and complete of user tasks, taking a flow, the
        start of the process. Not: the end of the process, a task's assignment, deletion, update or timeout; nor
        anything at an activity that is repeated, where it would be called once instead of once per item.
        """
        if need.element == self.process_key:
            return need.event == "start"
        node = self.nodes.get(need.element)
        if node is None:
            return need.event == TAKE and need.element in self.flows
        if node.loop is not None or node.id in self.beside:
            return False
        if need.event in ("create", "complete"):
            return node.kind in ("userTask", "manualTask")
        return need.event in ("start", "end")


def _is_event(node: Node) -> bool:
    return node.kind.endswith("Event")


class Listening:
    """Inserts the called operations into the bodies of one process."""

    def __init__(self, process_key: str, called: Mapping[str, Called]) -> None:
        self.process_key = process_key
        self.called = called

    def inside(self, body: Body, *, top: bool = True) -> Body:
        """Return the body, and those of its sub-processes, with every call in its place."""
        nodes = [
            node if node.body is None else replace(node, body=self.inside(node.body, top=False))
            for node in body.nodes
        ]
        site = _Site(Body(tuple(nodes), body.flows))
        for node in body.nodes:
            found = self.called.get(node.id, ())
            if site.happens(node):
                site.behind(node, [*_ordered(found, BEFORE), *_ordered(found, BEHIND)])
            else:
                site.before(node, _ordered(found, BEFORE))
                site.behind(node, _ordered(found, BEHIND))
        for flow in body.flows:
            site.along(flow.id, _ordered(self.called.get(flow.id, ()), (TAKE,)), flow.id)
        if top:
            for node in site.first():
                place = site.behind if site.happens(node) else site.before
                place(node, _ordered(self.called.get(self.process_key, ()), ("start",)))
        return site.body()


def _ordered(called: Called, events: Sequence[str]) -> Called:
    wanted = [item for item in called if item[0].event in events]
    return sorted(wanted, key=lambda item: (events.index(item[0].event), item[0].number))


class _Site:
    """One body while calls are inserted."""

    def __init__(self, body: Body) -> None:
        self.nodes = {node.id: node for node in body.nodes}
        self.flows = {flow.id: flow for flow in body.flows}

    def body(self) -> Body:
        return Body(tuple(self.nodes.values()), tuple(self.flows.values()))

    def first(self) -> list[Node]:
        """Return where this body begins, calls included."""
        return [self.nodes[name] for name in entered_at(self.body())]

    def happens(self, node: Node) -> bool:
        """Tell whether a node comes by itself (a start, a border, what an event gateway waits for): nothing precedes it."""
        if not _is_event(node) and node.kind != "receiveTask":
            return False
        into = list(self._into(node.id))
        by_itself = not into and node.kind != "receiveTask"
        return by_itself or any(self._waits_for_events(flow.source) for flow in into)

    def before(self, node: Node, called: Called) -> None:
        """Call before a node is reached; at a join on every way into it, because it counts them."""
        if not called:
            return
        into = list(self._into(node.id))
        if node.kind in ("parallelGateway", "inclusiveGateway") and len(into) > 1:
            for flow in into:
                self.along(flow.id, called, flow.id)
        else:
            self._funnel(node, into, called)

    def behind(self, node: Node, called: Called) -> None:
        """Call when a node is left: on every way out of a gateway, before a node that has none."""
        if not called:
            return
        out = [flow for flow in self.flows.values() if flow.source == node.id]
        if node.kind in ("endEvent", "intermediateThrowEvent") and not out:
            self._funnel(node, list(self._into(node.id)), called)
        elif node.kind.endswith("Gateway"):
            for flow in out:
                self.along(flow.id, called, flow.id)
        else:
            self._follow(node, called)

    def along(self, flow_id: str, called: Called, suffix: str = "") -> None:
        """Call on a flow: it leads to the calls, and these to its target; out of an event gateway behind its target."""
        if not called:
            return
        flow = self.flows[flow_id]
        if self._waits_for_events(flow.source):
            self._follow(self.nodes[flow.target], called, suffix)
            return
        works = self._works(called, self.nodes[flow.target], suffix)
        self.flows[flow_id] = replace(flow, target=works[0].id)
        self._chain(works)
        self._connect(works[-1].id, flow.target)

    def _follow(self, node: Node, called: Called, suffix: str = "") -> None:
        works = self._works(called, node, suffix)
        for flow in list(self.flows.values()):
            if flow.source == node.id:
                self.flows[flow.id] = replace(flow, source=works[-1].id)
        self._chain(works)
        self._connect(node.id, works[0].id)

    def _funnel(self, node: Node, into: list[Flow], called: Called) -> None:
        works = self._works(called, node)
        for flow in into:
            self.flows[flow.id] = replace(flow, target=works[0].id)
        self._chain(works)
        self._connect(works[-1].id, node.id)

    def _works(self, called: Called, near: Node, suffix: str = "") -> list[Node]:
        works = [
            Node(
                id=f"listener:{need.key}" + (f"@{suffix}" if suffix else ""),
                kind="listener",
                name=near.name if near.id == need.element else "",
                lane=near.lane,
                lane_id=near.lane_id,
                line=near.line,
                operation=operation,
                serves=need.element,
                inputs=(Assignment("event", Value(literal=need.event)),),
            )
            for need, operation in called
        ]
        for work in works:
            self.nodes[work.id] = work
        return works

    def _chain(self, works: list[Node]) -> None:
        for one, other in pairwise(works):
            self._connect(one.id, other.id)

    def _connect(self, source: str, target: str) -> None:
        identity = f"{source}->{target}"
        self.flows[identity] = Flow(identity, source, target)

    def _into(self, identity: str) -> Iterator[Flow]:
        return (flow for flow in self.flows.values() if flow.target == identity)

    def _waits_for_events(self, identity: str) -> bool:
        return self.nodes[identity].kind == "eventBasedGateway"
