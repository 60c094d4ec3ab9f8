"""Whose work somebody does at an instant: read with the office's snapshot once a day and revision, asked at every call
without a statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.people.absence.tables import Absence
from tasks.people.tables import Person

_ABSENCE, _PERSON = table(Absence), table(Person)


@dataclass(frozen=True, slots=True)
class Away:
    """One absence of somebody active. roles: None for all work."""

    person_id: UUID
    login: str
    name: str
    from_at: datetime
    until_at: datetime
    substitute_id: UUID | None
    roles: frozenset[str] | None
    approvals: bool

    def holds(self, at: datetime) -> bool:
        return self.from_at <= at < self.until_at


@dataclass(frozen=True, slots=True)
class Covered:
    """Whose work is done, since when, until when at the most, and how much of it came along the chain of substitutes; through:
    those of them who are absent too.
    """

    away: Away
    since: datetime
    until: datetime
    roles: frozenset[str] | None
    approvals: bool
    through: tuple[Away, ...] = ()


@dataclass(frozen=True)
class Absences:
    """The absences of one day."""

    by_person: Mapping[UUID, Sequence[Away]] = field(default_factory=dict)
    substitutes: frozenset[UUID] = frozenset()

    @classmethod
    def of(cls, found: Iterable[Away]) -> Absences:
        """Index them by the absent person."""
        by_person: dict[UUID, list[Away]] = {}
        for each in found:
            by_person.setdefault(each.person_id, []).append(each)
        named = {each.substitute_id for held in by_person.values() for each in held}
        return cls(by_person, frozenset(each for each in named if each is not None))

    def away(self, person_id: UUID, at: datetime) -> Away | None:
        """The absence of a person at an instant."""
        return next((each for each in self.by_person.get(person_id, ()) if each.holds(at)), None)

    def covered_by(self, person_id: UUID, at: datetime) -> list[Covered]:
        """Whose work a person does at an instant, the substitutes of absent substitutes followed. What every link leaves
        out is left out; who is absent covers nobody.
        """
        if person_id not in self.substitutes or self.away(person_id, at) is not None:
            return []
        found = []
        for held in self.by_person.values():
            for first in held:
                if first.holds(at) and (covered := self._followed(first, person_id, at)):
                    found.append(covered)
        return sorted(found, key=lambda each: each.away.login)

    def done_by(self, person_id: UUID, at: datetime) -> UUID | None:
        """Who does the work of somebody absent at an instant, the substitutes of absent substitutes followed; None where nobody
        does, or who is asked for is not absent.
        """
        passed: set[UUID] = set()
        link = self.away(person_id, at)
        while link is not None and link.substitute_id is not None and link.person_id not in passed:
            passed.add(link.person_id)
            following = self.away(link.substitute_id, at)
            if following is None:
                return link.substitute_id
            link = following
        return None

    def _followed(self, first: Away, person_id: UUID, at: datetime) -> Covered | None:
        roles, approvals, link = first.roles, first.approvals, first
        since, until = first.from_at, first.until_at
        passed, through = {first.person_id}, tuple[Away, ...]()
        while link.substitute_id is not None and link.substitute_id not in passed:
            following = self.away(link.substitute_id, at)
            if following is None:
                if link.substitute_id != person_id:
                    return None
                return Covered(first, since, until, roles, approvals, through)
            passed.add(link.substitute_id)
            through = (*through, following)
            roles = following.roles if roles is None else roles & (following.roles or roles)
            approvals = approvals and following.approvals
            since, until = max(since, following.from_at), min(until, following.until_at)
            link = following
        return None


def read_absences(session: Session, day: date) -> Absences:
    """The absences of a day (Shanghai) of people who are still here. One statement."""
    begin = datetime.combine(day, time(), SHANGHAI)
    rows = session.execute(
        sa.select(_ABSENCE, _PERSON.c.login, _PERSON.c.name)
        .join(_PERSON, _PERSON.c.id == _ABSENCE.c.person_id)
        .where(
            _PERSON.c.active,
            _ABSENCE.c.until_at > begin,
            _ABSENCE.c.from_at < begin + timedelta(days=1),
            sa.or_(_ABSENCE.c.called_off_at.is_(None), _ABSENCE.c.called_off_at == _ABSENCE.c.until_at),
        )
    )
    return Absences.of(
        Away(
            row.person_id, row.login, row.name, row.from_at, row.until_at, row.substitute_id,
            None if row.roles is None else frozenset(row.roles), row.approvals,
        )
        for row in rows
    )  # fmt: skip
