"""Whether the pages open the next task as soon as one is done. Kept with the account, so that it holds in every browser."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.tables import Person
from tasks.permissions.matrix import require

_PERSON = table(Person)


def open_next(session: Session, deps: Deps, caller: Caller, *, at_once: bool) -> None:
    """Have the pages open the caller's next task at once from now on, or ask first."""
    require(caller, "self.manage")
    if at_once == caller.opens_next:
        return
    session.execute(sa.update(_PERSON).where(_PERSON.c.id == caller.id).values(opens_next=at_once))
    record(
        session,
        caller.actor,
        "self.manage",
        at=deps.clock.now(),
        subject="person",
        subject_id=caller.id,
        before={"opens_next": caller.opens_next},
        after={"opens_next": at_once},
    )
