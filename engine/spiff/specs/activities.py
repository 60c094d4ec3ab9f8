"""Tasks: what people do, what scripts assign, what tables decide, what operations work on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.dialect.model import Node
from engine.errors import InvalidInput
from engine.spiff import passages
from engine.spiff.run import ActivityFailed
from engine.spiff.specs.base import NodeSpec, ProcessSpec
from engine.spiff.task import Token
from engine.spiff.variables import unkeepable


def read_name(_evaluator: Any, activity: str, value: Any) -> str | None:
    """Read one name; empty means nobody."""
    if value is None or isinstance(value, str):
        return (value or "").strip() or None
    raise ActivityFailed(
        "expression",
        f"The assignee of '{activity}' is {value!r}, not a name.",
        f"“{activity}”的办理人是 {value!r}，不是名称。",
    )


def read_names(_evaluator: Any, activity: str, value: Any) -> tuple[str, ...]:
    """Read several names: a list, or text with commas."""
    items = value.split(",") if isinstance(value, str) else [] if value is None else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ActivityFailed(
            "expression",
            f"The candidates of '{activity}' are {value!r}, not names.",
            f"“{activity}”的候选人是 {value!r}，不是名称。",
        )
    return tuple(name for name in (item.strip() for item in items) if name)


def read_priority(_evaluator: Any, activity: str, value: Any) -> int:
    """Read a priority: a whole number, or text that is one."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if isinstance(value, bool) or not 0 <= number <= 1_000_000:
        raise ActivityFailed(
            "expression",
            f"The priority of '{activity}' is {value!r}, not a number from 0 to 1000000.",
            f"“{activity}”的优先级是 {value!r}，不是 0 到 1000000 之间的整数。",
        )
    return number


def read_moment(evaluator: Any, _activity: str, value: Any) -> datetime | None:
    """Read a date-time or a duration from now."""
    return None if value is None else evaluator.moment(value)


READERS = {
    "assignee": read_name,
    "candidate_users": read_names,
    "candidate_groups": read_names,
    "priority": read_priority,
    "due_date": read_moment,
    "follow_up_date": read_moment,
}


class UserSpec(NodeSpec):
    """A user or manual task: waits, ready, until a person completes it."""

    is_activity = True

    def __init__(self, process: ProcessSpec, node: Node, *, name: str | None = None) -> None:
        super().__init__(process, node, name=name, manual=True)

    def _update_hook(self, my_task: Token) -> bool:
        top = my_task.workflow.top_workflow
        attributes = self.attributes(my_task)
        super()._update_hook(my_task)
        top.run.entered.append((my_task, attributes))
        top.note("activity_entered", my_task)
        return True

    def _told(self, my_task: Token) -> Mapping[str, Any] | None:
        """What a task begins with is told with its attributes."""
        return {}

    def _begin(self, my_task: Token, told: Mapping[str, Any]) -> None:
        """Only its end is told as that of a passage."""
        my_task.internal_data["began"] = 1

    def attributes(self, my_task: Token) -> dict[str, Any]:
        """Evaluate assignee, groups, priority, dates and properties for this token. Raises ActivityFailed."""
        run = my_task.workflow.top_workflow.run
        evaluator = run.evaluator
        local = self.mapped_inputs(my_task, my_task.workflow.view(my_task))
        found: dict[str, Any] = {"inputs": local}
        view = self.seen(my_task)
        for field, read in READERS.items():
            value = getattr(self.node.user, field, None)
            if value is not None:
                tell = run.warned.by(my_task, field)
                text = value.literal if value.feel is None else evaluator.value(value.feel, view, tell)
                found[field] = read(evaluator, self.bpmn_id, text)
        found["properties"] = passages.evaluated(my_task, self.node.properties, view)
        found["inside"] = passages.inside(my_task)
        return found

    def finish(self, my_task: Token, answers: Mapping[str, Any]) -> None:
        """Take a person's answers: they are kept under `form.<task id>` whatever happens afterwards."""
        if why := unkeepable(dict(answers)):
            raise InvalidInput(
                f"Completing '{self.bpmn_id}' was refused: what was answered is not kept, {why}."
            )
        my_task.internal_data["answers"] = dict(answers)
        my_task._state = TaskState.READY
        my_task.workflow.top_workflow.run.left.append((my_task.id, True))
        passages.over(my_task, done=True)
        self.finish_again(my_task)

    def finish_again(self, my_task: Token) -> None:
        """Go on from kept answers; a failing output mapping or a concurrent write rests as an incident."""
        top = my_task.workflow.top_workflow
        answers = my_task.internal_data["answers"]
        try:
            self.bring_home(my_task, f"form.{self.bpmn_id}", answers)
            self.spread(my_task, answers)
            self.map_outputs(my_task, answers)
        except ActivityFailed as failure:
            my_task.internal_data["force"] = True
            top.hold(my_task, "finish", failure)
            return
        my_task.complete()

    def _on_cancel(self, my_task: Token) -> None:
        super()._on_cancel(my_task)
        if "answers" not in my_task.internal_data:
            my_task.workflow.top_workflow.run.left.append((my_task.id, False))


class ScriptSpec(NodeSpec):
    """A script task: FEEL assignments, all evaluated before the first is written."""

    is_activity = True

    def _run_hook(self, my_task: Token) -> bool | None:
        view = self.seen(my_task)
        run = my_task.workflow.top_workflow.run
        for path, value in run.assignments(my_task, "script", self.node.script, view):
            self.write(my_task, path, value)
        if self.node.outputs:
            self.map_outputs(my_task, self.mapped_inputs(my_task, my_task.workflow.view(my_task)))
        return True


class DecisionSpec(NodeSpec):
    """A business rule task: the table's answer goes to `decision.<task id>` or to the result variable."""

    is_activity = True

    def _run_hook(self, my_task: Token) -> bool | None:
        scope, call = my_task.workflow, self.node.decision
        top = scope.top_workflow
        assert call is not None
        result, evidence = top.run.decide(
            scope.definition,
            call,
            self.seen(my_task),
            top.run.warned.by(my_task, "decision", call.decision),
        )
        home = f"decision.{self.bpmn_id}"
        (self.bring_home if call.result == home else self.write)(my_task, call.result or home, result)
        learnt = result if isinstance(result, dict) else {"result": result}
        self.spread(my_task, learnt)
        self.map_outputs(my_task, learnt)
        top.note("decision_evaluated", my_task, {"decision": call.decision, "result": result, **evidence})
        return True


class WorkSpec(NodeSpec):
    """A service, send or script task that names an operation: a job works on it, the token waits, started."""

    is_activity = True
    operates = True

    def _run_hook(self, my_task: Token) -> bool | None:
        top = my_task.workflow.top_workflow
        my_task.internal_data["inputs"] = self.mapped_inputs(my_task, my_task.workflow.view(my_task))
        if self.is_activity:
            top.note("activity_entered", my_task)
        top.run.work.append(my_task)
        return None

    def finish(self, my_task: Token, result: Mapping[str, Any]) -> None:
        """Take an operation's result: into the output mapping, else to `result.<task id>` where it gave any."""
        my_task.internal_data["result"] = dict(result)
        self.finish_again(my_task)

    def finish_again(self, my_task: Token) -> None:
        """Go on from a kept result: the operation is not called twice because a mapping failed."""
        result = my_task.internal_data["result"]
        try:
            if self.node.result:
                self.write(my_task, self.node.result, given(result, self.node.result))
            elif result and not self.node.outputs:
                self.bring_home(my_task, f"result.{self.bpmn_id}", result)
            self.spread(my_task, result)
            self.map_outputs(my_task, result)
        except ActivityFailed as failure:
            my_task.internal_data["force"] = True
            my_task.workflow.top_workflow.hold(my_task, "finish", failure)
            return
        if my_task.internal_data.pop("incident", False):
            top = my_task.workflow.top_workflow
            top.run.dropped.append(my_task.id)
            top.note("incident_resolved", my_task)
        my_task._state = TaskState.READY
        my_task.complete()


def given(result: Mapping[str, Any], path: str) -> Any:
    """Return what the variable an author named for an operation's result gets: the entry of its name, or one called
    "result", where the operation gave one, else everything it gave.
    """
    for name in (path.rpartition(".")[2], "result"):
        if name in result:
            return result[name]
    return dict(result)


class ListenerSpec(WorkSpec):
    """An operation called at a moment of another node; its token is at that node, and what it returns is not kept."""

    is_activity = False

    def finish(self, my_task: Token, result: Mapping[str, Any]) -> None:
        """Go on, whatever the operation returned."""
        super().finish(my_task, {})

    def tell_completed(self, my_task: Token) -> None:
        """Write that the operation was called, instead of another visit to the node."""
        called = {"event": self.node.inputs[0].value.literal, "operation": self.node.operation}
        my_task.workflow.top_workflow.note("listener_called", my_task, called)
