"""What every node does: receive a token, run, and send tokens along the outgoing flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
from SpiffWorkflow.util.task import TaskState

from engine.dialect.model import EventDefinition, Flow, Node, own_entries
from engine.spiff import passages
from engine.spiff.run import ActivityFailed
from engine.spiff.task import Token
from engine.spiff.variables import Store, View

ROOT = "#root"
"""Name of the node every tree hangs on; no BPMN id can collide with it."""

ITEM = "#item"
"""Suffix of the node a repeated activity repeats."""


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The runnable form of a process or an embedded sub-process."""

    def __init__(self, name: str, process_key: str) -> None:
        WorkflowSpec.__init__(self, name=name)
        self.process_key = process_key
        self.process_name = ""
        self.properties: dict[str, str] = {}
        """Of a process: as they are drawn."""
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        self.starts: list[str] = []
        """Where it can be started, the plain start first."""
        self.entries: tuple[str, ...] = ()
        """Where it begins when nobody says where: one start of a process, every entry of a sub-process."""
        self.inclusive_joins: list[Any] = []
        self.has_conditions = False
        """Whether an event in here waits for a condition."""
        self.root = RootSpec(self)
        self.start = self.root

    def start_for(self, kind: str, name: str) -> str:
        """Return the start event that a message or signal (kind) of this name triggers. Raises StopIteration for none."""
        return next(
            start
            for start in self.starts
            if (event := self.task_specs[start].event).kind == kind and event.name == name
        )

    def _add_notify(self, task_spec: Any) -> None:
        WorkflowSpec._add_notify(self, task_spec)


class NodeSpec(BpmnTaskSpec):  # type: ignore[misc]
    """Base of all nodes: a token that arrives is ready at once, and leaves by every outgoing flow."""

    waits_for = ""
    """What a waiting token of this node waits for: message, timer, signal, conditional, escalation, error, cancel or nothing."""
    is_activity = False
    operates = False
    """Whether a job works on a started token of this node."""
    waits_at_border = False
    """Whether a waiting token only listens at the border of an activity or a scope: it is not a token on its way."""

    def __init__(
        self, process: ProcessSpec, node: Node, *, name: str | None = None, manual: bool = False
    ) -> None:
        super().__init__(process, name or node.id, lane=node.lane or None, manual=manual)
        self.node = node
        self.bpmn_id = node.serves or node.id
        self.bpmn_name = node.name
        self.bpmn_type = node.kind
        self.event = node.event or EventDefinition()
        self.flows: list[Flow] = []
        self.incoming: list[Flow] = []
        self.boundaries: list[Any] = []
        self.wrapper: Any = None
        """The node this one is repeated by."""
        self.watched = passages.is_watched(node)
        """Whether the rooms above are told when a token is here."""

    # -- arriving -------------------------------------------------------------------------------------------------

    def _update(self, my_task: Token) -> None:
        try:
            told = self._told(my_task) if self.watched else None
            ready = self._update_hook(my_task)
        except ActivityFailed as failure:
            my_task.workflow.top_workflow.hold(my_task, "enter", failure)
            return
        if told is not None:
            self._begin(my_task, told)
        if ready:
            my_task._ready()

    def _told(self, my_task: Token) -> Mapping[str, Any] | None:
        """Return with which properties a passage of this token begins; None where none does. Raises ActivityFailed."""
        return passages.evaluated(my_task, self.node.properties, my_task.workflow.view(my_task))

    def _begin(self, my_task: Token, told: Mapping[str, Any]) -> None:
        """The token is here: tell of it."""
        passages.begin(my_task, told)

    def _update_hook(self, my_task: Token) -> bool:
        """Prepare an arriving token; return whether it may run now."""
        if self.is_activity and self.wrapper is None:
            self._arm_boundaries(my_task)
        return True

    def _arm_boundaries(self, my_task: Token) -> None:
        if any(child is not None for child in my_task.children):
            return
        for boundary in self.boundaries:
            child = my_task._add_child(boundary)
            boundary._update(child)

    def _on_ready(self, my_task: Token) -> None:
        """Nothing to do when a token becomes ready: the engine's loop picks it up."""

    # -- running --------------------------------------------------------------------------------------------------

    def _run(self, my_task: Token) -> bool | None:
        try:
            return self._run_hook(my_task)
        except ActivityFailed as failure:
            stage = "conflict" if failure.kind == "conflict" else "run"
            my_task.workflow.top_workflow.hold(my_task, stage, failure)
            return None

    def _run_hook(self, my_task: Token) -> bool | None:
        return True

    # -- leaving --------------------------------------------------------------------------------------------------

    def _on_complete(self, my_task: Token) -> None:
        self._on_complete_hook(my_task)
        passages.over(my_task, done=True)
        self.tell_completed(my_task)
        if self.boundaries:
            self.end_boundaries(my_task)
        if self.wrapper is not None:
            self.wrapper.item_completed(my_task)
            return
        self.send_along(my_task, self.chosen_flows(my_task))
        my_task.workflow._task_completed_notify(my_task)

    def _on_complete_hook(self, my_task: Token) -> None:
        """What a node does last; nothing by default."""

    def tell_completed(self, my_task: Token) -> None:
        """Write the line of history that says the node is left."""
        my_task.workflow.top_workflow.note("activity_completed", my_task)

    def chosen_flows(self, my_task: Token) -> list[Flow]:
        """Return the flows a token leaves by: all of them, unless the node is a gateway that chooses."""
        return self.flows

    def send_along(self, my_task: Token, flows: list[Flow]) -> None:
        """Put a token on the target of each flow. Several flows fork the token's lineage."""
        scope = my_task.workflow
        fork = scope.next_fork() if len(flows) > 1 else 0
        children = []
        for branch, flow in enumerate(flows):
            child = my_task._add_child(scope.spec.task_specs[flow.target])
            child.internal_data["via"] = flow.id
            if fork:
                child.set_lineage(f"{my_task.lineage}/{fork}.{branch}".lstrip("/"))
            children.append(child)
        for child in children:
            child.task_spec._update(child)

    def end_boundaries(self, my_task: Token) -> None:
        """Stop listening at the activity's border."""
        for child in my_task.children:
            if child is not None and child.live and child.task_spec in self.boundaries:
                child.cancel()

    def _on_cancel(self, my_task: Token) -> None:
        if self.is_activity or self.waits_for:
            my_task.workflow.top_workflow.note("activity_cancelled", my_task)

    def _on_error(self, my_task: Token) -> None:
        """Errors rest as incidents; the task tree never holds them."""

    @property
    def collected(self) -> bool:
        """Whether what this node writes becomes the entry of one item in a list."""
        return self.wrapper is not None and self.wrapper.node.loop is not None

    # -- variables ------------------------------------------------------------------------------------------------

    def seen(self, my_task: Token) -> Mapping[str, Any]:
        """Return what the node's own expressions see: its input mapping on top of the variables. Raises ActivityFailed."""
        scope = my_task.workflow
        view = scope.view(my_task)
        if not self.node.inputs:
            return view  # type: ignore[no-any-return]
        return View(
            {**scope.locals_of(my_task), **self.mapped_inputs(my_task, view)},
            scope.store.values,
            scope.top_workflow.run.outside,
        )

    def mapped_inputs(self, my_task: Token, view: Mapping[str, Any]) -> dict[str, Any]:
        """Return the node's input mapping, evaluated; a dotted name makes a context. Raises ActivityFailed."""
        inputs = Store()
        for path, value in my_task.workflow.top_workflow.run.assignments(
            my_task, "input", self.node.inputs, view
        ):
            inputs.write(path, value, lineage="")
        return inputs.values

    def write(self, my_task: Token, path: str, value: Any) -> None:
        """Write a variable of the token's scope; in a multi-instance item the value becomes the item's own entry."""
        scope = my_task.workflow
        force = bool(my_task.internal_data.get("force"))
        if self.collected:
            results = self.wrapper.results(my_task.parent, scope, path)
            results[my_task.internal_data["index"]] = value
            return
        lineage = my_task.lineage
        scope.store.write(path, value, lineage=lineage, place=my_task.place if lineage else "", force=force)

    def bring_home(self, my_task: Token, home: str, entry: Any) -> None:
        """Write what the node has learnt to its home, such as `form.review`.

        An author from another engine may have a variable called like a home (`result`, `decision`): it stays theirs, and
        what only this engine would keep there is left out.
        """
        values = my_task.workflow.store.values
        if isinstance(values.get(home.partition(".")[0], {}), dict):
            self.write(my_task, home, entry)

    def spread(self, my_task: Token, learnt: Mapping[str, Any]) -> None:
        """Write entries of what the node has learnt to variables of their own names too, where the diagram means it so.

        What was left empty takes nothing away.
        """
        if not self.node.spread:
            return
        view = my_task.workflow.view(my_task)
        for name, value in own_entries(self.node, learnt).items():
            if value is not None or name not in view:
                self.write(my_task, name, value)

    def map_outputs(self, my_task: Token, local: Mapping[str, Any]) -> None:
        """Write the node's output mapping, evaluated over its result."""
        view = my_task.workflow.view(my_task)
        merged = {**{key: view[key] for key in view}, **local} if self.node.outputs else {}
        run = my_task.workflow.top_workflow.run
        for path, value in run.assignments(my_task, "output", self.node.outputs, merged):
            self.write(my_task, path, value)

    def own_results(self, my_task: Token) -> dict[str, Any]:
        """Return what this item of a multi-instance activity has written so far, under the names it wrote to."""
        own = Store()
        for path, values in my_task.parent.internal_data["results"].items():
            own.write(path, values[my_task.internal_data["index"]], lineage="")
        return own.values

    def item_locals(self, my_task: Token) -> dict[str, Any]:
        """Return what only this item of a multi-instance activity sees."""
        data = my_task.internal_data
        loop = self.wrapper.node.loop if self.wrapper is not None else None
        local: dict[str, Any] = {"loopCounter": data["index"]}
        if loop is not None and loop.element_variable:
            local[loop.element_variable] = data["item"]
        if loop is not None and loop.index_variable:
            local[loop.index_variable] = data["index"]
        return local


class RootSpec(NodeSpec):
    """Where a scope's tree begins; it never runs. The events that trigger the scope's event sub-processes are its border."""

    def __init__(self, process: ProcessSpec) -> None:
        super().__init__(process, Node(id=ROOT, kind="root"))


class PassSpec(NodeSpec):
    """A node without behaviour but its mappings: plain task, none event, both ends of a link."""

    def _run_hook(self, my_task: Token) -> bool | None:
        if self.node.outputs:
            self.map_outputs(my_task, self.mapped_inputs(my_task, my_task.workflow.view(my_task)))
        return True


def take(token: Token, state: int = TaskState.COMPLETED) -> None:
    """Consume a token that goes no further."""
    token._set_state(state)
