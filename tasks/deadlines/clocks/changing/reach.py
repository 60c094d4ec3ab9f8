"""A clock in somebody's hands: seen by whoever sees its case, locked with its instance, and not over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import InvalidInput, NotFound, WrongState
from engine.instance import ProcessInstance, locked
from tasks.cases.reading import note_read
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deadlines.calendar.limits import YEARS, shown
from tasks.deadlines.clocks.changing.moving import Moving
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.policies.pauses import pause_words
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import sees_without_case, visible_to

_CLOCK, _CASE, _INSTANCE = table(Clock), table(Case), table(ProcessInstance)


def seen(session: Session, deps: Deps, caller: Caller, clock_id: UUID, verb: str = "clock.read") -> Any:
    """The clock row with what is needed of its case, for whoever sees the case and may do `verb` on it; where its instance
    runs without a case, for whoever sees the instance. One statement.

    Raises NotPermitted, which looks at no clock, and NotFound for everybody else.
    """
    require(caller, verb)
    row = session.execute(
        sa.select(
            _CLOCK,
            _CASE.c.confidential,
            _CASE.c.archived_at,
            _INSTANCE.c.started_by,
            sa.func.coalesce(visible_to(caller, verb), sa.false()).label("seen"),
        )
        .select_from(
            _CLOCK.outerjoin(_CASE, _CASE.c.id == _CLOCK.c.case_id).join(
                _INSTANCE, _INSTANCE.c.id == _CLOCK.c.instance_id
            )
        )
        .where(_CLOCK.c.id == clock_id)
    ).first()
    if row is None or not (
        row.seen or (row.case_id is None and sees_without_case(caller, "instance.read", row.started_by))
    ):
        raise NotFound(
            f"The clock {clock_id} was asked for; there is no such clock for you.", clock_id=str(clock_id)
        )
    if row.confidential:
        note_read(session, deps, caller, row)
    return row


def moving_for(session: Session, deps: Deps, actor: Actor) -> Moving:
    """What moves clocks now in the name of the actor."""
    calendars = deps.office.current(session).calendars
    return Moving(session, calendars, deps.clock.now(), actor, deps.engine.new_id)


def in_hand(
    session: Session, deps: Deps, caller: Caller, clock_id: UUID, verb: str, doing: str
) -> tuple[Moving, Any]:
    """The clock locked behind its instance, with its ledger, and what moves it. `doing`: what was asked, for the refusal.

    Raises as `seen`, and WrongState where it has stopped.
    """
    row = seen(session, deps, caller, clock_id, verb)
    locked(session, row.instance_id)
    moving = moving_for(session, deps, caller.actor)
    (clock,) = moving.clocks(clock_id)
    require_running(clock, doing)
    return moving, clock


def lock_all(session: Session, instances: Iterable[UUID]) -> None:
    """Lock instances in the order everybody locks several in."""
    for instance_id in sorted(set(instances)):
        locked(session, instance_id)


def rearm(session: Session, deps: Deps, moving: Moving) -> None:
    """Have the engine look again at the timers that are bound to the clocks that have moved."""
    for instance_id in sorted(moving.instances):
        deps.engine.rearm(session, instance_id, actor=moving.actor)


Mistake = tuple[str, str]
"""What is wrong with something sent, in English and Chinese."""


def refuse_mistakes(what: str, what_zh: str, wrong: Sequence[Mistake]) -> None:
    """Raise InvalidInput naming every mistake at once; nothing where there is none."""
    if wrong:
        raise InvalidInput(
            f"{what} was refused: {'; '.join(english for english, _ in wrong)}.",
            message_zh=f"{what_zh}未受理：{'；'.join(chinese for _, chinese in wrong)}。",
            wrong=[english for english, _ in wrong],
        )


def outside_time(at: datetime) -> Mistake:
    """What is wrong with an instant that is not `in_our_time`."""
    first, last = YEARS
    return (
        f"{at.isoformat()} lies outside the years {first} to {last}",
        f"{at.isoformat()} 不在 {first} 至 {last} 年之内",
    )


def require_running(clock: Any, doing: str) -> None:
    """Raise WrongState where the clock has stopped, saying when and why."""
    if clock.stopped_at is not None:
        raise WrongState(
            f"{doing} of the clock {clock.code} of {clock.number} was asked, but it stopped at "
            f"{_said(clock.stopped_at)} ({clock.stop_reason}).",
            message_zh=f"{clock.number} 的时钟 {clock.code} 已于 {_said(clock.stopped_at)} 停止。",
            clock_id=str(clock.id),
            state="stopped",
        )


def refuse_paused(clock: Any, doing: str) -> NoReturn:
    """Raise WrongState saying since when and why the clock stands still."""
    zh, english = pause_words(clock.pause_reason)
    raise WrongState(
        f"{doing} of the clock {clock.code} of {clock.number} was asked, but it stands still since "
        f"{_said(clock.paused_at)}: {english}.",
        message_zh=f"{clock.number} 的时钟 {clock.code} 自 {_said(clock.paused_at)} 起已暂停：{zh}。",
        clock_id=str(clock.id),
        state="paused",
    )


def _said(instant: Any) -> str:
    return shown(instant.astimezone(SHANGHAI))
