"""Looks for what goes wrong only when branches meet: two that write one path, and (where runs are too many) starving joins."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from engine.dialect.findings import Place, Report
from engine.dialect.model import EVERY_ENTRY, Assignment, Body, Flow, Node, entered_at
from engine.dialect.read.context import place_of_node
from engine.dialect.soundness.conditions import exclude_each_other

MAX_NODES, MAX_FLOWS = 400, 800
"""Larger bodies are not looked at: the checks are quadratic, and such a diagram has other problems."""
MOST_COMPARED = 24
"""Flows out of one gateway whose conditions are held against each other."""


def check_concurrency(report: Report, body: Body, places: dict[str, Place], *, inner: bool) -> None:
    """Warn of branches that write the same path side by side (design: never last-wins).

    inner: the body of a sub-process, which begins at every entry at once.
    """
    if len(body.nodes) > MAX_NODES or len(body.flows) > MAX_FLOWS:
        return
    graph = _Graph(body)
    for branches, apart in graph.forks(entered_at(body) if inner else ()):
        _same_writes(report, graph, branches, apart, places, _writes)


def starving_joins(body: Body) -> list[tuple[str, str]]:
    """Return (parallel join, exclusive split) where the split feeds only one of the flows the join waits for.

    What can be told from the drawing alone, where its runs are too many to be played (`soundness`).
    """
    if len(body.nodes) > MAX_NODES or len(body.flows) > MAX_FLOWS:
        return []
    return list(_Graph(body).starving_joins())


def check_own_names(report: Report, body: Body, *, inner: bool = False) -> None:
    """Warn of tasks whose answers become variables of one name side by side, here and in sub-processes."""
    asking = [node for node in body.nodes if node.user is not None and node.spread]
    if len(asking) > 1 and len(body.nodes) <= MAX_NODES and len(body.flows) <= MAX_FLOWS:
        graph = _Graph(body)
        places = {node.id: place_of_node(node) for node in asking}
        for branches, apart in graph.forks(entered_at(body) if inner else ()):
            _same_writes(report, graph, branches, apart, places, _answers)
    for node in body.nodes:
        if node.body is not None:
            check_own_names(report, node.body, inner=True)


def _answers(node: Node) -> Iterator[str]:
    return iter(node.spread if node.user is not None and node.spread != EVERY_ENTRY else ())


class _Graph:
    def __init__(self, body: Body) -> None:
        self.nodes = {node.id: node for node in body.nodes}
        self.next: dict[str, list[str]] = defaultdict(list)
        self.before: dict[str, list[str]] = defaultdict(list)
        self.ways: dict[str, list[Flow]] = defaultdict(list)
        for flow in body.flows:
            self.ways[flow.source].append(flow)
            self.next[flow.source].append(flow.target)
            self.before[flow.target].append(flow.source)
        self.boundaries: dict[str, list[Node]] = defaultdict(list)
        for node in body.nodes:
            if node.attached_to in self.nodes:
                self.boundaries[node.attached_to].append(node)

    def reachable(self, starts: Iterable[str], without: str = "") -> set[str]:
        """Return what can be reached from the starts (included) when one node is taken away."""
        found: set[str] = set()
        waiting = [start for start in starts if start != without]
        while waiting:
            identity = waiting.pop()
            if identity in found:
                continue
            found.add(identity)
            waiting.extend(n for n in self.next[identity] if n != without)
            waiting.extend(n.id for n in self.boundaries[identity] if n.id != without)
        return found

    def forks(self, entries: Sequence[str]) -> Iterator[tuple[list[set[str]], set[tuple[int, int]]]]:
        """Yield, for each place where tokens part to run side by side, what only each branch reaches, and the pairs of
        branches that are never taken together."""
        if len(entries) > 1:
            yield self.only_reached(entries), set()
        for node in self.nodes.values():
            ways = list(self.next[node.id])
            if node.kind not in ("parallelGateway", "inclusiveGateway"):
                beside = [b.id for b in self.boundaries[node.id] if not b.interrupting]
                if not beside:
                    continue
                ways = [*ways[:1], *beside]
            if len(ways) < 2:
                continue
            yield self.only_reached(ways), self.apart(node) if node.kind == "inclusiveGateway" else set()

    def apart(self, node: Node) -> set[tuple[int, int]]:
        """Return the pairs of flows a token never leaves an inclusive gateway by at once: the default one is taken alone."""
        return {
            (i, j)
            for (i, one), (j, other) in combinations(enumerate(self.ways[node.id][:MOST_COMPARED]), 2)
            if node.default_flow in (one.id, other.id)
            or exclude_each_other(one.condition or "", other.condition or "")
        }

    def only_reached(self, ways: Sequence[str]) -> list[set[str]]:
        """Return, for each way, what can be reached by it and by none of the others."""
        reached = [self.reachable([way]) for way in ways]
        times = Counter(identity for found in reached for identity in found)
        return [{identity for identity in found if times[identity] == 1} for found in reached]

    def starving_joins(self) -> Iterator[tuple[str, str]]:
        """Yield (parallel join, exclusive split) where the split feeds only one of the flows the join waits for."""
        joins = [
            n.id for n in self.nodes.values() if n.kind == "parallelGateway" and len(self.before[n.id]) > 1
        ]
        starts = [n.id for n in self.nodes.values() if n.kind == "startEvent"]
        for split in self.nodes.values() if joins else ():
            ways = self.next[split.id]
            if split.kind != "exclusiveGateway" or len(ways) < 2:
                continue
            around = self.reachable(starts, split.id)
            reached = [self.reachable([way], split.id) for way in ways]
            for join in joins:
                sources = self.before[join]
                if any(source in around for source in sources):
                    continue
                fed = [
                    {i for i, way in enumerate(ways) if way == join}
                    if source == split.id
                    else {i for i, way in enumerate(reached) if source in way}
                    for source in sources
                ]
                if any(one and other and not one & other for one, other in combinations(fed, 2)):
                    yield join, split.id


def at_once(body: Body, start: Node | None = None) -> list[Node]:
    """Return the nodes that every instance passes, one after the other, before anything waits or decides.

    start: where it begins; the first start event unless given.
    """
    nodes = {node.id: node for node in body.nodes}
    ways: dict[str, list[str]] = defaultdict(list)
    for flow in body.flows:
        ways[flow.source].append(flow.target)
    found: dict[str, Node] = {}
    current = start or next((node for node in body.nodes if node.kind == "startEvent"), None)
    while current is not None and current.id not in found and not (current.loop or current.again):
        found[current.id] = current
        if current.kind in _WAITS or len(ways[current.id]) != 1:
            break
        current = nodes.get(ways[current.id][0])
    inner = [node for host in found.values() if host.body is not None for node in at_once(host.body)]
    return [*found.values(), *inner]


_WAITS = frozenset(
    {"userTask", "manualTask", "receiveTask", "intermediateCatchEvent", "callActivity", "subProcess"}
)


def _same_writes(
    report: Report,
    graph: _Graph,
    branches: list[set[str]],
    apart: set[tuple[int, int]],
    places: dict[str, Place],
    writes: Callable[[Node], Iterator[str]],
) -> None:
    written = [
        {path: node for node in sorted(branch) for path in writes(graph.nodes[node])} for branch in branches
    ]
    for (i, one), (j, other) in combinations(enumerate(written), 2):
        if (i, j) in apart:
            continue
        for path in sorted(one.keys() & other.keys()):
            place, beside = places.get(one[path]), places.get(other[path])
            if place is None or beside is None:
                continue
            report.warning(
                "written-side-by-side",
                place,
                f'{place:en} and {beside:en} may run at the same time and both write "{path}"; the second '
                "to finish "
                "becomes an incident. Write to different names.",
                f"{place:zh}与{beside:zh}可能同时运行，且都写入“{path}”；后完成的会成为异常。"
                "请写入不同的名称。",
            )


def _writes(node: Node) -> Iterator[str]:
    assignments: list[Assignment] = [*node.script, *node.outputs]
    if node.call is not None:
        assignments.extend(node.call.outputs)
    for assignment in assignments:
        if assignment.target != "*":
            yield assignment.target
    if node.decision is not None:
        yield node.decision.result
    for inner in node.body.nodes if node.body is not None else ():
        yield from _writes(inner)
