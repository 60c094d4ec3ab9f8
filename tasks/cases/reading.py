"""Finding cases and reading one, for those who may see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.instance import ProcessInstance
from tasks.audit.recording import record
from tasks.cases.facts import EARLIER
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.memo import memo
from tasks.paging import LARGEST_PAGE, PAGE, Page, page_of, read_cursor
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import inside, visible_to
from tasks.search.finding import says

_CASE = table(Case)
_INSTANCE = table(ProcessInstance)
_SHOWN = [column for column in _CASE.c if column.name not in ("query_hash", "opened_by")]
_STATUS = _INSTANCE.c.status.label("status")


def _cases(caller: Caller) -> sa.Select[Any]:
    return sa.select(
        *_SHOWN,
        EARLIER,
        _STATUS,
        _INSTANCE.c.ended_at,
        _INSTANCE.c.definition_id,
        inside(caller).label("inside"),
    ).select_from(_CASE.outerjoin(_INSTANCE, _INSTANCE.c.id == _CASE.c.instance_id))


def read_case(session: Session, deps: Deps, caller: Caller, number: str, *, verb: str = "case.read") -> Any:
    """The case with its instance's status (never stored beside it), for somebody who sees it and may do `verb` on it.

    `inside`: whether with everything about it; otherwise it is for `outward` only. Reading a confidential one is recorded.
    Raises NotPermitted, which looks at no case, and NotFound when the caller
    does not see it: the same as if there were none.
    """
    require(caller, verb)
    statement = _cases(caller).where(_CASE.c.number == number, visible_to(caller, verb))
    row = session.execute(statement).first() if storable(number) else None
    if row is None:
        raise NotFound(
            f"The case {number[:60]} was asked for; there is no such case for you.", number=number[:60]
        )
    if row.confidential:
        note_read(session, deps, caller, row)
    return row


def note_read(session: Session, deps: Deps, caller: Caller, case: Any) -> None:
    """Record that a confidential case was read (a row with its number); once per transaction, whatever of it was."""
    entries = memo(session).audit
    if not any(one.verb == "case.read" and one.chain == case.number for one in entries):
        record(
            session,
            caller.actor,
            "case.read",
            at=deps.clock.now(),
            chain=case.number,
            subject="case",
            subject_id=case.number,
        )


def case_list(
    session: Session,
    caller: Caller,
    *,
    regime: str | None = None,
    status: str | None = None,
    number: str | None = None,
    outcome: str | None = None,
    filed_from: datetime | None = None,
    filed_before: datetime | None = None,
    q: str | None = None,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of the cases the caller may see, latest first. `number` matches from its beginning; q: words that all
    are anywhere in the number or in what the case says (`tasks.search.finding.says`).

    Raises InvalidInput for a limit outside 1–200, a cursor that is not ours, or a search too short or too long.
    """
    require(caller, "case.read")
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"A page of {limit} cases was asked for; it must be between 1 and {LARGEST_PAGE}.")
    if not storable(regime, status, number, outcome):
        raise InvalidInput("Cases were asked for by a text that cannot be stored.")
    statement = _cases(caller).where(visible_to(caller))
    if regime:
        statement = statement.where(_CASE.c.regime == regime)
    if status:
        statement = statement.where(_INSTANCE.c.status == status)
    if outcome:
        statement = statement.where(_CASE.c.outcome == outcome)
    if number:
        statement = statement.where(_CASE.c.number.startswith(number, autoescape=True))
    if q:
        statement = statement.where(says(caller, q))
    if filed_from:
        statement = statement.where(_CASE.c.filed_at >= filed_from)
    if filed_before:
        statement = statement.where(_CASE.c.filed_at < filed_before)
    after = read_cursor(cursor)
    if after is not None:
        key = (sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid))
        statement = statement.where(sa.tuple_(_CASE.c.filed_at, _CASE.c.id) < sa.tuple_(*key))
    statement = statement.order_by(_CASE.c.filed_at.desc(), _CASE.c.id.desc()).limit(limit + 1)
    return page_of(session.execute(statement).all(), limit, lambda row: (row.filed_at, row.id))
