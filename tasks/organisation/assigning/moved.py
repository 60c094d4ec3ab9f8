"""What a moved unit left behind is brought along: its cases, with their ended tasks and notices, stand at its new place.

Only what nobody else is writing is taken; the rest waits for the next look.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.cases.facts import EARLIER
from tasks.cases.linking.touching import units_of_later
from tasks.cases.tables import Case
from tasks.core import table
from tasks.deadlines.court.handing import bring_clocks_along, open_clocks
from tasks.deps import Deps
from tasks.organisation.assigning.routing import group, group_path
from tasks.organisation.tables import FormerPath
from tasks.organisation.tree import Organisation
from tasks.permissions.visibility import with_superiors
from tasks.talk.tables import Notice
from tasks.user_task import OPEN, UserTask, groups_in

CASES = 1000
"""Cases of a moved unit brought along in one transaction."""

_TASK, _CASE, _FORMER = table(UserTask), table(Case), table(FormerPath)

_WRITE_CASES = sa.text(
    """UPDATE case_file c SET paths = r.paths, org_path = r.org_path
       FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, paths text[], org_path text)
       WHERE c.id = r.id"""
)
_WRITE_ENDED = sa.text(
    """UPDATE user_task t SET candidate_group = r.candidate_group, also_groups = r.also_groups
       FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, candidate_group text, also_groups text[])
       WHERE t.id = r.id"""
)


def bring_cases_along(session: Session, deps: Deps) -> bool:
    """Bring along at most CASES cases that mention a place a unit has left; return whether there may be more at once."""
    organisation = deps.office.current(session).organisation
    written_down = set(session.scalars(sa.select(_FORMER.c.path)))
    former = sorted(written_down - organisation.names.keys())  # a unit that has moved back stands there again
    if former:
        mentions = _CASE.c.paths.overlap(former)
        some = (
            sa.select(_CASE.c.id)
            .where(mentions)
            .limit(CASES)
            .with_for_update(skip_locked=True, key_share=True)
        )
        locked = locked_cases(session, session.scalars(some).all())
        clocks, busy = open_clocks(session, cases=list(locked))
        cases = {each: case for each, case in locked.items() if each not in busy}
        if cases:
            _bring_along(session, organisation, cases, frozenset(former))
            bring_clocks_along(
                session, clocks, lambda name: _brought(organisation, name, former), organisation.stands
            )
            return True
        if session.execute(sa.select(sa.select(_CASE.c.id).where(mentions).exists())).scalar_one():
            return False  # somebody is at work on those that are left
    session.execute(sa.delete(_FORMER).where(_FORMER.c.path.in_(written_down)))
    return False


def _bring_along(
    session: Session, organisation: Organisation, cases: Mapping[UUID, Any], former: frozenset[str]
) -> None:
    """Write ended tasks and notices of the cases under the new places, then the cases' paths."""
    ended = session.execute(
        sa.select(_TASK.c.id, _TASK.c.candidate_group, _TASK.c.also_groups).where(
            _TASK.c.case_id.in_(cases), _TASK.c.state.not_in(OPEN)
        )
    ).all()
    written = []
    for row in ended:
        groups = [_brought(organisation, name, former) for name in groups_in(row)]
        if tuple(groups) != groups_in(row):
            written.append({"id": row.id, "candidate_group": groups[0], "also_groups": groups[1:] or None})
    write(session, _WRITE_ENDED, written)
    numbers = [case.number for case in cases.values()]
    told = session.execute(
        sa.select(Notice.to_group).where(Notice.business_key.in_(numbers), Notice.to_group != "").distinct()
    ).scalars()
    for name in told.all():
        if (now := _brought(organisation, name, former)) != name:
            session.execute(
                sa.update(table(Notice))
                .where(Notice.business_key.in_(numbers), Notice.to_group == name)
                .values(to_group=now)
            )
    write_paths(session, organisation, cases)


def _brought(organisation: Organisation, name: str, former: Container[str]) -> str:
    path = group_path(name)
    if path is None or path not in former:
        return name
    now = organisation.stands(path)
    return group(name.partition("@")[0], now) if now else name


def locked_cases(session: Session, wanted: Iterable[UUID]) -> dict[UUID, Any]:
    """Those of the cases that nobody else is writing, locked, by id."""
    statement = sa.select(_CASE, EARLIER).where(_CASE.c.id.in_(set(wanted)))
    rows = session.execute(statement.with_for_update(skip_locked=True, key_share=True))
    return {row.id: row for row in rows}


def write_paths(session: Session, organisation: Organisation, cases: Mapping[UUID, Any]) -> None:
    """Write the paths of locked cases anew: the unit that filed, those that have or had work of it or were told of it,
    those that see a later case that continues it, and all above. The one rule of `tasks.listener.touch`, asked of everything at once.
    """
    if not cases:
        return
    places: dict[UUID, set[str]] = {each: {case.org_path} for each, case in cases.items()}
    tasks = session.execute(
        sa.select(_TASK.c.case_id, _TASK.c.candidate_group, _TASK.c.also_groups).where(
            _TASK.c.case_id.in_(cases)
        )
    )
    for row in tasks.all():
        places[row.case_id].update(path for name in groups_in(row) if (path := group_path(name)))
    by_number = {case.number: each for each, case in cases.items()}
    told = sa.select(Notice.business_key, Notice.to_group).where(
        Notice.business_key.in_(by_number), Notice.to_group != ""
    )
    for number, name in session.execute(told.distinct()):
        if path := group_path(name):
            places[by_number[number]].add(path)
    for each, seen in units_of_later(session, cases).items():
        places[each] |= seen
    written = []
    for each, case in cases.items():
        paths = sorted(with_superiors(now for path in places[each] if (now := organisation.stands(path))))
        org_path = organisation.stands(case.org_path) or case.org_path
        if paths != list(case.paths) or org_path != case.org_path:
            written.append({"id": each, "paths": paths, "org_path": org_path})
    write(session, _WRITE_CASES, written)


def write(session: Session, statement: sa.TextClause, rows: Sequence[Mapping[str, Any]], **more: Any) -> None:
    """Send a statement that takes its `rows` as JSON, where there are any."""
    if rows:
        session.execute(statement, {"rows": orjson.dumps(rows).decode(), **more})
