"""More time: whoever handles asks for it, a supervisor of the centre who is not the same person decides (`approving`; 003§2.4.8,
domain §1.14 #10).

The same request carries what a recomputation would have shortened against a promise: approving applies it, refusing keeps
what was promised.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, NotPermitted, WrongState
from engine.instance import locked
from tasks.core import storable, table
from tasks.deadlines.calendar.limits import FIXED, HOURS, plain, shown
from tasks.deadlines.clocks.beginning import read_amount
from tasks.deadlines.clocks.changing.approving import require_deciding, to_be_told
from tasks.deadlines.clocks.changing.moving import Course, Moving, course, limit_of
from tasks.deadlines.clocks.changing.promising import wrong_promise
from tasks.deadlines.clocks.changing.reach import (
    Mistake,
    in_hand,
    moving_for,
    rearm,
    refuse_mistakes,
    require_running,
    seen,
)
from tasks.deadlines.clocks.changing.telling import lock_with_listeners, tell_extended
from tasks.deadlines.clocks.tables import ClockRequest
from tasks.deadlines.policies.words import UNIT_NAMES
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.talk.causes import ASKED, DECIDED
from tasks.talk.telling import tell

EXTENSION, SHORTENING = "extension", "shortening"
REQUESTED, APPROVED, REFUSED = "requested", "approved", "refused"
LONGEST_REASON = 1000
MOST_HOURS = Decimal(720)
"""The most a fixed instant is moved by: 30 days."""

_REQUEST = table(ClockRequest)


def ask_extension(
    session: Session,
    deps: Deps,
    caller: Caller,
    clock_id: UUID,
    *,
    amount: Any,
    reason: str,
    promise: datetime | None = None,
    text: str = "",
) -> UUID:
    """Ask for more time, in the clock's own unit (hours for a fixed instant); return the request's id.

    Altogether a limit is extended by at most as much again. promise, text: what the customer is told anew, kept at once.
    Raises NotPermitted, NotFound; InvalidInput with every mistake; WrongState for a clock that has stopped or of which a
    request is open.
    """
    moving, clock = in_hand(session, deps, caller, clock_id, "clock.ask", "An extension")
    if open_request(session, clock_id, EXTENSION) is not None:
        raise WrongState(
            f"An extension of the clock {clock.code} of {clock.number} was asked, but one is still to be decided on.",
            message_zh=f"{clock.number} 的时钟 {clock.code} 已有一份延期申请待批。",
            clock_id=str(clock_id),
            state=REQUESTED,
        )
    more, wrong = _more(clock, amount)
    if not reason.strip() or len(reason) > LONGEST_REASON or not storable(reason):
        wrong.append(
            (
                f"a reason is a text of 1 to {LONGEST_REASON} characters",
                f"理由应为 1 至 {LONGEST_REASON} 个字符",
            )
        )
    if promise is not None:
        wrong += wrong_promise(promise, text, moving.at)
    refuse_mistakes("The extension", "延期申请", wrong)
    request_id = moving.new_id()
    after = None if clock.paused_at else _extended(moving, clock, more).due_at
    session.execute(
        sa.insert(_REQUEST).values(
            id=request_id,
            clock_id=clock_id,
            kind=EXTENSION,
            amount=more,
            reason=reason.strip(),
            due_before=clock.due_at,
            due_after=after,
            state=REQUESTED,
            asked_at=moving.at,
            asked_by=str(caller.id),
            asked_by_name=caller.name,
        )
    )
    if promise is not None:
        moving.promise([clock], promise, text)
    moving.record(
        clock,
        "clock.ask",
        {"amount": str(more), "request": str(request_id), **({"promise": promise} if promise else {})},
    )
    _tell(session, deps, clock, ASKED, request_id, to_be_told(session, deps, caller, clock), who=caller.name)
    return request_id


def decide(
    session: Session,
    deps: Deps,
    caller: Caller,
    clock_id: UUID,
    request_id: UUID,
    *,
    approve: bool,
    note: str = "",
) -> None:
    """Approve or refuse a request. An approved extension moves due, also of an overdue clock; while the clock stands still it
    counts when it goes on. The processes of the case that wait to hear of it are told in the same transaction.

    Raises NotPermitted, also for supervisors elsewhere and for whoever asked; NotFound; InvalidInput; WrongState for a request that is decided and a clock
    that has stopped.
    """
    row = seen(session, deps, caller, clock_id, "clock.decide")
    require_deciding(session, deps, caller, row)
    request = _request(session, clock_id, request_id)
    listeners: list[UUID] = []
    if approve and request.kind == EXTENSION:
        listeners = lock_with_listeners(session, row.number, row.instance_id)
    else:
        locked(session, row.instance_id)
    moving = moving_for(session, deps, caller.actor)
    (clock,) = moving.clocks(clock_id)
    request = _request(session, clock_id, request_id)
    if request.state != REQUESTED:
        raise WrongState(
            f"A decision on the request {request_id} was sent, but it is {request.state} by "
            f"{request.decided_by_name} since {shown(request.decided_at)}.",
            message_zh=f"该申请已由 {request.decided_by_name} 于 {shown(request.decided_at)} 处理。",
            request_id=str(request_id),
            state=request.state,
        )
    if request.asked_by == str(caller.id):
        raise NotPermitted(
            f"A decision on the request {request_id} was sent by {caller.login}, who has asked for it; somebody else decides.",
            message_zh="申请人不能审批自己的申请。",
        )
    require_running(clock, "A decision on the extension")
    if len(note) > LONGEST_REASON or not storable(note):
        said = (
            f"a note is a text of at most {LONGEST_REASON} characters",
            f"说明最多 {LONGEST_REASON} 个字符",
        )
        refuse_mistakes("The decision", "审批", [said])
    _decided(session, moving, request_id, caller, approve, note)
    before, after = clock.due_at, clock.due_at
    if approve:
        after = _apply(moving, clock, request)
    moving.record(
        clock,
        "clock.decide",
        {"request": str(request_id), "state": APPROVED if approve else REFUSED, "due_at": after},
        before={"due_at": before},
    )
    rearm(session, deps, moving)
    if request.kind == EXTENSION:
        told = ("同意", "approved") if approve else ("未予同意", "refused")
        asker = UUID(request.asked_by)
        _tell(
            session, deps, clock, DECIDED, request_id, [asker], who=caller.name, told=told[0], told_en=told[1]
        )
    tell_extended(session, deps, caller, listeners, clock, due_at=after, reason=request.reason)


def open_request(session: Session, clock_id: UUID, kind: str) -> Any:
    """The request of this kind that is still to be decided on, or None."""
    return session.execute(
        sa.select(_REQUEST).where(
            _REQUEST.c.clock_id == clock_id, _REQUEST.c.kind == kind, _REQUEST.c.state == REQUESTED
        )
    ).first()


def _more(clock: Any, amount: Any) -> tuple[Decimal, list[Mistake]]:
    """The amount and what is wrong with it."""
    more, said = read_amount(amount), str(amount)[:40]
    if more is None or more <= 0:
        return Decimal(0), [(f"{said!r} is no amount above 0", f"延期量“{said}”应为大于 0 的数")]
    most = max((MOST_HOURS if clock.unit == FIXED else clock.amount) - clock.extended, Decimal(0))
    if more > most:
        left = plain(most)
        zh, en = UNIT_NAMES[HOURS if clock.unit == FIXED else clock.unit]
        return more, [
            (
                f"{said} is more than the {left} {en} there may still be",
                f"延期量 {said} 超过尚可延长的 {left} {zh}",
            )
        ]
    return more, []


def _extended(moving: Moving, clock: Any, more: Decimal) -> Course:
    floor = clock.last_due if clock.promised_at else None
    return course(moving.calendars, clock, limit=limit_of(clock).plus(more), not_before=floor)


def _apply(moving: Moving, clock: Any, request: Any) -> datetime | None:
    """Move the clock as the request asked; return when it is due."""
    if request.kind == SHORTENING:
        if clock.paused_at is not None:
            return None  # going on reckons it
        found = course(moving.calendars, clock)
        moving.goes(clock, SHORTENING, found)
        return found.due_at
    if clock.paused_at is not None:
        moving.longer(clock, clock.extended + request.amount)
        return None
    found = _extended(moving, clock, request.amount)
    moving.goes(clock, EXTENSION, found, extended=clock.extended + request.amount)
    return found.due_at


def _tell(
    session: Session, deps: Deps, clock: Any, cause: str, request_id: UUID, people: list[UUID], **fields: str
) -> None:
    tell(
        session,
        deps.clock,
        cause,
        request_id,
        people=people,
        number=clock.number,
        instance_id=clock.instance_id,
        fields={"clock": clock.name or clock.code, **fields},
    )


def _request(session: Session, clock_id: UUID, request_id: UUID) -> Any:
    found = session.execute(
        sa.select(_REQUEST).where(_REQUEST.c.id == request_id, _REQUEST.c.clock_id == clock_id)
    ).first()
    if found is None:
        raise NotFound(
            f"The request {request_id} was asked for; there is no such request of the clock {clock_id}.",
            request_id=str(request_id),
        )
    return found


def _decided(
    session: Session, moving: Moving, request_id: UUID, caller: Caller, approve: bool, note: str
) -> None:
    session.execute(
        sa.update(_REQUEST)
        .where(_REQUEST.c.id == request_id)
        .values(
            state=APPROVED if approve else REFUSED,
            decided_at=moving.at,
            decided_by=str(caller.id),
            decided_by_name=caller.name,
            note=note,
        )
    )
