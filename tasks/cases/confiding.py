"""The confidential mark: set and taken away by a supervisor in whose reach the case is, with a reason."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from tasks.audit.recording import record
from tasks.cases.reading import read_case
from tasks.cases.tables import Case
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller

LONGEST_REASON = 500


def confide_case(
    session: Session, deps: Deps, caller: Caller, number: str, *, confidential: bool, reason: str
) -> None:
    """Mark a case as confidential or open it again. Asking for what it is already changes nothing.

    From then on `permissions.visibility` narrows who sees it, and every read is recorded. Raises NotPermitted, NotFound,
    InvalidInput without a reason of 1 to 500 characters.
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
    session.execute(
        sa.update(table(Case))
        .where(Case.id == case.id)
        .values(confidential=confidential, confidential_reason=text if confidential else "")
    )
    record(
        session,
        caller.actor,
        "case.confide",
        at=deps.clock.now(),
        chain=case.number,
        subject="case",
        subject_id=case.number,
        before={"confidential": case.confidential, "reason": case.confidential_reason},
        after={"confidential": confidential, "reason": text},
    )
