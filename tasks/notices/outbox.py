"""What operators see of deliveries: how each fared, never what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound, WrongState
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.notices.tables import FAILED, QUEUED, Delivery
from tasks.paging import LARGEST_PAGE, PAGE, Page, page_of, read_cursor
from tasks.people.accounts import reached
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require
from tasks.talk.tables import Notice

MOST = 10_000
"""How many deliveries are tried again at a time."""

COUNT_CAP = 9_999

_DELIVERY = table(Delivery)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel stands: what waits, what was given up, and what the other side said last."""

    channel: str
    queued: int
    failed: int
    error: str


def deliveries(
    session: Session,
    deps: Deps,
    caller: Caller,
    *,
    state: str | None = None,
    channel: str | None = None,
    cause: str | None = None,
    login: str | None = None,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of deliveries to people in the caller's reach, latest first, with their names and the notice's cause; no case
    is named.

    Raises NotPermitted, InvalidInput for a limit outside 1–200 or a cursor that is not ours.
    """
    require(caller, "delivery.read")
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(
            f"A page of {limit} deliveries was asked for; it must be between 1 and {LARGEST_PAGE}."
        )
    statement = (
        sa.select(
            _DELIVERY, Person.name.label("person_name"), Person.login.label("person_login"), Notice.cause
        )
        .join(Person, Person.id == _DELIVERY.c.person_id)
        .join(Notice, Notice.id == _DELIVERY.c.notice_id)
        .where(reached(session, deps, caller, "delivery.read"))
    )
    if state is not None:
        statement = statement.where(_DELIVERY.c.state == state)
    if channel is not None:
        statement = statement.where(_DELIVERY.c.channel == channel)
    if cause is not None:
        statement = statement.where(Notice.cause == cause)
    if login is not None:
        statement = statement.where(Person.login == login)
    after = read_cursor(cursor)
    if after is not None:
        key = sa.tuple_(_DELIVERY.c.created_at, _DELIVERY.c.id)
        there = sa.tuple_(sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid))
        statement = statement.where(key < there)
    order = (_DELIVERY.c.created_at.desc(), _DELIVERY.c.id.desc())
    rows = session.execute(statement.order_by(*order).limit(limit + 1)).all()
    return page_of(rows, limit, lambda row: (row.created_at, row.id))


def try_again(session: Session, deps: Deps, caller: Caller, delivery_id: UUID) -> None:
    """Have a delivery that was given up tried again, for as long as a new one. Raises NotPermitted, NotFound, WrongState."""
    require(caller, "delivery.retry")
    found = session.execute(
        sa.select(_DELIVERY)
        .join(Person, Person.id == _DELIVERY.c.person_id)
        .where(_DELIVERY.c.id == delivery_id, reached(session, deps, caller, "delivery.retry"))
        .with_for_update(of=_DELIVERY)
    ).first()
    if found is None:
        raise NotFound(
            f"The delivery {delivery_id} was asked for; there is no such delivery for you.",
            message_zh="没有这条通知发送记录。",
        )
    if found.state != FAILED:
        raise WrongState(
            f"To try the delivery {delivery_id} again was asked, but it is {found.state}; only one that was given up is "
            "tried again.",
            state=found.state,
            message_zh="只有发送失败的通知可以重发。",
        )
    now = deps.clock.now()
    session.execute(
        sa.update(_DELIVERY)
        .where(_DELIVERY.c.id == delivery_id)
        .values(state=QUEUED, since=now, next_at=now, attempts=0)
    )
    record(
        session,
        caller.actor,
        "delivery.retry",
        at=now,
        subject="delivery",
        subject_id=delivery_id,
        before={"state": FAILED},
        after={"state": QUEUED, "channel": found.channel},
    )


def try_all_again(session: Session, deps: Deps, caller: Caller, *, channel: str) -> int:
    """Have everything of a channel that was given up tried again, MOST at a time, those given up last first; return how many.

    Raises NotPermitted.
    """
    require(caller, "delivery.retry")
    mine = (
        sa.select(_DELIVERY.c.id)
        .join(Person, Person.id == _DELIVERY.c.person_id)
        .where(
            _DELIVERY.c.channel == channel,
            _DELIVERY.c.state == FAILED,
            reached(session, deps, caller, "delivery.retry"),
        )
        .order_by(_DELIVERY.c.created_at.desc(), _DELIVERY.c.id.desc())
        .limit(MOST)
        .with_for_update(of=_DELIVERY)
    )
    ids = session.scalars(mine).all()
    if not ids:
        return 0
    now = deps.clock.now()
    session.execute(
        sa.update(_DELIVERY)
        .where(_DELIVERY.c.id.in_(ids))
        .values(state=QUEUED, since=now, next_at=now, attempts=0)
    )
    record(
        session, caller.actor, "delivery.retry", at=now, subject="channel", subject_id=channel,
        before={"state": FAILED}, after={"state": QUEUED, "deliveries": len(ids)},
    )  # fmt: skip
    return len(ids)


def standing(session: Session, deps: Deps, caller: Caller) -> list[Standing]:
    """How each channel of this installation stands, and each that has something left from before, by name: what waits and
    what was given up, counted up to COUNT_CAP + 1. Two statements. Raises NotPermitted.
    """
    require(caller, "delivery.read")
    within = reached(session, deps, caller, "delivery.read")
    known = set(
        session.scalars(
            sa.select(_DELIVERY.c.channel).where(_DELIVERY.c.state.in_((QUEUED, FAILED))).distinct()
        )
    )
    names = sa.cast(sorted(known | deps.channels.keys()), sa.ARRAY(sa.Text))
    its = sa.func.unnest(names).table_valued("name").render_derived(name="its")
    rows = session.execute(
        sa.select(
            its.c.name,
            _count(its, QUEUED, within),
            _count(its, FAILED, within),
            sa.func.coalesce(_last(its, within), ""),
        ).order_by(its.c.name)
    )
    return [Standing(*row) for row in rows]


def _count(its: Any, state: str, within: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    some = (
        sa.select(_DELIVERY.c.id)
        .join(Person, Person.id == _DELIVERY.c.person_id)
        .where(_DELIVERY.c.channel == its.c.name, _DELIVERY.c.state == state, within)
        .limit(COUNT_CAP + 1)
        .correlate(its)
        .subquery()
    )
    return sa.select(sa.func.count()).select_from(some).correlate(its).scalar_subquery()


def _last(its: Any, within: sa.ColumnElement[bool]) -> sa.ScalarSelect[str]:
    """What the other side said last, of what is not sent."""
    return (
        sa.select(_DELIVERY.c.error)
        .join(Person, Person.id == _DELIVERY.c.person_id)
        .where(
            _DELIVERY.c.channel == its.c.name,
            _DELIVERY.c.state.in_((QUEUED, FAILED)),
            _DELIVERY.c.error != "",
            within,
        )
        .order_by(_DELIVERY.c.next_at.desc())
        .limit(1)
        .correlate(its)
        .scalar_subquery()
    )
