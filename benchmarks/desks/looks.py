"""What somebody looks at: every list from its beginning and far down, in each order, narrowed in each way, and the counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from benchmarks.desks.nation import BIG, CLERK
from tasks.cases.tables import Case
from tasks.deps import Deps
from tasks.lists.counting import COUNTED, Counts, counts
from tasks.lists.filters import TaskFilter
from tasks.lists.named import ORDERS, ListName, Order, task_list
from tasks.paging import LARGEST_PAGE
from tasks.people.caller import Caller
from tasks.permissions.matrix import may

_DEEP_PAGES = 20
"""How many of the largest pages are passed to be far down a list, if it is that long."""

_LISTS: tuple[ListName, ...] = ("inbox", "asleep", "queue", "overdue", "warned", "delegated", "team")


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look at: its name in tables and files, and what reads it and returns how many rows there were."""

    name: str
    read: Callable[[Session], int]


def looks(session: Session, deps: Deps, caller: Caller) -> Iterator[Look]:
    """Everything the caller looks at; the session is used to find what stands in the data."""
    yield Look("counts", lambda session: _counted(counts(session, deps, caller)))
    for name in _LISTS:
        if name == "team" and not may(caller, "team.read"):
            continue
        for sort in ORDERS:
            yield _look(deps, caller, f"{name} by {sort}", name, sort=cast(Order, sort))
            if cursor := _far_down(session, deps, caller, name, cast(Order, sort)):
                yield _look(
                    deps, caller, f"{name} by {sort}, deep", name, sort=cast(Order, sort), cursor=cursor
                )
    yield _look(deps, caller, "archive", "archive")
    if cursor := _far_down(session, deps, caller, "archive", "due"):
        yield _look(deps, caller, "archive, deep", "archive", cursor=cursor)
    widest: tuple[ListName, ...] = ("queue", "team") if may(caller, "team.read") else ("queue",)
    for name in widest:
        for what, where in _filters(session, deps, caller, name):
            for sort in ("due", "priority"):
                yield _look(
                    deps, caller, f"{name} by {sort}, {what}", name, where=where, sort=cast(Order, sort)
                )


def paths(caller: Caller) -> list[tuple[str, str]]:
    """What is asked for over HTTP besides, by name: as browsers and other systems do."""
    asked: list[tuple[str, dict[str, str]]] = [
        ("queue", {"list": "queue"}),
        ("queue by priority", {"list": "queue", "sort": "priority"}),
        ("queue, q", {"list": "queue", "q": "宽带"}),
        ("inbox", {"list": "inbox"}),
    ]
    if may(caller, "team.read"):
        asked += [("team", {"list": "team"}), ("team by priority", {"list": "team", "sort": "priority"})]
    return [
        ("counts", "/api/v1/tasks/counts"),
        *((name, f"/api/v1/tasks?{urlencode(query)}") for name, query in asked),
    ]


def _counted(found: Counts) -> int:
    return sum(getattr(found, name) is not None for name in COUNTED)


def _filters(
    session: Session, deps: Deps, caller: Caller, name: ListName
) -> Iterator[tuple[str, TaskFilter]]:
    known = task_list(session, deps, caller, name, sort="created", limit=1).items[0]
    facts = _facts(session, known.case_id)
    yield "clock late", TaskFilter(clock="late")
    yield "clock warned", TaskFilter(clock="warned")
    yield "clock today", TaskFilter(clock="today")
    yield "clock paused", TaskFilter(clock="paused")
    yield "clock none", TaskFilter(clock="none")
    yield "q a phone", TaskFilter(q=facts["customer"]["phone"])
    yield "q a number", TaskFilter(q=known.business_key)
    yield "q a frequent word", TaskFilter(q="宽带")
    yield "q two words", TaskFilter(q="花园路 账单")
    yield "q a name", TaskFilter(q=facts["customer"]["name"])
    yield "q not there", TaskFilter(q="卫星电话")
    yield "customer by name", TaskFilter(customer=facts["customer"]["name"])
    yield "customer by phone", TaskFilter(customer=facts["customer"]["phone"])
    yield "business", TaskFilter(business="roaming")
    yield "customer level vip", TaskFilter(customer_level="vip")
    yield "level national", TaskFilter(level="national")
    yield "level provincial", TaskFilter(level="provincial")
    yield "key", TaskFilter(key=True)
    yield "awake", TaskFilter(awake=True)
    yield "process", TaskFilter(process_key="appeal")
    yield "activity", TaskFilter(activity_id="audit")
    yield "priority 80", TaskFilter(priority=80)
    yield "returned", TaskFilter(returned=True)
    yield "number", TaskFilter(number=known.business_key)
    if name == "team":
        yield "unit, a small one", TaskFilter(unit=f"{BIG}_city3")
        yield "unit, a province", TaskFilter(unit=BIG)
        yield "assignee", TaskFilter(assignee=CLERK)
        yield "unclaimed", TaskFilter(assignee="")


def _facts(session: Session, case_id: Any) -> Any:
    held = session.get(Case, case_id)
    assert held is not None
    return held.facts


def _look(deps: Deps, caller: Caller, label: str, name: ListName, **asked: Any) -> Look:
    return Look(label, lambda session: len(task_list(session, deps, caller, name, **asked).items))


def _far_down(session: Session, deps: Deps, caller: Caller, name: ListName, sort: Order) -> str | None:
    cursor: str | None = None
    for _ in range(_DEEP_PAGES):
        found = task_list(session, deps, caller, name, sort=sort, limit=LARGEST_PAGE, cursor=cursor)
        if not found.next_cursor:
            break
        cursor = found.next_cursor
    return cursor
