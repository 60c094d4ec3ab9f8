"""By what a list of tasks is narrowed, whichever list it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from itertools import product
from typing import Any, Literal, get_args

import sqlalchemy as sa

from engine.errors import InvalidInput
from tasks.cases.judging import code
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.organisation.tables import OrgUnit
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.search.among import FEW, Way, cases_of, ways_to
from tasks.search.finding import words_in
from tasks.user_task import CREATED, HELD, NEVER, OPEN, UserTask

ClockState = Literal["late", "warned", "today", "paused", "none"]
CLOCKS: tuple[str, ...] = get_args(ClockState)

_INSTANTS = ("due_before", "due_after")
END = "\U0010ffff"
"""Behind the path of a unit: behind those of all units below it."""

_TASK = table(UserTask).c
_CASE = table(Case).alias("its_case").c
"""The case of a task: an alias, because the archive reads cases itself."""
_FOUND = table(Case).c
"""A case that a search finds."""
_TASKS = table(UserTask).alias("its_like").c
"""Tasks that are counted."""


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a list may be narrowed by; what is None narrows nothing, and everything else has to hold together.

    clock: late (due before now), warned (warned and not late), today (due before midnight in Shanghai, late included),
    paused, or none (no clock). due_before, due_after: instants. q and customer: words that all are in what the case says, for
    `customer` in the customer's name and phone; only cases the caller may read are found. unit: the code of the unit that
    filed the case or has the task, units below included. business: its code. group: one of the caller's candidate groups
    (in the queue). assignee: a login, or "" for unclaimed. priority: this or higher, 0 to 100. returned:
    whether somebody has given it back with a reason. level: the level of the case. key: whether the case is marked, as a key or
    a difficult one. awake: whether it is not put off.
    """

    number: str | None = None
    process_key: str | None = None
    activity_id: str | None = None
    group: str | None = None
    due_before: datetime | None = None
    due_after: datetime | None = None
    clock: ClockState | None = None
    q: str | None = None
    customer: str | None = None
    business: str | None = None
    customer_level: str | None = None
    unit: str | None = None
    assignee: str | None = None
    priority: int | None = None
    returned: bool | None = None
    level: str | None = None
    key: bool | None = None
    awake: bool | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What narrows, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def as_json(wanted: TaskFilter) -> dict[str, Any]:
    """A filter as it is kept; `from_json` reads it."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in wanted.given.items()
    }


def from_json(kept: Mapping[str, Any]) -> TaskFilter:
    instants = {name: datetime.fromisoformat(kept[name]) for name in _INSTANTS if name in kept}
    return TaskFilter(**{**kept, **instants})


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A filter made ready for one caller at one instant: the ways in which tasks are found, each read for itself."""

    ways: tuple[Way, ...]

    def of(self, statement: sa.Select[Any], *, few: bool | None = None) -> list[sa.Select[Any]]:
        """The statement narrowed, once for each way; together they find what the filter finds, some of it perhaps twice.
        few: only the ways that find few tasks whatever the list is, or only the others.
        """
        return [statement.where(*way.conditions) for way in self.ways if few in (None, way.few)]

    def at_once(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """The statement narrowed, all ways in one."""
        return statement.where(sa.or_(*(sa.and_(sa.true(), *way.conditions) for way in self.ways)))


def narrowing(caller: Caller, wanted: TaskFilter, at: datetime, *, ranked: bool = False) -> Narrowing:
    """The conditions on `user_task` for a filter at an instant; ranked: for a list by priority. Raises InvalidInput for what cannot be stored or searched."""
    texts = (
        wanted.number,
        wanted.process_key,
        wanted.activity_id,
        wanted.group,
        wanted.business,
        wanted.customer_level,
        wanted.unit,
        wanted.assignee,
        wanted.level,
    )
    if not storable(*texts):
        raise InvalidInput(
            "Tasks were asked for by a text that cannot be stored.",
            message_zh="筛选条件含有无法识别的字符。",
        )
    always = tuple(_of_task(wanted, at, ranked))
    return Narrowing(
        tuple(
            Way((*always, *(each for way in ways for each in way.conditions)), any(way.few for way in ways))
            for ways in product(*_searches(caller, wanted))
        )
    )


def clock_is(state: str, at: datetime, *, ranked: bool = False) -> sa.ColumnElement[bool]:
    """The condition under which the clock of a task is in a state (`ClockState`) at an instant. `sort_at` is due_at, or far
    away without one, so that what is due is a range of the index in which lists are read.
    """
    if state == "late":
        return _TASK.sort_at < at
    if state == "warned":
        return sa.and_(_TASK.sort_at >= at, _TASK.warn_at <= at)
    if state == "today":
        tomorrow = at.astimezone(SHANGHAI).date() + timedelta(days=1)
        return _TASK.sort_at < datetime.combine(tomorrow, time.min, SHANGHAI)
    # What is due at no instant lies behind everything else in the order of the list: it is read from there.
    if state == "paused":  # it ranks there, too (`tasks.lists.weights`)
        last = _TASK.rank_at if ranked else _TASK.sort_at
        return sa.and_(last >= NEVER, _TASK.due_at.is_(None), _TASK.paused_at.is_not(None))
    return sa.and_(_TASK.sort_at >= NEVER, _TASK.due_at.is_(None), _TASK.paused_at.is_(None))


def _of_task(wanted: TaskFilter, at: datetime, ranked: bool) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.number:
        yield _TASK.case_id == sa.select(_CASE.id).where(_CASE.number == wanted.number).scalar_subquery()
    if wanted.process_key:
        yield _TASK.process_key == wanted.process_key
    if wanted.activity_id:
        yield _TASK.activity_id == wanted.activity_id
    if wanted.due_before:
        yield _TASK.sort_at < wanted.due_before
    if wanted.due_after:
        yield sa.and_(_TASK.sort_at >= wanted.due_after, _TASK.due_at.is_not(None))
    if wanted.clock:
        yield clock_is(wanted.clock, at, ranked=ranked)
    if wanted.priority is not None:
        yield _TASK.priority >= wanted.priority
    if wanted.returned is not None:
        yield (_TASK.returned > 0) if wanted.returned else (_TASK.returned == 0)
    if wanted.level:
        yield _TASK.level == wanted.level
    if wanted.business:
        yield _TASK.business == (code(wanted.business) or "")
    if wanted.customer_level:
        yield _TASK.customer_level == (code(wanted.customer_level) or "")
    if wanted.key is not None:
        yield _TASK.mark.is_not(None) if wanted.key else _TASK.mark.is_(None)
    if wanted.awake is not None:
        put_off = sa.func.coalesce(_TASK.follow_up_at > at, sa.false())
        yield sa.not_(put_off) if wanted.awake else put_off
    if wanted.assignee == "":
        yield _TASK.state == CREATED
    elif wanted.assignee is not None:
        yield _TASK.state.in_(HELD)
        yield (
            _TASK.assignee_id == sa.select(Person.id).where(Person.login == wanted.assignee).scalar_subquery()
        )


def _searches(caller: Caller, wanted: TaskFilter) -> Iterator[tuple[Way, ...]]:
    """What is searched for, each in ways of its own."""
    if wanted.unit:
        yield _of_unit(wanted.unit)
    if wanted.q:
        yield ways_to(caller, wanted.q, _TASK.case_id)
    if wanted.customer:
        yield ways_to(caller, wanted.customer, _TASK.case_id, *_of_customer(wanted.customer))


def _of_unit(unit: str) -> tuple[Way, ...]:
    """The tasks a unit or one below it has, and those of cases filed there: where few are, by an index of each."""
    path = sa.select(OrgUnit.path).where(OrgUnit.code == unit).limit(1).scalar_subquery()

    def below(place: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        return sa.and_(place >= path, place < path.concat(END))

    tasks = sa.select(_TASKS.id).where(_TASKS.state.in_(OPEN), below(_TASKS.unit_path)).limit(FEW + 1)
    waiting = sa.select(sa.func.count().label("count")).select_from(tasks.subquery()).cte()
    have = sa.select(waiting.c.count).scalar_subquery()
    filed = cases_of(sa.select(_FOUND.id).where(below(_FOUND.org_path)))
    place = sa.select(_CASE.org_path).where(_CASE.id == _TASK.case_id).scalar_subquery()
    return (
        Way((have <= FEW, below(_TASK.unit_path)), few=True),
        Way((have > FEW, sa.func.starts_with(_TASK.unit_path, path))),
        *filed.ways(_TASK.case_id, sa.func.starts_with(place, path)),
    )


def _of_customer(text: str) -> Iterator[sa.ColumnElement[bool]]:
    customer = sa.func.search_words(
        sa.func.concat_ws(
            "\n", _FOUND.facts[("customer", "name")].astext, _FOUND.facts[("customer", "phone")].astext
        )
    )
    for word in words_in(text):
        yield sa.func.strpos(customer, sa.func.search_words(word)) > 0
