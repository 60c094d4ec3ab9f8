"""The token game of one body: where a token can be, and how it can move on from there.

A token of an activity, an event or a gateway stands at a place of that node; one that has come to a join stands at a place
of the flow it came by. Places are numbers, in the order in which a walk from the start meets them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

from engine.dialect.model import EVENT_SUB_PROCESS, NOTHING, Body, Flow, Node
from engine.dialect.soundness.conditions import exclude_each_other

Marking = tuple[int, ...]
"""The places of all tokens, in ascending order; a place stands in it once per token."""

Outcome = Literal["", "complete", "left"]
"""What a move does to its scope: nothing, it is complete, or it is left by what goes on around it."""

MOST_SUBSETS = 64
"""Ways out of an inclusive gateway that are told apart; of more flows only one, all but one, and all are taken."""
MOST_COMPARED = 24
"""Flows out of one gateway whose conditions are held against each other."""
MOST_BESIDE = 3
"""Non-interrupting events of one activity that are played."""
_JOINS = ("parallelGateway", "inclusiveGateway")
_SCOPES = ("subProcess", "transaction", "callActivity")
_ACTIVE = frozenset({"userTask", "manualTask", "receiveTask", *_SCOPES})
"""Kinds of activities at whose border something may happen because a token rests there."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that can happen to the token (or tokens) of a node.

    produced: the places of the tokens it makes. flows: the flows they take. options: in how many ways its node can be left,
    this one included. event: the boundary event that happened, or None. stays: the host goes on beside it.
    """

    node: Node
    produced: Marking = ()
    flows: tuple[Flow, ...] = ()
    options: int = 1
    event: Node | None = None
    stays: bool = False
    outcome: Outcome = ""

    @property
    def is_choice(self) -> bool:
        """Tell whether something else could have happened here."""
        return self.event is not None or self.options > 1


@dataclass(frozen=True, slots=True)
class Inside:
    """What a body is inside of, and what is known of the sub-processes in it.

    completes: tells of a sub-process in this body whether its inside can come to an end. caught: says what becomes of the
    body's scope when an escalation of this code leaves it.
    """

    completes: Callable[[Node], bool]
    caught: Callable[[str], Outcome]


class Net:
    """The places and moves of one body."""

    def __init__(self, body: Body, entries: Sequence[str], inside: Inside) -> None:
        self.body = body
        self.entries = tuple(entries)
        self.inside = inside
        self.nodes = {node.id: node for node in body.nodes}
        self.outgoing: dict[str, list[Flow]] = defaultdict(list)
        self.incoming: dict[str, list[Flow]] = defaultdict(list)
        for flow in body.flows:
            self.outgoing[flow.source].append(flow)
            self.incoming[flow.target].append(flow)
        self.borders: dict[str, list[Node]] = defaultdict(list)
        for node in body.nodes:
            if node.attached_to in self.nodes:
                self.borders[node.attached_to].append(node)
        self.place_of: dict[tuple[str, int | str], int] = {}
        self.node_at: list[Node] = []
        self.via_at: list[str] = []
        """Place → the flow a token came by; empty where the place is no part of a join."""
        self.beside_at: list[int] = []
        """Place of an activity → which of its non-interrupting events have happened, as bits."""
        for name in self._in_order():
            self._add(self.nodes[name])
        self._moves: dict[int, tuple[Move, ...]] = {}
        self._beside: dict[str, frozenset[str]] = {}

    # -- places -----------------------------------------------------------------------------------------------------

    def _in_order(self) -> list[str]:
        """Return the nodes that can be reached: every node behind those that lead to it, but for ways back."""
        done: list[str] = []
        seen: set[str] = set()
        for entry in self.entries:
            if entry in seen:
                continue
            seen.add(entry)
            walk = [(entry, self._onward(entry))]
            while walk:
                name, ways = walk[-1]
                target = next(ways, None)
                if target is None:
                    walk.pop()
                    done.append(name)
                elif target not in seen:
                    seen.add(target)
                    walk.append((target, self._onward(target)))
        return done[::-1]

    def _onward(self, name: str) -> Iterator[str]:
        yield from (border.id for border in self.borders[name])
        yield from (flow.target for flow in self.outgoing[name])

    def _add(self, node: Node) -> None:
        def place(key: int | str, via: str = "", beside: int = 0) -> None:
            self.place_of[node.id, key] = len(self.node_at)
            self.node_at.append(node)
            self.via_at.append(via)
            self.beside_at.append(beside)

        if self.is_join(node):
            for flow in self.incoming[node.id]:
                place(flow.id, via=flow.id)
        else:
            for beside in range(1 << len(self.listening(node))):
                place(beside, beside=beside)

    def is_join(self, node: Node) -> bool:
        """Tell whether tokens wait for each other at a node."""
        return node.kind in _JOINS and len(self.incoming[node.id]) > 1

    def arrive(self, flow: Flow) -> Marking:
        """Return where a token is that takes a flow: nowhere, if nothing but its end is before it."""
        target = self.nodes[flow.target]
        if target.id in self.tail:
            return ()
        return (self.place_of[target.id, flow.id if self.is_join(target) else 0],)

    @property
    def beginning(self) -> Marking:
        """The tokens with which the body begins."""
        return tuple(sorted(self.place_of[name, 0] for name in self.entries if name not in self.tail))

    @cached_property
    def tail(self) -> frozenset[str]:
        """Nodes behind which a token does nothing any more but end: whether one comes there or two is the same."""
        found: set[str] = set()
        for name in reversed(self._in_order()):
            node, ways = self.nodes[name], self.outgoing[name]
            quiet = node.kind == "exclusiveGateway" and all(flow.condition is None for flow in ways)
            ends = node.kind == "endEvent" and (node.event is None or node.event.kind == "none")
            if not node.operation and (ends or (quiet and ways and all(way.target in found for way in ways))):
                found.add(name)
        return frozenset(found)

    # -- moves ------------------------------------------------------------------------------------------------------

    def moves(self, place: int) -> tuple[Move, ...]:
        """Return what can happen to a token at a place that is no part of a join."""
        if place not in self._moves:
            self._moves[place] = tuple(self._from(place))
        return self._moves[place]

    def _from(self, place: int) -> Iterator[Move]:
        node = self.node_at[place]
        outcome = self._outcome(node)
        if outcome:
            yield Move(node, outcome=outcome)
            return
        if not self._is_host(node):
            yield from self.leaving(node)
            return
        if node.body is None or not node.body.nodes or self.inside.completes(node):
            yield from self.leaving(node)
        for event in self.borders[node.id]:
            if self._interrupts(event) and self.may_happen(node, event):
                yield self._border(node, event)
        beside = self.beside_at[place]
        for bit, event in enumerate(self.listening(node)):
            if not beside >> bit & 1:
                back = self.place_of[node.id, beside | 1 << bit]
                yield self._border(node, event, (back,))

    def leaving(self, node: Node) -> Iterator[Move]:
        """Yield the ways a token can leave a node, or a gateway that has joined its tokens."""
        flows = self.outgoing[node.id]
        ways = len(flows)
        if node.kind in ("exclusiveGateway", "eventBasedGateway") and ways > 1:
            chosen: list[tuple[Flow, ...]] = [(flow,) for flow in flows]
        elif node.kind == "inclusiveGateway" and ways > 1:
            chosen = list(subsets(flows, node.default_flow))
        else:
            chosen = [tuple(flows)]
        for taken in chosen:
            produced = tuple(place for flow in taken for place in self.arrive(flow))
            yield Move(node, produced, taken, len(chosen))

    def _border(self, host: Node, event: Node, stays: Marking = ()) -> Move:
        """What happens at a border: the host's token goes on from the event, or another one does beside it."""
        there = () if event.id in self.tail else (self.place_of[event.id, 0],)
        return Move(host, (*stays, *there), (), 1, event, bool(stays))

    def _outcome(self, node: Node) -> Outcome:
        """What a token that comes here does to everything else in the body."""
        event = node.event
        if event is None or node.kind not in ("endEvent", "intermediateThrowEvent"):
            return ""
        if event.kind == "escalation":
            return self.escalated(event.code)
        if node.kind != "endEvent" or event.kind not in ("terminate", "error", "cancel"):
            return ""
        return "complete" if event.kind == "terminate" and not event.everything else "left"

    def escalated(self, code: str, host: Node | None = None) -> Outcome:
        """Return what becomes of this body's scope when an escalation is thrown in it, or comes out of `host`."""
        borders = [one for one in self.borders[host.id] if catches(one, "escalation", code)] if host else []
        if borders:
            first = min(borders, key=lambda one: one.event is None or one.event.code == "")
            return "left" if first.interrupting else ""
        catchers = [
            start
            for node in self.body.nodes
            if node.kind == EVENT_SUB_PROCESS and node.body is not None and node is not host
            for start in node.body.nodes
            if start.kind == "startEvent" and catches(start, "escalation", code)
        ]
        if catchers:
            first = min(catchers, key=lambda one: one.event is None or one.event.code == "")
            return "left" if first.interrupting else ""
        return self.inside.caught(code)

    # -- borders ----------------------------------------------------------------------------------------------------

    def listening(self, node: Node) -> list[Node]:
        """Return the non-interrupting events at a node's border that are played."""
        if not self._is_host(node):
            return []
        found = [e for e in self.borders[node.id] if not self._interrupts(e) and self.may_happen(node, e)]
        return found[:MOST_BESIDE]

    @staticmethod
    def _interrupts(event: Node) -> bool:
        return event.interrupting or (event.event is not None and event.event.kind == "error")

    @staticmethod
    def _is_host(node: Node) -> bool:
        """Tell whether a token rests at a node, so that something can happen at its border meanwhile."""
        return bool(node.loop or node.again) or node.kind in _ACTIVE or operates(node)

    @staticmethod
    def may_happen(host: Node, event: Node) -> bool:
        """Tell whether what a boundary event waits for can come."""
        waited = event.event
        if waited is None or waited.kind not in ("error", "escalation", "cancel"):
            return True
        return throws(host, waited.kind, waited.code)

    def beside(self, event: Node) -> frozenset[str]:
        """Return the nodes only tokens of a non-interrupting event come to: a way of its own, which may be gone several times
        at once, as often as the event happens."""
        if event.id not in self._beside:
            self._beside[event.id] = self._reached([event.id]) - self._reached(self.entries, event.id)
        return self._beside[event.id]

    def _reached(self, names: Sequence[str], without: str = "") -> frozenset[str]:
        found: set[str] = set()
        waiting = [name for name in names if name != without]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += [target for target in self._onward(one) if target != without]
        return frozenset(found)

    # -- inclusive joins --------------------------------------------------------------------------------------------

    @cached_property
    def inclusive_joins(self) -> list[Node]:
        """The inclusive gateways at which tokens wait for each other."""
        return [node for node in self.body.nodes if node.kind == "inclusiveGateway" and self.is_join(node)]

    @cached_property
    def sources(self) -> dict[str, dict[str, frozenset[str]]]:
        """Inclusive join → its flow → the nodes from which a token can come to that flow without passing the join."""
        return {
            join.id: {flow.id: self.reaching(flow.source, join.id) for flow in self.incoming[join.id]}
            for join in self.inclusive_joins
        }

    def reaching(self, name: str, without: str = "") -> frozenset[str]:
        """Return the nodes from which a token can come to a node (included) without passing another."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one in found or one == without:
                continue
            found.add(one)
            waiting += [flow.source for flow in self.incoming[one]]
            if (host := self.nodes[one].attached_to) in self.nodes:
                waiting.append(host)
        return frozenset(found)

    def standing(self, place: int) -> tuple[str, ...]:
        """Return the nodes at which the engine keeps a token of this place: behind an event-based gateway, all its events."""
        node = self.node_at[place]
        if node.kind == "eventBasedGateway":
            return tuple(flow.target for flow in self.outgoing[node.id])
        return (node.id,)


def operates(node: Node) -> bool:
    """Tell whether a job works on a token of a node (which may then fail with an error the diagram catches)."""
    if node.kind == "listener":
        return False
    return bool(node.operation and node.operation != NOTHING) or (
        node.kind == "serviceTask" and node.operation != NOTHING
    )


def catches(event: Node, kind: str, code: str) -> bool:
    """Tell whether an event takes an error or escalation of this code."""
    waited = event.event
    return waited is not None and waited.kind == kind and waited.code in ("", code)


def throws(node: Node, kind: str, code: str) -> bool:
    """Tell whether an activity, or anything inside it, may throw what an event of this kind and code takes."""
    if node.kind == "callActivity" or (kind == "error" and operates(node)):
        return kind != "cancel"
    event = node.event
    if event is not None and event.kind == kind and node.kind in ("endEvent", "intermediateThrowEvent"):
        return kind == "cancel" or not code or event.code in ("", code)
    return node.body is not None and any(throws(one, kind, code) for one in node.body.nodes)


def subsets(flows: Sequence[Flow], default: str | None) -> Iterator[tuple[Flow, ...]]:
    """Yield the sets of flows a token can leave an inclusive gateway by."""
    always = [
        flow
        for flow in flows
        if flow.id != default and (flow.condition or "true").strip() in ("true", "=true")
    ]
    sometimes = [flow for flow in flows if flow.id != default and flow not in always]
    count = len(sometimes)
    sizes: Sequence[int] = range(1, count + 1)
    if 1 << count > MOST_SUBSETS:
        sizes = (1, count - 1, count) if count <= MOST_COMPARED else (1, count)
    apart = {
        (one.id, other.id)
        for one, other in combinations(sometimes[:MOST_COMPARED], 2)
        if exclude_each_other(one.condition or "", other.condition or "")
    }
    for size in sizes:
        for chosen in combinations(sometimes, size):
            if not apart or not any((one.id, other.id) in apart for one, other in combinations(chosen, 2)):
                yield (*always, *chosen)
    if always:
        yield tuple(always)
    else:
        yield from ((flow,) for flow in flows if flow.id == default)
