"""The office as this process knows it: organisation and deadlines, read once per revision and day and shared by
threads.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import Clock
from tasks.classification.lists import Classification, read_classification
from tasks.deadlines.calendar.reading import Calendars, read_calendars
from tasks.deadlines.policies.register import Policies, read_policies
from tasks.memo import memo
from tasks.organisation.changing.chart import day_of
from tasks.organisation.standing import standing_of
from tasks.organisation.tables import Membership, office_revision
from tasks.organisation.tree import Organisation, in_effect, read_organisation
from tasks.people.absence.covering import Absences, read_absences
from tasks.people.absence.gaining import covering
from tasks.people.caller import Standing

REMEMBERED_PEOPLE = 10_000


@dataclass
class Snapshot:
    """One revision on one day. `standings` fills up as people call and is never larger than REMEMBERED_PEOPLE: who has
    not called for longest goes first. `superiors` fills up as work is pressed (`tasks.organisation.superiors`, which keeps it
    small): who stands above a person in a unit, or above the empty seat of a unit.
    """

    revision: int
    day: date
    organisation: Organisation
    policies: Policies
    calendars: Calendars
    classification: Classification = field(default_factory=Classification)
    absences: Absences = field(default_factory=Absences)
    standings: OrderedDict[UUID, Standing] = field(default_factory=OrderedDict)
    superiors: dict[tuple[UUID | None, str | None], list[Any]] = field(default_factory=dict)


class Office:
    """Hands out the snapshot that belongs to the revision the transaction sees and to today."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._snapshot = Snapshot(
            -1, date.min, Organisation(), Policies(), Calendars((2000,), frozenset(), {})
        )
        self._lock = Lock()

    @property
    def latest(self) -> Snapshot:
        """The snapshot last used, for functions that have no session; every action refreshes it first."""
        return self._snapshot

    def current(self, session: Session) -> Snapshot:
        """The snapshot of the transaction's revision. No statement when the revision came with the caller."""
        remembered = memo(session)
        if remembered.revision is None:
            remembered.revision = session.execute(sa.select(office_revision())).scalar_one()
        today = day_of(self._clock.now())
        if remembered.office_changed:
            # What this transaction has changed and not yet committed is nobody else's business.
            if remembered.office is None:
                remembered.office = self._read(session, remembered.revision, today)
            mine: Snapshot = remembered.office
            return mine
        held = self._snapshot
        if held.revision == remembered.revision and held.day == today:
            return held
        fresh = self._read(session, remembered.revision, today)
        with self._lock:
            last = self._snapshot
            if last is held or (last.revision, last.day) < (fresh.revision, fresh.day):
                self._snapshot = fresh
        return fresh

    def standing(self, session: Session, person_id: UUID, login: str) -> Standing:
        """What a person's seats give them today, and at this instant the work of those they substitute (`covering`).
        One statement per person, process, revision and day.
        """
        own = self.own_standing(session, person_id, login)
        covered = self.current(session).absences.covered_by(person_id, self._clock.now())
        if not covered:
            return own
        theirs = [
            (each, self.own_standing(session, each.away.person_id, each.away.login)) for each in covered
        ]
        return covering(own, theirs)

    def own_standing(self, session: Session, person_id: UUID, login: str) -> Standing:
        """The same without the work of others."""
        snapshot = self.current(session)
        found = snapshot.standings.get(person_id)
        if found is None:
            seats = session.execute(_SEATS.where(in_effect(snapshot.day)), {"person_id": person_id}).all()
            found = standing_of(snapshot.organisation, login, seats)
            with self._lock:
                snapshot.standings[person_id] = found
                while len(snapshot.standings) > REMEMBERED_PEOPLE:
                    snapshot.standings.popitem(last=False)
        elif len(snapshot.standings) >= REMEMBERED_PEOPLE:
            with self._lock, suppress(KeyError):
                snapshot.standings.move_to_end(person_id)
        return found

    @staticmethod
    def _read(session: Session, revision: int, day: date) -> Snapshot:
        return Snapshot(
            revision,
            day,
            read_organisation(session, day),
            read_policies(session, day),
            read_calendars(session, day),
            read_classification(session),
            read_absences(session, day),
        )


_SEATS = (
    sa.select(Membership.unit_id, Membership.post, Membership.title, Membership.roles)
    .where(Membership.person_id == sa.bindparam("person_id"))
    .order_by(Membership.position)
)
