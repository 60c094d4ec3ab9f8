"""Process instances as people see and steer them: state, history, cancel, suspend, resume, retry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition
from engine.dialect.ids import engine_id
from engine.errors import InvalidInput, NotFound
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.instance import ACTIVE, CANCELLED, SUSPENDED, ProcessInstance
from engine.messages import MessageSubscription
from engine.ports import Move
from engine.signals import SignalSubscription
from engine.timers import Timer
from tasks.audit.digests import digest, given
from tasks.audit.recording import chain_of, record
from tasks.cases.numbers import is_number
from tasks.cases.reading import note_read, read_case
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.inbox import tasks_of_instance
from tasks.listener import case_behind
from tasks.paging import LARGEST_PAGE
from tasks.people.caller import Caller
from tasks.permissions import technical
from tasks.permissions.matrix import BLIND, CASELESS, VERBS, require
from tasks.permissions.visibility import visible_to

LARGEST_PAYLOAD = 64 * 1024
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
    found = _reached(session, deps, caller, "instance.read", instance_id)
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
    found = _reached(session, deps, caller, "instance.read", instance_id)
    if not 1 <= limit <= 1000:
        raise InvalidInput(f"{limit} lines of history were asked for; it must be between 1 and 1000.")
    lines = session.execute(
        sa.select(_HISTORY)
        .where(_HISTORY.c.instance_id == instance_id, _HISTORY.c.id > after)
        .order_by(_HISTORY.c.id)
        .limit(limit)
    ).all()
    return lines if found.contents else [technical.line(one) for one in lines]


def cancel_instance(session: Session, deps: Deps, caller: Caller, instance_id: UUID, *, reason: str) -> Move:
    """End an instance for good, with the reason. Raises NotFound, NotPermitted, WrongState."""
    found = _reached(session, deps, caller, "instance.cancel", instance_id)
    _noted(session, deps, caller, "instance.cancel", found, {"status": CANCELLED}, reason)
    return deps.engine.cancel(session, instance_id, reason=_reason(reason), actor=caller.actor)


def suspend_instance(session: Session, deps: Deps, caller: Caller, instance_id: UUID, *, reason: str) -> None:
    """Stop an instance from moving; its tasks stay visible. Raises NotFound, NotPermitted, WrongState."""
    found = _reached(session, deps, caller, "instance.suspend", instance_id)
    _noted(session, deps, caller, "instance.suspend", found, {"status": SUSPENDED}, reason)
    deps.engine.suspend(session, instance_id, reason=_reason(reason), actor=caller.actor)


def resume_instance(
    session: Session, deps: Deps, caller: Caller, instance_id: UUID, *, reason: str = ""
) -> None:
    """Let a suspended instance move again. Raises NotFound, NotPermitted, WrongState."""
    found = _reached(session, deps, caller, "instance.resume", instance_id)
    _noted(session, deps, caller, "instance.resume", found, {"status": ACTIVE}, reason)
    deps.engine.resume(session, instance_id, reason=reason.strip()[:1000], actor=caller.actor)


def set_variables(
    session: Session,
    deps: Deps,
    caller: Caller,
    instance_id: UUID,
    variables: Mapping[str, Any],
    *,
    reason: str,
    at: str | None = None,
) -> Move:
    """Set variables a diagram reads and nobody gave, with the reason; at: the activity that reads them.

    Raises NotFound, NotPermitted, WrongState, InvalidInput, also for values above 64 KiB.
    """
    found = _reached(session, deps, caller, "instance.correct", instance_id)
    carried = _carried("correction", str(instance_id), variables)
    _noted(session, deps, caller, "instance.correct", found, {"at": at, **given(carried)}, reason)
    return deps.engine.set_variables(
        session, instance_id, carried, reason=_reason(reason), at=at, actor=caller.actor
    )


def retry_incident(session: Session, deps: Deps, caller: Caller, incident_id: UUID) -> UUID:
    """Ask for a failing activity to be run again, by a job; return the id of its instance. Raises NotFound, NotPermitted, WrongState."""
    require(caller, "incident.retry")
    instance_id = session.scalar(sa.select(Incident.instance_id).where(Incident.id == incident_id))
    if instance_id is None:
        raise NotFound(f"The incident {incident_id} was asked for; there is no such incident for you.")
    found = _reached(session, deps, caller, "incident.retry", instance_id)
    _noted(session, deps, caller, "incident.retry", found, {"incident": incident_id})
    deps.engine.retry(session, incident_id, actor=caller.actor)
    return instance_id


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


def send_message(
    session: Session, deps: Deps, caller: Caller, number: str, name: str, payload: Mapping[str, Any] | None
) -> Move:
    """Give a message such as `withdraw` or `urge` to a case, now or not at all.

    Raises NotFound when the caller may not see the case, MessageNotAwaited when nothing in it waits for the
    message, InvalidInput for a payload above 64 KiB.
    """
    case = read_case(session, deps, caller, number, verb="message.send")
    if not storable(name):
        raise InvalidInput("A message with an impossible name was sent.")
    content = _carried("message", name, payload)
    record(
        session,
        caller.actor,
        "message.send",
        at=deps.clock.now(),
        chain=case.number,
        subject="case",
        subject_id=case.number,
        after={"message": name, **given(content)},
    )
    return deps.engine.correlate(session, name, business_key=case.number, payload=content, actor=caller.actor)


def send_signal(
    session: Session, deps: Deps, caller: Caller, name: str, payload: Mapping[str, Any] | None
) -> int:
    """Throw a signal to every instance that waits for it, of any case; return how many activities wait for it now.

    It starts the processes that begin with it. Raises NotPermitted, InvalidInput for a payload above 64 KiB.
    """
    require(caller, "signal.send")
    if not storable(name):
        raise InvalidInput("A signal with an impossible name was sent.")
    content = _carried("signal", name, payload)
    record(
        session,
        caller.actor,
        "signal.send",
        at=deps.clock.now(),
        subject="signal",
        subject_id=name,
        after=given(content),
    )
    return deps.engine.signal(session, name, payload=content, actor=caller.actor)


def _carried(kind: str, name: str, payload: Mapping[str, Any] | None) -> dict[str, Any]:
    content = dict(payload or {})
    if len(orjson.dumps(content)) > LARGEST_PAYLOAD:
        raise InvalidInput(
            f"The {kind} {name} was sent with more than {LARGEST_PAYLOAD // 1024} KiB of payload."
        )
    return content


def start_process(
    session: Session,
    deps: Deps,
    caller: Caller,
    process_key: str,
    *,
    business_key: str,
    variables: Mapping[str, Any] | None,
    version: int | None = None,
    start_event: str | None = None,
) -> Move:
    """Start any deployed process without a case, at the named start event or the first plain one drawn.

    A business key that is the number of a case lets the process read that case: whoever starts it has to see it. Raises
    NotFound, NotPermitted, InvalidInput, which lists the start events where the named one is none of them.
    """
    require(caller, "instance.start")
    if is_number(business_key):
        _for_a_case(session, caller, business_key)
    move = deps.engine.start(
        session,
        process_key,
        business_key=business_key,
        variables=variables or {},
        actor=caller.actor,
        version=version,
        start_event=engine_id(start_event) if start_event else None,
    )
    behind = case_behind(session, business_key)
    record(
        session,
        caller.actor,
        "instance.start",
        at=deps.clock.now(),
        chain=chain_of(business_key if behind else None, move.instance.id),
        subject="instance",
        subject_id=move.instance.id,
        after={"process": process_key, "business_key": business_key, **given(variables or {})},
    )
    return move


def _noted(
    session: Session,
    deps: Deps,
    caller: Caller,
    verb: str,
    found: _Reached,
    after: Mapping[str, Any],
    reason: str = "",
) -> None:
    record(
        session,
        caller.actor,
        verb,
        at=deps.clock.now(),
        chain=chain_of(found.number, found.row.id),
        subject="instance",
        subject_id=found.row.id,
        before={"status": found.row.status},
        after={**after, "reason": digest(reason.strip())} if reason.strip() else after,
    )


@dataclass(frozen=True, slots=True)
class _Reached:
    """An instance somebody may do something to: its row, the number of its case, and whether they see the case."""

    row: Any
    number: str | None
    contents: bool


def _reached(session: Session, deps: Deps, caller: Caller, verb: str, instance_id: UUID) -> _Reached:
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
        if roles & CASELESS or row.started_by == str(caller.id):
            return _Reached(row, None, True)
    elif row is not None and row.seen:
        if row.confidential:
            note_read(session, deps, caller, row)
        return _Reached(row, row.number, True)
    elif row is not None and roles & BLIND:
        return _Reached(row, row.number, False)
    raise NotFound(f"The instance {instance_id} was asked for; there is no such instance for you.")


def _for_a_case(session: Session, caller: Caller, number: str) -> None:
    seen = sa.select(_CASE.c.id).where(_CASE.c.number == number, visible_to(caller))
    if session.scalar(seen) is None:
        raise NotFound(
            f"To start a process for the case {number} was asked; there is no such case for you.",
            number=number,
        )


def _reason(reason: str) -> str:
    text = reason.strip()
    if not 1 <= len(text) <= 1000 or not storable(text):
        raise InvalidInput("A reason of 1 to 1000 characters is needed.")
    return text


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
