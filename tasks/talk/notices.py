"""Reading notices: what my groups and I were told, unread first, and saying that I have seen it.

What was told to whoever has the work reaches their substitute too, while they are away: it is read where it stands, and no
second notice is written.

A notice about a case its receiver does not see, or no longer sees, is not there for them; what a notice says is worked
out when it is read, so that a case that has become confidential since gives away nothing but its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from tasks.cases.tables import Case
from tasks.core import Instant, table
from tasks.deps import Deps
from tasks.paging import LARGEST_PAGE, PAGE, Page, page_of, read_cursor
from tasks.people.caller import Caller, Cover
from tasks.permissions.matrix import require
from tasks.permissions.visibility import offered_to, visible_to
from tasks.talk.causes import FOLLOWING, TOLD, words
from tasks.talk.tables import Notice, NoticeMark, NoticeRead
from tasks.user_task import OPEN, UserTask

COUNT_CAP = 99
UNREAD_FOR = timedelta(days=30)
"""How long a notice to a group stays unread for those of its people who never open it; one to a person stays for ever."""

LATE_BY = timedelta(hours=1)
"""A notice may become visible so long after its instant, when what caused it takes that long: newer ones are marked as read
one by one, so that none is marked that nobody could see yet.
"""
_INSTANT_BEFORE = timedelta(microseconds=1)
_NEVER = sa.literal("-infinity", sa.Text).cast(Instant)

_NOTICE, _READ, _MARK = table(Notice), table(NoticeRead), table(NoticeMark)
_OF_CASE = (
    sa.select(_NOTICE)
    .where(_NOTICE.c.business_key == sa.bindparam("number"), _NOTICE.c.cause == TOLD)
    .order_by(_NOTICE.c.created_at, _NOTICE.c.id)
)
_CASE, _TASK = table(Case), table(UserTask)
_HELD, _OWN = _TASK.alias("held"), _NOTICE.alias("own_notice")


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as its receiver reads it. number: of the case, empty where it is about none."""

    id: UUID
    cause: str
    number: str
    task_id: UUID | None
    has_case: bool
    text: str
    text_en: str
    created_at: datetime
    read: bool


def notice_list(
    session: Session,
    deps: Deps,
    caller: Caller,
    *,
    unread: bool = False,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of what the caller and their groups were told (`Told`): unread first, each part latest first.

    unread: only what is unread. Raises InvalidInput for a limit outside 1–200 or a cursor that is not ours.
    """
    require(caller, "notice.read")
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(
            f"A page of {limit} notices was asked for; it must be between 1 and {LARGEST_PAGE}."
        )
    now = deps.clock.now()
    in_read, after = _read_cursor(cursor)
    rows: list[Any] = []
    if not in_read:
        rows += session.execute(_mine(caller, now, read=False, after=after, limit=limit + 1)).all()
        after = None
    if len(rows) <= limit and not unread:
        rest = limit + 1 - len(rows)
        rows += session.execute(_mine(caller, now, read=True, after=after, limit=rest)).all()
    page = page_of(rows, limit, lambda row: (row.created_at, row.id))
    part = "r" if page.items and page.items[-1].read else "u"
    return Page([_told(caller, row) for row in page.items], page.next_cursor and part + page.next_cursor)


def unread_count(session: Session, deps: Deps, caller: Caller) -> int:
    """How many notices the caller has not read, counted up to COUNT_CAP + 1. One statement."""
    require(caller, "notice.read")
    mine = _mine(caller, deps.clock.now(), read=False, limit=COUNT_CAP + 1).subquery()
    return int(session.execute(sa.select(sa.func.count()).select_from(mine)).scalar_one())


def mark_read(session: Session, deps: Deps, caller: Caller, notice_id: UUID) -> Told:
    """Note that the caller has seen a notice; seeing it twice keeps the first instant. Raises NotFound."""
    require(caller, "notice.read")
    now = deps.clock.now()
    row = _find(session, caller, now, notice_id)
    _keep_read(session, caller, now, [row.id])
    return _told(caller, row)


def mark_read_up_to(session: Session, deps: Deps, caller: Caller, notice_id: UUID) -> int:
    """Note that the caller has seen everything told up to a given notice; return how many were new. Raises NotFound."""
    require(caller, "notice.read")
    now = deps.clock.now()
    last = _find(session, caller, now, notice_id)
    key = sa.tuple_(_NOTICE.c.created_at, _NOTICE.c.id) <= sa.tuple_(*_literals(last.created_at, last.id))
    until = min(last.created_at - _INSTANT_BEFORE, now - LATE_BY)
    found = _mine(caller, now, key, read=False).subquery()
    count = session.execute(sa.select(sa.func.count()).select_from(found)).scalar_one()
    recent = session.scalars(sa.select(found.c.id).where(found.c.created_at > until)).all()
    _keep_read(session, caller, now, recent)
    mark = insert(_MARK).values(person_id=caller.id, until=until)
    session.execute(
        mark.on_conflict_do_update(
            index_elements=["person_id"], set_={"until": sa.func.greatest(_MARK.c.until, mark.excluded.until)}
        )
    )
    return int(count)


def notices_of_case(session: Session, number: str) -> Sequence[Any]:
    """What diagrams have told units and the customer about a case, oldest first, for whoever may already see the case."""
    return session.execute(_OF_CASE, {"number": number}).all()


def notice_for(session: Session, caller: Caller, now: datetime, notice_id: UUID) -> Any:
    """The row of a notice with `confidential` and `read`, as `caller` has it now; None where it is not there for them."""
    return session.execute(_mine(caller, now, _NOTICE.c.id == notice_id, limit=1)).first()


def _find(session: Session, caller: Caller, now: datetime, notice_id: UUID) -> Any:
    row = notice_for(session, caller, now, notice_id)
    if row is None:
        raise NotFound(f"The notice {notice_id} was asked for; there is no such notice for you.")
    return row


def _mine(
    caller: Caller,
    now: datetime,
    *where: sa.ColumnElement[bool],
    read: bool | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> sa.Select[Any]:
    """The caller's notices, latest first: a walk along one index for the person and for each of their groups."""
    until = sa.select(sa.func.max(_MARK.c.until)).where(_MARK.c.person_id == caller.id).scalar_subquery()
    seen = sa.or_(
        _NOTICE.c.created_at <= sa.func.coalesce(until, _NEVER),
        sa.exists().where(_READ.c.notice_id == _NOTICE.c.id, _READ.c.person_id == caller.id),
    )
    names = (
        sa.func.unnest(sa.cast(list(caller.groups), sa.ARRAY(sa.Text)))
        .table_valued("name")
        .render_derived(name="mine")
    )
    over = _NOTICE.c.created_at <= now - UNREAD_FOR
    wanted = [*where, _shown_to(caller)]
    if after is not None:
        wanted.append(sa.tuple_(_NOTICE.c.created_at, _NOTICE.c.id) < sa.tuple_(*_literals(*after)))

    def part(receiver: sa.ColumnElement[bool], is_read: sa.ColumnElement[bool]) -> sa.Select[Any]:
        chosen = wanted if read is None else [*wanted, is_read if read else sa.not_(is_read)]
        return (
            sa.select(_NOTICE, _CASE.c.confidential, _CASE.c.id.label("case_id"), is_read.label("read"))
            .select_from(
                _NOTICE.outerjoin(_CASE, _CASE.c.number == _NOTICE.c.business_key).outerjoin(
                    _TASK, _TASK.c.id == _NOTICE.c.task_id
                )
            )
            .where(receiver, *chosen)
            .order_by(_NOTICE.c.created_at.desc(), _NOTICE.c.id.desc())
            .limit(limit)
        )

    to_me = part(_NOTICE.c.to_person == caller.id, seen).subquery("to_me")
    each = part(_NOTICE.c.to_group == names.c.name, sa.or_(over, seen)).correlate(names).lateral("each")
    theirs = [part(_follows(caller, cover), seen).subquery() for cover in caller.standing.covers]
    both = sa.union_all(
        sa.select(*to_me.c),
        sa.select(*each.c).select_from(names.join(each, sa.true())),
        *(sa.select(*of_one.c) for of_one in theirs),
    ).subquery("both")
    return sa.select(*both.c).order_by(both.c.created_at.desc(), both.c.id.desc()).limit(limit)


def _follows(caller: Caller, cover: Cover) -> sa.ColumnElement[bool]:
    """What was told to somebody absent, since the caller does their work, about work within what is done for them: the task
    itself, or one of the case that they have in hand. What the caller was told of themself is not told twice.
    """
    conditions = [
        _NOTICE.c.to_person == cover.person_id,
        _NOTICE.c.cause.in_(FOLLOWING),
        _NOTICE.c.created_at >= cover.since,
        sa.not_(
            sa.exists().where(
                _OWN.c.key
                == sa.func.replace(
                    _NOTICE.c.key, sa.literal(str(cover.person_id)), sa.literal(str(caller.id))
                )
            )
        ),
    ]
    if cover.scope is not None:
        scope = list(cover.scope)
        in_hand = sa.and_(
            _HELD.c.business_key == _NOTICE.c.business_key,
            _HELD.c.state.in_(OPEN),
            sa.or_(_HELD.c.assignee_id == cover.person_id, _HELD.c.owner_id == cover.person_id),
        )
        conditions.append(
            sa.exists().where(
                sa.or_(_HELD.c.id == _NOTICE.c.task_id, in_hand),
                sa.or_(_HELD.c.candidate_group.in_(scope), _HELD.c.also_groups.overlap(scope)),
            )
        )
    return sa.and_(*conditions)


def _shown_to(caller: Caller) -> sa.ColumnElement[bool]:
    """About no case, about one the caller sees, or about a task that was ever offered to their groups."""
    return sa.or_(
        _CASE.c.id.is_(None),
        visible_to(caller),
        offered_to(_TASK, caller),
    )


def _keep_read(session: Session, caller: Caller, now: datetime, ids: Sequence[UUID]) -> None:
    rows = sa.select(
        sa.func.unnest(sa.cast(list(ids), sa.ARRAY(sa.Uuid))),
        sa.literal(caller.id, sa.Uuid),
        sa.literal(now, sa.DateTime(timezone=True)),
    )
    columns = ["notice_id", "person_id", "at"]
    session.execute(insert(_READ).from_select(columns, rows).on_conflict_do_nothing())


def _told(caller: Caller, row: Any) -> Told:
    zh, en = words(row, confidential=bool(row.confidential))
    for cover in caller.standing.covers:
        if row.to_person == cover.person_id:
            zh, en = f"（代{cover.name}）{zh}", f"(For {cover.name}) {en}"
    return Told(
        row.id,
        row.cause,
        row.business_key,
        row.task_id,
        row.case_id is not None,
        zh,
        en,
        row.created_at,
        row.read,
    )


def _read_cursor(cursor: str | None) -> tuple[bool, tuple[datetime, UUID] | None]:
    if not cursor:
        return False, None
    if cursor[0] not in "ur" or len(cursor) == 1:
        raise InvalidInput(f"The cursor {cursor[:60]!r} was sent; it is not one this list has given.")
    return cursor[0] == "r", read_cursor(cursor[1:])


def _literals(at: datetime, notice_id: UUID) -> tuple[Any, Any]:
    return sa.literal(at, sa.DateTime(timezone=True)), sa.literal(notice_id, sa.Uuid)
