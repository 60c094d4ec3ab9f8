"""Who decided on a compensation and what they have used already, and writing a use down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import InvalidInput
from tasks.audit.recording import record
from tasks.authority.tables import DUAL, GRANTED, AuthorityUse
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI, day_of
from tasks.organisation.assigning.routing import group_path
from tasks.organisation.tables import Membership, OrgUnit, Post
from tasks.organisation.tree import in_effect
from tasks.user_task import COMPLETED, UserTask

MOST = Decimal(10_000_000)
_TASK, _USE, _CASE = table(UserTask), table(AuthorityUse), table(Case)


@dataclass(frozen=True, slots=True)
class Decider:
    """Who completed an activity: the post of their seat in the unit the work was offered to, else of their highest post."""

    id: UUID
    name: str
    unit: str
    post: str


def amount_of(value: Any) -> Decimal:
    """Yuan with two decimals. Raises InvalidInput for what is none, not above 0, or above ten million."""
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal(0)
    if isinstance(value, bool) or not amount.is_finite() or not 0 < amount <= MOST:
        raise InvalidInput(
            f"Authority was asked for the amount {value!r:.60}; it must be above 0 and up to {MOST} yuan.",
            message_zh=f"授权金额 {value!s:.60} 不对：应大于 0、至多 {MOST} 元。",
        )
    return amount


def decider(session: Session, instance_id: UUID, activity_id: str) -> Decider:
    """Who completed the activity in the instance last. Raises InvalidInput when nobody has."""
    row = session.execute(
        sa.select(
            _TASK.c.completed_by, _TASK.c.completed_by_name, _TASK.c.candidate_group, _TASK.c.completed_at
        )
        .where(
            _TASK.c.instance_id == instance_id,
            _TASK.c.activity_id == activity_id,
            _TASK.c.state == COMPLETED,
            _TASK.c.completed_by.is_not(None),
        )
        .order_by(_TASK.c.completed_at.desc())
        .limit(1)
    ).first()
    if row is None:
        raise InvalidInput(
            f"The authority of whoever completed {activity_id} was asked for; nobody has completed it in this case.",
            message_zh=f"本案件中还没有人办理过 {activity_id}，无法核定授权。",
        )
    offered = group_path(row.candidate_group) or ""
    seats = session.execute(
        sa.select(OrgUnit.path, Membership.post)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .outerjoin(Post, Post.key == Membership.post)
        .where(Membership.person_id == row.completed_by, in_effect(day_of(row.completed_at)))
        .order_by(
            (OrgUnit.path == offered).desc(), sa.func.coalesce(Post.rank, 0).desc(), Membership.position
        )
        .limit(1)
    ).first()
    path, post = (seats.path, seats.post or "") if seats else (offered, "")
    return Decider(row.completed_by, row.completed_by_name or "", path, post)


def used_this_month(session: Session, person_id: UUID, now: datetime) -> Decimal:
    """What a person has been granted since the month began in Shanghai, alone or with a second signature; yuan."""
    begin = now.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    total = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(_USE.c.amount), 0)).where(
            _USE.c.person_id == person_id, _USE.c.at >= begin, _USE.c.outcome.in_((GRANTED, DUAL))
        )
    )
    return Decimal(total or 0)


def log_use(
    session: Session,
    *,
    use_id: UUID,
    key: str,
    number: str,
    activity_id: str,
    by: Decider,
    second: Decider | None,
    grade: int,
    scope: str,
    amount: Decimal,
    reason: str,
    outcome: str,
    at: datetime,
    actor: Actor,
) -> None:
    """Write a use down, once per key. Raises InvalidInput where there is no case."""
    case_id = session.scalar(sa.select(_CASE.c.id).where(_CASE.c.number == number))
    if case_id is None:
        raise InvalidInput(f"A use of authority was to be logged for {number[:60]}, which is no case.")
    values = {
        "id": use_id, "key": key, "case_id": case_id, "number": number, "activity_id": activity_id, "at": at,
        "person_id": by.id, "person_name": by.name, "unit_path": by.unit, "post": by.post, "grade": grade,
        "scope": scope, "amount": amount, "reason": reason, "outcome": outcome,
        "second_id": second.id if second else None, "second_name": second.name if second else "",
    }  # fmt: skip
    fresh = session.execute(insert(_USE).values(values).on_conflict_do_nothing().returning(_USE.c.id)).first()
    if fresh is not None:
        record(
            session, actor, "authority.use", at=at, chain=number, subject="case", subject_id=number,
            after={
                "by": str(by.id), "post": by.post, "grade": grade, "scope": scope, "amount": str(amount),
                "outcome": outcome, **({"second": str(second.id)} if second else {}),
            },
        )  # fmt: skip
