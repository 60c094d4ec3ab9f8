"""Reads that only pages need: names, summaries and pictures beside what `tasks` hands out.

Nothing here changes a row, and every caller has already been allowed to see the thing the read is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from admin.show.decisions import Table, read_tables
from engine.deployment import Deployment, ProcessDefinition, Resource
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.instance import ACTIVE, SUSPENDED, ProcessInstance
from tasks.cases.facts import EARLIER, facts_of
from tasks.cases.tables import Case
from tasks.deps import Deps
from tasks.organisation.tables import Membership, OrgUnit
from tasks.organisation.tree import in_effect
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.visibility import reach
from tasks.user_task import COMPLETED, UserTask


def called(session: Session) -> set[str]:
    """The keys of the processes that others call: a shared piece is not something to start."""
    callees = sa.func.jsonb_object_keys(ProcessDefinition.bindings["processes"])
    return set(session.scalars(sa.select(callees).distinct()))


def process_names(session: Session) -> dict[str, str]:
    """The newest name of every deployed process, by key, in the order of the names."""
    rows = session.execute(
        sa.select(ProcessDefinition.key, ProcessDefinition.name)
        .ext(distinct_on(ProcessDefinition.key))
        .order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
    ).all()
    return {row.key: row.name or row.key for row in sorted(rows, key=lambda row: row.name or row.key)}


def case_facts(session: Session, case_ids: Iterable[UUID | None]) -> dict[UUID, Mapping[str, Any] | None]:
    """The facts of the cases of one page of a list, by case id; None of a confidential one: no list shows those."""
    wanted = {case_id for case_id in case_ids if case_id is not None}
    if not wanted:
        return {}
    found = sa.select(Case.id, Case.facts, EARLIER, Case.confidential).where(Case.id.in_(wanted))
    return {row.id: None if row.confidential else facts_of(row) for row in session.execute(found)}


def answers_of(session: Session, instance_id: UUID) -> dict[UUID, Any]:
    """What people answered in an instance, by task id: answers and the form they were given in."""
    rows = session.execute(
        sa.select(UserTask.id, UserTask.answers, UserTask.form_id).where(
            UserTask.instance_id == instance_id, UserTask.state == COMPLETED
        )
    ).all()
    return {row.id: row for row in rows}


def names_of_people(session: Session, logins: Collection[str]) -> dict[str, str]:
    """The names of people, by login."""
    if not logins:
        return {}
    found = sa.select(Person.login, Person.name).where(Person.login.in_(logins))
    return {row.login: row.name for row in session.execute(found)}


def definition_of_case(session: Session, number: str) -> UUID | None:
    """The definition a case runs under."""
    return session.scalar(
        sa.select(ProcessInstance.definition_id)
        .join(Case, Case.instance_id == ProcessInstance.id)
        .where(Case.number == number)
    )


def failing(session: Session, instance_ids: Collection[UUID]) -> set[UUID]:
    """Which of these instances have an incident that nobody has resolved."""
    return set(
        session.scalars(
            sa.select(Incident.instance_id).where(
                Incident.instance_id.in_(instance_ids), Incident.resolved_at.is_(None)
            )
        )
    )


def warned(session: Session, instance_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many lines of warnings each of these instances has, where it has any."""
    rows = session.execute(
        sa.select(HistoryEvent.instance_id, sa.func.count())
        .where(HistoryEvent.instance_id.in_(instance_ids), HistoryEvent.kind == "warning_recorded")
        .group_by(HistoryEvent.instance_id)
    )
    return {row[0]: row[1] for row in rows}


def decision_tables(session: Session, resource_ids: Iterable[Any]) -> dict[str, dict[str, Table]]:
    """The decision tables of deployed DMN files, by resource id and decision id. What is deployed never changes,
    so each file is read once.
    """
    found: dict[str, dict[str, Table]] = {}
    for name in {str(one) for one in resource_ids if one}:
        if name not in _TABLES:
            content = session.scalar(sa.select(Resource.content).where(Resource.id == UUID(name)))
            if len(_TABLES) >= MOST_TABLES:
                _TABLES.clear()
            _TABLES[name] = read_tables(content) if content else {}
        found[name] = _TABLES[name]
    return found


MOST_TABLES = 500
_TABLES: dict[str, dict[str, Table]] = {}


def definition(session: Session, definition_id: UUID) -> Any | None:
    """One version of a process, without its compiled model."""
    return session.execute(
        sa.select(
            ProcessDefinition.id,
            ProcessDefinition.key,
            ProcessDefinition.version,
            ProcessDefinition.name,
            ProcessDefinition.deployment_id,
            ProcessDefinition.bindings,
            ProcessDefinition.properties,
        ).where(ProcessDefinition.id == definition_id)
    ).first()


def start_form_id(session: Session, definition_id: UUID) -> UUID | None:
    """The start form of one version of a regime: bound to it, else of its deployment, else the newest there is."""
    row = definition(session, definition_id)
    if row is None:
        return None
    key = (row.properties or {}).get("form.start") or f"{row.key}_start"
    bound = (row.bindings or {}).get("forms", {}).get(key)
    if bound:
        return UUID(bound)
    return session.scalar(
        sa.select(Resource.id)
        .where(Resource.kind == "form", Resource.key == key)
        .order_by((Resource.deployment_id == row.deployment_id).desc(), Resource.id.desc())
        .limit(1)
    )


def drawn_in(session: Session, root_id: UUID, scopes: Collection[str] = ()) -> list[Any]:
    """The definitions an instance of `root_id` is drawn in: itself and all it calls, as it was bound.

    `scopes` are process keys its history names; one that no binding leads to is taken in its newest version.
    """
    found: dict[str, Any] = {}
    waiting = [root_id]
    while waiting:
        rows = [row for one in waiting if (row := definition(session, one)) is not None]
        waiting = []
        for row in rows:
            if row.key in found:
                continue
            found[row.key] = row
            called = (row.bindings or {}).get("processes", {})
            waiting += [UUID(bound) for key, bound in called.items() if key not in found]
    for key in sorted(set(scopes) - found.keys()):
        newest = session.scalar(
            sa.select(ProcessDefinition.id)
            .where(ProcessDefinition.key == key)
            .order_by(ProcessDefinition.version.desc())
            .limit(1)
        )
        if newest is not None and (row := definition(session, newest)) is not None:
            found[key] = row
    return list(found.values())


def diagram(session: Session, definition_id: UUID) -> tuple[str, bytes] | None:
    """The author's file a definition is drawn in: name and bytes."""
    row = session.execute(
        sa.select(Resource.name, Resource.content)
        .join(ProcessDefinition, ProcessDefinition.resource_id == Resource.id)
        .where(ProcessDefinition.id == definition_id)
    ).first()
    return (row.name, row.content) if row else None


def running(session: Session) -> dict[UUID, int]:
    """How many instances of each definition have not ended."""
    rows = session.execute(
        sa.select(ProcessInstance.definition_id, sa.func.count())
        .where(ProcessInstance.status.in_((ACTIVE, SUSPENDED)))
        .group_by(ProcessInstance.definition_id)
    ).all()
    return {row[0]: row[1] for row in rows}


def deployed_with(session: Session, deployment_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """The process versions each deployment made."""
    rows = session.execute(
        sa.select(
            ProcessDefinition.deployment_id,
            ProcessDefinition.key,
            ProcessDefinition.name,
            ProcessDefinition.version,
        )
        .where(ProcessDefinition.deployment_id.in_(deployment_ids))
        .order_by(ProcessDefinition.key)
    ).all()
    made: dict[UUID, list[Any]] = {}
    for row in rows:
        made.setdefault(row.deployment_id, []).append(row)
    return made


def deployment(session: Session, deployment_id: UUID) -> Any:
    """Name, note, person and time of one deployment, which exists."""
    return session.execute(sa.select(Deployment.__table__).where(Deployment.id == deployment_id)).one()


def contents(session: Session, resource_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """The bytes of deployed files, by id."""
    rows = session.execute(sa.select(Resource.id, Resource.content).where(Resource.id.in_(resource_ids)))
    return {row.id: row.content for row in rows}


def one_filing_at_a_time(session: Session, person_id: UUID) -> None:
    """Let one person's filings wait for each other, so that a repeat finds what the first one made."""
    name = f"file:{person_id}"
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def filed_by(session: Session, person_id: UUID, regime: str, since: datetime) -> Sequence[Any]:
    """What one person has filed under a regime lately: number and facts, latest first."""
    return session.execute(
        sa.select(Case.number, Case.facts)
        .where(Case.filed_by == person_id, Case.regime == regime, Case.filed_at >= since)
        .order_by(Case.filed_at.desc())
        .limit(20)
    ).all()


MOST_COLLEAGUES = 200


def colleagues_below(session: Session, deps: Deps, caller: Caller) -> list[tuple[str, str]]:
    """Login and name of the people in the units the caller leads, by the tree of units, the first 200."""
    places = sorted(set(reach(caller, "team.read")))
    if not places:
        return []
    rows = session.execute(
        sa.select(Person.login, Person.name, OrgUnit.path)
        .join(Membership, sa.and_(Membership.person_id == Person.id, Membership.position == 0))
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(
            Person.active,
            Person.kind == "person",
            sa.or_(*(sa.func.starts_with(OrgUnit.path, place) for place in places)),
            in_effect(deps.office.current(session).day),
        )
        .order_by(OrgUnit.path, Person.login)
        .limit(MOST_COLLEAGUES)
    )
    return [(row.login, row.name) for row in rows]


def people(session: Session) -> Sequence[Any]:
    """Everybody who can sign in, with their own unit and post, by the tree of units."""
    return session.execute(
        sa.select(Person.login, Person.name, OrgUnit.name.label("unit"), Membership.title.label("post"))
        .join(Membership, sa.and_(Membership.person_id == Person.id, Membership.position == 0))
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(Person.active, Person.kind == "person")
        .order_by(OrgUnit.path, Person.login)
        .limit(60)
    ).all()
