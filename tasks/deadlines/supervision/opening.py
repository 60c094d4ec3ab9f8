"""The supervision instance: started by the first rung or by whoever presses, moved on by later rungs, ended with its reason.

It is a process of its own (`bpmn/shared/supervision.bpmn`), linked by the case's number and by a row of `supervision`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.db import Statement
from engine.errors import MessageNotAwaited, NeedsBinding, NotFound
from engine.instance import ACTIVE, SUSPENDED, locked
from engine.ports import Move
from tasks.audit.recording import chain_of, record
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.supervision.tables import Supervision
from tasks.deps import Deps

PROCESS = "supervision"
"""The key of the process. Where none is deployed, people are told and no work order is made."""

ADVANCE, OVER = "redress.supervision_advance", "redress.supervision_over"
"""Messages to its instance: the next rung has rung; what was pressed is done."""

CLOCK, URGE = "clock", "urge"
"""Why it was opened."""

_CLOSE = Statement(
    """UPDATE supervision SET closed_at = %(at)s,
              close_reason = CASE WHEN close_reason = '' THEN 'answered' ELSE close_reason END
       WHERE instance_id = %(instance_id)s AND closed_at IS NULL"""
)
_SUPERVISION, _CLOCK, _CASE = table(Supervision), table(Clock), table(Case)


@dataclass(frozen=True, slots=True)
class About:
    """What is pressed. key: for what it is opened, once; clock_id: the clock that calls for it, if one does."""

    instance_id: UUID
    number: str
    case_id: UUID | None
    reason: str
    key: str
    clock_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A work order that was made: its task, whom it is offered to, who is told besides, and in which words."""

    task_id: UUID
    groups: tuple[str, ...]
    informed: tuple[str, ...]
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The supervision instance, None where no process is deployed, and the work orders of this step."""

    instance_id: UUID | None
    orders: tuple[WorkOrder, ...] = ()


def start_or_advance(session: Session, deps: Deps, about: About, order: Mapping[str, Any]) -> Opened:
    """Hand `order` (what the decision table reads as `loop.order`) to the running supervision of the clock, or start one."""
    if about.clock_id is not None:
        running = session.scalars(
            sa.select(_SUPERVISION.c.instance_id)
            .where(_SUPERVISION.c.clock_id == about.clock_id, _SUPERVISION.c.closed_at.is_(None))
            .order_by(_SUPERVISION.c.opened_at.desc())
        ).all()
        for instance_id in running:
            if locked(session, instance_id).status == ACTIVE:
                with suppress(MessageNotAwaited):
                    move = deps.engine.correlate(
                        session, ADVANCE, instance_id=instance_id, payload={"order": order}, actor=SYSTEM
                    )
                    return Opened(instance_id, _orders(move))
    return _start(session, deps, about, order)


def _start(session: Session, deps: Deps, about: About, order: Mapping[str, Any]) -> Opened:
    now = deps.clock.now()
    try:
        move = deps.engine.start(
            session,
            PROCESS,
            business_key=about.number,
            variables={"loop": {"order": order}},
            actor=SYSTEM,
            even_retired=True,
        )
    except (NotFound, NeedsBinding):
        return Opened(None)
    session.execute(
        sa.insert(_SUPERVISION).values(
            instance_id=move.instance.id,
            about_id=about.instance_id,
            clock_id=about.clock_id,
            case_id=about.case_id,
            number=about.number,
            reason=about.reason,
            key=about.key,
            opened_at=now,
            closed_at=now if move.ended else None,
            close_reason="answered" if move.ended else "",
        )
    )
    return Opened(move.instance.id, _orders(move))


def _orders(move: Move) -> tuple[WorkOrder, ...]:
    return tuple(
        WorkOrder(
            activity.id,
            activity.candidate_groups,
            tuple(_names(activity.properties.get("order.informed"))),
            str(activity.properties.get("order.text") or ""),
            str(activity.properties.get("order.text_en") or ""),
        )
        for activity in move.entered
    )


def _names(value: Any) -> Sequence[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def note_end(session: Session, move: Move, at: datetime) -> None:
    """Keep that a supervision instance has ended, whatever ended it. Put off to the COMMIT; nothing for other processes."""
    if move.ended and move.instance.process_key == PROCESS:
        _CLOSE.later(session, {"instance_id": move.instance.id, "at": at})


def end_supervision(session: Session, arguments: Mapping[str, Any], *, deps: Deps) -> None:
    """Job: end the supervision `instance_id`, because its clock has stopped, or what somebody pressed is done. Its open
    work orders are cancelled with that reason: the clock's, or how the case turned out. Nothing happens where it is over already.
    """
    instance_id = UUID(str(arguments["instance_id"]))
    row = locked(session, instance_id)
    found = session.execute(
        sa.select(_SUPERVISION, _CLOCK.c.stop_reason, _CLOCK.c.stopped_at, _CASE.c.outcome)
        .select_from(
            _SUPERVISION.outerjoin(_CLOCK, _CLOCK.c.id == _SUPERVISION.c.clock_id).outerjoin(
                _CASE, _CASE.c.id == _SUPERVISION.c.case_id
            )
        )
        .where(_SUPERVISION.c.instance_id == instance_id)
        .with_for_update(of=_SUPERVISION)
    ).one()
    if found.closed_at is not None:
        return
    over = (found.outcome or "done") if found.clock_id is None else "case over"
    reason = found.stop_reason or ("stopped" if found.stopped_at else over)
    session.execute(
        sa.update(_SUPERVISION).where(_SUPERVISION.c.instance_id == instance_id).values(close_reason=reason)
    )
    record(
        session,
        SYSTEM,
        "supervision.end",
        at=deps.clock.now(),
        chain=chain_of(found.number if found.case_id else None, found.about_id),
        subject="instance",
        subject_id=instance_id,
        after={"reason": reason},
    )
    if row.status == ACTIVE:
        with suppress(MessageNotAwaited):
            deps.engine.correlate(
                session, OVER, instance_id=instance_id, payload={"reason": reason}, actor=SYSTEM
            )
            return
    if row.status in (ACTIVE, SUSPENDED):
        deps.engine.cancel(session, instance_id, reason=reason, actor=SYSTEM)
