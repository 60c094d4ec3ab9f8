"""Releasing the cases that wait below a master: said by its diagram, else when it ends, for then nothing will be said any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM, Actor
from engine.ids import NewId
from engine.mailbox import throw_to
from engine.messages import MessageSubscription
from engine.ports import Move
from tasks.audit.recording import record
from tasks.cases.linking.links import CHILD_OF
from tasks.cases.tables import Case, CaseLink, MasterCase
from tasks.core import table
from tasks.memo import CaseMemo

RESOLVED = "master_resolved"
"""The message that children wait for."""

_CASE, _LINK, _MASTER = table(Case), table(CaseLink), table(MasterCase)


def release(
    session: Session,
    case_id: UUID,
    number: str,
    text: str | None,
    *,
    by: UUID,
    activity_id: str,
    token_id: UUID,
    actor: Actor,
    at: datetime,
    new_id: NewId,
) -> int:
    """Tell every case below this master that waits for `master_resolved`, with the text and the master's number; return how
    many those are. by, activity_id, token_id: the instance that says so, and where. A second time changes nothing and tells
    nobody.
    """
    first = session.execute(
        sa.update(_MASTER)
        .where(_MASTER.c.case_id == case_id, _MASTER.c.released_at.is_(None))
        .values(released_at=at, released_text=text)
    )
    if not first.rowcount:  # type: ignore[attr-defined]
        return 0
    waiting = (
        sa.select(_CASE.c.number)
        .select_from(_LINK.join(_CASE, _CASE.c.id == _LINK.c.from_id))
        .where(
            _LINK.c.to_id == case_id,
            _LINK.c.kind == CHILD_OF,
            sa.exists().where(
                MessageSubscription.business_key == _CASE.c.number, MessageSubscription.name == RESOLVED
            ),
        )
        .order_by(_CASE.c.number)
    )
    told = throw_to(
        session,
        RESOLVED,
        list(session.scalars(waiting)),
        {"text": text, "number": number},
        thrown_by=by,
        activity_id=activity_id,
        token_id=token_id,
        at=at,
        new_id=new_id,
    )
    record(
        session,
        actor,
        "case.release",
        at=at,
        chain=number,
        subject="case",
        subject_id=number,
        after={"released": told},
    )
    return told


def release_at_end(
    session: Session, move: Move, behind: CaseMemo | None, at: datetime, new_id: NewId
) -> None:
    """Release what waits below the case whose process has ended, however it did: whoever waits for it would wait for ever. The
    text is null, as for a case that joins it from now on. No statement for a case that is no master.
    """
    if behind is None or not behind.leads or behind.instance_id != move.instance.id:
        return
    release(
        session,
        behind.id,
        move.instance.business_key,
        None,
        by=move.instance.id,
        activity_id="",
        token_id=move.instance.id,
        actor=move.actor or SYSTEM,
        at=at,
        new_id=new_id,
    )
