"""Reading the trail: of one case, and of the whole office within the reader's reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.audit.tables import AuditEvent
from tasks.cases.reading import read_case
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.organisation.tree import is_top
from tasks.paging import LARGEST_PAGE, PAGE, Page, cursor_of, parts_of
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import reach, visible_to

_EVENT = table(AuditEvent)


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """What the office-wide trail may be narrowed by. since, before: instants; actor: a person's or system's name, whole;
    verb: as recorded.
    """

    since: datetime | None = None
    before: datetime | None = None
    actor: str | None = None
    verb: str | None = None


def trail_of_case(
    session: Session,
    deps: Deps,
    caller: Caller,
    number: str,
    *,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of what was done to a case, oldest first.

    Raises NotPermitted, NotFound where the caller does not see the case, InvalidInput for a limit outside 1–200 or a
    cursor that is not ours.
    """
    case = read_case(session, deps, caller, number, verb="audit.read")
    after = parts_of(cursor, int)
    wanted = sa.select(_EVENT).where(_EVENT.c.chain == case.number).order_by(_EVENT.c.seq)
    if after is not None:
        wanted = wanted.where(_EVENT.c.seq > after[0])
    rows = session.execute(wanted.limit(_bounded(limit) + 1)).all()
    return Page(rows[:limit], cursor_of(rows[limit - 1].seq) if len(rows) > limit else None)


def trail(
    session: Session,
    caller: Caller,
    *,
    where: TrailFilter | None = None,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of what was done, latest first: to the cases the caller sees; and, for whoever sees a whole organisation
    from its root, to everything that belongs to no case. Raises as `trail_of_case` does, but never NotFound.
    """
    require(caller, "audit.read")
    found = where or TrailFilter()
    if not storable(found.actor, found.verb):
        raise InvalidInput("The audit trail was asked for by a text that cannot be stored.")
    wanted = sa.select(_EVENT).where(_within_reach(caller))
    if found.since:
        wanted = wanted.where(_EVENT.c.at >= found.since)
    if found.before:
        wanted = wanted.where(_EVENT.c.at < found.before)
    if found.actor:
        wanted = wanted.where(_EVENT.c.actor_name == found.actor)
    if found.verb:
        wanted = wanted.where(_EVENT.c.verb == found.verb)
    key = (_EVENT.c.at, _EVENT.c.chain, _EVENT.c.seq)
    after = parts_of(cursor, datetime, str, int)
    if after is not None:
        places = (sa.literal(part, column.type) for part, column in zip(after, key, strict=True))
        wanted = wanted.where(sa.tuple_(*key) < sa.tuple_(*places))
    rows = session.execute(
        wanted.order_by(*(column.desc() for column in key)).limit(_bounded(limit) + 1)
    ).all()
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], cursor_of(last.at.isoformat(), last.chain, last.seq))


def chain_rows(session: Session, chain: str) -> Iterator[Any]:
    """Every row of a chain, oldest first, for whoever may reach the database itself."""
    wanted = sa.select(_EVENT).where(_EVENT.c.chain == chain).order_by(_EVENT.c.seq)
    yield from session.execute(wanted.execution_options(stream_results=True, yield_per=500))


def sees_office(caller: Caller) -> bool:
    """Whether somebody sees what belongs to no case: whose reach begins at the root of an organisation."""
    return any(is_top(path) for path in reach(caller, "audit.read"))


def _within_reach(caller: Caller) -> sa.ColumnElement[bool]:
    case = table(Case)
    seen = sa.exists().where(case.c.number == _EVENT.c.chain, visible_to(caller))
    if not sees_office(caller):
        return seen
    return sa.or_(seen, ~sa.exists().where(case.c.number == _EVENT.c.chain))


def _bounded(limit: int) -> int:
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"A page of {limit} lines was asked for; it must be between 1 and {LARGEST_PAGE}.")
    return limit
