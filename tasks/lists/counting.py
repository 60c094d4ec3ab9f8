"""How many tasks wait in each named list."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.lists.filters import TaskFilter
from tasks.lists.named import ListName, scans
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

    def first(statement: sa.Select[tuple[object]]) -> sa.Select[tuple[object]]:
        return statement.limit(COUNT_CAP)

    found: dict[str, sa.ScalarSelect[int]] = {}
    for name in COUNTED:
        parts = (
            scans(caller, name, TaskFilter(), at, [_TASK.c.id], first)
            if name != "team" or may(caller, "team.read")
            else []
        )
        if parts:
            rows = sa.union(*(part.subquery().select() for part in parts)).subquery()
            capped = sa.select(rows.c.id).limit(COUNT_CAP).subquery()
            found[name] = sa.select(sa.func.count()).select_from(capped).scalar_subquery()
    row = session.execute(sa.select(*(each.label(name) for name, each in found.items()))).one()._mapping
    return Counts(**{**dict.fromkeys(COUNTED), **row}, capped_at=COUNT_CAP)
