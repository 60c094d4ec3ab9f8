"""Process instances as people see them: where one is, what it waits for, what it rests on, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition
from engine.errors import InvalidInput, NotFound
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.instance import ProcessInstance
from engine.messages import MessageSubscription
from engine.signals import SignalSubscription
from engine.timers import Timer
from tasks.cases.reading import note_read
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deps import Deps
from tasks.lists.around import tasks_of_instance
from tasks.paging import LARGEST_PAGE
from tasks.people.caller import Caller
from tasks.permissions import technical
from tasks.permissions.matrix import BLIND, VERBS, require
from tasks.permissions.visibility import sees_without_case, visible_to

MOST_WARNINGS = 200
"""Shown with an instance, the latest; the history has all of them."""
_HISTORY = table(HistoryEvent)
_INSTANCE = table(ProcessInstance)
_CASE = table(Case)
_SHOWN = [column for column in _INSTANCE.c if column.name != "state"]


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One instance: its row, its definition's name, where it is now, and what it waits for or rests on.

    contents: whether the reader sees the case; without it, everything here is as `permissions.technical` leaves it.
    """

    instance: Any
    name: str
    number: str | None
    contents: bool
    activities: Sequence[Any]
    tasks: Sequence[Any]
    timers: Sequence[Any]
    messages: Sequence[Any]
    signals: Sequence[Any]
    incidents: Sequence[Any]
    warnings: Sequence[Any]


def read_instance(session: Session, deps: Deps, caller: Caller, instance_id: UUID) -> InstanceView:
    """The instance, for whoever sees its case; for operators without the case's contents. An instance without a case is
    for operators, process owners and whoever started it.

    `activities` are the tokens that have entered an activity and not left it; `warnings` are lines of history, the latest
    first: what FEEL warned of. Raises NotFound.
    """
    found = reached(session, deps, caller, "instance.read", instance_id)
    row = found.row
    name = session.scalar(sa.select(ProcessDefinition.name).where(ProcessDefinition.id == row.definition_id))
    incidents = session.execute(
        sa.select(table(Incident)).where(Incident.instance_id == instance_id).order_by(Incident.raised_at)
    ).all()
    timers = session.execute(
        sa.select(table(Timer))
        .where(Timer.instance_id == instance_id, Timer.fired_at.is_(None))
        .order_by(Timer.due_at)
    ).all()
    waiting = session.execute(
        sa.select(MessageSubscription.name, MessageSubscription.activity_id)
        .where(MessageSubscription.instance_id == instance_id)
        .order_by(MessageSubscription.name)
    ).all()
    signals = session.execute(
        sa.select(SignalSubscription.name, SignalSubscription.activity_id)
        .where(SignalSubscription.instance_id == instance_id)
        .order_by(SignalSubscription.name)
    ).all()
    warnings = session.execute(
        sa.select(_HISTORY)
        .where(_HISTORY.c.instance_id == instance_id, _HISTORY.c.kind == "warning_recorded")
        .order_by(_HISTORY.c.id.desc())
        .limit(MOST_WARNINGS)
    ).all()
    return InstanceView(
        instance=row if found.contents else technical.instance(row),
        name=name or row.process_key,
        number=found.number,
        contents=found.contents,
        activities=_live(session, instance_id),
        tasks=tasks_of_instance(session, instance_id),
        timers=timers,
        messages=waiting,
        signals=signals,
        incidents=incidents if found.contents else [technical.incident(one) for one in incidents],
        warnings=warnings if found.contents else [technical.line(one) for one in warnings],
    )


def read_history(
    session: Session,
    deps: Deps,
    caller: Caller,
    instance_id: UUID,
    *,
    after: int = 0,
    limit: int = LARGEST_PAGE,
) -> Sequence[Any]:
    """The lines of an instance's history with an id above `after`, oldest first; for operators who do not see the case
    without its contents. Raises NotFound.
    """
    found = reached(session, deps, caller, "instance.read", instance_id)
    if not 1 <= limit <= 1000:
        raise InvalidInput(f"{limit} lines of history were asked for; it must be between 1 and 1000.")
    lines = session.execute(
        sa.select(_HISTORY)
        .where(_HISTORY.c.instance_id == instance_id, _HISTORY.c.id > after)
        .order_by(_HISTORY.c.id)
        .limit(limit)
    ).all()
    return lines if found.contents else [technical.line(one) for one in lines]


def open_incidents(session: Session, caller: Caller, *, limit: int = 200) -> Sequence[Any]:
    """Incidents nobody has resolved, oldest first, with the business key of their instance; for operators, without the
    sentence where they do not see the case.
    """
    require(caller, "incident.retry")
    rows = session.execute(
        sa.select(
            table(Incident),
            _INSTANCE.c.business_key,
            _INSTANCE.c.process_key,
            sa.or_(_CASE.c.id.is_(None), visible_to(caller)).label("contents"),
        )
        .select_from(
            table(Incident)
            .join(_INSTANCE, _INSTANCE.c.id == Incident.instance_id)
            .outerjoin(_CASE, _CASE.c.number == _INSTANCE.c.business_key)
        )
        .where(Incident.resolved_at.is_(None))
        .order_by(Incident.raised_at)
        .limit(limit)
    ).all()
    return [row if row.contents else technical.incident(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Reached:
    """An instance somebody may do something to: its row, the number of its case, and whether they see the case."""

    row: Any
    number: str | None
    contents: bool


def reached(session: Session, deps: Deps, caller: Caller, verb: str, instance_id: UUID) -> Reached:
    """The instance, if `verb` reaches it for the caller. One statement. Reading a confidential one is recorded.

    Raises NotPermitted, which looks at no instance, and NotFound: the same whether there is none or it is out of reach.
    """
    require(caller, verb)
    row = session.execute(
        sa.select(
            *_SHOWN,
            _CASE.c.number,
            _CASE.c.confidential,
            sa.func.coalesce(visible_to(caller, verb), sa.false()).label("seen"),
        )
        .select_from(_INSTANCE.outerjoin(_CASE, _CASE.c.number == _INSTANCE.c.business_key))
        .where(_INSTANCE.c.id == instance_id)
    ).first()
    roles = caller.roles & VERBS[verb].roles
    if row is not None and row.number is None:
        if sees_without_case(caller, verb, row.started_by):
            return Reached(row, None, True)
    elif row is not None and row.seen:
        if row.confidential:
            note_read(session, deps, caller, row)
        return Reached(row, row.number, True)
    elif row is not None and roles & BLIND:
        return Reached(row, row.number, False)
    raise NotFound(f"The instance {instance_id} was asked for; there is no such instance for you.")


def _live(session: Session, instance_id: UUID) -> Sequence[Any]:
    last = (
        sa.select(_HISTORY)
        .ext(distinct_on(_HISTORY.c.token_id))
        .where(
            _HISTORY.c.instance_id == instance_id,
            _HISTORY.c.token_id.is_not(None),
            _HISTORY.c.kind.in_(("activity_entered", "activity_completed", "activity_cancelled")),
        )
        .order_by(_HISTORY.c.token_id, _HISTORY.c.id.desc())
        .subquery()
    )
    return session.execute(
        sa.select(
            last.c.token_id,
            last.c.activity_id,
            last.c.activity_name,
            last.c.activity_type,
            last.c.scope,
            last.c.at.label("since"),
        )
        .where(last.c.kind == "activity_entered")
        .order_by(last.c.id)
    ).all()
