"""Several decision files that import each other, read in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

from engine.expressions.dmn.model import DecisionModel
from engine.expressions.dmn.reading import xml
from engine.expressions.dmn.reading.logic import Hearing
from engine.expressions.dmn.reading.reader import read_decisions


def read_together(
    files: Mapping[str, bytes], *, functions: Collection[str] = (), said: Hearing | None = None
) -> dict[str, DecisionModel]:
    """Read files (name → content) that may import each other; the models by the name of their file.

    Never raises for what is in them: each model's `findings` tells, also of an import that is not among the files or
    that goes round in a circle. functions: names of user functions the evaluation will have; said: as for
    `read_decisions`.
    """
    made: dict[str, DecisionModel] = {}
    for name in _in_order({name: header_of(content) for name, content in files.items()}):
        made[name] = read_decisions(
            files[name], name, imports=list(made.values()), functions=functions, said=said
        )
    return {name: made[name] for name in files}


def imported_files(model: DecisionModel) -> frozenset[str]:
    """The names of the files a model was read with: those it imports, and those they import."""
    found: set[str] = set()
    waiting = list(model.imports.values())
    while waiting:
        one = waiting.pop()
        if one.file not in found:
            found.add(one.file)
            waiting += one.imports.values()
    return frozenset(found)


def header_of(content: bytes) -> tuple[str, frozenset[str]]:
    """A file's namespace and the namespaces it imports; empty where it cannot be read (its model will say so)."""
    try:
        root = xml.parse(content)
    except xml.Unreadable:
        return "", frozenset()
    wanted = frozenset(one.get("namespace") or "" for one in xml.children(root, "import"))
    return root.get("namespace") or "", wanted


def _in_order(headers: Mapping[str, tuple[str, frozenset[str]]]) -> list[str]:
    """File names, imported ones first. Those in a circle come last, as they are given: each misses an import."""
    by_namespace: dict[str, list[str]] = {}
    for name, (namespace, _) in headers.items():
        by_namespace.setdefault(namespace, []).append(name)
    sorter = TopologicalSorter(
        {
            name: [other for one in wanted for other in by_namespace.get(one, ()) if other != name]
            for name, (_, wanted) in headers.items()
        }
    )
    with suppress(CycleError):  # those outside the circle can be ordered all the same
        sorter.prepare()
    order: list[str] = []
    while ready := sorter.get_ready():
        order += ready
        sorter.done(*ready)
    return list(dict.fromkeys([*order, *headers]))
