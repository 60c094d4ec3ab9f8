"""Nodes with something inside: embedded sub-processes and call activities."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.dialect.model import Node
from engine.spiff import passages
from engine.spiff.run import ActivityFailed
from engine.spiff.scope import Scope
from engine.spiff.specs.base import NodeSpec, ProcessSpec
from engine.spiff.task import Token
from engine.spiff.variables import Store, View

MAX_DEPTH = 100
"""How many activities may be open inside each other; a process that calls itself for ever rests as an incident."""


class ScopeSpec(NodeSpec):
    """An embedded sub-process: its inside shares the variables around it."""

    is_activity = True

    def __init__(self, process: ProcessSpec, node: Node, inside: Any, *, name: str | None = None) -> None:
        super().__init__(process, node, name=name)
        self.inside = inside

    def _run_hook(self, my_task: Token) -> bool | None:
        if my_task.workflow.depth >= MAX_DEPTH:
            raise ActivityFailed(
                "call",
                f"'{self.bpmn_id}' was not entered: {MAX_DEPTH} activities are open inside each other already.",
                f"没有进入“{self.bpmn_id}”：已有 {MAX_DEPTH} 层活动相互嵌套。",
            )
        inside, definition, store = self.open(my_task)
        local = self.locals_inside(my_task)
        self.enter(my_task, inside, local, store)
        my_task._set_state(TaskState.STARTED)
        my_task.workflow.top_workflow.note("activity_entered", my_task)
        scope = Scope(inside, my_task, definition, store)
        scope.local = local
        scope.begin()
        return None

    def enter(self, my_task: Token, inside: Any, local: Mapping[str, Any], store: Store | None) -> None:
        """What else is done before the inside is entered, which will see this. Raises ActivityFailed."""

    def locals_inside(self, my_task: Token) -> dict[str, Any]:
        """Return what the inside sees besides variables: the item it is repeated for and the input mapping."""
        scope = my_task.workflow
        return {**scope.locals_of(my_task), **self.mapped_inputs(my_task, scope.view(my_task))}

    def open(self, my_task: Token) -> tuple[Any, str, Store | None]:
        """Return the spec of the inside, its definition and its own store (None: it shares the caller's)."""
        own = Store(deepcopy(my_task.workflow.store.values)) if self.collected else None
        return self.inside, my_task.workflow.definition, own

    def scope_completed(self, my_task: Token, scope: Scope) -> None:
        """The inside is over: hand its variables out and let the token go on."""
        top = my_task.workflow.top_workflow
        try:
            self.hand_out(my_task, scope)
        except ActivityFailed as failure:
            my_task.internal_data["force"] = True
            top.hold(my_task, "handed", failure)
            return
        top.close_scope(scope)
        my_task._state = TaskState.READY
        my_task.complete()

    def hand_out(self, my_task: Token, scope: Scope) -> None:
        """Bring what the inside wrote to where it belongs."""
        if self.collected and scope.own_store:
            self.write(
                my_task, f"loop.{self.bpmn_id}", changes(my_task.workflow.store.values, scope.store.values)
            )
        self.map_outputs(my_task, scope.view())

    def _on_cancel(self, my_task: Token) -> None:
        super()._on_cancel(my_task)
        top = my_task.workflow.top_workflow
        scope = top.subprocesses.get(my_task.id)
        if scope is not None:
            for token in scope.live_tokens():
                token.cancel()
            scope.completed = True
            top.close_scope(scope)


class CallSpec(ScopeSpec):
    """A call activity. Without in and out mappings the callee shares the caller's variables (house rule)."""

    def __init__(self, process: ProcessSpec, node: Node, *, name: str | None = None) -> None:
        super().__init__(process, node, None, name=name)
        # It begins when it is known what it calls: what the callee is drawn with is told of its token too.
        self.named, self.watched = self.watched, False

    def enter(self, my_task: Token, inside: Any, local: Mapping[str, Any], store: Store | None) -> None:
        of_callee = passages.watched(inside.properties)
        if not (self.named or of_callee):
            return
        scope = my_task.workflow
        own = passages.evaluated(my_task, self.node.properties, scope.view(my_task))
        theirs = {name: text for name, text in of_callee.items() if name not in own}
        values = (scope.store if store is None else store).values
        seen = View(local, values, scope.top_workflow.run.outside)
        passages.begin(my_task, {**passages.evaluated(my_task, theirs, seen), **own}, drawn=of_callee)

    def open(self, my_task: Token) -> tuple[Any, str, Store | None]:
        call, scope = self.node.call, my_task.workflow
        assert call is not None
        run = scope.top_workflow.run
        definition, spec = run.callee(scope.definition, call)
        if call.shares:
            _, _, store = super().open(my_task)
            return spec, definition, store
        store = Store()
        for target, value in run.assignments(my_task, "call_input", call.inputs, self.seen(my_task)):
            if target == "*":
                store.values.update(deepcopy(scope.store.values))
            else:
                store.write(target, value, lineage="")
        return spec, definition, store

    def locals_inside(self, my_task: Token) -> dict[str, Any]:
        call = self.node.call
        assert call is not None
        return super().locals_inside(my_task) if call.shares else {}  # only what is mapped passes

    def hand_out(self, my_task: Token, scope: Scope) -> None:
        call = self.node.call
        assert call is not None
        if call.shares:
            super().hand_out(my_task, scope)
            return
        inside = scope.view()
        run = scope.top_workflow.run
        for target, value in run.assignments(my_task, "call_output", call.outputs, inside):
            if target == "*":
                for key, item in scope.store.values.items():
                    self.write(my_task, key, item)
            else:
                self.write(my_task, target, value)
        self.map_outputs(my_task, inside)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is new or different, context by context."""
    found: dict[str, Any] = {}
    for key, value in after.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            inner = changes(old, value)
            if inner:
                found[key] = inner
        elif key not in before or old != value:
            found[key] = value
    return found
