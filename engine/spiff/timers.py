"""When a timer of a token fires: first, in its next rounds, and again where it is bound to what the host says.

A timer whose value calls a function of the host is *bound*: the token remembers since when it waits, and the value is
evaluated again whenever what the host says may have changed (`ProcessEngine.rearm`). The function may say that the instant
does not come for now; the timer then pauses: it waits without an instant, and no row of it can fall due.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.spiff.run import ActivityFailed, ArmedTimer, TimerPlan

if TYPE_CHECKING:
    from engine.spiff.task import Token


def plan(token: Token) -> TimerPlan:
    """Evaluate the value of a token's timer. Raises ActivityFailed."""
    event, run = token.task_spec.event, token.workflow.top_workflow.run
    return run.evaluator.due(  # type: ignore[no-any-return]
        event.timer_kind, event.timer, token.workflow.view(token), run.warned.by(token, "timer")
    )


def keep(token: Token, plan: TimerPlan) -> datetime | None:
    """Keep with the token what its timer waits for; return the instant, None where it pauses."""
    data = token.internal_data
    due = running_round(token, plan)
    if plan.since is not None:
        data["since"] = plan.since.isoformat()
    if due is None or plan.due_at is None:
        data["paused"] = data.pop("due", data.get("paused"))
        return None
    data.pop("paused", None)
    data["due"] = due.isoformat()
    if plan.every is None:
        for name in ("every", "left", "first"):
            data.pop(name, None)
        return due
    data["every"] = plan.every
    data.setdefault("left", plan.left)
    if plan.since is not None:
        data["first"] = plan.due_at.isoformat()
    return due


def running_round(token: Token, plan: TimerPlan) -> datetime | None:
    """Return the instant of the round a timer is in: it moves by as much as the first round does."""
    data = token.internal_data
    first, last = data.get("first"), data.get("due") or data.get("paused")
    if plan.due_at is None or plan.every is None or not first or not last:
        return plan.due_at
    return datetime.fromisoformat(last) + (plan.due_at - datetime.fromisoformat(first))


def next_round(token: Token) -> TimerPlan | None:
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


def hand_on(token: Token, again: Token) -> None:
    """Let the next round of a bound timer be bound as the first one was.

    It is no passage of its own for that: what the host keeps for the timer has ended with the first round.
    """
    for name in ("since", "first"):
        if name in token.internal_data:
            again.internal_data[name] = token.internal_data[name]


def is_bound(token: Token) -> bool:
    """Tell whether a waiting token's timer is bound to what the host says."""
    return "since" in token.internal_data


def move(token: Token) -> bool:
    """Look at a bound timer again and move it; tell whether anything is different now.

    A value that fails rests as an incident at the timer, which waits for nothing until it is retried.
    """
    data, top = token.internal_data, token.workflow.top_workflow
    before = dict(data)
    try:
        due = keep(token, plan(token))
    except ActivityFailed as failure:
        data["paused"] = data.pop("due", data.get("paused"))
        top.run.disarmed.append(token.id)
        top.hold(token, "enter", failure)
        return True
    was = before.get("due")
    if was is not None and due is not None and datetime.fromisoformat(was) == due:
        data["due"] = was  # the same instant, perhaps told in another zone
    if data == before:
        return False
    if data.get("due") != was:
        spec = token.task_spec
        top.run.moved.append(ArmedTimer(token.id, spec.bpmn_id, due, spec.bpmn_type))
        top.note("timer_moved", token, {"before": was, "after": data.get("due")})
    return True
