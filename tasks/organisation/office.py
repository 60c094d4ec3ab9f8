"""The office as this process knows it: organisation and deadlines, read once per revision and shared by
threads.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.deadlines.policies import Policies, read_policies
from tasks.memo import memo
from tasks.organisation.routing import groups_of
from tasks.organisation.tables import Membership, office_revision
from tasks.organisation.tree import EXTERNAL_KINDS, Organisation, read_organisation
from tasks.people.caller import Standing
from tasks.permissions.matrix import EXTERNAL, ROLES, STAFF

REMEMBERED_PEOPLE = 10_000


@dataclass
class Snapshot:
    """One revision. `standings` fills up as people call and is never larger than REMEMBERED_PEOPLE: who has not called
    for longest goes first.
    """

    revision: int
    organisation: Organisation
    policies: Policies
    standings: OrderedDict[UUID, Standing] = field(default_factory=OrderedDict)


class Office:
    """Hands out the snapshot that belongs to the revision the transaction sees."""

    def __init__(self) -> None:
        self._snapshot = Snapshot(-1, Organisation(), Policies())
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
        held = self._snapshot
        if held.revision == remembered.revision:
            return held
        fresh = Snapshot(remembered.revision, read_organisation(session), read_policies(session))
        with self._lock:
            if self._snapshot.revision < fresh.revision or self._snapshot.revision == held.revision:
                self._snapshot = fresh
        return fresh

    def standing(self, session: Session, person_id: UUID, login: str) -> Standing:
        """What a person's posts give them. One statement per person, process and revision."""
        snapshot = self.current(session)
        found = snapshot.standings.get(person_id)
        if found is None:
            found = _read_standing(session, snapshot.organisation, person_id, login)
            with self._lock:
                snapshot.standings[person_id] = found
                while len(snapshot.standings) > REMEMBERED_PEOPLE:
                    snapshot.standings.popitem(last=False)
        elif len(snapshot.standings) >= REMEMBERED_PEOPLE:
            with self._lock, suppress(KeyError):
                snapshot.standings.move_to_end(person_id)
        return found


_SEATS = (
    sa.select(Membership.unit_id, Membership.title.label("post"), Membership.roles)
    .where(Membership.person_id == sa.bindparam("person_id"))
    .order_by(Membership.position)
)


def _read_standing(session: Session, organisation: Organisation, person_id: UUID, login: str) -> Standing:
    seats = session.execute(_SEATS, {"person_id": person_id}).all()
    units = [(organisation.by_id[seat.unit_id], seat) for seat in seats if seat.unit_id in organisation.by_id]
    answered = [(unit.path, unit.roles | frozenset(seat.roles)) for unit, seat in units]
    own = units[0] if units else None
    held = {role for _, seat in units for role in seat.roles if role in ROLES}
    held.update(EXTERNAL if unit.kind in EXTERNAL_KINDS else STAFF for unit, _ in units)
    return Standing(
        groups=groups_of(login, answered),
        roles=frozenset(held),
        paths=tuple(path for path, _ in answered),
        reach=tuple(organisation.reach(unit) for unit, _ in units),
        unit_code=own[0].code if own else "",
        unit_name=own[0].name if own else "",
        post=own[1].post if own else "",
    )
