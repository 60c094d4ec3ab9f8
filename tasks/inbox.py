"""The named lists of tasks: inbox (mine), queue (offered to my groups, unclaimed), archive (done by me).

Each is one statement over one partial index, paged by key, so that a page costs the same with a million rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.paging import LARGEST_PAGE, PAGE, Page, page_of, read_cursor
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import offered_to, task_visible_to
from tasks.search.finding import cases_found
from tasks.user_task import COMPLETED, CREATED, HELD, OPEN, UserTask

COUNT_CAP = 1000

ListName = Literal["inbox", "queue", "archive"]

_TASK = table(UserTask)
_COLUMNS = [column for column in _TASK.c if column.name not in ("answers", "properties")]
_OF_CASE = (
    sa.select(*_COLUMNS)
    .where(_TASK.c.case_id == sa.bindparam("case_id"))
    .order_by(_TASK.c.created_at, _TASK.c.id)
)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a list may be narrowed by. due_before: an instant; group: one of the caller's candidate groups; q: words
    that all are in the number or in what its case says, where the caller may read that case.
    """

    number: str | None = None
    process_key: str | None = None
    activity_id: str | None = None
    group: str | None = None
    due_before: datetime | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tasks wait: mine, and in my queues (counted up to `capped_at`)."""

    inbox: int
    queue: int
    capped_at: int


def task_list(
    session: Session,
    caller: Caller,
    name: ListName,
    *,
    where: TaskFilter | None = None,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of a named list. Inbox and queue: most urgent first; archive: latest first.

    Rows are task columns without answers and properties. Raises InvalidInput for a limit outside 1–200 or a
    cursor that is not ours.
    """
    require(caller, "task.read")
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"A page of {limit} tasks was asked for; it must be between 1 and {LARGEST_PAGE}.")
    after = read_cursor(cursor)
    wanted = where or TaskFilter()
    if not storable(wanted.number, wanted.process_key, wanted.activity_id, wanted.group):
        raise InvalidInput("Tasks were asked for by a text that cannot be stored.")
    # Worked out once, however many queues are read.
    found = cases_found(caller, wanted.q).cte("found").prefix_with("MATERIALIZED") if wanted.q else None
    if name == "archive":
        return _archive(session, caller, wanted, found, limit, after)
    if name == "inbox":
        statement = sa.select(*_COLUMNS).where(_held(caller))
        statement = _ordered(_narrowed(statement, wanted, found), limit, after)
    else:
        statement = _queue(caller, wanted, found, limit, after)
    rows = session.execute(statement).all()
    return page_of(rows, limit, lambda row: (row.sort_at, row.id))


def counts(session: Session, caller: Caller) -> Counts:
    """How many tasks the caller holds and could claim, for the tabs. Counting stops at 1000."""
    require(caller, "task.read")
    mine = sa.select(_TASK.c.id).where(_held(caller)).limit(COUNT_CAP).subquery()
    queued = (
        sa.select(_TASK.c.id)
        .where(_TASK.c.state == CREATED, offered_to(_TASK, caller))
        .limit(COUNT_CAP)
        .subquery()
    )
    row = session.execute(
        sa.select(
            sa.select(sa.func.count()).select_from(mine).scalar_subquery(),
            sa.select(sa.func.count()).select_from(queued).scalar_subquery(),
        )
    ).one()
    return Counts(row[0], row[1], COUNT_CAP)


def tasks_of_case(session: Session, case_id: Any) -> list[Any]:
    """All tasks of a case, oldest first, for whoever may already see the case."""
    return list(session.execute(_OF_CASE, {"case_id": case_id}).all())


def tasks_of_instance(session: Session, instance_id: Any) -> list[Any]:
    """The open tasks of an instance, oldest first, for whoever may already see it."""
    rows = session.execute(
        sa.select(*_COLUMNS)
        .where(_TASK.c.instance_id == instance_id, _TASK.c.state.in_(OPEN))
        .order_by(_TASK.c.created_at, _TASK.c.id)
    ).all()
    return list(rows)


def _queue(
    caller: Caller, wanted: TaskFilter, found: sa.CTE | None, limit: int, after: Any
) -> sa.Select[Any]:
    groups = [wanted.group] if wanted.group else list(caller.groups)
    if wanted.group and wanted.group not in caller.groups:
        raise InvalidInput(
            f"The queue of the group {wanted.group[:100]} was asked for; it is not one of yours."
        )
    # One short index scan per group, then a merge: reading all groups at once would sort the whole queue.
    names = (
        sa.func.unnest(sa.cast(groups, sa.ARRAY(sa.Text))).table_valued("name").render_derived(name="mine")
    )
    each = _ordered(
        _narrowed(
            sa.select(*_COLUMNS).where(_TASK.c.state == CREATED, _TASK.c.candidate_group == names.c.name),
            wanted,
            found,
        ),
        limit,
        after,
    ).lateral("each")
    by_group = sa.select(*each.c).select_from(names.join(each, sa.true()))
    also = _ordered(
        _narrowed(
            sa.select(*_COLUMNS).where(
                _TASK.c.state == CREATED,
                _TASK.c.also_groups.is_not(None),
                _TASK.c.also_groups.overlap(groups),
            ),
            wanted,
            found,
        ),
        limit,
        after,
    ).subquery("also")
    both = sa.union(by_group, sa.select(*also.c)).subquery("both")
    return sa.select(*both.c).order_by(both.c.sort_at, both.c.id).limit(limit + 1)


def _archive(
    session: Session, caller: Caller, wanted: TaskFilter, found: sa.CTE | None, limit: int, after: Any
) -> Page:
    # Whoever has moved to another unit leaves what they did there behind, like everything else of those cases.
    seen = sa.select(*_COLUMNS).select_from(_TASK.outerjoin(table(Case), Case.id == _TASK.c.case_id))
    statement = _narrowed(
        seen.where(_TASK.c.state == COMPLETED, _TASK.c.completed_by == caller.id, task_visible_to(caller)),
        wanted,
        found,
    )
    if after is not None:
        statement = statement.where(
            sa.tuple_(_TASK.c.completed_at, _TASK.c.id) < sa.tuple_(*_literals(after))
        )
    statement = statement.order_by(_TASK.c.completed_at.desc(), _TASK.c.id.desc()).limit(limit + 1)
    return page_of(session.execute(statement).all(), limit, lambda row: (row.completed_at, row.id))


def _ordered(statement: sa.Select[Any], limit: int, after: Any) -> sa.Select[Any]:
    if after is not None:
        statement = statement.where(sa.tuple_(_TASK.c.sort_at, _TASK.c.id) > sa.tuple_(*_literals(after)))
    return statement.order_by(_TASK.c.sort_at, _TASK.c.id).limit(limit + 1)


def _literals(after: Any) -> tuple[Any, Any]:
    return sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid)


def _narrowed(statement: sa.Select[Any], wanted: TaskFilter, found: sa.CTE | None) -> sa.Select[Any]:
    if wanted.number:
        statement = statement.where(
            _TASK.c.case_id == sa.select(Case.id).where(Case.number == wanted.number).scalar_subquery()
        )
    if found is not None:
        statement = statement.where(_TASK.c.case_id.in_(sa.select(found.c.id)))
    if wanted.process_key:
        statement = statement.where(_TASK.c.process_key == wanted.process_key)
    if wanted.activity_id:
        statement = statement.where(_TASK.c.activity_id == wanted.activity_id)
    if wanted.due_before:
        statement = statement.where(_TASK.c.due_at < wanted.due_before)
    return statement


def _held(caller: Caller) -> sa.ColumnElement[bool]:
    return sa.and_(_TASK.c.state.in_(HELD), _TASK.c.assignee_id == caller.id, offered_to(_TASK, caller))
