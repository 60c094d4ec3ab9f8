"""Browser sessions: opened by signing in, over after an hour without use or twelve in all, revocable at once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.db import Statement
from engine.errors import NotFound
from engine.ids import time_ordered
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.held import end_all
from tasks.people.identity import (
    NotSignedIn,
    caller_from_row,
    must_change,
    owner_select,
    secret_hash,
)
from tasks.people.tables import Person, WebSession
from tasks.people.tokens import Issued

SESSION_LIFE = timedelta(hours=12)
IDLE_LIFE = timedelta(hours=1)
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when a session was last used: not every page is worth a write."""

_HELD = table(WebSession)


@dataclass(frozen=True, slots=True)
class Vouched:
    """By what a provider vouches for somebody: an identity, and the provider's own session where it names it."""

    identity_id: UUID
    sid: str | None = None


def open_session(
    session: Session, deps: Deps, caller: Caller, *, agent: str = "", vouched: Vouched | None = None
) -> Issued:
    """Start a browser session; the secret goes into the cookie and nowhere else. vouched: by which identity of a provider,
    where not by a password.
    """
    secret = secrets.token_urlsafe(32)
    now = deps.clock.now()
    session_id = time_ordered(deps.clock)()
    session.execute(
        sa.insert(_HELD).values(
            id=session_id,
            hash=secret_hash(secret),
            person_id=caller.id,
            identity_id=vouched.identity_id if vouched else None,
            provider_sid=vouched.sid if vouched else None,
            agent=agent[:200],
            created_at=now,
            seen_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    by = {"identity": str(vouched.identity_id)} if vouched else {}
    _recorded(session, caller, now, session_id, {"session": "opened", **by})
    return Issued(session_id, secret, now + SESSION_LIFE)


def caller_from_session(
    session: Session, deps: Deps, secret: str, *, in_use: bool = True
) -> tuple[Caller, bool]:
    """Who a browser session belongs to, and whether its use was noted, which is to be committed.

    in_use: whether somebody asked; what an open page asks by itself does not keep a session alive. One statement; every
    five minutes one more. Raises NotSignedIn.
    """
    row = session.execute(_BY_SECRET, {"secret_hash": secret_hash(secret)}).first()
    now = deps.clock.now()
    if row is None or row.seen_at + IDLE_LIFE <= now:
        raise NotSignedIn()
    # Whom a provider vouches for has no business with a password that is still to be changed.
    changing = row.identity_id is None and must_change(deps, row)
    caller = caller_from_row(session, deps, row, must_change_password=changing)
    noted = in_use and bool(row.seen_at + SEEN_EVERY <= now)
    if noted:
        _SEEN.later(session, {"id": row.token_id, "now": now})
    return caller, noted


def my_sessions(session: Session, deps: Deps, person_id: UUID) -> Sequence[Any]:
    """The sessions of a person that hold now, newest first: id, agent, created_at, seen_at, expires_at."""
    now = deps.clock.now()
    held = _HELD.c
    return session.execute(
        sa.select(held.id, held.agent, held.created_at, held.seen_at, held.expires_at)
        .where(held.person_id == person_id, held.revoked_at.is_(None), held.expires_at > now)
        .where(held.seen_at > now - IDLE_LIFE)
        .order_by(held.id.desc())
        .limit(100)
    ).all()


def close_session(session: Session, deps: Deps, secret: str) -> UUID | None:
    """End the session of a cookie; an unknown one is none the less over. Returns the identity it was opened by, if any."""
    now = deps.clock.now()
    ended = session.execute(
        sa.update(_HELD)
        .where(_HELD.c.hash == secret_hash(secret), _HELD.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(_HELD.c.id, _HELD.c.person_id, _HELD.c.identity_id)
    ).first()
    if ended is None:
        return None
    person = session.execute(
        sa.select(Person.id, Person.login, Person.name, Person.kind).where(Person.id == ended.person_id)
    ).one()
    actor = Actor(id=str(person.id), name=person.name, kind=person.kind, login=person.login)
    record(
        session,
        actor,
        "self.manage",
        at=now,
        subject="session",
        subject_id=ended.id,
        after={"session": "closed"},
    )
    found: UUID | None = ended.identity_id
    return found


def end_session(session: Session, deps: Deps, caller: Caller, session_id: UUID) -> None:
    """End one of the caller's own sessions at once. Ending it twice changes nothing. Raises NotFound."""
    now = deps.clock.now()
    found = session.execute(
        sa.update(_HELD)
        .where(_HELD.c.id == session_id, _HELD.c.person_id == caller.id)
        .values(revoked_at=sa.func.coalesce(_HELD.c.revoked_at, now))
        .returning(_HELD.c.id)
    ).first()
    if found is None:
        raise NotFound(f"The session {session_id} was asked for; you have no such session.")
    _recorded(session, caller, now, session_id, {"session": "ended"})


def end_my_sessions(session: Session, deps: Deps, caller: Caller) -> int:
    """End all sessions of the caller, the present one included; returns how many there were."""
    now = deps.clock.now()
    ended = end_all(session, caller.id, now=now, kinds=(WebSession,))
    _recorded(session, caller, now, caller.id, {"sessions_ended": ended})
    return ended


def _recorded(session: Session, caller: Caller, now: datetime, of: UUID, after: dict[str, Any]) -> None:
    record(session, caller.actor, "self.manage", at=now, subject="session", subject_id=of, after=after)


_BY_SECRET = (
    owner_select(WebSession)
    .add_columns(
        _HELD.c.seen_at,
        _HELD.c.identity_id,
        table(Person).c.must_change_password,
        table(Person).c.password_changed_at,
        table(Person).c.language,
        table(Person).c.opens_next,
    )
    .where(_HELD.c.hash == sa.bindparam("secret_hash", type_=sa.LargeBinary))
)
_SEEN = Statement("UPDATE web_session SET seen_at = %(now)s WHERE id = %(id)s")
