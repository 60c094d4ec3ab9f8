"""Open work follows the organisation: after a change, groups are worked out again, and what a moved unit left behind
is brought along.

One job in small transactions, each of which defers the next. It can be killed anywhere: a task says by which revision
it was routed, a place that units have left stays written down until no case mentions it, and the hourly look starts
over whatever is unfinished. It takes only locks that are free, so that it never waits for a person and no person ever
fails because of it.

Until it has come by, nobody may do more than before: a person's groups and reach follow the revision at once, and what
is still written under an old place is answered by nobody who has left it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.actor import SYSTEM
from tasks.audit.recording import chain_of, record
from tasks.core import table
from tasks.deadlines.clocks.beginning import Ground
from tasks.deadlines.clocks.keeping import given_back
from tasks.deadlines.court.handing import hand_over, open_clocks
from tasks.deadlines.court.keeping import reroute_holdings, unit_of
from tasks.deps import Deps
from tasks.listener import case_behind, case_facts
from tasks.organisation.assigning.moved import bring_cases_along, locked_cases, write, write_paths
from tasks.organisation.assigning.routing import (
    LANE,
    PERSON,
    groups_for,
    is_unrouted,
    people_asked_for,
)
from tasks.organisation.revision import (
    LATER,
    REROUTE,
    defer_rerouting,
    defer_rerouting_until,
    work_revision,
)
from tasks.organisation.tables import FormerPath
from tasks.people.tables import Person
from tasks.talk.causes import REROUTED
from tasks.talk.telling import tell
from tasks.user_task import ASSIGNED, CREATED, DELEGATED, HELD, OPEN, UserTask, groups_in

BATCH = 250
"""Tasks worked out again in one transaction: what they lock is locked for about a tenth of a second."""
AGAIN = timedelta(seconds=5)
"""When to look again for what somebody was just working on."""

_TASK, _PERSON, _FORMER = table(UserTask), table(Person), table(FormerPath)
_KEYS = {ASSIGNED: _TASK.c.assignee_id, DELEGATED: _TASK.c.assignee_id, CREATED: _TASK.c.candidate_group}
"""What the index over the open tasks of a state begins with."""
_NEXT = {ASSIGNED: DELEGATED, DELEGATED: CREATED, CREATED: "moved"}
"""Which state's tasks follow those of a state."""

_WRITE_TASKS = sa.text(
    """UPDATE user_task t SET
         candidate_group = r.candidate_group, also_groups = r.also_groups, routed = :revision,
         state = r.state, assignee_id = r.assignee_id, assignee_name = r.assignee_name, owner_id = r.owner_id,
         owner_name = r.owner_name, claimed_at = CASE WHEN r.state <> 'created' THEN t.claimed_at END,
         follow_up_at = CASE WHEN r.state = t.state THEN t.follow_up_at END,
         note = CASE WHEN r.assignee_id = t.assignee_id THEN t.note END
       FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS r(id uuid, candidate_group text, also_groups text[], state text, assignee_id uuid, assignee_name text,
              owner_id uuid, owner_name text)
       WHERE t.id = r.id"""
)


@dataclass(frozen=True, slots=True)
class _Step:
    """Where the job is: the revision it works for, the state whose tasks it reads, and the last key it read."""

    revision: int
    state: str = ASSIGNED
    after: Sequence[str] | None = None

    def plain(self) -> dict[str, Any]:
        return {"revision": self.revision, "state": self.state, "after": self.after}


def reroute(session: Session, arguments: Mapping[str, Any], deps: Deps) -> None:
    """Do one step of the job and defer the next. Without arguments it begins; a step of a job that a later change has
    overtaken ends it, because that change has deferred its own.
    """
    if arguments == LATER:
        defer_rerouting(session)
        return
    revision = work_revision(session)
    step = _Step(**{"revision": revision, **arguments})
    if step.revision != revision:
        return
    following = _tasks(session, deps, step) if step.state in _KEYS else _moved(session, deps, step)
    if following is not None:
        jobs.defer(session, REROUTE, following.plain(), lock=REROUTE, queue=jobs.QUEUE)
    elif unfinished(session, revision):
        defer_rerouting_until(session, deps.clock.now() + AGAIN)


def unfinished(session: Session, revision: int) -> bool:
    """Whether open tasks were routed before the revision, or cases mention a place that a unit has left."""
    stale = sa.select(_TASK.c.id).where(_TASK.c.state.in_(OPEN), _TASK.c.routed < revision)
    left = sa.select(_FORMER.c.path)
    found: bool = session.execute(sa.select(sa.or_(stale.exists(), left.exists()))).scalar_one()
    return found


def _tasks(session: Session, deps: Deps, step: _Step) -> _Step | None:
    key = (_KEYS[step.state], _TASK.c.sort_at, _TASK.c.id)
    wanted = sa.select(*key, _TASK.c.case_id).where(
        _TASK.c.state == step.state, _TASK.c.routed < step.revision
    )
    if step.after:
        literals = (sa.literal(value, column.type) for value, column in zip(_read(step), key, strict=True))
        wanted = wanted.where(sa.tuple_(*key) > sa.tuple_(*literals))
    found = session.execute(wanted.order_by(*key).limit(BATCH)).all()
    if found:
        route_again(session, deps, step.revision, found)
    if len(found) < BATCH:
        return _Step(step.revision, _NEXT[step.state])
    last = found[-1]
    return _Step(step.revision, step.state, (str(last[0]), last.sort_at.isoformat(), str(last.id)))


def _read(step: _Step) -> tuple[Any, ...]:
    assert step.after is not None
    first, sort_at, identity = step.after
    return (UUID(first) if step.state in HELD else first, datetime.fromisoformat(sort_at), UUID(identity))


def route_again(session: Session, deps: Deps, revision: int, found: Sequence[Any]) -> None:
    """Work out the groups of tasks again and give back what their holders do not answer. found: rows with id and case_id;
    what is locked by somebody is left as it is. revision: as `work_revision`.
    """
    organisation = deps.office.current(session).organisation
    cases = locked_cases(session, [row.case_id for row in found if row.case_id])
    free = sa.or_(_TASK.c.case_id.is_(None), _TASK.c.case_id.in_(cases))
    locked = session.execute(
        sa.select(_TASK)
        .where(_TASK.c.id.in_([row.id for row in found]), _TASK.c.state.in_(OPEN), free)
        .with_for_update(skip_locked=True)
    ).all()
    clocks, busy = open_clocks(session, tasks=[row.id for row in locked])
    rows = [row for row in locked if row.id not in busy]
    people = _people(session, rows)
    active = {person.login for person in people.values() if person.active}
    written, touched, holders = [], set(), []
    for row in rows:
        case = cases.get(row.case_id)
        groups = groups_for(
            organisation,
            what_was_asked(row),
            properties=row.properties,
            facts=case_facts(case) if case else {},
            active=active,
        )
        hands = [each for each in (row.assignee_id, row.owner_id) if each is not None]
        kept = _kept(row, {each for each in hands if _answers(session, deps, people.get(each), groups)})
        if groups != groups_in(row) or kept["state"] != row.state:
            written.append(_changed(session, deps, row, groups, kept))
            _tell_holders(session, deps, row, kept, revision)
            if kept["state"] != row.state and kept["state"] == CREATED:
                _wait_anew(session, deps, row, groups[0])
            touched.add(row.case_id)
        if groups[0] != row.candidate_group or groups[0].startswith(f"{PERSON}@"):
            ids = {person.login: person.id for person in people.values()}
            unit = unit_of(session, deps.office, groups[0], ids)
            holders.append({"id": row.id, "holder": groups[0], "unit": unit})
    write(session, _WRITE_TASKS, written, revision=revision)
    reroute_holdings(session, holders, deps.clock.now())
    hand_over(session, clocks, holders)
    same = {row.id for row in rows} - {each["id"] for each in written}
    session.execute(sa.update(_TASK).where(_TASK.c.id.in_(same)).values(routed=revision))
    write_paths(session, organisation, {each: case for each, case in cases.items() if each in touched})


def _kept(row: Any, answering: Container[UUID]) -> dict[str, Any]:
    """Who keeps a task of those who hold it or have delegated it: what it says of them afterwards. Of two of whom one
    does not answer its groups any more, the other has it; of nobody it waits in its queue.
    """
    hands = ((row.assignee_id, row.assignee_name), (row.owner_id, row.owner_name))
    left = [(person, name) for person, name in hands if person is not None and person in answering]
    (assignee, assignee_name), (owner, owner_name) = (*left, (None, None), (None, None))[:2]
    return {
        "state": DELEGATED if owner else ASSIGNED if assignee else CREATED,
        "assignee_id": assignee,
        "assignee_name": assignee_name,
        "owner_id": owner,
        "owner_name": owner_name,
    }


def _changed(
    session: Session, deps: Deps, row: Any, groups: tuple[str, ...], kept: Mapping[str, Any]
) -> dict[str, Any]:
    held = {"assignee": row.assignee_name} if row.assignee_id else {}
    record(
        session,
        SYSTEM,
        "task.reroute",
        at=deps.clock.now(),
        chain=chain_of(row.business_key if row.case_id else None, row.instance_id),
        subject="task",
        subject_id=row.id,
        before={"groups": list(groups_in(row)), **held},
        after={
            "groups": list(groups),
            **({"assignee": kept["assignee_name"]} if kept["assignee_id"] else {}),
        },
    )
    return {
        "id": row.id,
        "candidate_group": groups[0],
        "also_groups": list(groups[1:]) or None,
        **kept,
    }


def _tell_holders(session: Session, deps: Deps, row: Any, kept: Mapping[str, Any], revision: int) -> None:
    """Tell whoever held the task or had delegated it and does not have it any more."""
    tell(
        session,
        deps.clock,
        REROUTED,
        f"{row.id}:{revision}",
        people={row.assignee_id, row.owner_id} - {None, kept["assignee_id"], kept["owner_id"]},
        number=row.business_key,
        instance_id=row.instance_id,
        activity_id=row.activity_id,
        task_id=row.id,
        fields={"task": row.name},
    )


def _wait_anew(session: Session, deps: Deps, row: Any, holder: str) -> None:
    """How long a task taken from somebody waits for somebody else is measured like that of one given back."""
    behind = case_behind(session, row.business_key) if row.case_id else None
    office, now = deps.office.current(session), deps.clock.now()
    ground = Ground(office, row.instance_id, row.business_key, behind, now, deps.engine.new_id)
    given_back(session, ground, row, holder)


def what_was_asked(row: Any) -> list[str]:
    """What a task asks for; of one older than the column, what its groups and its lane say."""
    if row.asked is not None:
        return list(row.asked)
    parts = [(name, name.partition("@")[0]) for name in groups_in(row) if not is_unrouted(name)]
    return [name if role == PERSON else role for name, role in parts] or [f"{LANE}{row.lane}"]


def _answers(session: Session, deps: Deps, holder: Any, groups: Iterable[str]) -> bool:
    if holder is None or not holder.active:
        return False
    return not set(groups).isdisjoint(deps.office.standing(session, holder.id, holder.login).groups)


def _people(session: Session, rows: Sequence[Any]) -> dict[UUID, Any]:
    """Who holds the tasks or is asked for by name, by id."""
    logins = {login for row in rows for login in people_asked_for(what_was_asked(row))}
    holders = {person for row in rows for person in (row.assignee_id, row.owner_id) if person}
    if not logins and not holders:
        return {}
    wanted = sa.or_(_PERSON.c.id.in_(holders), _PERSON.c.login.in_(logins))
    found = session.execute(sa.select(_PERSON.c.id, _PERSON.c.login, _PERSON.c.active).where(wanted))
    return {row.id: row for row in found}


def _moved(session: Session, deps: Deps, step: _Step) -> _Step | None:
    return step if bring_cases_along(session, deps) else None
