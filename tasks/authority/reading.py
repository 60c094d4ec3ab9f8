"""How authority was used, for supervisors and auditors: the log, and whether it raises what is closed at first contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.authority.tables import DUAL, GRANTED, OUTCOMES, REFUSED, AuthorityUse
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deadlines.outcomes import period
from tasks.deps import Deps
from tasks.paging import LARGEST_PAGE, PAGE, Page, page_of, read_cursor
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import reach
from tasks.user_task import COMPLETED, UserTask

VERB = "authority.read"
ON_THE_SPOT = "accept_complaint"
"""The activity whose answer `answered` closes a complaint at first contact (003§2.4.4)."""
_USE, _CASE, _TASK = table(AuthorityUse), table(Case), table(UserTask)


@dataclass(frozen=True, slots=True)
class Sum:
    """The uses of one grade in one scope: how many of each outcome, and yuan granted."""

    grade: int
    scope: str
    granted: int
    dual_sign: int
    refused: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FirstContact:
    """Complaints filed in the period: how many were answered at first contact, and of those how many with authority
    (domain §1.14 #34).
    """

    filed: int
    answered: int
    with_authority: int

    @property
    def rate(self) -> float | None:
        """一次性办结率 with authority counted; None for 0/0."""
        return self.answered / self.filed if self.filed else None

    @property
    def rate_without(self) -> float | None:
        """The same if those closed with authority had not been."""
        return (self.answered - self.with_authority) / self.filed if self.filed else None


def uses(
    session: Session,
    deps: Deps,
    caller: Caller,
    *,
    first: date | None = None,
    last: date | None = None,
    outcome: str | None = None,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of the uses by people of units in the caller's reach, latest first; `first` to `last` are days in Shanghai, by
    default this month so far. Raises NotPermitted, InvalidInput.
    """
    require(caller, VERB)
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"A page of {limit} uses was asked for; it must be between 1 and {LARGEST_PAGE}.")
    if outcome is not None and outcome not in OUTCOMES:
        raise InvalidInput(
            f"Uses of authority that came out as {outcome[:40]!r} were asked for; there are {', '.join(OUTCOMES)}."
            if storable(outcome)
            else "Uses of authority were asked for by a text that cannot be stored."
        )
    begin, end = period(first, last, today=day_of(deps.clock.now()))
    wanted = sa.select(*_USE.c).where(_USE.c.at >= begin, _USE.c.at < end, _within(caller, _USE.c.unit_path))
    if outcome:
        wanted = wanted.where(_USE.c.outcome == outcome)
    after = read_cursor(cursor)
    if after is not None:
        key = (sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid))
        wanted = wanted.where(sa.tuple_(_USE.c.at, _USE.c.id) < sa.tuple_(*key))
    rows = session.execute(wanted.order_by(_USE.c.at.desc(), _USE.c.id.desc()).limit(limit + 1)).all()
    return page_of(rows, limit, lambda row: (row.at, row.id))


def sums(
    session: Session, deps: Deps, caller: Caller, *, first: date | None = None, last: date | None = None
) -> tuple[list[Sum], FirstContact]:
    """The sums of a period by grade and scope, and what authority does for first contact. Raises as `uses`."""
    require(caller, VERB)
    begin, end = period(first, last, today=day_of(deps.clock.now()))
    count = {
        name: sa.func.count().filter(_USE.c.outcome == name).label(name) for name in (GRANTED, DUAL, REFUSED)
    }
    amount = sa.func.coalesce(sa.func.sum(_USE.c.amount).filter(_USE.c.outcome != REFUSED), 0).label("amount")
    rows = session.execute(
        sa.select(_USE.c.grade, _USE.c.scope, *count.values(), amount)
        .where(_USE.c.at >= begin, _USE.c.at < end, _within(caller, _USE.c.unit_path))
        .group_by(_USE.c.grade, _USE.c.scope)
        .order_by(_USE.c.grade, _USE.c.scope)
    )
    found = [Sum(row.grade, row.scope, row.granted, row.dual_sign, row.refused, row.amount) for row in rows]
    spot = (
        sa.select(_TASK.c.id)
        .where(
            _TASK.c.case_id == _CASE.c.id,
            _TASK.c.activity_id == ON_THE_SPOT,
            _TASK.c.state == COMPLETED,
            _TASK.c.answers["outcome"].astext == "answered",
        )
        .exists()
    )
    used = sa.select(_USE.c.id).where(_USE.c.case_id == _CASE.c.id, _USE.c.outcome != REFUSED).exists()
    row = session.execute(
        sa.select(
            sa.func.count().label("filed"),
            sa.func.count().filter(spot).label("answered"),
            sa.func.count().filter(sa.and_(spot, used)).label("with_authority"),
        ).where(
            _CASE.c.filed_at >= begin, _CASE.c.filed_at < end, _CASE.c.regime == "complaint",
            _within(caller, _CASE.c.org_path),
        )
    ).one()  # fmt: skip
    return found, FirstContact(row.filed, row.answered, row.with_authority)


def _within(caller: Caller, path: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Whether a unit's path lies in the caller's reach."""
    return sa.or_(sa.false(), *(path.startswith(unit, autoescape=True) for unit in reach(caller, VERB)))


def words(row: Any) -> tuple[str, str]:
    """What became of a use, in Chinese and English."""
    return OUTCOMES[row.outcome]
