"""Who is on duty: for lists, pages and whoever hands out work."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deps import Deps
from tasks.organisation.exchange.columns import neutral
from tasks.organisation.tables import OrgUnit
from tasks.paging import Page, page_of, read_cursor
from tasks.people.caller import Caller
from tasks.people.duty.tables import DutyRoster
from tasks.people.tables import Person
from tasks.permissions.matrix import require
from tasks.permissions.visibility import reach

COLUMNS = ("unit", "login", "from", "until", "note")
MOST = 1_000
"""So many turns of a unit are shown in a month."""

_DUTY, _UNIT, _PERSON = table(DutyRoster), table(OrgUnit), table(Person)
_ROWS = (
    sa.select(
        _DUTY,
        _UNIT.c.code.label("unit"),
        _UNIT.c.name.label("unit_name"),
        _UNIT.c.path.label("unit_path"),
        _PERSON.c.login,
        _PERSON.c.name,
    )
    .join(_UNIT, _UNIT.c.id == _DUTY.c.unit_id)
    .join(_PERSON, _PERSON.c.id == _DUTY.c.person_id)
    .where(_PERSON.c.active)
)


def at_work(session: Session, at: datetime, people: Collection[UUID]) -> frozenset[UUID]:
    """Which of these people are on duty at an instant, for whatever unit. One statement."""
    turns = sa.select(_DUTY.c.person_id).where(
        _DUTY.c.person_id.in_(people), _DUTY.c.from_at <= at, _DUTY.c.until_at > at
    )
    return frozenset(session.scalars(turns))


def roster(
    session: Session,
    deps: Deps,
    caller: Caller,
    *,
    unit: str | None = None,
    begin: datetime | None = None,
    end: datetime | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """Turns of the units in the caller's reach that touch a period, the first to begin first.

    unit: of this code only. begin: now, if left out; end: open; both the same instant asks who is on duty then. Raises
    InvalidInput for a cursor that is none of ours.
    """
    require(caller, "duty.read")
    since = begin or deps.clock.now()
    wanted = _ROWS.where(_DUTY.c.until_at > since, _within(reach(caller, "duty.read")))
    if end is not None:
        wanted = wanted.where(_DUTY.c.from_at <= end)
    if unit is not None:
        wanted = wanted.where(_UNIT.c.code == unit)
    after = read_cursor(cursor)
    if after is not None:
        wanted = wanted.where(sa.tuple_(_DUTY.c.from_at, _DUTY.c.id) > sa.tuple_(*map(sa.literal, after)))
    rows = session.execute(wanted.order_by(_DUTY.c.from_at, _DUTY.c.id).limit(limit + 1)).all()
    return page_of(rows, limit, lambda row: (row.from_at, row.id))


def turns(
    session: Session, caller: Caller, unit: str, begin: datetime, end: datetime
) -> tuple[Sequence[Any], bool]:
    """The turns of the unit with this code that touch a period, the first to begin first, and whether there are more than MOST.
    Empty for a unit that is not in the caller's reach.
    """
    require(caller, "duty.read")
    wanted = _ROWS.where(
        _UNIT.c.code == unit,
        _within(reach(caller, "duty.read")),
        _DUTY.c.until_at > begin,
        _DUTY.c.from_at < end,
    )
    order = (_DUTY.c.from_at, _PERSON.c.login, _DUTY.c.id)
    rows = session.execute(wanted.order_by(*order).limit(MOST + 1)).all()
    return rows[:MOST], len(rows) > MOST


def as_csv(session: Session, deps: Deps, caller: Caller) -> str:
    """The turns that are not over of the units in the caller's reach, as the file that would give them."""
    require(caller, "duty.read")
    now = deps.clock.now()
    rows = session.execute(
        _ROWS.where(_DUTY.c.until_at > now, _within(reach(caller, "duty.read"))).order_by(
            _UNIT.c.code, _DUTY.c.from_at, _PERSON.c.login
        )
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        period = (local(row.from_at), local(row.until_at))
        writer.writerow((neutral(row.unit), neutral(row.login), *period, neutral(row.note)))
    return out.getvalue()


def local(instant: datetime) -> str:
    """An instant as the file has it: the office's time, to the minute."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _within(paths: Iterable[str]) -> sa.ColumnElement[bool]:
    return sa.or_(sa.false(), *(_UNIT.c.path.startswith(path, autoescape=True) for path in paths))
