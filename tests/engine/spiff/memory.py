"""A process run in memory, saved and restored before every step: for what needs no database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Self
from uuid import uuid4

from engine.clock import FrozenClock
from engine.dialect import SourceFile, compile_files
from engine.dialect.binding import bound
from engine.dialect.model import Need, ProcessModel
from engine.evaluation import FeelEvaluator
from engine.spiff import state
from engine.spiff.build import build
from engine.spiff.run import Run
from engine.spiff.workflow import Instance


class InMemory:
    """One instance of the process with this key, or of the first one of the files; `bind` says what its needs are bound to."""

    def __init__(
        self,
        *files: SourceFile,
        operations: Collection[str] = (),
        bind: Callable[[Need], str] | None = None,
        key: str = "",
        **variables: Any,
    ) -> None:
        compiled = compile_files(files, operations=operations)
        assert not compiled.errors, [f.message for f in compiled.errors]
        models = [
            bound(model, {need.key: bind(need) for need in model.needs}) if bind else model
            for model in compiled.models
        ]
        self.prepare(models)
        key = key or compiled.models[0].key
        self.instance = Instance(self.specs[key], key, self.new_run())
        self.instance.store.values.update(variables)
        self.instance.begin()
        self.instance.run_to_rest()

    @classmethod
    def saved(cls, models: Iterable[ProcessModel], saved: bytes) -> Self:
        """Return the instance of a saved state."""
        found = cls.__new__(cls)
        found.prepare(models)
        found.instance = state.restore(saved, found.specs.__getitem__, found.new_run())
        return found

    def prepare(self, models: Iterable[ProcessModel]) -> None:
        """Build what the processes run on."""
        self.specs = {model.key: build(model) for model in models}
        self.clock = FrozenClock(datetime(2026, 3, 2, 1, tzinfo=UTC))
        self.evaluator = FeelEvaluator(self.clock, {})

    def new_run(self) -> Run:
        return Run(
            evaluator=self.evaluator,
            outside=lambda: {"case": {}, "clock": {}},
            decide=lambda definition, call, view, tell: (None, {}),
            callee=lambda definition, call: (call.process, self.specs[call.process]),
            new_id=uuid4,
            now=self.clock.now,
        )

    def waiting(self) -> list[str]:
        """Return the ids of the open user tasks, sorted."""
        return sorted(
            token.task_spec.bpmn_id
            for scope in self.instance.scopes()
            for token in scope.live_tokens()
            if token.task_spec.manual
        )

    def complete(self, activity_id: str, answers: Mapping[str, Any] | None = None) -> None:
        """Save, restore, complete the oldest open task with this id, run to rest."""
        self.restore()
        token = next(
            token
            for scope in self.instance.scopes()
            for token in scope.live_tokens()
            if token.task_spec.manual and token.task_spec.bpmn_id == activity_id
        )
        token.task_spec.finish(token, answers or {})
        self.instance.run_to_rest()

    def restore(self) -> None:
        """Go on from what was saved, as every action does."""
        self.instance = state.restore(state.save(self.instance), self.specs.__getitem__, self.new_run())

    @property
    def over(self) -> bool:
        return self.instance.completed
