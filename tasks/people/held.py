"""What lets somebody in, one rule for every kind: listing it, ending all of it at once, forgetting what ended long ago."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import table
from tasks.people.tables import ApiToken, SigningKey, WebSession

Kind = type[WebSession] | type[ApiToken] | type[SigningKey]
EVERY_KIND: tuple[Kind, ...] = (WebSession, ApiToken, SigningKey)


def credentials_of(
    session: Session, kind: type[ApiToken] | type[SigningKey], person_id: UUID, *, now: datetime
) -> Sequence[Any]:
    """The tokens or keys of a person or system that hold now, newest first: id, label, scopes, created_at, expires_at."""
    held = table(kind).c
    return session.execute(
        sa.select(held.id, held.label, held.scopes, held.created_at, held.expires_at)
        .where(held.person_id == person_id, held.revoked_at.is_(None), held.expires_at > now)
        .order_by(held.created_at.desc(), held.id.desc())
        .limit(200)
    ).all()


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
