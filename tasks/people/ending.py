"""The end of what lets somebody in: all of it at once, and forgetting what ended long ago. One rule for every kind."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.people.tables import ApiToken, SigningKey, WebSession

Kind = type[WebSession] | type[ApiToken] | type[SigningKey]
EVERY_KIND: tuple[Kind, ...] = (WebSession, ApiToken, SigningKey)


def end_all(session: Session, person_id: UUID, *, now: datetime, kinds: tuple[Kind, ...] = EVERY_KIND) -> int:
    """End the sessions, tokens and keys of a person, or some kinds of them; returns how many there were. Who asked for it
    is recorded by the verb that does.
    """
    return sum(_end(session, table(kind), person_id, now) for kind in kinds)


def forget(session: Session, before: datetime) -> None:
    """Delete the sessions, tokens and keys that ended before an instant. The worker does it every hour."""
    for kind in EVERY_KIND:
        session.execute(sa.delete(table(kind)).where(table(kind).c.expires_at < before))


def _end(session: Session, held: sa.Table, person_id: UUID, now: datetime) -> int:
    ended = session.execute(
        sa.update(held)
        .where(held.c.person_id == person_id, held.c.revoked_at.is_(None), held.c.expires_at > now)
        .values(revoked_at=now)
        .returning(held.c.id)
    ).all()
    return len(ended)
