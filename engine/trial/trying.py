"""Tries every process of a compiled deployment, and turns what was met into findings."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dialect import Compilation
from engine.dialect.findings import Finding, in_reading_order
from engine.dialect.model import Body, Node, ProcessModel
from engine.trial.children import SERVER, Server, Unstarted
from engine.trial.samples import samples_of
from engine.trial.telling import Telling

WALL_FACTOR = 3.0
"""A busy machine may give a child a third of its time."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How long and how large a trial run may be.

    functions: the names of FEEL's additional functions here. seconds: of CPU, per process; three times as long by the
    clock. megabytes: what a child may take besides. whole: seconds by the clock for a deployment with all its processes.
    """

    functions: Collection[str] = ()
    seconds: float = 2.0
    megabytes: int = 256
    whole: float = 20.0
    server: Server = field(default=SERVER)

    def findings(self, compiled: Compilation, *, until: float | None = None) -> list[Finding]:
        """Try each process of a deployment without errors; return what there is to say. Never raises for what a child does.

        until: on the monotonic clock, when somebody who does not wait longer has gone.
        """
        models = {model.key: model for model in compiled.models}
        samples = samples_of(compiled.shapes)
        calls = {
            node.call.process
            for model in compiled.models
            for node in nodes_of(model.body)
            if node.call is not None
        }
        found: list[Finding] = []
        mine = time.monotonic() + self.whole
        until = mine if until is None else min(mine, until)
        hurried = until < mine
        for key, model in models.items():
            left = until - time.monotonic()
            called = closure(model, models)
            telling = Telling(model, called)
            if left <= 0:
                return in_reading_order(
                    [
                        *found,
                        telling.not_tried("the whole deployment has used its time", "整个部署的时间已用完"),
                    ]
                )
            errand = {
                "key": key,
                "models": [one.to_plain() for one in called],
                "samples": samples,
                "functions": sorted(self.functions),
                "seconds": self.seconds / 2,
            }
            # What a called process lacks when it is tried alone, its callers may give: they are tried with it.
            found += [
                one
                for one in self._one(telling, errand, left, hurried)
                if key not in calls or one.severity != "note"
            ]
        return in_reading_order(found)

    def _one(
        self, telling: Telling, errand: Mapping[str, Any], left: float, hurried: bool
    ) -> Iterator[Finding]:
        wall = min(self.seconds * WALL_FACTOR, left if hurried else max(left, self.seconds))
        try:
            said = self.server.ask(dict(errand), wall=wall, cpu=self.seconds, megabytes=self.megabytes)
        except Unstarted as why:
            return iter([telling.not_tried(str(why), str(why))])
        return telling.of(said)


def closure(model: ProcessModel, models: Mapping[str, ProcessModel]) -> list[ProcessModel]:
    """Return a process and those of the deployment it calls, directly or through others."""
    found = {model.key: model}
    waiting = [model]
    while waiting:
        for node in nodes_of(waiting.pop().body):
            called = models.get(node.call.process) if node.call is not None else None
            if called is not None and called.key not in found:
                found[called.key] = called
                waiting.append(called)
    return list(found.values())


def nodes_of(body: Body) -> Iterator[Node]:
    """Yield every node, those inside sub-processes too."""
    for node in body.nodes:
        yield node
        if node.body is not None:
            yield from nodes_of(node.body)
