"""Which answers the rest of a version reads that nobody has given, and nobody will be asked for any more."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from engine.dialect.model import Node
from engine.spiff.specs.base import ProcessSpec

_ANSWER = re.compile(r"\bform\.([^\W\d]\w*)")


def unanswered(process: ProcessSpec, at: Collection[str], answered: Collection[str]) -> dict[str, str]:
    """Return the user tasks whose answers are read from here on, were not given and will not be asked for: each with the id of
    an element that reads them. at: where tokens stand; answered: the tasks that have answers.
    """
    ahead = {name for start in at for name in _ahead(process, start)}
    asked, read = set(answered), dict[str, str]()
    for name in sorted(ahead):
        asks, reads = _said(process, name)
        asked |= asks
        for task in reads:
            read.setdefault(task, name)
    tasks = _tasks(process)
    return {task: reader for task, reader in read.items() if task in tasks and task not in asked}


@lru_cache(maxsize=4_096)
def _ahead(process: ProcessSpec, start: str) -> frozenset[str]:
    found: set[str] = set()
    open_ones = [start]
    while open_ones:
        name = open_ones.pop()
        if name in found:
            continue
        found.add(name)
        spec = process.task_specs[name]
        open_ones.extend(flow.target for flow in spec.flows)
        open_ones.extend(border.name for border in spec.boundaries)
    return frozenset(found)


@lru_cache(maxsize=8_192)
def _said(process: ProcessSpec, name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return which user tasks a node asks and which answers it reads, with everything inside it."""
    spec = process.task_specs[name]
    nodes = list(_with_inside(spec.node))
    asks = frozenset(
        node.id for node in nodes if node.user is not None or node.kind in ("userTask", "manualTask")
    )
    texts = [text for node in nodes for text in _texts(node)]
    texts += [flow.condition for flow in spec.flows if flow.condition]
    texts += [flow.condition for node in nodes if node.body for flow in node.body.flows if flow.condition]
    return asks, frozenset(task for text in texts for task in _ANSWER.findall(text))


@lru_cache(maxsize=512)
def _tasks(process: ProcessSpec) -> frozenset[str]:
    nodes = (node for spec in process.task_specs.values() for node in _with_inside(spec.node))
    return frozenset(node.id for node in nodes if node.kind in ("userTask", "manualTask"))


def _with_inside(node: Node) -> Iterator[Node]:
    yield node
    for inner in node.body.nodes if node.body is not None else ():
        yield from _with_inside(inner)


def _texts(thing: Any) -> Iterator[str]:
    """Yield every text of a node that may be an expression, except what is inside."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        yield from (text[1:] for text in thing.values() if text.startswith("="))
    elif isinstance(thing, tuple):
        for each in thing:
            yield from _texts(each)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for each in fields(thing):
            value = getattr(thing, each.name)
            if each.name in ("documentation", "name", "body") or value is None:
                continue
            if each.name == "literal":
                continue
            yield from _texts(value)
