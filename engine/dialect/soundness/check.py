"""Plays the control flow of a compiled process, its sub-processes first, and reports what goes wrong."""

from __future__ import annotations

from dataclasses import replace

from engine.dialect.findings import Report
from engine.dialect.model import EVENT_SUB_PROCESS, Body, Node, ProcessModel, entered_at
from engine.dialect.read.graph.concurrency import starving_joins
from engine.dialect.soundness.game import Effort, Played, Trouble, play
from engine.dialect.soundness.net import Inside, Net
from engine.dialect.soundness.telling import Telling

BROKEN = frozenset(
    {
        "awaited-event-shared",
        "boundary-on-wrong-element",
        "event-sub-process-start",
        "flow-at-event-sub-process",
        "flow-into-start",
        "flow-out-of-end",
        "flow-without-end",
        "link-without-source",
        "link-without-target",
        "misplaced-element",
        "no-start",
        "not-an-awaited-event",
        "several-link-targets",
        "too-deep",
        "too-many-nodes",
        "unresolved-reference",
        "unsupported-element",
        "unsupported-event",
    }
)
"""Codes of errors after which the drawing is not the one that was meant: nothing is said of its runs before they are mended."""


def check_soundness(model: ProcessModel, report: Report, effort: Effort) -> None:
    """Warn of joins that wait for ever and of what runs twice, with the shortest run that comes there.

    effort: what is left to be spent; where it is not enough, that is noted, and only the plainest mistakes are looked for.
    """
    if any(one.code in BROKEN and one.severity == "error" for one in report.findings):
        return
    starts = [node.id for node in model.body.nodes if node.kind == "startEvent"]
    _Checking(report, effort, Telling(report)).body(
        model.body, [[start] for start in starts], None, Inside(lambda node: True, lambda code: "")
    )


class _Checking:
    def __init__(self, report: Report, effort: Effort, telling: Telling) -> None:
        self.report = report
        self.effort = effort
        self.telling = telling

    def body(self, body: Body, begins: list[list[str]], owner: Node | None, around: Inside) -> bool:
        """Play a body from each of its beginnings; tell whether it can come to an end."""
        completing: dict[str, bool] = {}
        inside = replace(around, completes=lambda node: completing.get(node.id, True))
        outer = Net(body, (), inside)
        for node in body.nodes:
            if node.body is None or not node.body.nodes:
                continue
            entries = entered_at(node.body)
            if entries:
                within = Inside(lambda one: True, lambda code, node=node: outer.escalated(code, node))  # type: ignore[misc]
                completing[node.id] = self.body(node.body, [list(entries)], node, within)
        found: dict[tuple[str, str], tuple[Net, Trouble]] = {}
        completes = whole = True
        for number, entries_of in enumerate(begins):
            net = Net(body, entries_of, inside)
            played = play(net, self.effort) if self.worth(net) else Played(completes=True)
            whole = whole and played.whole
            completes = (completes and number > 0) or played.completes or not played.whole
            for key, trouble in played.troubles.items():
                found.setdefault(key, (net, trouble))
        for net, trouble in found.values():
            self.telling.tell(net, trouble, owner)
        if not whole and not found:
            self._not_whole(body, owner)
        rescued = any(node.kind == EVENT_SUB_PROCESS for node in body.nodes)
        return completes or rescued

    @staticmethod
    def worth(net: Net) -> bool:
        """Tell whether anything can go wrong: one token alone waits for nobody, and meets nobody."""
        splits = any(
            (node.kind in ("parallelGateway", "inclusiveGateway") and len(net.outgoing[node.id]) > 1)
            or (net.is_join(node) and node.kind == "parallelGateway")
            or net.listening(node)
            or (node.body is not None)
            for node in net.node_at
        )
        return splits or len(net.entries) > 1

    def _not_whole(self, body: Body, owner: Node | None) -> None:
        first = owner or next((node for node in body.nodes if node.kind == "startEvent"), body.nodes[0])
        self.telling.not_whole(first)
        for join, split in starving_joins(body):
            self.telling.starving(body, join, split)
