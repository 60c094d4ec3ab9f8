"""Telling process owners of what their content could not do, although what it was asked for is rolled back."""

from __future__ import annotations

import logging
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import DecisionFailed
from tasks.deps import Deps
from tasks.organisation.headquarters import people_at_headquarters
from tasks.talk.causes import CHECK_FAILED
from tasks.talk.telling import tell

log = logging.getLogger(__name__)

PROCESS_OWNER = "process_owner"
LONGEST = 500
"""Characters of a sentence."""


def tell_owners(session: Session, deps: Deps, number: str, form: str) -> Callable[[DecisionFailed], None]:
    """Return what tells process owners that the table failed that checks a form: in a transaction of its own, once this one is
    rolled back; once a day for each form a table fails to check, because on a busy machine the same failure has many sentences.
    """

    def failing(error: DecisionFailed) -> None:
        sa.event.listen(session, "after_rollback", lambda _: _tell(deps, error, number, form), once=True)

    return failing


def _tell(deps: Deps, error: DecisionFailed, number: str, form: str) -> None:
    table = str(error.facts.get("decision"))
    try:
        with deps.sessions.begin() as session:
            today = deps.office.current(session).day
            tell(
                session,
                deps.clock,
                CHECK_FAILED,
                f"{table[:100]}:{form[:100]}:{today}",
                people=people_at_headquarters(session, deps, PROCESS_OWNER),
                number=number,
                fields={
                    "table": table[:100],
                    "form": form[:100],
                    "why": str(error)[:LONGEST],
                    "why_zh": str(error.facts.get("message_zh"))[:LONGEST],
                },
            )
    except sa.exc.SQLAlchemyError:
        log.exception("process owners were not told that the table %s failed", table)
