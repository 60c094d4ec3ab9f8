"""Timer start events: when a process starts by itself. Only the version that starts use has schedules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.actor import SYSTEM
from engine.db import Base
from engine.deployment import ProcessDefinition, Timestamp
from engine.dialect.model import Node, ProcessModel
from engine.expressions.feel import Warning
from engine.ports import Move
from engine.spiff.run import ActivityFailed, TimerPlan

if TYPE_CHECKING:
    from engine.process_engine import ProcessEngine

_BUSINESS_KEY_ZONE = ZoneInfo("Asia/Shanghai")


class StartSchedule(Base):
    """The next instant a timer start event starts its process. `ended_at` is set when it will not start any more."""

    __tablename__ = "start_schedule"
    __table_args__ = (
        sa.Index("ix_start_schedule_due", "due_at", postgresql_where=sa.text("ended_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    definition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_definition.id"), index=True)
    process_key: Mapped[str] = mapped_column(sa.Text)
    activity_id: Mapped[str] = mapped_column(sa.Text)
    due_at: Mapped[datetime] = mapped_column(Timestamp)
    every: Mapped[str | None] = mapped_column(sa.Text)
    """ISO 8601 duration of a repeating start, or null."""
    left: Mapped[int | None] = mapped_column()
    """How many starts are left; null means without end."""
    ended_at: Mapped[datetime | None] = mapped_column(Timestamp)


def schedule(
    engine: ProcessEngine, session: Session, definitions: Iterable[tuple[UUID, ProcessModel]]
) -> None:
    """Schedule the timer starts of new versions and end those of the versions before them. Raises ActivityFailed."""
    now = engine.clock.now()
    for definition_id, model in definitions:
        end_schedules(session, model.key, now)
        for node, plan in timer_starts(engine, model):
            row: dict[str, Any] = {
                "id": engine.new_id(), "definition_id": definition_id, "process_key": model.key,
                "activity_id": node.id, "due_at": plan.due_at, "every": plan.every, "left": plan.left,
            }  # fmt: skip
            session.execute(sa.insert(StartSchedule), [row])


def end_schedules(session: Session, process_key: str, at: datetime) -> None:
    """Let no timer start a process any more."""
    session.execute(
        sa.update(StartSchedule)
        .where(StartSchedule.process_key == process_key, StartSchedule.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )


def timer_starts(engine: ProcessEngine, model: ProcessModel) -> Iterator[tuple[Node, TimerPlan]]:
    """Yield the timer starts of a process and when each comes first, from now. Raises ActivityFailed for what is no time."""
    for node in model.body.nodes:
        if node.kind == "startEvent" and node.event is not None and node.event.timer is not None:
            yield (
                node,
                engine.evaluator.due(
                    node.event.timer_kind, node.event.timer, {}, partial(refuse_doubt, node.id)
                ),
            )


def refuse_doubt(start_event: str, feel: str, warnings: Iterable[Warning]) -> None:
    """Refuse a timer start whose expression warns: there is no instance yet with which the warning could be kept.

    Raises ActivityFailed.
    """
    for warning in warnings:
        raise ActivityFailed(
            "expression",
            f"'{feel}' of '{start_event}' leaves a doubt: {warning.message}",
            f"“{start_event}”的“{feel}”存在疑问：{warning.message_zh}",
        )


def start_next(engine: ProcessEngine, session: Session) -> Move | None:
    """Start the process that has been due longest, once per instant; None where nothing is due.

    Missed rounds of a repeating start are caught up with one.
    """
    now = engine.clock.now()
    item = longest_due(session, now)
    if item is None:
        return None
    instant, definition_id, key, start_event = (
        item.due_at,
        item.definition_id,
        item.process_key,
        item.activity_id,
    )
    if item.every is None or (item.left is not None and item.left <= 1):
        item.ended_at = now
    else:
        try:
            item.due_at = engine.evaluator.next_round(item.due_at, item.every)
        except ActivityFailed:
            item.ended_at = now  # the calendar ends before the next round
        item.left = None if item.left is None else item.left - 1
    session.flush()
    version = session.scalar(
        sa.select(ProcessDefinition.version).where(ProcessDefinition.id == definition_id)
    )
    return engine.start(
        session,
        key,
        business_key=f"{key}-{instant.astimezone(_BUSINESS_KEY_ZONE):%Y%m%dT%H%M%S}",
        actor=SYSTEM,
        version=version,
        start_event=start_event,
    )


def postpone_next(engine: ProcessEngine, session: Session) -> None:
    """Put a start that failed off by a minute, so that the ones behind it get their turn."""
    item = longest_due(session, engine.clock.now())
    if item is not None:
        item.due_at = engine.clock.now() + timedelta(minutes=1)


def longest_due(session: Session, now: datetime) -> StartSchedule | None:
    """Return and lock the schedule that has been due longest, skipping what another sweep holds."""
    return session.scalars(
        sa.select(StartSchedule)
        .where(StartSchedule.due_at <= now, StartSchedule.ended_at.is_(None))
        .order_by(StartSchedule.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
