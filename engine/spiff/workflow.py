"""The instance in memory: scopes of live tokens. Runs to rest, tells the journal, forgets what is finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.errors import InvalidInput, WrongState
from engine.spiff.run import ActivityFailed, Entry, HeldActivity, Run
from engine.spiff.task import LIVE, Token
from engine.spiff.variables import Store, View, common_lineage, unkeepable
from engine.spiff.warned import readable

MAX_STEPS = 20_000
"""Automatic steps one action may take; a loop without a wait state ends as an incident instead of a hung worker."""

MAX_TOKENS = 50_000
"""Tokens one action may make; repetitions inside repetitions end as an incident instead of filling the memory."""

TRIMMED_EVERY = 256
"""Steps after which an action forgets its finished tokens, so that a step costs the same however long it goes on."""


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
        """Put a token on the given start event, or on wherever this begins, and return the first one."""
        self.task_tree = Token(self, self.spec.root)
        self.task_tree._set_state(TaskState.COMPLETED)
        self.task_tree.set_lineage(self.base_lineage())
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

    def base_lineage(self) -> str:
        return "" if self.own_store else self.parent.lineage


class Instance(ScopeMixin, BpmnWorkflow):  # type: ignore[misc]
    """A process instance in memory."""

    def __init__(self, spec: Any, definition: str, run: Run) -> None:
        self.run = run
        self.ready: deque[Token] = deque()
        self.joins: set[tuple[UUID | None, str]] = set()
        self.subprocesses: dict[UUID, Scope] = {}
        self.subprocess_specs: dict[str, Any] = {}
        self.bpmn_events: list[Any] = []
        self._prepare(spec, definition, None)

    @property
    def top_workflow(self) -> Instance:
        return self

    @top_workflow.setter
    def top_workflow(self, value: Any) -> None:
        raise AttributeError("the instance is its own top workflow")

    @property
    def depth(self) -> int:
        return 0

    def scopes(self) -> list[Any]:
        """Return the instance's own scope and every open scope inside it."""
        return [self, *self.subprocesses.values()]

    def token(self, token_id: UUID) -> Token | None:
        """Return the live token with this id, or None."""
        for scope in self.scopes():
            token = scope.tasks.get(token_id)
            if token is not None and token._state & LIVE:
                return token  # type: ignore[no-any-return]
        return None

    # -- running --------------------------------------------------------------------------------------------------

    def run_to_rest(self) -> None:
        """Run every token that can run, until all of them wait, or the instance is over."""
        while True:
            while self.ready:
                token = self.ready.popleft()
                if token._state != TaskState.READY or token.task_spec.manual:
                    continue
                self.run.steps += 1
                if self.run.steps > MAX_STEPS or self.run.made > MAX_TOKENS:
                    # One incident speaks for all of them: the others stay ready and go on with its retry.
                    self.hold(token, "run", endless(token.task_spec.bpmn_id, self.run))
                    self.ready.clear()
                    return
                if self.run.steps % TRIMMED_EVERY == 0:
                    for scope in self.scopes():
                        scope.trim()
                token.run()
            if not self._open_inclusive_joins():
                return

    def _open_inclusive_joins(self) -> bool:
        opened = False
        for scope in self.scopes():
            if not scope.spec.inclusive_joins:
                continue
            reached = {token.task_spec for token in scope.tasks.values() if token._state == TaskState.WAITING}
            for spec in scope.spec.inclusive_joins:
                opened = (spec in reached and spec.try_open(scope)) or opened
        if not opened:
            circles = [scope for scope in self.scopes() if len(scope.spec.inclusive_joins) > 1]
            opened = any(scope.spec.inclusive_joins[0].open_circle(scope) for scope in circles)
        return opened

    def check_scope(self, scope: Any) -> None:
        """Complete a scope in which nothing is on its way any more."""
        live: list[Token] = []
        waits = False
        for token in reversed(scope.tasks.values()):  # the youngest first: of many branches, two are enough
            if token._state & LIVE:
                waits = True
                if not token.at_border:
                    live.append(token)
                    if len(live) > 1:
                        return
        if not waits:
            scope.completed = True
            if scope is not self:
                scope.parent.task_spec.scope_completed(scope.parent, scope)
            return
        if len(live) == 1 and live[0].lineage != scope.base_lineage() and live[0].id not in self.subprocesses:
            # One branch left in here: nothing in this scope is concurrent any more, so nobody's write can be stale.
            live[0].set_lineage(scope.base_lineage())
            if scope.owner() is scope:
                scope.store.writers.clear()

    def hold(self, token: Token, stage: str, failure: ActivityFailed) -> None:
        """Let a failing activity rest at its own id until an operator retries it."""
        token._set_state(TaskState.STARTED)
        token.internal_data.update(held=stage, incident=True)
        spec = token.task_spec
        sentence = readable(failure.message, MAX_SENTENCE)
        chinese = readable(failure.message_zh, MAX_SENTENCE)
        self.run.held.append(
            HeldActivity(token.id, spec.bpmn_id, spec.bpmn_name, failure.kind, sentence, chinese)
        )
        told = {"kind": failure.kind, "message": sentence}
        self.note("incident_raised", token, {**told, "message_zh": chinese} if chinese else told)

    def retry(self, token: Token) -> None:
        """Run a held activity again, from the stage that failed."""
        self.ready.extend(
            one for scope in self.scopes() for one in scope.live_tokens() if one._state == TaskState.READY
        )
        stage = token.internal_data.pop("held", None)
        if stage is None:
            raise WrongState(
                f"Retrying '{token.task_spec.bpmn_id}' was refused: the activity does not rest on an incident."
            )
        if stage != "run" or not token.task_spec.operates:
            # An operation is only asked for: its incident is over when a job has done it.
            token.internal_data.pop("incident", None)
        if stage == "enter":
            token._state = TaskState.FUTURE
            token.task_spec._update(token)
        elif stage == "items":
            token.task_spec.gather(token)
        elif stage == "enough":
            token.task_spec.go_on(token)
        elif stage == "handed":
            token.task_spec.scope_completed(token, self.subprocesses[token.id])
        elif stage == "caught":
            token.task_spec.keep_again(token)
        elif stage == "finish":
            token._state = TaskState.READY
            token.task_spec.finish_again(token)
        else:
            if stage == "conflict":
                token.internal_data["force"] = True
            token._set_state(TaskState.READY)

    def live_work(self) -> list[Token]:
        """Return the tokens whose operation has not been done yet."""
        return [
            token
            for scope in self.scopes()
            for token in scope.live_tokens()
            if token.task_spec.operates
            and token._state == TaskState.STARTED
            and "held" not in token.internal_data
        ]

    def close_scope(self, scope: Any) -> None:
        """Forget a scope that is over, and the scopes inside it."""
        self.subprocesses.pop(scope.parent_task_id, None)

    def cancel_everything(self) -> None:
        """Cancel every token of the instance."""
        for token in self.live_tokens():
            token.cancel()
        self.completed = True

    # -- what specs report ----------------------------------------------------------------------------------------

    def note(self, kind: str, token: Token, data: Mapping[str, Any] | None = None) -> None:
        """Write one line of the journal."""
        spec = token.task_spec
        self.run.journal.append(
            Entry(
                kind,
                token.id,
                spec.bpmn_id,
                spec.bpmn_type,
                spec.bpmn_name,
                token.workflow.spec.process_key,
                data,
            )
        )

    # -- events ---------------------------------------------------------------------------------------------------

    def waiting(self, kind: str) -> list[Token]:
        """Return the tokens that wait for an event of this kind, innermost scope first."""
        found = [
            task
            for scope in self.scopes()
            for task in scope.tasks.values()
            if task._state == TaskState.WAITING and task.task_spec.waits_for == kind
        ]
        return sorted(found, key=lambda task: -task.workflow.depth)

    def deliver(self, name: str, payload: Mapping[str, Any] | None) -> list[Token]:
        """Give a message to every token that waits for it; return those that took it."""
        if why := unkeepable(dict(payload or {})):
            raise InvalidInput(f"Message '{name}' was refused: what it carries is not kept, {why}.")
        taken = []
        for token in self.waiting("message"):
            if token._state == TaskState.WAITING and token.task_spec.event.name == name:
                token.task_spec.catch(token, payload)
                taken.append(token)
        return taken

    def raise_code(self, source: Token, kind: str, code: str) -> bool:
        """Offer an error or escalation to the boundary events around `source`, inside out; tell whether one took it.

        An event without a code catches every code; an event with the code goes first (BPMN 2.0 §10.5).
        """
        token: Token | None = source
        while token is not None:
            catchers = [
                child
                for child in token.children
                if child is not None
                and child._state == TaskState.WAITING
                and child.task_spec.waits_for == kind
                and child.task_spec.event.code in ("", code)
            ]
            if catchers:
                catchers.sort(key=lambda child: child.task_spec.event.code == "")
                catchers[0].task_spec.catch(catchers[0], None)
                return True
            scope = token.workflow
            if "item" in token.internal_data:
                token = token.parent
            elif scope is self:
                token = None
            else:
                token = scope.parent
        return False


MAX_SENTENCE = 2_000
"""How much of an incident's sentence is kept; an operation may fail with pages of text."""


def endless(activity_id: str, run: Run) -> ActivityFailed:
    """Return why an action is stopped that would go on for ever, or fill the memory."""
    if run.steps > MAX_STEPS:
        return ActivityFailed(
            "loop",
            f"'{activity_id}' was not run: the action has taken {MAX_STEPS} steps without a wait state.",
            f"没有运行“{activity_id}”：这一次操作已走了 {MAX_STEPS} 步而没有等待。",
        )
    return ActivityFailed(
        "loop",
        f"'{activity_id}' was not run: the action has made {MAX_TOKENS} tokens; something splits or repeats without end.",
        f"没有运行“{activity_id}”：这一次操作已产生 {MAX_TOKENS} 个令牌，某处在无止境地分支或重复。",
    )


def join_lineage(tokens: list[Token]) -> str:
    """Return the lineage of the token that goes on after a join of these."""
    lineage = tokens[0].lineage
    for token in tokens[1:]:
        lineage = common_lineage(lineage, token.lineage)
    return lineage
