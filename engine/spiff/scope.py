"""Scopes: the tokens and variables of a process, or of a sub-process or called process inside it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.spiff.task import LIVE, Token
from engine.spiff.variables import Store, View


class ScopeMixin:
    """What the process and every scope inside it share."""

    spec: Any
    tasks: dict[UUID, Token]
    completed: bool
    store: Store
    local: dict[str, Any]
    forks: int
    top_workflow: Any
    definition: str

    def _prepare(self, spec: Any, definition: str, store: Store | None) -> None:
        self.spec = spec
        self.definition = definition
        self.data: dict[str, Any] = {}
        self.locks: dict[str, Any] = {}
        self.last_task: Token | None = None
        self.success = True
        self.tasks = {}
        self.completed = False
        self.correlations: dict[str, Any] = {}
        self.store = store if store is not None else Store()
        self.local = {}
        self.forks = 0

    def begin(self, start: str | None = None) -> Token:
        """Listen for what triggers event sub-processes, put a token on the given start event, or on wherever this begins, and
        return the first one.
        """
        self.task_tree = Token(self, self.spec.root)
        self.task_tree._set_state(TaskState.COMPLETED)
        self.task_tree.set_lineage(self.base_lineage())
        self.spec.root._arm_boundaries(self.task_tree)
        names = (start,) if start else self.spec.entries
        fork = self.next_fork() if len(names) > 1 else 0
        tokens: list[Token] = [self.task_tree._add_child(self.spec.task_specs[name]) for name in names]
        for branch, token in enumerate(tokens):
            if fork:
                token.set_lineage(f"{self.task_tree.lineage}/{fork}.{branch}".lstrip("/"))
            token.task_spec._update(token)
        return tokens[0]

    def live_tokens(self) -> list[Token]:
        """Return the tokens still on their way, oldest first."""
        return [task for task in self.tasks.values() if task._state & LIVE]

    def owner(self) -> Any:
        """Return the scope whose variables this one writes: itself, or the nearest one around with a store of its own."""
        return self

    def parent_token(self) -> Token | None:
        """Return the activity this scope runs for; None for the process itself."""
        return None

    def base_lineage(self) -> str:
        """Return where the activity this scope runs for forked off, as far as both write the same variables."""
        return ""

    def next_fork(self) -> int:
        """Return a number no fork has had among the scopes that write the same variables."""
        owner = self.owner()
        owner.forks += 1
        return int(owner.forks)

    def view(self, token: Token | None = None) -> View:
        """Return what an expression at this token may see."""
        local = self.local if token is None else self.locals_of(token)
        return View(local, self.store.values, self.top_workflow.run.outside)

    def locals_of(self, token: Token) -> dict[str, Any]:
        """Return what only this token sees: the scope's locals, and its item where the activity is repeated."""
        return {**self.local, **(token.task_spec.item_locals(token) if "item" in token.internal_data else {})}

    def _task_completed_notify(self, task: Token) -> None:
        self.last_task = task
        if not self.completed and not any(self.tasks[child]._state & LIVE for child in task._children):
            self.top_workflow.check_scope(self)

    def trim(self) -> None:
        """Forget finished tokens; a token whose parent is finished hangs on the root."""
        root = self.task_tree
        keep = {task.id: task for task in self.tasks.values() if task._state & LIVE}
        for task in keep.values():
            if task._parent not in keep:
                task._parent = root.id
        children: dict[UUID, list[UUID]] = {}
        for task in keep.values():
            if task._parent is not None:
                children.setdefault(task._parent, []).append(task.id)
        root._children = children.get(root.id, [])
        for task in keep.values():
            task._children = children.get(task.id, [])
        self.tasks = {root.id: root, **keep}


class Scope(ScopeMixin, BpmnSubWorkflow):  # type: ignore[misc]
    """An embedded sub-process or a called process at work. It shares its caller's variables unless told otherwise."""

    def __init__(self, spec: Any, parent: Token, definition: str, store: Store | None) -> None:
        self.parent_task_id = parent.id
        self.parent = parent
        self.top_workflow = parent.workflow.top_workflow
        self.depth = parent.workflow.depth + 1
        self._prepare(spec, definition, store if store is not None else parent.workflow.store)
        self.own_store = store is not None
        self.top_workflow.subprocesses[parent.id] = self

    def owner(self) -> Any:
        return self if self.own_store else self.parent.workflow.owner()

    def parent_token(self) -> Token | None:
        return self.parent

    def base_lineage(self) -> str:
        return "" if self.own_store else self.parent.lineage
