"""Finds expressions that read what an activity gives before that activity can have been done on any way."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.dialect.findings import Report, where
from engine.dialect.model import EVENT_SUB_PROCESS, Body, Flow, Node, ProcessModel, entered_at
from engine.dialect.read.context import place_of_node
from engine.dialect.read.data.shapes import nodes_of
from engine.dialect.read.data.texts import Read, spot_of

_HOMES = ("form", "result", "message", "signal")
"""Under each of them an activity or event has a home of its own, by its id."""
_PREPARED = re.compile(r"\bnull\b|\bis defined\b|\bget or else\b|\bget value\b")
"""Whoever writes so expects that nothing may be there."""
MOST_STEPS = 400_000
"""Nodes looked at for one deployment."""


def check_order(
    models: Mapping[str, ProcessModel], reads: Mapping[str, list[Read]], report_of: Mapping[str, Report]
) -> None:
    """Warn of reads of `form.x` (and of the other homes) at a place every way to x passes first, and none comes back from x.

    models, reads: by process key; report_of: by file. What a process that others call reads may be there from an earlier
    call, so nothing is said of it.
    """
    called = {
        node.call.process
        for model in models.values()
        for node in nodes_of(model.body)
        if node.call is not None
    }
    effort = [MOST_STEPS]
    for key, model in models.items():
        if key in called:
            continue
        order = _Order(model.body, effort)
        told: set[tuple[str, str]] = set()
        for read in reads.get(key, ()):
            if _PREPARED.search(read.text):
                continue
            for path in sorted(read.paths):
                home, _, rest = path.partition(".")
                name = rest.partition(".")[0]
                if home not in _HOMES or (read.place.id, name) in told:
                    continue
                if order.only_later(read.place.id, name):
                    told.add((read.place.id, name))
                    _tell(report_of[model.file], read, path, order.nodes[name])


def _tell(report: Report, read: Read, path: str, node: Node) -> None:
    place, later, spot = read.place, place_of_node(node), spot_of(read, path)
    report.warning(
        "read-too-early",
        place,
        f"The {read.what[0]} of {place:en} reads {path}, but every way to {later:en}, which gives it, passes here first, so "
        f"nothing is there yet{where(spot)[0]}. Read what is known before, or move this behind it.",
        f"{place:zh}的{read.what[1]}读取 {path}，但提供它的{later:zh}总在这之后才执行，此时还没有值{where(spot)[1]}。"
        "请读取之前已有的数据，或把它移到后面。",
        spot,
    )


@dataclass(slots=True)
class _Level:
    """One body: its flows both ways, and where it begins."""

    body: Body
    entries: tuple[str, ...]
    onward: dict[str, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    borders: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


class _Order:
    """Where the elements of a process stand, and which are only reached through which."""

    def __init__(self, body: Body, effort: list[int]) -> None:
        self.nodes: dict[str, Node] = {}
        self.effort = effort
        self.levels: list[_Level] = []
        self.at: dict[str, tuple[tuple[int, str], ...]] = {}
        """Element or flow → (level, what it is, or is inside of, there), from the outermost inwards."""
        starts = tuple(node.id for node in body.nodes if node.kind == "startEvent")
        self._add(body, starts, ())
        self.answers: dict[tuple[int, str, str], bool] = {}

    def _add(self, body: Body, entries: tuple[str, ...], around: tuple[tuple[int, str], ...]) -> None:
        level, number = _Level(body, entries), len(self.levels)
        self.levels.append(level)
        for flow in body.flows:
            level.onward[flow.source].append(flow)
            self.at[flow.id] = (*around, (number, flow.id))
        for node in body.nodes:
            self.nodes[node.id] = node
            self.at[node.id] = (*around, (number, node.id))
            if node.attached_to:
                level.borders[node.attached_to].append(node.id)
        for node in body.nodes:
            if node.body is not None:
                self._add(node.body, entered_at(node.body), (*around, (number, node.id)))

    def only_later(self, here: str, later: str) -> bool:
        """Tell whether a token always passes `here` before it comes to `later`, and never comes back from there."""
        if here not in self.at or later not in self.nodes or here == later:
            return False
        for (level, mine), (beside, theirs) in zip(self.at[here], self.at[later], strict=False):
            if level != beside:
                return False
            if mine == theirs:
                if self._again(self.levels[level], mine):
                    return False
                continue
            nodes = [self.nodes[name] for name in (mine, theirs) if name in self.nodes]
            if any(node.kind == EVENT_SUB_PROCESS for node in nodes):
                return False
            # What is read at a border is read while, or after, its activity is at work.
            if any(node.attached_to == theirs for node in nodes):
                return False
            key = (level, mine, theirs)
            if key not in self.answers:
                self.answers[key] = self._dominates(self.levels[level], mine, theirs)
            return self.answers[key]
        return False

    def _dominates(self, level: _Level, mine: str, theirs: str) -> bool:
        whole = self._reached(level, level.entries, "")
        if theirs not in whole or theirs in self._reached(level, level.entries, mine):
            return False
        return mine not in self._reached(level, (theirs,), "") and self.effort[0] >= 0

    def _again(self, level: _Level, name: str) -> bool:
        """Tell whether what is inside of a node may have been done before, in an earlier round of it."""
        node = self.nodes[name]
        if node.loop is not None or node.again is not None or node.kind == EVENT_SUB_PROCESS:
            return True
        onward = [flow.target for flow in level.onward[name]] + level.borders[name]
        return name in self._reached(level, onward, "")

    def _reached(self, level: _Level, names: Iterable[str], without: str) -> set[str]:
        """Return the nodes and flows a token can pass, but for one of them."""
        found: set[str] = set()
        waiting = [name for name in names if name != without]
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            self.effort[0] -= 1
            if self.effort[0] < 0:
                return set()
            waiting += [border for border in level.borders[name] if border != without]
            for flow in level.onward[name]:
                if flow.id != without:
                    found.add(flow.id)
                    if flow.target != without:
                        waiting.append(flow.target)
        return found
