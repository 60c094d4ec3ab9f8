"""What a child does: reads the errand it is given as data, walks the process, and answers with data."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.dialect.model import Body, Node, ProcessModel
from engine.trial.explore import explore
from engine.trial.samples import Samples
from engine.trial.walk import Errand


def run(data: dict[str, Any], at: Callable[[str], None]) -> list[dict[str, Any]]:
    """Walk one process; data: key, models (plain), samples, functions and seconds. `at` is told every element it comes to."""
    at(data["key"])
    models = {plain["key"]: unbound(ProcessModel.from_plain(plain)) for plain in data["models"]}
    functions = tuple(data["functions"])
    errand = Errand(models, Samples(data["samples"]), functions, time.process_time, data["seconds"])
    return explore(errand, data["key"], at)


UNBOUND = "(not bound yet)"
"""Stands for the operation of an activity that this installation has not been told yet."""


def unbound(model: ProcessModel) -> ProcessModel:
    """Return the model with every activity whose operation is not bound yet as one whose operation does nothing."""
    waiting = frozenset(need.element for need in model.needs if need.kind == "operation")
    return replace(model, body=_unbound(model.body, waiting)) if waiting else model


def _unbound(body: Body, waiting: frozenset[str]) -> Body:
    def one(node: Node) -> Node:
        inside = _unbound(node.body, waiting) if node.body is not None else None
        return replace(node, body=inside, operation=UNBOUND if node.id in waiting else node.operation)

    return replace(body, nodes=tuple(one(node) for node in body.nodes))
