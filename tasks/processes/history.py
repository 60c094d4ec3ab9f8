"""An instance's history page by page, the latest line first, narrowed by what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.dialect.ids import engine_id
from engine.errors import InvalidInput
from engine.history import HistoryEvent
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions import technical
from tasks.processes.instances import reached

_HISTORY = table(HistoryEvent)
PAGE = 50

ABOUT: Mapping[str, tuple[str, ...]] = {
    "activity": ("activity_entered", "activity_completed", "activity_cancelled"),
    "decision": ("decision_evaluated",),
    "event": (
        "message_thrown", "message_correlated", "message_expired", "signal_thrown", "signal_caught",
        "escalation_thrown", "error_thrown",
    ),
    "timer": ("timer_armed", "timer_moved", "timer_fired"),
    "incident": ("incident_raised", "incident_resolved", "warning_recorded"),
    "instance": (
        "instance_started", "instance_suspended", "instance_resumed", "instance_migrated", "instance_completed",
        "instance_cancelled", "variables_set", "listener_called",
    ),
}  # fmt: skip
"""What lines may be narrowed to → their kinds."""


def latest_lines(
    session: Session,
    deps: Deps,
    caller: Caller,
    instance_id: UUID,
    *,
    about: str | None = None,
    element: str | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> Sequence[Any]:
    """The lines of an instance with an id below `before`, the latest first; for operators who do not see the case without
    its contents. about: one of ABOUT; element: the id of an element as its author wrote it. Raises NotFound, InvalidInput.
    """
    found = reached(session, deps, caller, "instance.read", instance_id)
    if about and about not in ABOUT:
        raise InvalidInput(
            f"Lines of history about {about[:40]!r} were asked for; it is one of {', '.join(ABOUT)}.",
            message_zh=f"没有“{about[:40]}”这类经过。",
        )
    if not storable(element) or (before is not None and not 0 <= before < 2**63):
        raise InvalidInput(
            "Lines of history were asked for by something no line has.", message_zh="经过的筛选条件不对。"
        )
    statement = sa.select(_HISTORY).where(_HISTORY.c.instance_id == instance_id)
    if about:
        statement = statement.where(_HISTORY.c.kind.in_(ABOUT[about]))
    if element:
        statement = statement.where(_HISTORY.c.activity_id == engine_id(element[:200]))
    if before is not None:
        statement = statement.where(_HISTORY.c.id < before)
    lines = session.execute(statement.order_by(_HISTORY.c.id.desc()).limit(limit)).all()
    return lines if found.contents else [technical.line(one) for one in lines]
