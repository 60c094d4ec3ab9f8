"""Events: what a process waits for, throws, and ends with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.dialect.model import EVENT_SUB_PROCESS, Node
from engine.spiff import passages, timers
from engine.spiff.run import ActivityFailed, ArmedTimer, Awaited, Thrown, TimerPlan
from engine.spiff.specs.base import NodeSpec, PassSpec, ProcessSpec, take
from engine.spiff.task import Token
from engine.spiff.variables import below

SENT = ("message", "signal")
"""Kinds of events that come from outside the instance and carry data."""


class CatchSpec(NodeSpec):
    """An intermediate catch event or receive task: a token waits until what it waits for has come."""

    silent = False
    """Whether history does not tell that it began or stopped to wait."""

    def __init__(self, process: ProcessSpec, node: Node, *, name: str | None = None) -> None:
        super().__init__(process, node, name=name)
        self.waits_for = self.event.kind
        self.is_activity = node.kind == "receiveTask"
        timer = self.event.timer
        self.watched = self.watched or (timer is not None and timer.feel is not None)
        process.has_conditions = process.has_conditions or self.waits_for == "conditional"

    def _update_hook(self, my_task: Token) -> bool:
        super()._update_hook(my_task)
        my_task._set_state(TaskState.WAITING)
        self.listen(my_task)
        if not self.silent:
            my_task.workflow.top_workflow.note("activity_entered", my_task)
        return False

    def _begin(self, my_task: Token, told: Mapping[str, Any]) -> None:
        timer = "since" in my_task.internal_data
        if timer or passages.is_watched(self.node):
            passages.begin(my_task, told, timer=timer)

    def listen(self, my_task: Token) -> None:
        """Start waiting: a timer gets its instant now, a message or signal its subscription, a condition its first look.

        Raises ActivityFailed.
        """
        run = my_task.workflow.top_workflow.run
        if self.event.kind == "timer":
            self.arm(my_task, timers.plan(my_task))
        elif self.event.kind in SENT:
            run.awaited.append(Awaited(my_task.id, self.bpmn_id, self.event.kind, self.event.name))
        elif self.event.kind == "conditional":
            my_task.workflow.top_workflow.arrived.append(my_task)

    def arm(self, my_task: Token, plan: TimerPlan) -> None:
        """Keep the instant with the token and report the timer."""
        due = timers.keep(my_task, plan)
        top = my_task.workflow.top_workflow
        top.run.armed.append(ArmedTimer(my_task.id, self.bpmn_id, due, self.bpmn_type))
        top.note("timer_armed", my_task, {"due_at": due and due.isoformat()})

    def stop_listening(self, my_task: Token) -> None:
        """Withdraw the timer or the subscription."""
        run = my_task.workflow.top_workflow.run
        if self.event.kind == "timer":
            run.disarmed.append(my_task.id)
        elif self.event.kind in SENT:
            run.unawaited.append((self.event.kind, my_task.id))

    def look(self, my_task: Token) -> bool:
        """Look at the condition a token waits for and catch it if it has become true; tell whether it has.

        A condition has to become true (BPMN 2.0 §10.5.5): one that still holds since it was met last does not count.
        """
        top, data = my_task.workflow.top_workflow, my_task.internal_data
        assert self.event.condition is not None
        try:
            holds = top.run.evaluator.met(
                self.event.condition,
                my_task.workflow.view(my_task),
                top.run.warned.by(my_task, "condition"),
            )
        except ActivityFailed as failure:
            top.hold(my_task, "enter", failure)
            return False
        before = data.pop("met", False)
        if holds:
            data["met"] = True
        if not holds or before:
            return False
        self.catch(my_task, None)
        return True

    def catch(self, my_task: Token, caught: Mapping[str, Any] | None) -> None:
        """The event has come, with what it carries: go on."""
        passages.over(my_task, done=True)
        self.stop_listening(my_task)
        failure = self.keep(my_task, caught)
        gate = my_task.internal_data.get("gate")
        if gate is not None:
            for other in my_task.workflow.live_tokens():
                if other is not my_task and other.internal_data.get("gate") == gate:
                    other.cancel()
        self.go_on(my_task, failure)

    def keep(self, my_task: Token, caught: Mapping[str, Any] | None) -> ActivityFailed | None:
        """Write what has come; return what failed."""
        try:
            keep_caught(self, my_task, caught)
        except ActivityFailed as failure:
            my_task.internal_data.update(payload=caught, force=True)
            return failure
        return None

    def go_on(self, my_task: Token, failure: ActivityFailed | None) -> None:
        """Leave, or rest where what came could not be written."""
        if failure is None:
            my_task._set_state(TaskState.READY)
        else:
            my_task.workflow.top_workflow.hold(my_task, "caught", failure)

    def keep_again(self, my_task: Token) -> None:
        """Go on from what was caught: the message is not asked for twice because a mapping failed."""
        self.go_on(my_task, self.keep(my_task, my_task.internal_data.pop("payload", None)))

    def _on_cancel(self, my_task: Token) -> None:
        if not self.silent:
            super()._on_cancel(my_task)
        self.stop_listening(my_task)


def keep_caught(spec: NodeSpec, my_task: Token, caught: Mapping[str, Any] | None) -> None:
    """Write what an event brought: to `message.<event id>` or `signal.<event id>`, or the code and text of an error to the
    variables named for them; then the output mapping. Raises ActivityFailed.
    """
    event = spec.event
    if caught is not None:
        if event.kind in SENT:
            spec.bring_home(my_task, f"{event.kind}.{spec.bpmn_id}", dict(caught))
            spec.spread(my_task, caught)
        for variable, what in ((event.code_variable, "code"), (event.message_variable, "message")):
            if variable:
                spec.write(my_task, variable, caught[what])
    spec.map_outputs(my_task, caught or {})


class StartSpec(PassSpec):
    """A start event. The one of an event sub-process takes what has triggered it, which was told of when it listened."""

    def _update_hook(self, my_task: Token) -> bool:
        if my_task.workflow is my_task.workflow.top_workflow:
            passages.begin_process(my_task)
        return super()._update_hook(my_task)

    def _told(self, my_task: Token) -> Mapping[str, Any] | None:
        host = my_task.workflow.parent_token()
        if host is not None and host.task_spec.bpmn_type == EVENT_SUB_PROCESS:
            return None
        return super()._told(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        host = my_task.workflow.parent_token()
        if host is None or "caught" not in host.internal_data:
            return super()._run_hook(my_task)
        keep_caught(self, my_task, host.internal_data["caught"])
        del host.internal_data["caught"]
        return True


class BoundarySpec(CatchSpec):
    """An event at an activity's border. Interrupting ones cancel the activity; the others listen on."""

    waits_at_border = True

    def __init__(self, process: ProcessSpec, node: Node) -> None:
        super().__init__(process, node)
        self.interrupting = node.interrupting or self.event.kind == "error"

    def catches(self, source: Token) -> bool:
        """Tell whether what a token inside throws may be caught here."""
        return True

    def catch(self, my_task: Token, caught: Mapping[str, Any] | None) -> None:
        host = my_task.parent
        scope = my_task.workflow
        passages.over(my_task, done=True)
        self.stop_listening(my_task)
        failure = self.keep(my_task, caught)
        my_task.detach()
        if self.interrupting:
            my_task.set_lineage(host.lineage)
            host.cancel()
        else:
            fork = scope.next_fork()
            my_task.set_lineage(f"{host.lineage}/{fork}.1".lstrip("/"))
            move_branch(host, host.lineage, f"{host.lineage}/{fork}.0".lstrip("/"))
            self.listen_again(my_task, host)
        self.go_on(my_task, failure)

    def listen_again(self, my_task: Token, host: Token) -> None:
        """A non-interrupting event may happen again: all of them, but of timers only a cycle; a condition has to become
        false first.
        """
        if self.event.kind == "timer":
            plan = timers.next_round(my_task)
            if plan is None:
                return
        else:
            plan = None
        again = host._add_child(self)
        again._set_state(TaskState.WAITING)
        if "met" in my_task.internal_data:
            again.internal_data["met"] = True
        if plan is not None:
            self.arm(again, plan)
            timers.hand_on(my_task, again)
        else:
            self.listen(again)
        if passages.is_watched(self.node):
            try:
                passages.begin(
                    again, passages.evaluated(again, self.node.properties, again.workflow.view(again))
                )
            except ActivityFailed as failure:
                self.stop_listening(again)
                my_task.workflow.top_workflow.hold(again, "enter", failure)


class TriggerSpec(BoundarySpec):
    """What triggers an event sub-process: its start event, listening as long as the scope around it is open.

    BPMN 2.0 §10.3.5, §13.4.4: an interrupting one cancels everything else in the scope, which is over when the event
    sub-process is; the others run beside the rest, as often as they happen, and the scope waits for them.
    """

    silent = True

    def __init__(self, process: ProcessSpec, start: Node, handler: NodeSpec) -> None:
        super().__init__(process, start)
        self.handler = handler
        process.root.boundaries.append(self)

    def catches(self, source: Token) -> bool:
        """What an event sub-process throws itself goes further out."""
        return source.task_spec is not self.handler

    def catch(self, my_task: Token, caught: Mapping[str, Any] | None) -> None:
        scope, root = my_task.workflow, my_task.parent
        passages.over(my_task, done=True)
        self.stop_listening(my_task)
        take(my_task)
        lineage = scope.base_lineage()
        if self.interrupting:
            for other in scope.live_tokens():
                other.cancel()
        else:
            fork = scope.next_fork()
            before, lineage = lineage, f"{lineage}/{fork}.1".lstrip("/")
            beside = f"{before}/{fork}.0".lstrip("/")
            for token in scope.live_tokens():
                move_branch(token, before, beside)
            self.listen_again(my_task, root)
        token = root._add_child(self.handler)
        token.set_lineage(lineage)
        if caught is not None:
            token.internal_data["caught"] = dict(caught)
        self.handler._update(token)


def move_branch(token: Token, before: str, after: str) -> None:
    """Let an activity, its items and everything inside go on as one branch of a fork."""
    if not below(token.lineage, before) or below(token.lineage, after):
        return
    rest = token.lineage.removeprefix(before).lstrip("/")
    token.set_lineage(f"{after}/{rest}".rstrip("/"))
    inside = token.workflow.top_workflow.subprocesses.get(token.id)
    parts = [child for child in token.children if child is not None and child.live]
    if inside is not None and not inside.own_store:
        parts.extend(inside.tasks.values())
    for part in parts:
        move_branch(part, before, after)


class ThrowSpec(NodeSpec):
    """An intermediate throw event, a send task without operation, or an end event."""

    def _run_hook(self, my_task: Token) -> bool | None:
        throw(self, my_task)
        return True


class EndSpec(NodeSpec):
    """An end event: throws what it has to throw, then the token is gone."""

    def _run_hook(self, my_task: Token) -> bool | None:
        if self.event.kind != "error":
            throw(self, my_task)
            return True
        top = my_task.workflow.top_workflow
        top.note("error_thrown", my_task, {"code": self.event.code})
        if not passages.left_by(my_task, lambda: raise_code(my_task, "error", self.event.code)):
            raise ActivityFailed(
                "error",
                f"The error '{self.event.code}' of '{self.bpmn_id}' is caught nowhere around it.",
                f"“{self.bpmn_id}”的错误“{self.event.code}”在它外层没有被捕获。",
            )
        return None if my_task._state == TaskState.CANCELLED else True

    def _on_complete(self, my_task: Token) -> None:
        if self.event.kind not in ("terminate", "cancel"):
            super()._on_complete(my_task)
            return
        scope = my_task.workflow
        top = scope.top_workflow
        passages.over(my_task, done=True)
        top.note("activity_completed", my_task)
        if self.event.kind == "cancel":
            cancel_around(scope)
            return
        if self.event.everything:
            scope = top
        for token in scope.live_tokens():
            token.cancel()
        top.check_scope(scope)


def cancel_around(scope: Any) -> None:
    """Cancel the transaction a scope runs for: its cancel boundary event goes on; without one the path ends there.

    Of a repeated transaction, what holds all its items together is cancelled (BPMN 2.0 §10.3.5).
    """
    host: Token = scope.parent_token()
    while "item" in host.internal_data:
        host = host.parent
    for child in host.children:
        if child is not None and child._state == TaskState.WAITING and child.task_spec.waits_for == "cancel":
            child.task_spec.catch(child, None)
            return
    host.cancel()
    scope.top_workflow.check_scope(host.workflow)


def throw(spec: NodeSpec, my_task: Token) -> None:
    """Throw a message, a signal or an escalation. An escalation nobody catches is noted and has no effect (BPMN 2.0
    §10.5.7). Raises ActivityFailed where what a message or signal carries has no value.
    """
    top = my_task.workflow.top_workflow
    event = spec.event
    if event.kind in SENT:
        payload = dict(top.run.assignments(my_task, "payload", event.payload, my_task.workflow.view(my_task)))
        top.run.thrown.append(
            Thrown(my_task.id, spec.bpmn_id, event.kind, event.name, payload, len(top.run.awaited))
        )
        top.note(f"{event.kind}_thrown", my_task, {event.kind: event.name})
    elif event.kind == "escalation":
        caught = passages.left_by(my_task, lambda: raise_code(my_task, "escalation", event.code))
        top.note("escalation_thrown", my_task, {"code": event.code, "caught": caught})


def raise_code(source: Token, kind: str, code: str, message: str = "") -> bool:
    """Offer an error or an escalation to the events around `source`; tell whether one took it.

    From the inside out: the border of the activity, the event sub-processes of its scope, the border of that scope's
    activity, and so on. An event without a code catches every code; an event with the code goes first (BPMN 2.0 §10.5).
    """
    token: Token | None = source
    while token is not None:
        scope = token.workflow
        repeated = "item" in token.internal_data  # what listens stands around all the items
        for border in (token.children, () if repeated else scope.task_tree.children):
            catchers = [
                child
                for child in border
                if child is not None
                and child._state == TaskState.WAITING
                and child.task_spec.waits_for == kind
                and child.task_spec.event.code in ("", code)
                and child.task_spec.catches(token)
            ]
            if catchers:
                first = min(catchers, key=lambda child: child.task_spec.event.code == "")
                first.task_spec.catch(first, {"code": code, "message": message})
                return True
        token = token.parent if repeated else scope.parent_token()
    return False
