"""The instance in memory: scopes of live tokens. Runs to rest, tells the journal, forgets what is finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.errors import InvalidInput, WrongState
from engine.spiff.run import ActivityFailed, Entry, HeldActivity, Run
from engine.spiff.scope import Scope, ScopeMixin
from engine.spiff.task import LIVE, Token
from engine.spiff.variables import common_lineage, unkeepable
from engine.spiff.warned import readable

MAX_STEPS = 20_000
"""Automatic steps one action may take; a loop without a wait state ends as an incident instead of a hung worker."""

MAX_TOKENS = 50_000
"""Tokens one action may make; repetitions inside repetitions end as an incident instead of filling the memory."""

TRIMMED_EVERY = 256
"""Steps after which an action forgets its finished tokens, so that a step costs the same however long it goes on."""


class Instance(ScopeMixin, BpmnWorkflow):  # type: ignore[misc]
    """A process instance in memory."""

    def __init__(self, spec: Any, definition: str, run: Run) -> None:
        self.run = run
        self.ready: deque[Token] = deque()
        self.arrived: deque[Token] = deque()
        """Tokens whose condition has not been looked at yet."""
        self.stopped = False
        """Whether this action was stopped because it does not come to an end."""
        self.woken = False
        """Whether this action has looked for tokens that an endless one left standing."""
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
        while not self.stopped:
            while self.ready or self.arrived:
                while self.arrived:
                    self._look([self.arrived.popleft()])
                if not self.ready:
                    break
                token = self.ready.popleft()
                if token._state != TaskState.READY or token.task_spec.manual:
                    continue
                self.run.steps += 1
                if self.run.steps > MAX_STEPS or self.run.made > MAX_TOKENS:
                    # One incident speaks for all of them: the others stay ready and go on with its retry.
                    self.hold(token, "run", endless(token.task_spec.bpmn_id, self.run))
                    self.ready.clear()
                    self.stopped = True
                    return
                if self.run.steps % TRIMMED_EVERY == 0:
                    for scope in self.scopes():
                        scope.trim()
                token.run()
            if not (self._open_inclusive_joins() or self._look(self._conditional()) or self._wake()):
                return

    def _wake(self) -> bool:
        """Let those go on that an endless action left ready, where the incident that spoke for them was dropped; tell
        whether there may be any.
        """
        if self.woken or not self.run.dropped:
            return False
        self.woken = True
        self.wake()
        return bool(self.ready)

    def wake(self) -> None:
        """Let every ready token go on."""
        self.ready.extend(
            one for scope in self.scopes() for one in scope.live_tokens() if one._state == TaskState.READY
        )

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

    def _conditional(self) -> list[Token]:
        """Return the tokens that wait for a condition."""
        return [
            token
            for scope in self.scopes()
            if scope.spec.has_conditions
            for token in scope.tasks.values()
            if token.task_spec.waits_for == "conditional"
        ]

    @staticmethod
    def _look(tokens: list[Token]) -> bool:
        """Look at the conditions of tokens that still wait; tell whether one has become true."""
        met = [token.task_spec.look(token) for token in tokens if token._state == TaskState.WAITING]
        return any(met)

    def check_scope(self, scope: Any) -> None:
        """Complete a scope in which nothing is on its way any more; what triggers its event sub-processes is withdrawn."""
        live: list[Token] = []
        for token in reversed(scope.tasks.values()):  # the youngest first: of many branches, two are enough
            if token._state & LIVE and not token.at_border:
                live.append(token)
                if len(live) > 1:
                    return
        if not live:
            scope.completed = True
            for listener in scope.live_tokens():
                listener.cancel()
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
            HeldActivity(
                token.id,
                spec.bpmn_id,
                spec.bpmn_name,
                failure.kind,
                sentence,
                chinese,
                readable(failure.expression, MAX_SENTENCE),
                failure.position if failure.position <= MAX_SENTENCE else 0,
            )
        )
        told = {"kind": failure.kind, "message": sentence}
        self.note("incident_raised", token, {**told, "message_zh": chinese} if chinese else told)

    def retry(self, token: Token) -> None:
        """Run a held activity again, from the stage that failed."""
        self.wake()
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

    def deliver(
        self,
        kind: str,
        name: str,
        payload: Mapping[str, Any] | None,
        tokens: frozenset[UUID] | None = None,
    ) -> list[Token]:
        """Give a message or a signal to every token that waits for it (of `tokens`, where given); return those that took it.

        Raises InvalidInput.
        """
        if why := unkeepable(dict(payload or {})):
            raise InvalidInput(
                f"{kind.capitalize()} '{name}' was refused: what it carries is not kept, {why}."
            )
        taken = []
        for token in self.waiting(kind):
            if tokens is not None and token.id not in tokens:
                continue
            if token._state == TaskState.WAITING and token.task_spec.event.name == name:
                token.task_spec.catch(token, payload)
                taken.append(token)
        return taken


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
