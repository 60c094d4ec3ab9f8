"""Bringing the stored organisation in line with a file such as `bpmn/organisation/organisation.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.organisation.changing.changes import changes_between
from tasks.organisation.changing.chart import day_of, read_chart
from tasks.organisation.changing.checking import check
from tasks.organisation.changing.mistakes import OrganisationRefused
from tasks.organisation.changing.rows import tables_of, wished
from tasks.organisation.changing.writing import write
from tasks.organisation.revision import bump_office, lock_office
from tasks.organisation.tables import OfficeRevision
from tasks.people.passwords import Passwords

DEMO_PASSWORD = "redress-demo"


def load_organisation(
    session: Session,
    data: Mapping[str, Any],
    *,
    now: datetime,
    passwords: Passwords,
    password: str = DEMO_PASSWORD,
    source: bytes | None = None,
) -> int:
    """Bring posts, units and people in line with `data`; what it does not name is left alone.

    Idempotent: a second load of the same data changes nothing. A new person gets `password`; an existing one keeps
    theirs. source: the digest of the file; one that was the last to be loaded is not loaded again, so that what people
    changed since stays. Seats of a named person that are not named end with yesterday. Returns how many rows changed. Raises
    OrganisationRefused with every mistake; then nothing was changed.
    """
    lock_office(session)
    held = table(OfficeRevision)
    if source is not None:
        if session.scalar(sa.select(held.c.loaded).where(held.c.id == 1)) == source:
            return 0
        session.execute(sa.update(held).where(held.c.id == 1).values(loaded=source))
    before = read_chart(session)
    wish = wished(before, tables_of(data), day_of(now))
    mistakes = [*wish.mistakes, *check(wish.chart)]
    if mistakes:
        raise OrganisationRefused(mistakes)
    changes = changes_between(before, wish.chart, day_of(now))
    if changes:
        # One hash for everybody who is new: the password is the same and public; a hash costs a quarter second.
        newcomers = wish.chart.people.keys() - before.people.keys()
        write(
            session,
            before,
            wish.chart,
            now=now,
            password_hash=passwords.hash(password) if newcomers else None,
        )
        bump_office(session)
    return len(changes)
