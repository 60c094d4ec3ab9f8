"""Finds processes that start each other for ever, by calls and by signals, before anything waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.dialect.findings import Place, Report
from engine.dialect.model import Node, ProcessModel
from engine.dialect.read.graph.concurrency import at_once

Entry = tuple[str, str]
"""A process's key and the id of the start event it is entered by."""


def check_rounds(models: Mapping[str, ProcessModel], report: Callable[[str], Report]) -> None:
    """Report what leads back to where it came from before anybody has to do anything: it would never end.

    models: the processes of the deployment by key; report: gives a file's report by name.
    """
    entries = {
        (key, start.id): start
        for key, model in models.items()
        for start in model.body.nodes
        if start.kind == "startEvent"
    }
    ways = {entry: list(_leads_to(entry, start, models, entries)) for entry, start in entries.items()}
    for entry in entries:
        waiting, seen = list(ways[entry]), set[Entry]()
        while waiting:
            reached, place = waiting.pop()
            if reached == entry:
                _report(report(models[entry[0]].file), entry[0], place)
                break
            if reached not in seen:
                seen.add(reached)
                waiting.extend((further, place) for further, _ in ways[reached])


def _leads_to(
    entry: Entry, start: Node, models: Mapping[str, ProcessModel], entries: Mapping[Entry, Node]
) -> list[tuple[Entry, Place]]:
    found: list[tuple[Entry, Place]] = []
    for node in at_once(models[entry[0]].body, start):
        event = node.event
        if node.call is not None:
            place = Place(node.line, node.id, node.name, "call activity", "调用活动")
            first = next((one for one in entries if one[0] == node.call.process), None)
            found += [(first, place)] if first is not None else []
        elif (
            event is not None
            and event.kind == "signal"
            and node.kind in ("intermediateThrowEvent", "endEvent")
        ):
            place = Place(node.line, node.id, node.name, "signal event", "信号事件")
            found += [
                (one, place)
                for one, other in entries.items()
                if other.event is not None and other.event.kind == "signal" and other.event.name == event.name
            ]
    return found


def _report(report: Report, key: str, place: Place) -> None:
    report.error(
        "endless-call",
        place,
        f'{place:en} leads back to the process "{key}" before anything waits, so it would never end; let somebody '
        "decide first.",
        f"{place:zh}在任何等待之前又回到流程“{key}”，永远不会结束；请先让人作出决定。",
    )
