"""How many tasks wait in each named list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.lists.filters import TaskFilter, narrowing
from tasks.lists.named import ListName, archived, scans
from tasks.people.caller import Caller
from tasks.permissions.matrix import may, require
from tasks.user_task import UserTask

COUNT_CAP = 1000
COUNTED: tuple[ListName, ...] = ("inbox", "asleep", "queue", "overdue", "warned", "delegated", "team")

_TASK = table(UserTask)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tasks wait in each list, counted up to `capped_at`. team: None for whoever leads nobody."""

    inbox: int
    asleep: int
    queue: int
    overdue: int
    warned: int
    delegated: int
    team: int | None
    capped_at: int


def counts(session: Session, deps: Deps, caller: Caller) -> Counts:
    """How many tasks wait in each list, for the tabs. One statement; counting stops at 1000."""
    require(caller, "task.read")
    at = deps.clock.now()
    sizes = {name: size_of(caller, name, TaskFilter(), at) for name in COUNTED}
    found = numbers(session, {name: size for name, size in sizes.items() if size is not None})
    counted: dict[str, Any] = {name: found.get(name) for name in COUNTED}
    return Counts(**counted, capped_at=COUNT_CAP)


def size_of(caller: Caller, name: ListName, where: TaskFilter, at: datetime) -> sa.ScalarSelect[int] | None:
    """How many tasks are in a list, up to COUNT_CAP, as part of a statement; None where the list is not for the caller.

    Raises InvalidInput for a filter that cannot be, as `tasks.lists.named.task_list` does.
    """
    narrowed = narrowing(caller, where, at)

    def first(statement: sa.Select[Any], *, few: bool | None = None) -> list[sa.Select[Any]]:
        return [each.limit(COUNT_CAP) for each in narrowed.of(statement, few=few)]

    if name == "archive":
        parts = first(archived(caller, [_TASK.c.id]))
    elif name != "team" or may(caller, "team.read"):
        parts = scans(caller, name, where, at, [_TASK.c.id], first)
    else:
        parts = []
    if not parts:
        return None
    rows = sa.union(*(part.subquery().select() for part in parts)).subquery()
    capped = sa.select(rows.c.id).limit(COUNT_CAP).subquery()
    return sa.select(sa.func.count()).select_from(capped).scalar_subquery()


def numbers(session: Session, sizes: Mapping[str, sa.ScalarSelect[int]]) -> dict[str, int]:
    """Several sizes by name. One statement, or none."""
    if not sizes:
        return {}
    row = session.execute(sa.select(*(size.label(name) for name, size in sizes.items()))).one()
    return dict(row._mapping)
