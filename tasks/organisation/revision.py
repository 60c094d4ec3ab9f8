"""The number every copy of the organisation is compared with, and the lock that lets one change at a time happen."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.memo import memo
from tasks.organisation.tables import OfficeRevision


def bump_office(session: Session) -> int:
    """Tell every process that its copy of organisation and deadlines is old once this transaction commits.

    Returns the new revision. What this transaction asks from now on is read afresh and shared with nobody.
    """
    revision: int = session.execute(
        insert(OfficeRevision)
        .values(id=1, revision=1)
        .on_conflict_do_update(index_elements=["id"], set_={"revision": OfficeRevision.revision + 1})
        .returning(OfficeRevision.revision)
    ).scalar_one()
    remembered = memo(session)
    remembered.revision, remembered.office, remembered.office_changed = revision, None, True
    return revision


def lock_office(session: Session) -> int:
    """Wait until nobody else changes the organisation, keep others waiting until this transaction ends, and return the
    revision.
    """
    held = table(OfficeRevision)
    session.execute(insert(held).values(id=1, revision=1).on_conflict_do_nothing())
    revision: int = session.execute(
        sa.select(held.c.revision).where(held.c.id == 1).with_for_update()
    ).scalar_one()
    return revision
