"""Checks that the rows around every instance mirror exactly what waits inside it, and that nothing outlives an end."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.incidents import Incident
from engine.instance import ProcessInstance, locked
from engine.messages import MessageSubscription
from engine.signals import SignalSubscription
from engine.spiff.workflow import TaskState
from engine.testing import Harness
from engine.timers import Timer

OVER = frozenset({"completed", "cancelled"})


def check_mirrors(run: Harness) -> None:
    """Compare timers, subscriptions, incidents and open user activities with the live tokens of every instance."""
    opened: dict[UUID, set[UUID]] = defaultdict(set)
    for move in run.recorder.moves:
        for activity in move.entered:
            if activity.id in run.recorder.open:
                opened[move.instance.id].add(activity.id)
    with run.sessions() as session:
        for instance_id, status in session.execute(
            sa.select(ProcessInstance.id, ProcessInstance.status)
        ).all():
            instance = run.engine.acting.restore(session, locked(session, instance_id))
            live = [token for scope in instance.scopes() for token in scope.live_tokens()]
            if status in OVER:
                assert not live, f"{status} with {[token.task_spec.bpmn_id for token in live]}"
            else:
                assert live, "nothing is on its way and the instance is not over"
            waiting = {
                kind: {t.id for t in live if waits(t, kind)} for kind in ("timer", "message", "signal")
            }
            assert (
                ids(session, Timer.token_id, Timer.instance_id == instance_id, Timer.fired_at.is_(None))
                == waiting["timer"]
            )
            assert (
                ids(session, MessageSubscription.token_id, MessageSubscription.instance_id == instance_id)
                == waiting["message"]
            )
            assert (
                ids(session, SignalSubscription.token_id, SignalSubscription.instance_id == instance_id)
                == waiting["signal"]
            )
            resting = {t.id for t in live if "incident" in t.internal_data}
            assert resting >= {t.id for t in live if "held" in t.internal_data}
            assert resting == ids(
                session,
                Incident.token_id,
                Incident.instance_id == instance_id,
                Incident.resolved_at.is_(None),
                Incident.kind != "message",
            )
            people = {t.id for t in live if t.task_spec.manual and "held" not in t.internal_data}
            assert people == opened[instance_id]


def waits(token: Any, kind: str) -> bool:
    """Tell whether a row stands for what the token waits for; a timer that pauses has none."""
    data = token.internal_data
    assert ("paused" in data) <= ("since" in data and "due" not in data)
    return token._state == TaskState.WAITING and token.task_spec.waits_for == kind and "paused" not in data


def ids(session: Any, column: Any, *where: Any) -> set[UUID]:
    found = list(session.scalars(sa.select(column).where(*where)))
    assert len(found) == len(set(found)), "a token is mirrored twice"
    return set(found)
