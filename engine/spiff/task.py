"""A token: SpiffWorkflow's task without prediction, data copies and log records nobody reads."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.spiff import passages

LIVE = TaskState.NOT_FINISHED_MASK


LINEAGE_OF_A_TOKEN = 256
"""Characters of lineage that weigh as much as one more token: forks inside forks would fill the memory before the tokens do."""


class Token(Task):  # type: ignore[misc]
    """A task of the tree. Variables live in its scope, never in the task.

    internal_data keys: via (the flow it came by), lineage (where it forked off), held (why it rests), item and
    index (multi-instance), due/every/left (timer), since/first/paused (timer bound to the host: when it began to wait, the
    first instant of a repeating one, and, while it has no instant, the one it had), began (it was told to have begun: see
    engine.spiff.passages), gate (event-based gateway it belongs to), met (its condition held when
    it was looked at last), caught (what triggered an event sub-process, until its start event has taken it).
    """

    def __init__(
        self,
        scope: Any,
        spec: Any,
        parent: Token | None = None,
        state: int = TaskState.FUTURE,
        id: UUID | None = None,
    ) -> None:
        if id is None:
            run = scope.top_workflow.run
            run.made += 1
            id = run.new_id()
        self.id = id
        scope.tasks[self.id] = self
        self.workflow = scope
        self._parent = parent.id if parent is not None else None
        self._children: list[UUID] = []
        self._state = state
        self.triggered = False
        self.task_spec = spec
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = time.time()
        if parent is not None:
            parent._children.append(self.id)
            lineage = parent.internal_data.get("lineage")
            if lineage:
                self.internal_data["lineage"] = lineage
                scope.top_workflow.run.made += len(lineage) // LINEAGE_OF_A_TOKEN

    @property
    def live(self) -> bool:
        """Whether the token is still on its way."""
        return bool(self._state & LIVE)

    @property
    def waits(self) -> bool:
        """Whether the token waits, for an event or at a gateway for others."""
        return bool(self._state == TaskState.WAITING)

    @property
    def works(self) -> bool:
        """Whether the token's work was begun and is not done: an operation's, or everything inside."""
        return bool(self._state == TaskState.STARTED)

    @property
    def at_border(self) -> bool:
        """Whether the token only listens at the border of an activity or a scope, or rests there: it is not on its way."""
        spec = self.task_spec
        return spec.waits_at_border and self.parent is not None and spec in self.parent.task_spec.boundaries

    @property
    def lineage(self) -> str:
        """Where the token forked off: "fork.branch" steps joined by "/"."""
        return str(self.internal_data.get("lineage", ""))

    @property
    def place(self) -> str:
        """Where in the diagram the token is, from the scope inwards whose variables it writes: ids joined by "/"."""
        ids: list[str] = []
        token: Token | None = self
        while token is not None:
            ids.append(token.task_spec.bpmn_id)
            scope = token.workflow
            token = None if scope.owner() is scope else scope.parent_token()
        return "/".join(reversed(ids))

    def set_lineage(self, lineage: str) -> None:
        """Replace the lineage; an empty one is not stored."""
        if lineage:
            self.internal_data["lineage"] = lineage
            self.workflow.top_workflow.run.made += len(lineage) // LINEAGE_OF_A_TOKEN
        else:
            self.internal_data.pop("lineage", None)

    def _set_state(self, value: int) -> None:
        self._state = value
        if value == TaskState.READY:
            self.workflow.top_workflow.ready.append(self)

    def _add_child(self, task_spec: Any, state: int = TaskState.FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def _ready(self) -> None:
        if self._state & LIVE:
            self._set_state(TaskState.READY)
            self.task_spec._on_ready(self)

    def go_on(self) -> None:
        """Let a token that waits be run next."""
        self._set_state(TaskState.READY)

    def run(self) -> bool | None:
        """Run the node's behaviour; what its events cancelled meanwhile stays cancelled."""
        result = self.task_spec._run(self)
        if not self.live:
            return None
        if result:
            self.complete()
        elif self._state == TaskState.READY:
            self._state = TaskState.STARTED
        return result  # type: ignore[no-any-return]

    def detach(self) -> None:
        """Hang this token on the scope's root: what it hung on no longer decides about it."""
        parent, root = self.parent, self.workflow.task_tree
        if parent is not None:
            parent._children.remove(self.id)
        self._parent = root.id
        root._children.append(self.id)

    def cancel(self) -> None:
        """Cancel the token, what hangs on it and, where it runs a scope, everything inside."""
        if self._state & LIVE:
            self._set_state(TaskState.CANCELLED)
            passages.over(self, done=False)
            if "incident" in self.internal_data:
                self.workflow.top_workflow.run.dropped.append(self.id)
            self.task_spec._on_cancel(self)
        for child in self.children:
            if child is not None:
                child.cancel()

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nobody reads per-step log records here; history does that work."""
        return {}
