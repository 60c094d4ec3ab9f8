"""Effective dates that begin or end change the organisation without anybody doing anything: an hourly look sees them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.deps import Deps
from tasks.organisation.assigning.rerouting import unfinished
from tasks.organisation.changing.chart import day_of
from tasks.organisation.revision import bump_office, defer_rerouting, lock_office, work_revision
from tasks.organisation.tables import Membership, OfficeRevision, OrgUnit


def look_at_dates(session: Session, _: Mapping[str, Any], deps: Deps) -> None:
    """Treat effective dates that began or ended since the last look as the change they are, and start over what a job
    that was lost has left unfinished. Done every hour; the first look only writes down the day.
    """
    lock_office(session)
    today = day_of(deps.clock.now())
    last: date | None = session.scalar(sa.select(OfficeRevision.looked_at).where(OfficeRevision.id == 1))
    if last != today:
        session.execute(sa.update(OfficeRevision).where(OfficeRevision.id == 1).values(looked_at=today))
        if last is not None and _something_began_or_ended(session, last, today):
            bump_office(session)
            return
    if unfinished(session, work_revision(session)):
        defer_rerouting(session)


def _something_began_or_ended(session: Session, last: date, today: date) -> bool:
    questions = [
        sa.select(held.c.id)
        .where(
            sa.or_(
                held.c.valid_from.between(last + timedelta(days=1), today),
                held.c.valid_until.between(last, today - timedelta(days=1)),
            )
        )
        .exists()
        for held in (table(OrgUnit), table(Membership))
    ]
    found: bool = session.execute(sa.select(sa.or_(*questions))).scalar_one()
    return found
