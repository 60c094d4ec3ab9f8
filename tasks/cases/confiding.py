"""The confidential mark: set and taken away by a supervisor in whose reach the case is, with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, WrongState
from tasks.audit.recording import record
from tasks.cases.linking.touching import touch_case, units_of_later
from tasks.cases.reading import read_case
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller

LONGEST_REASON = 500
_CASE = table(Case)


def confide_case(
    session: Session, deps: Deps, caller: Caller, number: str, *, confidential: bool, reason: str
) -> None:
    """Mark a case as confidential or open it again. Asking for what it is already changes nothing.

    The cases that read its facts through become confidential with it; one of them is opened again only after the case it
    reads. From then on `permissions.visibility` narrows who sees it, and every read is recorded. Raises NotPermitted, NotFound,
    InvalidInput without a reason of 1 to 500 characters, WrongState.
    """
    case = read_case(session, deps, caller, number, verb="case.confide")
    text = reason.strip()
    if not 1 <= len(text) <= LONGEST_REASON or not storable(text):
        raise InvalidInput(
            f"To change the confidential mark of the case {number} was asked without a reason of 1 to "
            f"{LONGEST_REASON} characters.",
            message_zh=f"请填写 1 至 {LONGEST_REASON} 个字的原因。",
        )
    if case.confidential == confidential:
        return
    marked = _reading_it(session, case.id) if confidential else []
    if not confidential and _reads_confidential(session, case.refers_to):
        raise WrongState(
            f"To open the case {case.number} again was asked, but it reads the facts of an earlier case that is confidential; "
            "open that one first.",
            message_zh="本案引用的前案仍为保密，请先解除前案的保密。",
        )
    for row in [case, *marked]:
        session.execute(
            sa.update(table(Case))
            .where(Case.id == row.id)
            .values(confidential=confidential, confidential_reason=text if confidential else "")
        )
        record(
            session,
            caller.actor,
            "case.confide",
            at=deps.clock.now(),
            chain=row.number,
            subject="case",
            subject_id=row.number,
            before={"confidential": row.confidential, "reason": row.confidential_reason},
            after={"confidential": confidential, "reason": text},
        )
    if not confidential:  # who handles a case that continues this one sees it from now on
        seen = units_of_later(session, [case.id]).get(case.id, set())
        touch_case(session, case.id, seen)


def _reading_it(session: Session, case_id: UUID) -> Sequence[Any]:
    """The open cases that show this one's facts under their own, however many steps later: they become confidential too."""
    later = sa.select(_CASE.c.id).where(_CASE.c.refers_to == case_id).cte("later", recursive=True)
    later = later.union(sa.select(_CASE.c.id).where(_CASE.c.refers_to == later.c.id))
    rows = sa.select(_CASE).where(_CASE.c.id.in_(sa.select(later.c.id)), sa.not_(_CASE.c.confidential))
    return session.execute(rows.order_by(_CASE.c.filed_at.desc(), _CASE.c.id.desc()).with_for_update()).all()


def _reads_confidential(session: Session, refers_to: UUID | None) -> bool:
    if refers_to is None:
        return False
    return bool(session.scalar(sa.select(_CASE.c.confidential).where(_CASE.c.id == refers_to)))
