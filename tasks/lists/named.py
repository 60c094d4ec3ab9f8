"""The named lists of tasks, each a few short index scans that are merged, paged by key, so that a page costs the same with a
million rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, get_args
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deps import Deps
from tasks.lists.filters import END, Narrowing, TaskFilter, clock_is, narrowing
from tasks.paging import LARGEST_PAGE, PAGE, Page, page_of, read_cursor
from tasks.people.caller import Caller
from tasks.permissions.matrix import require
from tasks.permissions.visibility import offered_to, reach, task_visible_to
from tasks.user_task import COMPLETED, CREATED, DELEGATED, HELD, OPEN, UserTask

ListName = Literal["inbox", "asleep", "queue", "overdue", "warned", "delegated", "team", "archive"]
LISTS: tuple[str, ...] = get_args(ListName)

Order = Literal["due", "priority", "created"]
"""due: what is due first. priority: by the rule for the next task (`tasks.lists.next_task`). created: the oldest first."""
ORDERS: tuple[str, ...] = get_args(Order)

_TASK = table(UserTask)
COLUMNS = [
    column
    for column in _TASK.c
    if column.name
    not in (
        "answers",
        "properties",
        "asked",
        "routed",
        "unit_path",
        "helped_by",
        "business",
        "customer_level",
    )
]
_SORTED_BY = {"due": "sort_at", "priority": "rank_at", "created": "created_at"}


class Shape(Protocol):
    """What every scan of a list gets: the filter, in each of its ways (`Narrowing.of`), the order and how far it is read."""

    def __call__(self, statement: sa.Select[Any], *, few: bool | None = None) -> list[sa.Select[Any]]: ...


def task_list(
    session: Session,
    deps: Deps,
    caller: Caller,
    name: ListName,
    *,
    where: TaskFilter | None = None,
    sort: Order = "due",
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of a named list; the archive is always read from the latest.

    inbox: held by the caller and not put off. asleep: put off. queue: offered to the caller's groups and free. overdue,
    warned: of both, by their clocks. delegated: what the caller has given to somebody and waits for. team: whatever is open in the units the caller leads (`team.read`). archive: completed
    by the caller.

    Rows are task columns without answers and properties. Raises NotPermitted; InvalidInput for a limit outside 1–200, a
    cursor that is not ours, a group that is not the caller's, or a search too short or too long.
    """
    require(caller, "team.read" if name == "team" else "task.read")
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"A page of {limit} tasks was asked for; it must be between 1 and {LARGEST_PAGE}.")
    wanted, at = where or TaskFilter(), deps.clock.now()
    narrowed, after = narrowing(caller, wanted, at, ranked=sort == "priority"), read_cursor(cursor)
    if name == "archive":
        return _archive(session, caller, narrowed, limit, after)
    key = _SORTED_BY[sort]

    def shape(statement: sa.Select[Any], *, few: bool | None = None) -> list[sa.Select[Any]]:
        return [_from(each, _TASK.c[key], after, limit) for each in narrowed.of(statement, few=few)]

    statement = merged(scans(caller, name, wanted, at, [_TASK.c.id, _TASK.c[key]], shape), key, limit)
    return page_of(session.execute(statement).all(), limit, lambda row: (getattr(row, key), row.id))


def task_ids(
    session: Session, deps: Deps, caller: Caller, name: ListName, where: TaskFilter, most: int
) -> list[UUID]:
    """The ids of the first `most` tasks of a list of open tasks, what is due first first. Raises as `task_list` does, and
    InvalidInput for the archive.
    """
    require(caller, "team.read" if name == "team" else "task.read")
    if name == "archive":
        raise InvalidInput(
            "The open tasks of the archive were asked for; what is there is over.",
            message_zh="已办列表中的工单都已结束。",
        )
    at = deps.clock.now()
    narrowed = narrowing(caller, where, at)

    def shape(statement: sa.Select[Any], *, few: bool | None = None) -> list[sa.Select[Any]]:
        return [_from(each, _TASK.c.sort_at, None, most) for each in narrowed.of(statement, few=few)]

    statement = merged(scans(caller, name, where, at, [_TASK.c.id, _TASK.c.sort_at], shape), "sort_at", most)
    return [row.id for row in session.execute(statement)][:most]


def scans(
    caller: Caller, name: ListName, wanted: TaskFilter, at: datetime, columns: Sequence[Any], shape: Shape
) -> list[sa.Select[Any]]:
    """The scans that a list but the archive is merged from, each over one index. Raises InvalidInput for a group that is not
    the caller's.
    """
    if name == "team":
        return [part for led in _led(caller) for part in shape(sa.select(*columns).where(*led))]
    if name in ("inbox", "asleep"):
        put_off = sa.func.coalesce(_TASK.c.follow_up_at > at, sa.false())
        mine = sa.select(*columns).where(held_by(caller), put_off if name == "asleep" else sa.not_(put_off))
        return shape(mine)
    if name == "delegated":
        waits = sa.and_(_TASK.c.state == DELEGATED, _TASK.c.owner_id == caller.id, offered_to(_TASK, caller))
        return shape(sa.select(*columns).where(waits))
    if name == "queue":
        return _offered(caller, wanted, columns, shape)
    clock = clock_is("late" if name == "overdue" else "warned", at)

    def of_clock(statement: sa.Select[Any], *, few: bool | None = None) -> list[sa.Select[Any]]:
        return shape(statement.where(clock), few=few)

    return [
        *of_clock(sa.select(*columns).where(held_by(caller))),
        *_offered(caller, wanted, columns, of_clock),
    ]


def merged(parts: Sequence[sa.Select[Any]], key: str, limit: int) -> sa.Select[Any]:
    """The first tasks of several scans of id and key in one order, each once, with the columns of a list."""
    if len(parts) == 1:
        return parts[0].with_only_columns(*COLUMNS)
    # Whole rows are read last: to merge them, every column of every scan would be compared and named again.
    found = sa.union(*(part.subquery().select() for part in parts)).subquery("found")
    page = sa.select(*found.c).order_by(found.c[key], found.c.id).limit(limit + 1).subquery("page")
    rows = sa.select(*COLUMNS).select_from(page.join(_TASK, _TASK.c.id == page.c.id))
    return rows.order_by(page.c[key], page.c.id)


def held_by(caller: Caller) -> sa.ColumnElement[bool]:
    """The condition under which the caller holds a task, and still answers one of its groups."""
    return sa.and_(_TASK.c.state.in_(HELD), _TASK.c.assignee_id == caller.id, offered_to(_TASK, caller))


def _offered(
    caller: Caller, wanted: TaskFilter, columns: Sequence[Any], shape: Shape
) -> list[sa.Select[Any]]:
    groups = [wanted.group] if wanted.group else list(caller.groups)
    if wanted.group and wanted.group not in caller.groups:
        raise InvalidInput(
            f"The queue of the group {wanted.group[:100]} was asked for; it is not one of yours."
        )
    # One short index scan per group, then a merge: reading all groups at once would sort the whole queue.
    names = (
        sa.func.unnest(sa.cast(groups, sa.ARRAY(sa.Text))).table_valued("name").render_derived(name="mine")
    )
    free = sa.select(*columns).where(_TASK.c.state == CREATED)
    lanes = [each.lateral() for each in shape(free.where(_TASK.c.candidate_group == names.c.name), few=False)]
    also = sa.and_(_TASK.c.also_groups.is_not(None), _TASK.c.also_groups.overlap(groups))
    to_any = sa.or_(_TASK.c.candidate_group == sa.any_(sa.literal(groups, sa.ARRAY(sa.Text))), also)
    return [
        *(sa.select(*lane.c).select_from(names.join(lane, sa.true())) for lane in lanes),
        *shape(free.where(also), few=False),
        *shape(free.where(to_any), few=True),
    ]


def _led(caller: Caller) -> list[tuple[sa.ColumnElement[bool], ...]]:
    """The open tasks of the units where the caller's seats let them steer work, one range of units each. Without a case a
    task shows nothing to whom it is not offered.
    """
    places = reach(caller, "team.read")
    tops = [path for path in places if not any(path != top and path.startswith(top) for top in places)]
    return [
        (
            _TASK.c.state.in_(OPEN),
            _TASK.c.case_id.is_not(None),
            _TASK.c.unit_path >= path,
            _TASK.c.unit_path < path + END,
        )
        for path in tops
    ]


def archived(caller: Caller, columns: Sequence[Any]) -> sa.Select[Any]:
    """What the caller has completed. Whoever has moved to another unit leaves what they did there behind, like everything
    else of those cases.
    """
    seen = sa.select(*columns).select_from(_TASK.outerjoin(table(Case), Case.id == _TASK.c.case_id))
    return seen.where(_TASK.c.state == COMPLETED, _TASK.c.completed_by == caller.id, task_visible_to(caller))


def _archive(session: Session, caller: Caller, narrowed: Narrowing, limit: int, after: Any) -> Page:
    statement = narrowed.at_once(archived(caller, COLUMNS))
    if after is not None:
        statement = statement.where(
            sa.tuple_(_TASK.c.completed_at, _TASK.c.id) < sa.tuple_(*_literals(after))
        )
    statement = statement.order_by(_TASK.c.completed_at.desc(), _TASK.c.id.desc()).limit(limit + 1)
    return page_of(session.execute(statement).all(), limit, lambda row: (row.completed_at, row.id))


def _from(statement: sa.Select[Any], key: Any, after: Any, limit: int) -> sa.Select[Any]:
    if after is not None:
        statement = statement.where(sa.tuple_(key, _TASK.c.id) > sa.tuple_(*_literals(after)))
    return statement.order_by(key, _TASK.c.id).limit(limit + 1)


def _literals(after: Any) -> tuple[Any, Any]:
    return sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid)
