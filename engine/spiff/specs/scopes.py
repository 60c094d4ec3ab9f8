"""Nodes with something inside: embedded sub-processes, call activities and repeated activities."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.dialect.model import Node
from engine.spiff.run import ActivityFailed
from engine.spiff.specs.base import NodeSpec, ProcessSpec
from engine.spiff.task import Token
from engine.spiff.variables import Store
from engine.spiff.workflow import Scope


class ScopeSpec(NodeSpec):
    """An embedded sub-process: its inside shares the variables around it."""

    is_activity = True

    def __init__(self, process: ProcessSpec, node: Node, inside: Any, *, name: str | None = None) -> None:
        super().__init__(process, node, name=name)
        self.inside = inside

    def _run_hook(self, my_task: Token) -> bool | None:
        inside, definition, store = self.open(my_task)
        my_task._set_state(TaskState.STARTED)
        my_task.workflow.top_workflow.note("activity_entered", my_task)
        scope = Scope(inside, my_task, definition, store)
        if self.wrapper is not None:
            scope.local = {**my_task.workflow.local, **self.item_locals(my_task)}
        else:
            scope.local = my_task.workflow.local
        scope.begin()
        return None

    def open(self, my_task: Token) -> tuple[Any, str, Store | None]:
        """Return the spec of the inside, its definition and its own store (None: it shares the caller's)."""
        own = Store(dict(my_task.workflow.store.values)) if self.wrapper is not None else None
        return self.inside, my_task.workflow.definition, own

    def scope_completed(self, my_task: Token, scope: Scope) -> None:
        """The inside is over: hand its variables out and let the token go on."""
        top = my_task.workflow.top_workflow
        top.close_scope(scope)
        try:
            self.hand_out(my_task, scope)
        except ActivityFailed as failure:
            top.hold(my_task, "handed", failure)
            return
        my_task._state = TaskState.READY
        my_task.complete()

    def hand_out(self, my_task: Token, scope: Scope) -> None:
        """Bring what the inside wrote to where it belongs."""
        if self.wrapper is not None and scope.own_store:
            before = my_task.workflow.store.values
            wrote = {key: value for key, value in scope.store.values.items() if before.get(key) != value}
            self.write(my_task, f"loop.{self.bpmn_id}", wrote)

    def _run(self, my_task: Token) -> bool | None:
        if my_task.internal_data.pop("handed", False):
            return True
        return super()._run(my_task)

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

    def open(self, my_task: Token) -> tuple[Any, str, Store | None]:
        call, scope = self.node.call, my_task.workflow
        assert call is not None
        run = scope.top_workflow.run
        definition, spec = run.callee(scope.definition, call)
        if not call.inputs and not call.outputs:
            _, _, store = super().open(my_task)
            return spec, definition, store
        store = Store()
        view = scope.view(my_task)
        for target, value in run.assignments(call.inputs, view):
            if target == "*":
                store.values.update(scope.store.values)
            else:
                store.write(target, value, lineage="")
        return spec, definition, store

    def hand_out(self, my_task: Token, scope: Scope) -> None:
        call = self.node.call
        assert call is not None
        if not call.inputs and not call.outputs:
            super().hand_out(my_task, scope)
            return
        inside = scope.view()
        for target, value in scope.top_workflow.run.assignments(call.outputs, inside):
            if target == "*":
                for key, item in scope.store.values.items():
                    self.write(my_task, key, item)
            else:
                self.write(my_task, target, value)


class MultiInstanceSpec(NodeSpec):
    """Repeats an activity for each item of a collection, side by side or one after the other.

    What the items write to one path becomes a list at that path, in the order of the collection.
    """

    is_activity = True

    def __init__(self, process: ProcessSpec, node: Node, item_spec: NodeSpec) -> None:
        super().__init__(process, node)
        self.item_spec = item_spec
        item_spec.wrapper = self

    def _update_hook(self, my_task: Token) -> bool:
        items = self.items(my_task)
        super()._update_hook(my_task)
        data = my_task.internal_data
        data.update(items=items, done=0, next=0, results={})
        my_task.workflow.top_workflow.note("activity_entered", my_task, {"instances": len(items)})
        if not items:
            return True
        my_task._set_state(TaskState.STARTED)
        assert self.node.loop is not None
        if self.node.loop.sequential:
            self.start_item(my_task, 0, fork=0)
        else:
            fork = my_task.workflow.next_fork()
            for index in range(len(items)):
                self.start_item(my_task, index, fork=fork)
        return False

    def items(self, my_task: Token) -> list[Any]:
        """Evaluate the collection, or count up to the cardinality. Raises ActivityFailed."""
        loop = self.node.loop
        assert loop is not None
        evaluator, view = my_task.workflow.top_workflow.run.evaluator, my_task.workflow.view(my_task)
        if loop.collection is not None:
            found = evaluator.value(loop.collection, view)
            if not isinstance(found, list):
                raise ActivityFailed(
                    "expression", f"The collection of '{self.bpmn_id}' is {found!r}, not a list."
                )
            return found
        count = evaluator.value(loop.cardinality or "0", view)
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 10_000:
            raise ActivityFailed(
                "expression",
                f"The cardinality of '{self.bpmn_id}' is {count!r}, not a number from 0 to 10000.",
            )
        return list(range(count))

    def start_item(self, my_task: Token, index: int, *, fork: int) -> None:
        """Put a token on the repeated activity for one item."""
        data = my_task.internal_data
        data["next"] = max(data["next"], index + 1)
        child = my_task._add_child(self.item_spec)
        child.internal_data.update(item=data["items"][index], index=index)
        if fork:
            child.set_lineage(f"{my_task.lineage}/{fork}.{index}".lstrip("/"))
        self.item_spec._update(child)

    def results(self, my_task: Token, scope: Any, path: str) -> list[Any]:
        """Return the list of what the items wrote to a path so far, one place per item."""
        found: dict[str, list[Any]] = my_task.internal_data["results"]
        if path not in found:
            found[path] = [None] * len(my_task.internal_data["items"])
        return found[path]

    def item_completed(self, child: Token) -> None:
        """One item is done: go on with the next, or finish when all are done or the completion condition holds."""
        my_task = child.parent
        data, top = my_task.internal_data, my_task.workflow.top_workflow
        data["done"] += 1
        loop = self.node.loop
        assert loop is not None
        try:
            enough = loop.completion is not None and self.enough(my_task, child, loop.completion)
        except ActivityFailed as failure:
            top.hold(my_task, "items", failure)
            return
        if enough or data["done"] == len(data["items"]):
            for other in my_task.children:
                if other is not None and other.live and other.task_spec is self.item_spec:
                    other.cancel()
            self.gather(my_task)
        elif loop.sequential:
            self.start_item(my_task, data["next"], fork=0)

    def enough(self, my_task: Token, child: Token, completion: str) -> bool:
        """Evaluate the completion condition with the standard counters."""
        view = my_task.workflow.view(child)
        total, done = len(my_task.internal_data["items"]), my_task.internal_data["done"]
        counters = {
            "nrOfInstances": total,
            "nrOfCompletedInstances": done,
            "nrOfActiveInstances": sum(
                1 for c in my_task.children if c is not None and c.live and c is not child
            ),
        }
        merged = {**{key: view[key] for key in view}, **counters}
        return bool(my_task.workflow.top_workflow.run.evaluator.condition(completion, merged))

    def gather(self, my_task: Token) -> None:
        """Write the lists and let the token go on."""
        top = my_task.workflow.top_workflow
        try:
            for path, values in my_task.internal_data["results"].items():
                my_task.workflow.store.write(
                    path, values, lineage=my_task.lineage, force=bool(my_task.internal_data.get("force"))
                )
        except ActivityFailed as failure:
            my_task.internal_data["force"] = True
            top.hold(my_task, "items", failure)
            return
        my_task._state = TaskState.READY
        my_task.complete()
