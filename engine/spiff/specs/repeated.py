"""Activities that are done more than once: for each item of a collection, or as long as a condition holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.dialect.model import Node
from engine.spiff.run import ActivityFailed
from engine.spiff.specs.base import NodeSpec, ProcessSpec
from engine.spiff.task import Token
from engine.spiff.variables import Store

_NAMES = re.compile(r"[^\W\d]\w*")
_NAMES_ONLY = re.compile(r"(?:\w+|\{\s*\w+\s*:\s*\w+\s*(?:,\s*\w+\s*:\s*\w+\s*)*\})\Z")
"""What an item gives: one variable, or a context of variables."""


class RepeatedSpec(NodeSpec):
    """Base: the token of the activity stays, started, while tokens of its rounds or items come and go below it."""

    is_activity = True

    def __init__(self, process: ProcessSpec, node: Node, item_spec: NodeSpec) -> None:
        super().__init__(process, node)
        self.item_spec = item_spec
        self.watched = False  # its items and rounds are told of
        item_spec.wrapper = self

    def start_item(self, my_task: Token, index: int, item: Any, *, fork: int = 0) -> None:
        """Put a token on the repeated activity."""
        child = my_task._add_child(self.item_spec)
        child.internal_data.update(item=item, index=index)
        if fork:
            child.set_lineage(f"{my_task.lineage}/{fork}.{index}".lstrip("/"))
        self.item_spec._update(child)

    def item_completed(self, child: Token) -> None:
        """One round or item is done: decide what comes next, unless that rests on an incident."""
        child.parent.internal_data["done"] += 1
        if "held" not in child.parent.internal_data:
            self.go_on(child.parent)

    def go_on(self, my_task: Token) -> None:
        """Decide after a round or item, or again after a failure."""
        raise NotImplementedError


class LoopSpec(RepeatedSpec):
    """A standard loop: one round after the other, which write as the activity itself would (BPMN 2.0 §13.3.6)."""

    def _update_hook(self, my_task: Token) -> bool:
        assert self.node.again is not None
        my_task.internal_data.update(done=0, results={})
        none = self.node.again.test_before and not self.once_more(my_task)
        super()._update_hook(my_task)
        my_task.workflow.top_workflow.note("activity_entered", my_task, {"rounds": True})
        if none:
            return True
        my_task._set_state(TaskState.STARTED)
        self.start_item(my_task, 0, None)
        return False

    def once_more(self, my_task: Token) -> bool:
        """Tell whether another round follows. Raises ActivityFailed where the condition cannot say."""
        loop, done = self.node.again, my_task.internal_data["done"]
        assert loop is not None
        if loop.maximum is not None and done >= loop.maximum:
            return False
        if loop.condition is None:
            return True
        view, run = my_task.workflow.view(my_task), my_task.workflow.top_workflow.run
        counted = {**{key: view[key] for key in view}, "loopCounter": done}
        return bool(run.evaluator.condition(loop.condition, counted, run.warned.by(my_task, "loop")))

    def go_on(self, my_task: Token) -> None:
        try:
            again = self.once_more(my_task)
        except ActivityFailed as failure:
            my_task.workflow.top_workflow.hold(my_task, "enough", failure)
            return
        if again:
            self.start_item(my_task, my_task.internal_data["done"], None)
        else:
            my_task._state = TaskState.READY
            my_task.complete()


class MultiInstanceSpec(RepeatedSpec):
    """Repeats an activity for each item of a collection, side by side or one after the other.

    What the items write to one path becomes a list at that path, in the order of the collection.
    """

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
            self.start_at(my_task, 0)
        else:
            fork = my_task.workflow.next_fork()
            for index in range(len(items)):
                self.start_at(my_task, index, fork=fork)
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

    def start_at(self, my_task: Token, index: int, *, fork: int = 0) -> None:
        """Start the item at this place of the collection."""
        data = my_task.internal_data
        data["next"] = max(data["next"], index + 1)
        self.start_item(my_task, index, data["items"][index], fork=fork)

    def results(self, my_task: Token, scope: Any, path: str) -> list[Any]:
        """Return the list of what the items wrote to a path so far, one place per item."""
        found: dict[str, list[Any]] = my_task.internal_data["results"]
        if path not in found:
            found[path] = [None] * len(my_task.internal_data["items"])
        return found[path]

    def item_completed(self, child: Token) -> None:
        assert self.node.loop is not None
        if self.node.loop.output_collection is not None:
            child.parent.internal_data.setdefault("over", []).append(child.internal_data["index"])
        if self.node.loop.completion is not None:
            child.parent.internal_data["last"] = {
                **self.own_results_of(child),
                **child.task_spec.item_locals(child),
            }
        super().item_completed(child)

    def own_results_of(self, child: Token) -> dict[str, Any]:
        """Return what an item has written, under the names it wrote to, beside what was there before."""
        wrote = child.task_spec.own_results(child)
        return {key: combined(child.workflow.store.values.get(key), value) for key, value in wrote.items()}

    def go_on(self, my_task: Token) -> None:
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
            self.start_at(my_task, data["next"])

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

    def collected_outputs(self, my_task: Token) -> dict[str, list[Any]]:
        """Return the list the loop collects its output element in, one place per item. Raises ActivityFailed."""
        loop, data = self.node.loop, my_task.internal_data
        assert loop is not None
        if loop.output_collection is None or loop.output_element is None:
            return {}
        view, run = my_task.workflow.view(my_task), my_task.workflow.top_workflow.run
        before = {key: view[key] for key in view}
        tell = run.warned.by(my_task, "output", loop.output_collection)
        found: list[Any] = []
        over = set(data.get("over", ()))
        names = _NAMES.findall(loop.output_element) if _NAMES_ONLY.match(loop.output_element) else []
        unwritten = dict.fromkeys(names)
        for index, item in enumerate(data["items"]):
            if index not in over:
                found.append(None)
                continue
            own = Store()
            for path, values in data["results"].items():
                own.write(path, values[index], lineage="")
            own_names = {"loopCounter": index, loop.element_variable: item, loop.index_variable: index}
            local = {name: value for name, value in own_names.items() if name}
            # What an item never wrote it gives as nothing, as a data output without a value does.
            seen = {**unwritten, **combined(before, own.values), **local}
            found.append(run.evaluator.value(loop.output_element, seen, tell))
        return {loop.output_collection: found}

    def gather(self, my_task: Token) -> None:
        """Write the lists and let the token go on."""
        top = my_task.workflow.top_workflow
        try:
            written = {**my_task.internal_data["results"], **self.collected_outputs(my_task)}
            for path, values in written.items():
                self.write(my_task, path, values)
        except ActivityFailed as failure:
            my_task.internal_data["force"] = True
            top.hold(my_task, "items", failure)
            return
        my_task._state = TaskState.READY
        my_task.complete()


def combined(under: Any, over: Any) -> Any:
    """Return two contexts as one; what is not a context is replaced."""
    if not isinstance(under, Mapping) or not isinstance(over, Mapping):
        return over
    return {**under, **{key: combined(under.get(key), value) for key, value in over.items()}}
