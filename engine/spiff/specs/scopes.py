"""Nodes with something inside: embedded sub-processes, call activities and repeated activities."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.dialect.model import Node
from engine.spiff.run import ActivityFailed
from engine.spiff.specs.base import NodeSpec, ProcessSpec
from engine.spiff.task import Token
from engine.spiff.variables import Store
from engine.spiff.workflow import Scope

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
        my_task._set_state(TaskState.STARTED)
        my_task.workflow.top_workflow.note("activity_entered", my_task)
        scope = Scope(inside, my_task, definition, store)
        scope.local = local
        scope.begin()
        return None

    def locals_inside(self, my_task: Token) -> dict[str, Any]:
        """Return what the inside sees besides variables: the item it is repeated for and the input mapping."""
        scope = my_task.workflow
        return {**scope.locals_of(my_task), **self.mapped_inputs(my_task, scope.view(my_task))}

    def open(self, my_task: Token) -> tuple[Any, str, Store | None]:
        """Return the spec of the inside, its definition and its own store (None: it shares the caller's)."""
        own = Store(deepcopy(my_task.workflow.store.values)) if self.wrapper is not None else None
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
        if self.wrapper is not None and scope.own_store:
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

    def open(self, my_task: Token) -> tuple[Any, str, Store | None]:
        call, scope = self.node.call, my_task.workflow
        assert call is not None
        run = scope.top_workflow.run
        definition, spec = run.callee(scope.definition, call)
        if not call.inputs and not call.outputs:
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
        if call.inputs or call.outputs:
            return {}  # only what is mapped passes
        return super().locals_inside(my_task)

    def hand_out(self, my_task: Token, scope: Scope) -> None:
        call = self.node.call
        assert call is not None
        if not call.inputs and not call.outputs:
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
        run, view = my_task.workflow.top_workflow.run, my_task.workflow.view(my_task)
        if loop.collection is not None:
            tell = run.warned.by(my_task, "collection")
            found = run.evaluator.value(loop.collection, view, tell)
            if not isinstance(found, list):
                raise ActivityFailed(
                    "expression",
                    f"The collection of '{self.bpmn_id}' is {found!r}, not a list.",
                    f"“{self.bpmn_id}”的集合是 {found!r}，不是列表。",
                )
            return found
        tell = run.warned.by(my_task, "cardinality")
        count = run.evaluator.value(loop.cardinality or "0", view, tell)
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 10_000:
            raise ActivityFailed(
                "expression",
                f"The cardinality of '{self.bpmn_id}' is {count!r}, not a number from 0 to 10000.",
                f"“{self.bpmn_id}”的次数是 {count!r}，不是 0 到 10000 之间的整数。",
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
        data = my_task.internal_data
        data["done"] += 1
        assert self.node.loop is not None
        if self.node.loop.completion is not None:
            data["last"] = {**self.own_results_of(child), **child.task_spec.item_locals(child)}
        if "held" not in data:
            self.go_on(my_task)

    def own_results_of(self, child: Token) -> dict[str, Any]:
        """Return what an item has written, under the names it wrote to, beside what was there before."""
        wrote = child.task_spec.own_results(child)
        return {key: combined(child.workflow.store.values.get(key), value) for key, value in wrote.items()}

    def go_on(self, my_task: Token) -> None:
        """Decide after an item, or again after a failure: enough, all done, or the next one."""
        data, top, loop = my_task.internal_data, my_task.workflow.top_workflow, self.node.loop
        assert loop is not None
        active = data["next"] - data["done"]
        try:
            enough = loop.completion is not None and self.enough(my_task, active, loop.completion)
        except ActivityFailed as failure:
            top.hold(my_task, "enough", failure)
            return
        if enough or data["done"] == len(data["items"]):
            for other in self.live_items(my_task):
                other.cancel()
            self.gather(my_task)
        elif loop.sequential and not active:
            self.start_item(my_task, data["next"], fork=0)

    def live_items(self, my_task: Token) -> list[Token]:
        """Return the items that are not done yet."""
        return [
            child
            for child in my_task.children
            if child is not None and child.live and child.task_spec is self.item_spec
        ]

    def enough(self, my_task: Token, active: int, completion: str) -> bool:
        """Evaluate the completion condition over the standard counters and what the last item wrote."""
        view, data = my_task.workflow.view(my_task), my_task.internal_data
        counters = {
            "nrOfInstances": len(data["items"]),
            "nrOfCompletedInstances": data["done"],
            "nrOfActiveInstances": active,
        }
        merged = {**{key: view[key] for key in view}, **data.get("last", {}), **counters}
        run = my_task.workflow.top_workflow.run
        return bool(run.evaluator.condition(completion, merged, run.warned.by(my_task, "completion")))

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


def combined(under: Any, over: Any) -> Any:
    """Return two contexts as one; what is not a context is replaced."""
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    return {**under, **{key: combined(under.get(key), value) for key, value in over.items()}}
