"""Finding cases that may be about the same matter or the same person, on behalf of a case.

What an operation returns is read by whoever sees the case it belongs to. So a case is found only within the province of the
unit that filed that case, or anywhere where headquarters or a body outside did; and a confidential case never.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.instance import ProcessInstance
from tasks.cases.facts import EARLIER
from tasks.cases.linking.links import OPEN
from tasks.cases.tables import Case, CaseKey
from tasks.core import storable, table
from tasks.organisation.tree import Organisation

MOST_FOUND = 20
LOOKED_THROUGH = 10_000
"""How many cases of one key are looked at, the newest: what everybody complains of does not keep a worker busy."""
MOST_NAMED = 100
"""How many numbers at most are looked for at once."""

_CASE, _KEY, _INSTANCE = table(Case), table(CaseKey), table(ProcessInstance)
_SHOWN = (
    _CASE.c.id,
    _CASE.c.number,
    _CASE.c.regime,
    _CASE.c.filed_at,
    _CASE.c.archived_at,
    _CASE.c.outcome,
    _CASE.c.facts,
    EARLIER,
    _INSTANCE.c.status,
    sa.func.coalesce(OPEN, sa.false()).label("open"),
)


def within(organisation: Organisation, org_path: str) -> sa.ColumnElement[bool]:
    """The condition on `case_file` under which a case may become known to those who see one that was filed at `org_path`."""
    province = organisation.province_of(org_path)
    near = _CASE.c.paths.overlap([province.path]) if province else sa.true()
    return sa.and_(sa.not_(_CASE.c.confidential), near)


def named(
    session: Session, organisation: Organisation, org_path: str, numbers: Sequence[str]
) -> dict[str, Any]:
    """The cases with these numbers, by number, as far as they may become known (`within`); at most MOST_NAMED."""
    wanted = [number for number in numbers[:MOST_NAMED] if storable(number)]
    if not wanted:
        return {}
    found = session.execute(
        _with_instance(sa.select(*_SHOWN)).where(_CASE.c.number.in_(wanted), within(organisation, org_path))
    )
    return {row.number: row for row in found}


def find(
    session: Session,
    organisation: Organisation,
    org_path: str,
    *,
    but: str,
    numbers: Sequence[str] = (),
    keys: Sequence[str] = (),
    regimes: Sequence[str] = (),
    narrowed: Sequence[str] = (),
    since: datetime | None = None,
    only_open: bool = False,
) -> list[Any]:
    """At most MOST_FOUND cases, the newest first, those with one of the `numbers` before others are left out; `matched` says
    by what each was found.

    but: the number of the case that asks. keys (`tasks.cases.keys`): any of them finds. narrowed: keys that all have to be
    there besides. since: filed from then on.
    """
    ways = [_by_key(key, since) for key in dict.fromkeys(keys) if storable(key)]
    listed = [number for number in numbers[:MOST_NAMED] if storable(number)]
    if listed:
        ways.append(
            sa.select(_CASE.c.id.label("case_id"), sa.literal("number").label("way")).where(
                _CASE.c.number.in_(listed)
            )
        )
    if not ways:
        return []
    all_ways = sa.union_all(*ways).subquery()
    found = (
        sa.select(all_ways.c.case_id, sa.func.array_agg(sa.distinct(all_ways.c.way)).label("matched"))
        .group_by(all_ways.c.case_id)
        .subquery("found")
    )
    statement = _with_instance(sa.select(*_SHOWN, found.c.matched), found).where(
        _CASE.c.number != but, within(organisation, org_path)
    )
    if regimes:
        statement = statement.where(_CASE.c.regime.in_([one for one in regimes if storable(one)]))
    for key in narrowed:
        there = sa.exists().where(
            _KEY.c.key == key, _KEY.c.filed_at == _CASE.c.filed_at, _KEY.c.case_id == _CASE.c.id
        )
        statement = statement.where(there)
    if since is not None:
        statement = statement.where(_CASE.c.filed_at >= since)
    if only_open:
        statement = statement.where(OPEN)
    said = sa.literal("number") == sa.any_(found.c.matched)
    statement = statement.order_by(said.desc(), _CASE.c.filed_at.desc(), _CASE.c.id.desc()).limit(MOST_FOUND)
    return sorted(session.execute(statement), key=lambda row: (row.filed_at, row.id), reverse=True)


def _by_key(key: str, since: datetime | None) -> sa.Select[Any]:
    newest = sa.select(_KEY.c.case_id, sa.literal(key.partition(":")[0]).label("way")).where(
        _KEY.c.key == key
    )
    if since is not None:
        newest = newest.where(_KEY.c.filed_at >= since)
    newest = newest.order_by(_KEY.c.filed_at.desc(), _KEY.c.case_id.desc()).limit(LOOKED_THROUGH)
    return newest.subquery().select()


def _with_instance(statement: sa.Select[Any], found: Any = None) -> sa.Select[Any]:
    cases = _CASE.outerjoin(_INSTANCE, _INSTANCE.c.id == _CASE.c.instance_id)
    return statement.select_from(cases if found is None else cases.join(found, found.c.case_id == _CASE.c.id))
