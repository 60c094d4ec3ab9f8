"""A clock, or all of a case, stands still while somebody outside is waited for, and goes on (domain §1.10 #12).

What stood still is in the ledger: by whom, from when to when, why. A pause moves what lies behind it by exactly its length.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotPermitted, WrongState
from engine.instance import ACTIVE, SUSPENDED, ProcessInstance
from tasks.audit.recording import record
from tasks.cases.reading import read_case
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deadlines.calendar.limits import in_our_time, shown
from tasks.deadlines.clocks.changing.approving import DECIDE, may_decide
from tasks.deadlines.clocks.changing.moving import Moving, pauses_of
from tasks.deadlines.clocks.changing.reach import (
    Mistake,
    in_hand,
    lock_all,
    moving_for,
    outside_time,
    rearm,
    refuse_mistakes,
    refuse_paused,
    seen,
)
from tasks.deadlines.clocks.stood import read_stood, stood_until, written
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.policies.pauses import PAUSE_REASONS, pause_words
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require

LONGEST_NOTE = 1000
FREE = "customer"
"""The reason for which whoever handles may wait; mass events and regulators, which stop everybody's clocks, are a
supervisor's.
"""
PAUSE = ("A pause", "暂停")


def pause_verb(reason: str) -> str:
    """The verb that having clocks stand still for a reason, and go on after it, asks for."""
    return "clock.pause" if reason == FREE or reason not in PAUSE_REASONS else "clock.pause_widely"


_CLOCK, _CASE = table(Clock), table(Case)


def pause_clock(
    session: Session,
    deps: Deps,
    caller: Caller,
    clock_id: UUID,
    *,
    reason: str,
    note: str = "",
    from_at: datetime | None = None,
) -> None:
    """Have one clock stand still for a reason its terms allow, from now or from an earlier instant (aware).

    Raises NotPermitted, also for who may not decide on more time and tells late what would excuse a clock that is over;
    NotFound; InvalidInput with every mistake of what was sent; WrongState for a clock that has stopped or stands still.
    """
    verb = _verb(caller, reason)
    moving, clock = in_hand(session, deps, caller, clock_id, verb, "A pause")
    if clock.paused_at is not None:
        refuse_paused(clock, "A pause")
    since = from_at or moving.at
    refuse_mistakes(*PAUSE, _wrong(moving, reason, note, since, [clock], earliest=clock.started_at))
    _require_in_time(session, deps, caller, [clock], since, moving.at)
    moving.pause(clock, reason, since, [f"{reason}:{caller.id}"], note)
    after, before = {"reason": reason, "from_at": since}, {"due_at": clock.due_at}
    if reason == FREE:
        moving.record(clock, "clock.pause", after, before)
    else:
        moving.record(clock, "clock.pause_widely", after, before)
    rearm(session, deps, moving)


def resume_clock(session: Session, deps: Deps, caller: Caller, clock_id: UUID, *, note: str = "") -> None:
    """Have a clock go on; due moves by what it stood still. Raises as `pause_clock`; WrongState where it goes already."""
    moving, clock = in_hand(session, deps, caller, clock_id, "clock.resume", "Going on")
    if clock.paused_at is None:
        raise WrongState(
            f"Going on of the clock {clock.code} of {clock.number} was asked, but it does not stand still.",
            message_zh=f"{clock.number} 的时钟 {clock.code} 没有暂停，无法恢复。",
            clock_id=str(clock.id),
            state="running",
        )
    if clock.pause_reason != FREE:
        seen(session, deps, caller, clock_id, "clock.pause_widely")
    refuse_mistakes("Going on", "恢复", _wrong_note(note))
    moving.resume(clock)
    moving.record(clock, "clock.resume", {"reason": clock.pause_reason, "note": note})
    rearm(session, deps, moving)


def pause_case(
    session: Session,
    deps: Deps,
    caller: Caller,
    number: str,
    *,
    reason: str,
    note: str = "",
    from_at: datetime | None = None,
) -> int:
    """Have all clocks of a case stand still whose terms allow the reason, and those that begin meanwhile; return how many.

    Clocks that stand still already stay as they are. Raises as `pause_clock`; WrongState also for a case that is over or
    waits already.
    """
    verb = _verb(caller, reason)
    moving, case, clocks = _case_in_hand(session, deps, caller, number, verb, "A pause")
    if case.paused_at is not None:
        zh, english = pause_words(case.pause_reason)
        raise WrongState(
            f"A pause of the case {number} was asked, but it waits since {shown(case.paused_at)}: {english}.",
            message_zh=f"案件 {number} 自 {shown(case.paused_at)} 起已暂停：{zh}。",
            number=number,
            state="paused",
        )
    since = from_at or moving.at
    going = [clock for clock in clocks if clock.paused_at is None]
    able = [clock for clock in going if reason in clock.pausable]
    wrong = _wrong(moving, reason, note, since, able, earliest=case.filed_at)
    if going and not able and reason in PAUSE_REASONS:
        wrong.append(
            (
                f"no clock of the case {number} may stand still for {reason}",
                f"案件 {number} 没有可因“{pause_words(reason)[0]}”暂停的时钟",
            )
        )
    refuse_mistakes(*PAUSE, wrong)
    _require_in_time(session, deps, caller, able, since, moving.at)
    for clock in able:
        moving.pause(clock, reason, max(since, clock.started_at), [f"{reason}:{caller.id}"], note)
    _mark(session, case, moving.at, since, reason, [f"{reason}:{caller.id}"])
    _recorded(
        moving,
        verb,
        number,
        {"reason": reason, "from_at": since, "clocks": [str(clock.id) for clock in able]},
    )
    rearm(session, deps, moving)
    return len(able)


def resume_case(session: Session, deps: Deps, caller: Caller, number: str, *, note: str = "") -> int:
    """Have a case go on with all clocks that stand still for the reason it waits for; return how many.

    Raises as `pause_case`; WrongState where it does not wait.
    """
    moving, case, clocks = _case_in_hand(session, deps, caller, number, "clock.resume", "Going on")
    if case.paused_at is None:
        raise WrongState(
            f"Going on of the case {number} was asked, but it does not wait.",
            message_zh=f"案件 {number} 没有暂停，无法恢复。",
            number=number,
            state="running",
        )
    if case.pause_reason != FREE:
        read_case(session, deps, caller, number, verb="clock.pause_widely")
    refuse_mistakes("Going on", "恢复", _wrong_note(note))
    held_by = set(case.paused_by)
    standing = [clock for clock in clocks if clock.paused_at and held_by.intersection(clock.held_by)]
    for clock in standing:
        moving.resume(clock)
    _mark(session, case, moving.at, None, "", [])
    _recorded(
        moving,
        "clock.resume",
        number,
        {"reason": case.pause_reason, "note": note, "clocks": [str(clock.id) for clock in standing]},
    )
    rearm(session, deps, moving)
    return len(standing)


def _verb(caller: Caller, reason: str) -> str:
    require(caller, "clock.pause")
    return pause_verb(reason)


def _require_in_time(
    session: Session, deps: Deps, caller: Caller, clocks: Sequence[Any], since: datetime, now: datetime
) -> None:
    """Raise NotPermitted where a pause that is told late would make a clock on time again that is over, unless the caller
    may decide on more time: that is what it would be.
    """
    late = [clock for clock in clocks if clock.due_at is not None and since < clock.due_at <= now]
    for clock in late:
        if may_decide(session, deps, caller, clock):
            continue
        raise NotPermitted(
            f"A pause of the clock {clock.code} of {clock.number} from {shown(since)} was told at {shown(now)}, but it was due "
            f"at {shown(clock.due_at)}: it can be paused from now on, or who decides on more time tells it.",
            message_zh=f"{clock.number} 的时钟 {clock.code} 已于 {shown(clock.due_at)} 到期，"
            f"不能补记自 {shown(since)} 起的暂停：请由审批延期的主管补记，或从现在起暂停。",
            permission=DECIDE,
        )


def _case_in_hand(
    session: Session, deps: Deps, caller: Caller, number: str, verb: str, doing: str
) -> tuple[Moving, Any, Sequence[Any]]:
    case = read_case(session, deps, caller, number, verb=verb)
    moving = moving_for(session, deps, caller.actor)
    others = sa.select(_CLOCK.c.instance_id).where(_CLOCK.c.case_id == case.id, _CLOCK.c.stopped_at.is_(None))
    own = [case.instance_id] if case.instance_id else []
    lock_all(session, [*own, *session.scalars(others.distinct())])
    now = session.execute(
        sa.select(_CASE, ProcessInstance.status.label("status"))
        .join(ProcessInstance, ProcessInstance.id == _CASE.c.instance_id)
        .where(_CASE.c.id == case.id)
    ).one()
    if now.archived_at is not None or now.status not in (ACTIVE, SUSPENDED):
        state = "archived" if now.archived_at is not None else now.status
        raise WrongState(
            f"{doing} of the case {number} was asked, but it is {state}.",
            message_zh=f"案件 {number} 已结束，时限不再变动。",
            number=number,
            state=state,
        )
    return moving, now, moving.clocks_of([], case.id)


def _wrong(
    moving: Moving, reason: str, note: str, since: datetime, clocks: Sequence[Any], *, earliest: datetime
) -> list[Mistake]:
    wrong = _wrong_note(note)
    if reason not in PAUSE_REASONS:
        known, known_zh = ", ".join(PAUSE_REASONS), "、".join(zh for zh, _ in PAUSE_REASONS.values())
        return [
            *wrong,
            (
                f"{reason[:60]!r} is no reason for which clocks stand still; there are {known}",
                f"没有“{reason[:60]}”这种暂停原因，只有{known_zh}",
            ),
        ]
    wrong += [
        (
            f"the clock {clock.code} does not stand still for {reason}",
            f"时钟 {clock.code} 不因“{pause_words(reason)[0]}”暂停",
        )
        for clock in clocks
        if reason not in clock.pausable
    ]
    if not in_our_time(since):
        return [*wrong, outside_time(since)]
    said = shown(since)
    if since > moving.at:
        wrong.append((f"it would begin at {said}, which is still to come", f"起始时间 {said} 还没有到"))
    if since < earliest:
        begun = shown(earliest)
        wrong.append(
            (
                f"it would begin at {said}, before the beginning at {begun}",
                f"起始时间 {said} 早于计时开始 {begun}",
            )
        )
    for clock in clocks:
        for begin, end in pauses_of(clock):
            if end > max(since, clock.started_at):
                span = (shown(begin), shown(end))
                wrong.append(
                    (
                        f"it would overlap the pause of {clock.code} from {span[0]} to {span[1]}",
                        f"与 {clock.code} 在 {span[0]} 至 {span[1]} 的暂停重叠",
                    )
                )
    return wrong


def _wrong_note(note: str) -> list[Mistake]:
    if len(note) > LONGEST_NOTE or not storable(note):
        return [(f"a note is a text of at most {LONGEST_NOTE} characters", f"说明最多 {LONGEST_NOTE} 个字符")]
    return []


def _mark(
    session: Session, case: Any, at: datetime, since: datetime | None, reason: str, held_by: Sequence[str]
) -> None:
    stood = stood_until(read_stood(case.stood_still), case.paused_at, case.paused_by, at)
    session.execute(
        sa.update(_CASE)
        .where(_CASE.c.id == case.id)
        .values(paused_at=since, pause_reason=reason, paused_by=list(held_by), stood_still=written(stood))
    )


def _recorded(moving: Moving, verb: str, number: str, after: dict[str, Any]) -> None:
    record(
        moving.session,
        moving.actor,
        verb,
        at=moving.at,
        chain=number,
        subject="case",
        subject_id=number,
        after=after,
    )
