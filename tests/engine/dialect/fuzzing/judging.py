"""What must hold whatever is uploaded: the gate says sentences, and what it lets through builds and runs."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import orjson

from engine.clock import FrozenClock
from engine.dialect import Compilation, ProcessModel, SourceFile, compile_files
from engine.dialect.model import Call
from engine.evaluation import FeelEvaluator
from engine.spiff import state
from engine.spiff.build import build
from engine.spiff.run import ActivityFailed, Run
from engine.spiff.workflow import Instance

CLOCK = FrozenClock(datetime(2026, 3, 2, 1, tzinfo=UTC))
_NUMBERS = count(1)

STEPS = 6
"""How many user tasks of an instance are completed."""


def complaints(files: list[SourceFile]) -> list[str]:
    """Return what the gate or the engine did wrong with the files; raises what they raise."""
    compiled = compile_files(files, operations=("send_notice",), functions=("due", "warn"))
    found = [
        f"{finding.code} names neither an element nor a line: {finding.message}"
        for finding in compiled.errors
        if not finding.element_id and not finding.line and finding.code not in OF_FILES
    ]
    found += [
        f"{finding.code} has no sentence in both languages"
        for finding in compiled.findings
        if not finding.message or not finding.message_zh
    ]
    found += [f"{one.code} is longer than a page" for one in compiled.findings if len(one.message) > 2_000]
    orjson.dumps([(one.message, one.message_zh, one.element_id, one.file) for one in compiled.findings])
    return found if compiled.errors else found + _first_runs(compiled)


OF_FILES = frozenset(
    {
        "empty-file", "too-large", "too-many-elements", "too-many-attributes", "too-long", "doctype", "not-xml", "encoding",
        "bad-file-name", "duplicate-file", "form-not-json", "not-a-form", "not-bpmn", "not-dmn", "unreadable",
    }
)  # fmt: skip
"""Codes that are about a file as a whole."""


def _first_runs(compiled: Compilation) -> list[str]:
    models = [ProcessModel.from_plain(orjson.loads(orjson.dumps(one.to_plain()))) for one in compiled.models]
    found = [
        f"{one.key} is another model after it was stored"
        for one, kept in zip(compiled.models, models, strict=True)
        if one != kept
    ]
    specs = {model.key: build(model) for model in models}
    for model in models:
        if not model.needs:
            _first_run(specs, model.key)
    return found


def _first_run(specs: dict[str, Any], key: str) -> None:
    instance = Instance(specs[key], key, _action(specs))
    try:
        instance.begin()
    except ActivityFailed:
        return  # nothing but a message or a timer starts it: told in a sentence
    instance.run_to_rest()
    for _ in range(STEPS):
        instance = state.restore(state.save(instance), specs.__getitem__, _action(specs))
        token = next(
            (t for scope in instance.scopes() for t in scope.live_tokens() if t.task_spec.manual), None
        )
        if token is None or instance.completed:
            return
        token.task_spec.finish(token, {})
        instance.run_to_rest()


def _action(specs: dict[str, Any]) -> Run:
    def callee(_definition: str, call: Call) -> tuple[str, Any]:
        if call.process not in specs:
            raise ActivityFailed("call", f"{call.process} is not deployed.")
        return call.process, specs[call.process]

    return Run(
        evaluator=FeelEvaluator(CLOCK, {}),
        outside=lambda: {"case": {}, "clock": {}},
        decide=lambda _definition, _call, _view, _tell: (None, {}),
        callee=callee,
        new_id=lambda: UUID(int=next(_NUMBERS)),
        now=CLOCK.now,
    )
