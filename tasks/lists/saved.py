"""Saved filters: a named list with what it is narrowed by, kept under a name, and shared with a group if its owner wants.

Whoever reads a shared one reads their own list through it, never the owner's. It is changed by its owner only, and deleted by
the owner or by whoever leads the unit of the group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound, NotPermitted
from tasks.audit.digests import given
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.lists.checking import MOST, PLACES, FilterRefused, Saved, check
from tasks.lists.counting import numbers, size_of
from tasks.lists.filters import TaskFilter, as_json, from_json
from tasks.lists.named import task_list
from tasks.lists.tables import SavedFilter
from tasks.organisation.assigning.routing import group_path
from tasks.paging import PAGE, Page
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import may, require
from tasks.permissions.visibility import reach

__all__ = [
    "MOST",
    "PLACES",
    "FilterRefused",
    "Saved",
    "change",
    "drop",
    "filters_of",
    "read",
    "save",
    "tasks_of",
]

_FILTER, _PERSON = table(SavedFilter), table(Person)


def filters_of(
    session: Session, deps: Deps, caller: Caller, counted: bool = False, *, led: bool = False
) -> list[Saved]:
    """The caller's own filters in their order, then those shared with the caller's groups, by group and name, the first MOST.

    led: instead, those shared in the units the caller leads (`team.read`). counted: with how many tasks each finds. One
    statement, two with the counts.
    """
    require(caller, "team.read" if led else "filter.read")
    mine = _FILTER.c.owner_id == caller.id
    shared = _shared_with(caller) if not led else _led_by(caller)
    parts = [_READ.where(sa.not_(mine), shared).order_by(*_BY_GROUP).limit(MOST)]
    if not led:
        parts.append(_READ.where(mine))
    rows = sa.union_all(*(part.subquery().select() for part in parts)).subquery()
    order = (
        rows.c.owner_id != caller.id,
        sa.case((rows.c.owner_id == caller.id, rows.c.position), else_=0),
        sa.case((rows.c.owner_id != caller.id, rows.c.shared_group)),
        rows.c.name,
        rows.c.id,
    )
    found = [_saved(row, caller) for row in session.execute(sa.select(rows).order_by(*order))]
    return _counted(session, deps, caller, found) if counted else found


def read(session: Session, deps: Deps, caller: Caller, filter_id: UUID) -> Saved:
    """One filter of the caller's own, shared with a group of theirs, or shared in a unit they lead. Raises NotFound."""
    require(caller, "filter.read")
    return _found(session, caller, filter_id)


def tasks_of(
    session: Session,
    deps: Deps,
    caller: Caller,
    filter_id: UUID,
    *,
    limit: int = PAGE,
    cursor: str | None = None,
) -> Page:
    """One page of what a filter finds in the caller's list. Raises NotFound, and what `task_list` raises."""
    kept = read(session, deps, caller, filter_id)
    return task_list(
        session, deps, caller, kept.list, where=kept.where, sort=kept.sort, limit=limit, cursor=cursor
    )


def save(session: Session, deps: Deps, caller: Caller, values: Mapping[str, Any]) -> Saved:
    """Keep a filter for the caller and return it.

    values: `name` and, if wanted, `list`, `sort`, `where` (TaskFilter), `shared_group` (one of the caller's groups: of a unit
    they sit in, or lead), `position` (0 to 999 among their own; without it, the last). Raises FilterRefused with every mistake.
    """
    require(caller, "filter.save")
    owned = _owned(session, caller)
    wished = Saved(
        deps.engine.new_id(),
        caller.id,
        caller.name,
        name=_name(values.get("name")),
        list=values.get("list", "inbox"),
        sort=values.get("sort", "due"),
        where=values.get("where") or TaskFilter(),
        shared_group=values.get("shared_group"),
        position=min(max((each.position for each in owned), default=-1) + 1, PLACES[1]),
        mine=True,
    )
    if values.get("position") is not None:
        wished = replace(wished, position=values["position"])
    check(deps, caller, wished, owned)
    session.execute(sa.insert(_FILTER).values(**_columns(wished), id=wished.id, owner_id=caller.id))
    _noted(session, deps, caller, "filter.save", wished.id, after=wished)
    return wished


def change(session: Session, deps: Deps, caller: Caller, filter_id: UUID, values: Mapping[str, Any]) -> Saved:
    """Change what `values` names of a filter of the caller's own, and return it; see `save`. `shared_group` None: shared no more.

    Raises NotFound; NotPermitted for one of somebody else; InvalidInput for nothing to change; FilterRefused with every mistake.
    """
    require(caller, "filter.change")
    owned = _owned(session, caller)
    before = _found(session, caller, filter_id)
    if not before.mine:
        raise _not_yours(before, "change")
    if not values:
        raise InvalidInput(
            f"Changing the filter {filter_id} was asked for; nothing to change was named.",
            message_zh="没有要更改的内容。",
        )
    named = {"name": _name(values["name"])} if "name" in values else {}
    wished = replace(before, **{**values, **named})
    check(deps, caller, wished, owned)
    _write(session, sa.update(_FILTER).values(**_columns(wished)), filter_id)
    _noted(session, deps, caller, "filter.change", filter_id, before=before, after=wished)
    return wished


def drop(session: Session, deps: Deps, caller: Caller, filter_id: UUID) -> None:
    """Delete a filter of the caller's own, or one that is shared in a unit they lead. Raises NotFound, NotPermitted."""
    require(caller, "filter.drop")
    kept = _found(session, caller, filter_id)
    if not kept.mine and not _leads(caller, kept):
        raise _not_yours(kept, "delete")
    _write(session, sa.delete(_FILTER), filter_id)
    _noted(session, deps, caller, "filter.drop", filter_id, before=kept)


_READ = sa.select(_FILTER, _PERSON.c.name.label("owner_name")).join(
    _PERSON, _PERSON.c.id == _FILTER.c.owner_id
)
_BY_GROUP = (_FILTER.c.shared_group, _FILTER.c.name, _FILTER.c.id)


def _shared_with(caller: Caller) -> sa.ColumnElement[bool]:
    return _FILTER.c.shared_group == sa.any_(sa.literal(list(caller.groups), sa.ARRAY(sa.Text)))


def _led_by(caller: Caller) -> sa.ColumnElement[bool]:
    """The condition under which a filter is shared in a unit from which a seat of the caller's lets them steer work."""
    unit = sa.func.split_part(_FILTER.c.shared_group, "@", 2)
    places = reach(caller, "team.read") if may(caller, "team.read") else []
    below = (sa.func.starts_with(unit, path) for path in places)
    return sa.and_(_FILTER.c.shared_group.is_not(None), sa.or_(sa.false(), *below))


def _leads(caller: Caller, kept: Saved) -> bool:
    unit = group_path(kept.shared_group or "") or ""
    return may(caller, "team.read") and unit.startswith(tuple(reach(caller, "team.read")))


def _found(session: Session, caller: Caller, filter_id: UUID) -> Saved:
    seen = sa.or_(_FILTER.c.owner_id == caller.id, _shared_with(caller), _led_by(caller))
    row = session.execute(_READ.where(_FILTER.c.id == filter_id, seen)).first()
    if row is None:
        raise _no_such(filter_id)
    return _saved(row, caller)


def _write(session: Session, statement: sa.Update | sa.Delete, filter_id: UUID) -> None:
    """Change or delete one filter. Raises NotFound for one that somebody else has deleted meanwhile."""
    if session.execute(statement.where(_FILTER.c.id == filter_id).returning(_FILTER.c.id)).first() is None:
        raise _no_such(filter_id)


def _no_such(filter_id: UUID) -> NotFound:
    return NotFound(
        f"The filter {filter_id} was asked for; there is no such filter for you.", message_zh="没有这个筛选。"
    )


def _owned(session: Session, caller: Caller) -> list[Saved]:
    """The caller's own. Their row is locked: of two saved at once the second sees the first."""
    session.execute(sa.select(_PERSON.c.id).where(_PERSON.c.id == caller.id).with_for_update(key_share=True))
    return [_saved(row, caller) for row in session.execute(_READ.where(_FILTER.c.owner_id == caller.id))]


def _saved(row: Any, caller: Caller) -> Saved:
    return Saved(
        row.id,
        row.owner_id,
        row.owner_name,
        row.name,
        row.list,
        row.sort,
        from_json(row.criteria),
        row.shared_group,
        row.position,
        mine=row.owner_id == caller.id,
    )


def _counted(session: Session, deps: Deps, caller: Caller, found: list[Saved]) -> list[Saved]:
    sizes, now = {}, deps.clock.now()
    for place, kept in enumerate(found):
        try:
            size = size_of(caller, kept.list, kept.where, now)
        except InvalidInput:  # such as a group the reader is not in
            continue
        if size is not None:
            sizes[f"n{place}"] = size
    counted = numbers(session, sizes)
    return [replace(kept, count=counted.get(f"n{place}")) for place, kept in enumerate(found)]


def _not_yours(kept: Saved, verb: str) -> NotPermitted:
    return NotPermitted(
        f"To {verb} the filter {kept.name} ({kept.id}) was asked; it is {kept.owner_name}'s, who shares it with you.",
        message_zh=f"筛选“{kept.name}”是{kept.owner_name}共享的，您不能更改。",
    )


def _name(text: Any) -> str:
    name = " ".join(str(text or "").split())
    return name if storable(name) else ""


def _columns(kept: Saved) -> dict[str, Any]:
    return {
        "name": kept.name,
        "list": kept.list,
        "sort": kept.sort,
        "criteria": as_json(kept.where),
        "shared_group": kept.shared_group,
        "position": kept.position,
    }


def _noted(
    session: Session,
    deps: Deps,
    caller: Caller,
    verb: str,
    filter_id: UUID,
    *,
    before: Saved | None = None,
    after: Saved | None = None,
) -> None:
    record(
        session,
        caller.actor,
        verb,
        at=deps.clock.now(),
        subject="saved_filter",
        subject_id=filter_id,
        before=_told(before) if before else None,
        after=_told(after) if after else None,
    )


def _told(kept: Saved) -> dict[str, Any]:
    # A filter may name a customer: of what it searches for only a digest is told.
    said = {name: value for name, value in _columns(kept).items() if name != "criteria"}
    return {**said, "owner": str(kept.owner_id), "criteria": given(as_json(kept.where))}
