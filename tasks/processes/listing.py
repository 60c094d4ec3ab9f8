"""The list of instances, for those who see their cases and for those who run the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.dialect.ids import engine_id
from engine.errors import InvalidInput
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.instance import ACTIVE, CANCELLED, COMPLETED, SUSPENDED, ProcessInstance
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.paging import LARGEST_PAGE, PAGE, Page, page_of, read_cursor
from tasks.people.caller import Caller
from tasks.permissions.matrix import BLIND, CASELESS, VERBS, require
from tasks.permissions.visibility import visible_to
from tasks.processes.flow import touched
from tasks.processes.patience import patiently

STATES = (ACTIVE, SUSPENDED, COMPLETED, CANCELLED)
PATIENCE = timedelta(seconds=5)
_NARROW = (
    "the list of instances; name a process, a state or when they started.",
    "流程实例过多；请指定流程、状态或启动时间。",
)
_INSTANCE, _CASE, _INCIDENT, _HISTORY = (
    table(one) for one in (ProcessInstance, Case, Incident, HistoryEvent)
)
_ENTERED = "activity_entered"
_ABOUT_PLACES = (_ENTERED, "activity_completed", "activity_cancelled")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of instances is narrowed by.

    process: key; version: of it. state: one of STATES. element: id of the element where a token is now, as its author wrote
    it. incident: whether one is open. started_from, started_before: instants. unit: code of a unit whose cases, or those
    below it, are wanted. key: the number of the case, or the business key, as it begins.
    """

    process: str | None = None
    version: int | None = None
    state: str | None = None
    element: str | None = None
    incident: bool | None = None
    started_from: datetime | None = None
    started_before: datetime | None = None
    unit: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One instance of a list. number: of its case, if it has one; contents: whether the caller sees that; at: where it is
    now, id and name of each element once.
    """

    row: Any
    number: str | None
    contents: bool
    incidents: int
    at: Sequence[tuple[str, str]] = field(default=())


def instance_list(
    session: Session,
    deps: Deps,
    caller: Caller,
    wanted: Wanted,
    *,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of the instances the caller may read, the latest started first: those whose case they see, those they started
    themselves; who runs the installation all of them, process owners those without a case. Items are `Listed`.

    Raises NotPermitted, NotFound for a unit out of reach, InvalidInput for what no filter, limit or cursor may be, TooBusy.
    """
    require(caller, "instance.read")
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(
            f"A page of {limit} instances was asked for; it must be between 1 and {LARGEST_PAGE}."
        )
    if not storable(wanted.process, wanted.element, wanted.key, wanted.unit):
        raise InvalidInput(
            "Instances were asked for by a text that cannot be stored.",
            message_zh="筛选条件中有不能保存的字符。",
        )
    if wanted.state and wanted.state not in STATES:
        raise InvalidInput(
            f"Instances in the state {wanted.state[:40]!r} were asked for; it is one of {', '.join(STATES)}.",
            message_zh=f"没有“{wanted.state[:40]}”这样的流程状态。",
        )
    blind = bool(caller.roles & VERBS["instance.read"].roles & BLIND)
    seen = sa.func.coalesce(visible_to(caller, "instance.read"), sa.false())
    statement = sa.select(
        *(column for column in _INSTANCE.c if column.name not in ("state", "end_reason")),
        _CASE.c.number,
        sa.or_(seen, _CASE.c.id.is_(None)).label("contents"),
        sa.select(sa.func.count())
        .where(_INCIDENT.c.instance_id == _INSTANCE.c.id, _INCIDENT.c.resolved_at.is_(None))
        .scalar_subquery()
        .label("incidents"),
    ).select_from(_INSTANCE.outerjoin(_CASE, _CASE.c.number == _INSTANCE.c.business_key))
    if not blind:
        caseless = _INSTANCE.c.started_by == str(caller.id)
        if caller.roles & VERBS["instance.read"].roles & CASELESS:
            caseless = sa.true()
        statement = statement.where(sa.or_(seen, sa.and_(_CASE.c.id.is_(None), caseless)))
    for condition in _narrowed(session, deps, caller, wanted, everything=blind):
        statement = statement.where(condition)
    after = read_cursor(cursor)
    if after is not None:
        key = (sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid))
        statement = statement.where(sa.tuple_(_INSTANCE.c.started_at, _INSTANCE.c.id) < sa.tuple_(*key))
    statement = statement.order_by(_INSTANCE.c.started_at.desc(), _INSTANCE.c.id.desc()).limit(limit + 1)
    with patiently(session, PATIENCE, *_NARROW):
        found = page_of(session.execute(statement).all(), limit, lambda row: (row.started_at, row.id))
        at = _places(session, [row.id for row in found.items if row.status in (ACTIVE, SUSPENDED)])
    return Page(
        [Listed(row, row.number, row.contents, row.incidents, at.get(row.id, ())) for row in found.items],
        found.next_cursor,
    )


def beside(
    session: Session, deps: Deps, caller: Caller, instance_id: UUID, business_key: str
) -> Sequence[Listed]:
    """The other instances that run under the same number, the latest first, as far as the caller may read them."""
    if not storable(business_key):
        return ()
    found = instance_list(session, deps, caller, Wanted(key=business_key), limit=PAGE)
    return [one for one in found.items if one.row.id != instance_id and one.row.business_key == business_key]


def _narrowed(
    session: Session, deps: Deps, caller: Caller, wanted: Wanted, *, everything: bool
) -> list[sa.ColumnElement[bool]]:
    row = _INSTANCE.c
    found: list[sa.ColumnElement[bool]] = []
    if wanted.process:
        found.append(row.process_key == wanted.process)
    if wanted.version is not None:
        found.append(row.version == wanted.version)
    if wanted.state:
        found.append(row.status == wanted.state)
    if wanted.started_from:
        found.append(row.started_at >= wanted.started_from)
    if wanted.started_before:
        found.append(row.started_at < wanted.started_before)
    if wanted.key:
        found.append(row.business_key.startswith(wanted.key, autoescape=True))
    if wanted.incident is not None:
        failing = (
            sa.exists()
            .where(_INCIDENT.c.instance_id == row.id, _INCIDENT.c.resolved_at.is_(None))
            .correlate(_INSTANCE)
        )
        found.append(failing if wanted.incident else sa.not_(failing))
    if wanted.unit:
        found.append(touched(session, deps, caller, "instance.read", wanted.unit, everything=everything))
    if wanted.element:
        found += [row.status.in_((ACTIVE, SUSPENDED)), _stands_at(engine_id(wanted.element[:200]))]
    return found


def _stands_at(element: str) -> sa.ColumnElement[bool]:
    """Whether a token has entered the element and nothing has been told of it since."""
    came, later = _HISTORY.alias("came"), _HISTORY.alias("later")
    since = (
        sa.exists()
        .where(later.c.instance_id == came.c.instance_id, later.c.id > came.c.id)
        .where(later.c.token_id == came.c.token_id, later.c.kind.in_(_ABOUT_PLACES))
        .correlate(came)
    )
    return (
        sa.exists()
        .where(came.c.instance_id == _INSTANCE.c.id, came.c.kind == _ENTERED, came.c.activity_id == element)
        .where(sa.not_(since))
        .correlate(_INSTANCE)
    )


def _places(session: Session, instances: Sequence[UUID]) -> Mapping[UUID, Sequence[tuple[str, str]]]:
    """Where each of these instances is: id and name of every element that is no border or listening start."""
    line = _HISTORY.c
    last = (
        sa.select(
            line.instance_id, line.id, line.kind, line.activity_id, line.activity_name, line.activity_type
        )
        .ext(distinct_on(line.instance_id, line.token_id))
        .where(line.instance_id.in_(instances), line.token_id.is_not(None), line.kind.in_(_ABOUT_PLACES))
        .order_by(line.instance_id, line.token_id, line.id.desc())
        .subquery()
    )
    rows = session.execute(
        sa.select(last.c.instance_id, last.c.activity_id, last.c.activity_name)
        .where(last.c.kind == _ENTERED, last.c.activity_type.not_in(("boundaryEvent", "startEvent")))
        .order_by(last.c.id)
    )
    found: dict[UUID, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.instance_id, {})[row.activity_id] = row.activity_name or ""
    return {instance: tuple(places.items()) for instance, places in found.items()}
