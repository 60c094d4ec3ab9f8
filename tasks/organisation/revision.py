"""The number every copy of the organisation is compared with, the lock that lets one change at a time happen, and the
job that every change of it leaves behind.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine import jobs
from tasks.core import table
from tasks.memo import memo
from tasks.organisation.tables import OfficeRevision

REROUTE = "redress.reroute"
"""The job of `tasks.organisation.assigning.rerouting`. Stored data."""
LATER = {"later": True}
"""The arguments of one that only waits, and then defers the job."""

_HELD = table(OfficeRevision)


def bump_office(session: Session, *, moves_work: bool = True) -> int:
    """Tell every process that its copy of organisation and deadlines is old once this transaction commits.

    moves_work: open work may belong elsewhere now, and a job looks. Returns the new revision. What this transaction
    asks from now on is read afresh and shared with nobody.
    """
    following = OfficeRevision.revision + 1
    revision: int = session.execute(
        insert(OfficeRevision)
        .values(id=1, revision=1, work=int(moves_work))
        .on_conflict_do_update(
            index_elements=["id"],
            set_={"revision": following, **({"work": following} if moves_work else {})},
        )
        .returning(OfficeRevision.revision)
    ).scalar_one()
    remembered = memo(session)
    remembered.revision, remembered.office, remembered.office_changed = revision, None, True
    if moves_work:
        defer_rerouting(session)
    return revision


def defer_rerouting(session: Session) -> None:
    """Have a job look at all open work, unless one waits to begin: it will see this change too, because it begins by
    waiting for whoever holds the lock on the revision.
    """
    jobs.defer(session, REROUTE, {}, lock=REROUTE, queueing_lock=REROUTE)


def defer_rerouting_until(session: Session, at: datetime) -> None:
    """The same at a later instant. The job that waits for it has no lock: it would hold up what is to be done before."""
    jobs.defer(session, REROUTE, dict(LATER), queueing_lock=f"{REROUTE}:later", not_before=at)


def lock_office(session: Session) -> int:
    """Wait until nobody else changes the organisation, keep others waiting until this transaction ends, and return the
    revision.
    """
    session.execute(insert(_HELD).values(id=1, revision=1).on_conflict_do_nothing())
    revision: int = session.execute(
        sa.select(_HELD.c.revision).where(_HELD.c.id == 1).with_for_update()
    ).scalar_one()
    return revision


def work_revision(session: Session) -> int:
    """The last revision that may have moved work, once nobody is about to make another. One statement."""
    statement = sa.select(_HELD.c.work).where(_HELD.c.id == 1).with_for_update(read=True)
    return session.execute(statement).scalar_one_or_none() or 0
