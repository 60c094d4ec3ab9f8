"""The log of supervision: what rang when and who was told, what is warned and overdue now, and the numbers of it.

Everything is limited to cases within the caller's reach (`supervision.read`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.cases.reading import read_case
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deadlines.clocks.changing.approving import WHERE_FROM, centre_over, decides
from tasks.deadlines.clocks.changing.extending import REQUESTED
from tasks.deadlines.clocks.holders import held
from tasks.deadlines.clocks.tables import Clock, ClockRequest
from tasks.deadlines.policies.rungs import read_rungs
from tasks.deadlines.supervision.opening import PROCESS
from tasks.deadlines.supervision.tables import ClockRing, Supervision
from tasks.deps import Deps
from tasks.organisation.assigning.routing import PERSON
from tasks.organisation.tree import Organisation
from tasks.paging import LARGEST_PAGE, PAGE, Page, page_of, read_cursor
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require
from tasks.permissions.visibility import visible_to
from tasks.user_task import OPEN, UserTask

READ = "supervision.read"
MOST = 200
"""Clocks, work orders and lines of figures shown at once; of clocks those due first."""

_RING, _CLOCK, _SUPERVISION = table(ClockRing), table(Clock), table(Supervision)
_REQUEST = table(ClockRequest)
_CASE, _TASK, _PERSON = table(Case), table(UserTask), table(Person)


@dataclass(frozen=True, slots=True)
class RingFilter:
    """What rings are asked for. unit: the code of the unit that had the work, with everything below; code: of the clock;
    step: the rung as the register writes it; since, before: when it rang.
    """

    unit: str | None = None
    code: str | None = None
    step: str | None = None
    since: datetime | None = None
    before: datetime | None = None


def ring_list(
    session: Session,
    deps: Deps,
    caller: Caller,
    *,
    where: RingFilter | None = None,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of the rungs that have rung, latest first. Raises NotPermitted; InvalidInput for a limit outside 1–200, a
    cursor that is not ours, a unit there is none of, a step that is no rung, or a period that ends before it begins.
    """
    require(caller, READ)
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(f"A page of {limit} rings was asked for; it must be between 1 and {LARGEST_PAGE}.")
    statement = _rings().where(visible_to(caller, READ), *_conditions(session, deps, where or RingFilter()))
    after = read_cursor(cursor)
    if after is not None:
        key = (sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid))
        statement = statement.where(sa.tuple_(_RING.c.rung_at, _RING.c.id) < sa.tuple_(*key))
    statement = statement.order_by(_RING.c.rung_at.desc(), _RING.c.id.desc()).limit(limit + 1)
    return page_of(session.execute(statement).all(), limit, lambda row: (row.rung_at, row.id))


@dataclass(frozen=True, slots=True)
class OfCase:
    """The supervision of one case: its linked instances, and the rungs that have rung; oldest first."""

    supervisions: Sequence[Any]
    rings: Sequence[Any]


def of_case(session: Session, deps: Deps, caller: Caller, number: str) -> OfCase:
    """The supervision of a case. Raises NotPermitted, and NotFound when the caller does not see it."""
    case = read_case(session, deps, caller, number, verb=READ)
    return of_case_row(session, case.id)


def of_case_row(session: Session, case_id: Any) -> OfCase:
    """The same for a case that has been read already."""
    return OfCase(
        session.execute(
            sa.select(_SUPERVISION, _CLOCK.c.code, _CLOCK.c.name)
            .select_from(_SUPERVISION.outerjoin(_CLOCK, _CLOCK.c.id == _SUPERVISION.c.clock_id))
            .where(_SUPERVISION.c.case_id == case_id)
            .order_by(_SUPERVISION.c.opened_at, _SUPERVISION.c.instance_id)
        ).all(),
        session.execute(_rings().where(_CASE.c.id == case_id).order_by(_RING.c.rung_at, _RING.c.id)).all(),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that nobody has decided on: its row with the clock's number, name and code. centre: the path of the unit whose
    supervisors decide; mine: the reader is one who may.
    """

    row: Any
    centre: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Now:
    """What needs somebody now, each soonest first: clocks that are overdue, warned, and standing still; requests for
    another due instant that nobody has decided on, those the reader may decide on in front; open work orders.
    """

    overdue: Sequence[Any]
    warned: Sequence[Any]
    paused: Sequence[Any]
    requests: Sequence[Asked]
    orders: Sequence[Any]


def now_pressing(session: Session, deps: Deps, caller: Caller, *, unit: str | None = None) -> Now:
    """What is warned and overdue at this moment, at most MOST of each. Raises NotPermitted, InvalidInput."""
    require(caller, READ)
    now = deps.clock.now()
    path = _path(deps.office.current(session).organisation, unit)
    stage = held()
    holder = sa.func.coalesce(stage.c.holder, _CLOCK.c.holder)
    mine = [_CLOCK.c.stopped_at.is_(None), visible_to(caller, READ)]
    if path:
        mine.append(sa.func.split_part(holder, "@", 2).startswith(path, autoescape=True))

    def clocks(order: Any, *where: sa.ColumnElement[bool]) -> Sequence[Any]:
        return session.execute(
            sa.select(_CLOCK, _CASE.c.confidential, holder.label("held_by"))
            .select_from(_CLOCK.join(_CASE, _CASE.c.id == _CLOCK.c.case_id).outerjoin(stage, sa.true()))
            .where(*mine, *where)
            .order_by(order, _CLOCK.c.id)
            .limit(MOST)
        ).all()

    orders = (
        sa.select(_TASK, _PERSON.c.name.label("asked_name"))
        .select_from(
            _TASK.join(_CASE, _CASE.c.id == _TASK.c.case_id).outerjoin(
                _PERSON, _TASK.c.candidate_group == sa.literal(f"{PERSON}@") + _PERSON.c.login
            )
        )
        .where(_TASK.c.process_key == PROCESS, _TASK.c.state.in_(OPEN), visible_to(caller, READ))
        .order_by(_TASK.c.created_at, _TASK.c.id)
        .limit(MOST)
    )
    if path:
        orders = orders.where(
            sa.exists().where(
                _RING.c.supervision_id == _TASK.c.instance_id, _RING.c.path.startswith(path, autoescape=True)
            )
        )
    return Now(
        overdue=clocks(_CLOCK.c.due_at, _CLOCK.c.due_at <= now),
        warned=clocks(_CLOCK.c.due_at, _CLOCK.c.due_at > now, _CLOCK.c.warn_at <= now),
        paused=clocks(_CLOCK.c.paused_at, _CLOCK.c.paused_at.is_not(None)),
        requests=_with_centre(session, deps, caller, session.execute(_requests(stage, mine)).all()),
        orders=session.execute(orders).all(),
    )


def ring_counts(
    session: Session, deps: Deps, caller: Caller, *, where: RingFilter | None = None
) -> Sequence[Any]:
    """How many rungs have rung, by unit (path), code and step: what assessment counts (003§2.4.7, domain §1.14 #33). The
    most first, at most MOST lines. Raises NotPermitted, InvalidInput.
    """
    require(caller, READ)
    count = sa.func.count().label("rings")
    keys = (_RING.c.path, _CLOCK.c.code, _RING.c.step)
    return session.execute(
        sa.select(*keys, count)
        .select_from(
            _RING.join(_CLOCK, _CLOCK.c.id == _RING.c.clock_id).join(_CASE, _CASE.c.id == _CLOCK.c.case_id)
        )
        .where(visible_to(caller, READ), *_conditions(session, deps, where or RingFilter()))
        .group_by(*keys)
        .order_by(count.desc(), *keys)
        .limit(MOST)
    ).all()


def open_requests(session: Session, deps: Deps, caller: Caller) -> list[Asked]:
    """The requests about clocks of cases in the caller's reach that nobody has decided on, those the caller may decide on in
    front, then the oldest; at most MOST. Raises NotPermitted.
    """
    require(caller, READ)
    mine = [_CLOCK.c.stopped_at.is_(None), visible_to(caller, READ)]
    return _with_centre(session, deps, caller, session.execute(_requests(held(), mine)).all())


def _requests(stage: sa.FromClause, mine: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    return (
        sa.select(
            _REQUEST,
            *_CLOCK.c["number", "name", "code", "region"],
            _CLOCK.c.kind.label("of"),
            *WHERE_FROM,
            _CASE.c.confidential,
        )
        .select_from(
            _REQUEST.join(_CLOCK, _CLOCK.c.id == _REQUEST.c.clock_id)
            .join(_CASE, _CASE.c.id == _CLOCK.c.case_id)
            .outerjoin(stage, sa.true())
        )
        .where(*mine, _REQUEST.c.state == REQUESTED)
        .order_by(_REQUEST.c.asked_at, _REQUEST.c.id)
        .limit(MOST)
    )


def _with_centre(session: Session, deps: Deps, caller: Caller, rows: Sequence[Any]) -> list[Asked]:
    organisation = deps.office.current(session).organisation
    found = []
    for row in rows:
        centre = centre_over(organisation, row.of, row.region, row)
        found.append(Asked(row, centre, decides(caller, centre) and row.asked_by != str(caller.id)))
    return sorted(found, key=lambda one: not one.mine)


def _rings() -> sa.Select[Any]:
    return sa.select(
        _RING, _CLOCK.c.code, _CLOCK.c.name, _CLOCK.c.kind, _CLOCK.c.number, _CASE.c.confidential
    ).select_from(
        _RING.join(_CLOCK, _CLOCK.c.id == _RING.c.clock_id).join(_CASE, _CASE.c.id == _CLOCK.c.case_id)
    )


def _conditions(session: Session, deps: Deps, where: RingFilter) -> list[sa.ColumnElement[bool]]:
    if not storable(where.unit, where.code, where.step):
        raise InvalidInput("Supervision was asked for by a text that cannot be stored.")
    if where.since and where.before and where.before <= where.since:
        raise InvalidInput(
            f"Supervision from {where.since.isoformat()} was asked for, but the period ends at "
            f"{where.before.isoformat()}.",
            message_zh="期间的结束必须晚于开始。",
        )
    steps = [rung.text for rung in read_rungs(where.step or "")]
    path = _path(deps.office.current(session).organisation, where.unit)
    found: list[sa.ColumnElement[bool]] = []
    if path:
        found.append(_RING.c.path.startswith(path, autoescape=True))
    if where.code:
        found.append(_CLOCK.c.code == where.code)
    if where.step:
        found.append(_RING.c.step.in_(steps))
    if where.since:
        found.append(_RING.c.rung_at >= where.since)
    if where.before:
        found.append(_RING.c.rung_at < where.before)
    return found


def _path(organisation: Organisation, unit: str | None) -> str | None:
    if not unit:
        return None
    place = organisation.places.get(unit)
    if place is None:
        raise InvalidInput(
            f"Supervision of the unit {unit[:60]} was asked for; there is no such unit.",
            message_zh=f"没有编码为 {unit[:60]} 的单位。",
            unit=unit[:60],
        )
    return place
