"""Events: what a process waits for, throws, and ends with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.dialect.model import Node
from engine.spiff.run import ActivityFailed, ArmedTimer, AwaitedMessage, ThrownMessage, TimerPlan
from engine.spiff.specs.base import NodeSpec, ProcessSpec
from engine.spiff.task import Token


class CatchSpec(NodeSpec):
    """An intermediate catch event or receive task: a token waits until its timer or message comes."""

    def __init__(self, process: ProcessSpec, node: Node, *, name: str | None = None) -> None:
        super().__init__(process, node, name=name)
        self.waits_for = self.event.kind
        self.is_activity = node.kind == "receiveTask"

    def _update_hook(self, my_task: Token) -> bool:
        super()._update_hook(my_task)
        my_task._set_state(TaskState.WAITING)
        self.listen(my_task)
        my_task.workflow.top_workflow.note("activity_entered", my_task)
        return False

    def listen(self, my_task: Token) -> None:
        """Start waiting: a timer gets its instant now, a message its subscription. Raises ActivityFailed."""
        run = my_task.workflow.top_workflow.run
        if self.event.kind == "timer":
            assert self.event.timer is not None
            plan = run.evaluator.due(
                self.event.timer_kind,
                self.event.timer,
                my_task.workflow.view(my_task),
                run.warned.by(my_task, "timer"),
            )
            self.arm(my_task, plan)
        elif self.event.kind == "message":
            run.awaited.append(AwaitedMessage(my_task.id, self.bpmn_id, self.event.name))

    def arm(self, my_task: Token, plan: TimerPlan) -> None:
        """Keep the instant with the token and report the timer."""
        data = my_task.internal_data
        data["due"] = plan.due_at.isoformat()
        if plan.every is not None:
            data.update(every=plan.every, left=plan.left)
        top = my_task.workflow.top_workflow
        top.run.armed.append(ArmedTimer(my_task.id, self.bpmn_id, plan.due_at, self.bpmn_type))
        top.note("timer_armed", my_task, {"due_at": plan.due_at.isoformat()})

    def stop_listening(self, my_task: Token) -> None:
        """Withdraw the timer or the subscription."""
        run = my_task.workflow.top_workflow.run
        if self.event.kind == "timer":
            run.disarmed.append(my_task.id)
        elif self.event.kind == "message":
            run.unawaited.append(my_task.id)

    def catch(self, my_task: Token, payload: Mapping[str, Any] | None) -> None:
        """The event has come: go on."""
        self.stop_listening(my_task)
        failure = self.keep_payload(my_task, payload)
        gate = my_task.internal_data.get("gate")
        if gate is not None:
            for other in my_task.workflow.live_tokens():
                if other is not my_task and other.internal_data.get("gate") == gate:
                    other.cancel()
        self.go_on(my_task, failure)

    def keep_payload(self, my_task: Token, payload: Mapping[str, Any] | None) -> ActivityFailed | None:
        """Write what came to `message.<event id>` and through the output mapping; return what failed."""
        try:
            if payload is not None and self.event.kind == "message":
                self.write(my_task, f"message.{self.bpmn_id}", dict(payload))
            self.map_outputs(my_task, payload or {})
        except ActivityFailed as failure:
            my_task.internal_data.update(payload=payload, force=True)
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
        self.go_on(my_task, self.keep_payload(my_task, my_task.internal_data.pop("payload", None)))

    def _on_cancel(self, my_task: Token) -> None:
        super()._on_cancel(my_task)
        self.stop_listening(my_task)


class BoundarySpec(CatchSpec):
    """An event at an activity's border. Interrupting ones cancel the activity; the others listen on."""

    waits_at_border = True

    def __init__(self, process: ProcessSpec, node: Node) -> None:
        super().__init__(process, node)
        self.interrupting = node.interrupting or self.event.kind == "error"

    def catch(self, my_task: Token, payload: Mapping[str, Any] | None) -> None:
        host = my_task.parent
        scope = my_task.workflow
        self.stop_listening(my_task)
        failure = self.keep_payload(my_task, payload)
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
        """A non-interrupting event may happen again: messages and escalations always, timers if they are a cycle."""
        if self.event.kind == "timer":
            plan = next_cycle(my_task)
            if plan is None:
                return
        else:
            plan = None
        again = host._add_child(self)
        again._set_state(TaskState.WAITING)
        if plan is not None:
            self.arm(again, plan)
        else:
            self.listen(again)


def move_branch(token: Token, before: str, after: str) -> None:
    """Let an activity, its items and everything inside go on as one branch of a fork."""
    if not token.lineage.startswith(before):
        return
    rest = token.lineage.removeprefix(before).lstrip("/")
    token.set_lineage(f"{after}/{rest}".rstrip("/"))
    inside = token.workflow.top_workflow.subprocesses.get(token.id)
    parts = [child for child in token.children if child is not None and child.live]
    if inside is not None and not inside.own_store:
        parts.extend(inside.tasks.values())
    for part in parts:
        if part.lineage.startswith(before) and not part.lineage.startswith(after):
            move_branch(part, before, after)


def next_cycle(token: Token) -> TimerPlan | None:
    """Return the next round of a repeating timer, counted from its last instant, skipping rounds that were missed."""
    data = token.internal_data
    every, left = data.get("every"), data.get("left")
    if every is None or (left is not None and left <= 1):
        return None
    run = token.workflow.top_workflow.run
    try:
        due = run.evaluator.next_round(datetime.fromisoformat(data["due"]), every)
    except ActivityFailed:
        return None  # the calendar ends before the next round
    return TimerPlan(due, every, None if left is None else left - 1)


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
        if not top.raise_code(my_task, "error", self.event.code):
            raise ActivityFailed(
                "error",
                f"The error '{self.event.code}' of '{self.bpmn_id}' is caught nowhere around it.",
                f"“{self.bpmn_id}”的错误“{self.event.code}”在它外层没有被捕获。",
            )
        return None if my_task._state == TaskState.CANCELLED else True

    def _on_complete(self, my_task: Token) -> None:
        if self.event.kind == "terminate":
            my_task.workflow.top_workflow.note("activity_completed", my_task)
            for token in my_task.workflow.live_tokens():
                token.cancel()
            my_task.workflow._task_completed_notify(my_task)
            return
        super()._on_complete(my_task)


def throw(spec: NodeSpec, my_task: Token) -> None:
    """Throw a message or an escalation. An escalation nobody catches is noted and has no effect (BPMN 2.0 §10.5.7)."""
    top = my_task.workflow.top_workflow
    event = spec.event
    if event.kind == "message":
        payload = dict(top.run.assignments(my_task, "payload", event.payload, my_task.workflow.view(my_task)))
        top.run.thrown.append(ThrownMessage(my_task.id, spec.bpmn_id, event.name, payload))
        top.note("message_thrown", my_task, {"message": event.name})
    elif event.kind == "escalation":
        caught = top.raise_code(my_task, "escalation", event.code)
        top.note("escalation_thrown", my_task, {"code": event.code, "caught": caught})
