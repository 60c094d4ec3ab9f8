"""How a unit departs from the nation's calendar: days of its own (typhoon, duty) and office hours of its own.

Past days may be corrected too; the recomputation decides what that moves. Every verb is whole or leaves nothing, leaves a
line in the audit trail, and raises NotFound for units the caller does not maintain.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.errors import InvalidInput, NotFound
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deadlines.calendar.changed import calendar_changed
from tasks.deadlines.calendar.notices.stated import KINDS
from tasks.deadlines.calendar.reading import read_hours, written_hours
from tasks.deadlines.calendar.region import mine
from tasks.deadlines.calendar.tables import OfficeHoursRow, Workday
from tasks.deps import Deps
from tasks.organisation.revision import lock_office
from tasks.people.caller import Caller

LONGEST_REASON = 200


def set_day(
    session: Session, deps: Deps, caller: Caller | None, region: str, day: date, kind: str, *, reason: str
) -> bool:
    """Have the unit `region` and everything below it rest or work on `day`; the nearest unit wins. Returns whether that
    is new.

    reason: why, kept with the day. Raises NotFound, NotPermitted, OutsideCalendar, InvalidInput for a kind or reason that cannot be.
    """
    path = mine(session, deps, caller, region)
    lock_office(session)
    if kind not in KINDS:
        raise InvalidInput(
            f"The kind '{kind[:20]}' was given for {day}; a day is rest or work.",
            message_zh=f"“{kind[:20]}”不对：只能是 rest（休息）或 work（上班）。",
        )
    told = _reason(reason)
    deps.office.current(session).calendars.of(path).works(day)  # raises OutsideCalendar
    before = _day(session, region, day)
    if before is not None and (before.kind, before.source) == (kind, told):
        return False
    actor, now = caller.actor if caller else SYSTEM, deps.clock.now()
    written = {
        "kind": kind, "name": "", "source": told, "changed_at": now, "changed_by": actor.name,
    }  # fmt: skip
    session.execute(
        insert(table(Workday))
        .values(day=day, region=region, year=None, **written)
        .on_conflict_do_update(index_elements=["day", "region"], set_=written)
    )
    _noted(session, caller, now, f"{region} {day}", before, {"kind": kind, "reason": told})
    calendar_changed(session, day, day, region)
    return True


def remove_day(
    session: Session, deps: Deps, caller: Caller | None, region: str, day: date, *, reason: str
) -> None:
    """Have the unit keep `day` as the units around it do again. Raises NotFound, NotPermitted, InvalidInput."""
    mine(session, deps, caller, region)
    lock_office(session)
    told = _reason(reason)
    before = _day(session, region, day)
    if before is None:
        raise NotFound(
            f"Taking back what {region} decided for {day} was asked for; it has decided nothing for that day.",
            message_zh=f"“{region}”在 {day} 没有自己的安排。",
        )
    days = table(Workday)
    session.execute(sa.delete(days).where(days.c.day == day, days.c.region == region))
    _noted(session, caller, deps.clock.now(), f"{region} {day}", before, {"kind": None, "reason": told})
    calendar_changed(session, day, day, region)


def set_hours(
    session: Session, deps: Deps, caller: Caller | None, region: str, spans: str, *, reason: str
) -> str:
    """Have the unit and everything below it work in these spans (`09:00-12:00,13:00-18:00`) on working days. Returns them
    as they are kept. Raises NotFound, NotPermitted, InvalidInput.
    """
    path = mine(session, deps, caller, region)
    lock_office(session)
    hours, told = written_hours(read_hours(spans)), _reason(reason)
    before = _hours(session, region)
    if before != hours:
        actor, now = caller.actor if caller else SYSTEM, deps.clock.now()
        written = {"spans": hours, "changed_at": now, "changed_by": actor.name}
        session.execute(
            insert(table(OfficeHoursRow))
            .values(region=region, **written)
            .on_conflict_do_update(index_elements=["region"], set_=written)
        )
        _noted_hours(session, caller, now, region, before, hours, told)
        _hours_changed(session, deps, path, region)
    return hours


def remove_hours(session: Session, deps: Deps, caller: Caller | None, region: str, *, reason: str) -> None:
    """Have the unit work in the hours of the units around it again. Raises NotFound, NotPermitted, InvalidInput."""
    path = mine(session, deps, caller, region)
    lock_office(session)
    told, before = _reason(reason), _hours(session, region)
    if before is None:
        raise NotFound(
            f"Taking back the office hours of {region} was asked for; it has none of its own.",
            message_zh=f"“{region}”没有自己的办公时间。",
        )
    rows = table(OfficeHoursRow)
    session.execute(sa.delete(rows).where(rows.c.region == region))
    _noted_hours(session, caller, deps.clock.now(), region, before, None, told)
    _hours_changed(session, deps, path, region)


def _hours_changed(session: Session, deps: Deps, path: str, region: str) -> None:
    """Office hours have no first day: every day the calendar holds is kept otherwise."""
    calendar = deps.office.current(session).calendars.of(path)
    calendar_changed(session, calendar.first, calendar.last, region)


def _day(session: Session, region: str, day: date) -> Any:
    days = table(Workday).c
    return session.execute(
        sa.select(days.kind, days.source).where(days.day == day, days.region == region)
    ).one_or_none()


def _hours(session: Session, region: str) -> str | None:
    rows = table(OfficeHoursRow).c
    return session.execute(sa.select(rows.spans).where(rows.region == region)).scalar_one_or_none()


def _noted(
    session: Session, caller: Caller | None, now: datetime, what: str, before: Any, after: dict[str, Any]
) -> None:
    record(
        session,
        caller.actor if caller else SYSTEM,
        "calendar.manage",
        at=now,
        subject="workday",
        subject_id=what,
        before={"kind": before.kind, "reason": before.source} if before is not None else None,
        after=after,
    )


def _noted_hours(
    session: Session,
    caller: Caller | None,
    now: datetime,
    region: str,
    before: str | None,
    after: str | None,
    reason: str,
) -> None:
    record(
        session,
        caller.actor if caller else SYSTEM,
        "calendar.manage",
        at=now,
        subject="office_hours",
        subject_id=region,
        before={"spans": before},
        after={"spans": after, "reason": reason},
    )


def _reason(text: str) -> str:
    told = " ".join(text.split())
    if not told or len(told) > LONGEST_REASON or not storable(told):
        raise InvalidInput(
            f"A change of the calendar was asked for with a reason of {len(told)} characters; it needs one of 1 to "
            f"{LONGEST_REASON}.",
            message_zh=f"请写明原因（1 至 {LONGEST_REASON} 个字）。",
        )
    return told
