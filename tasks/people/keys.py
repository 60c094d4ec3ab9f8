"""Keys for signed calls: whose they are, and their secrets, which are derived and stored nowhere.

The secret of a key is HMAC-SHA-256 of the key's id under the installation's secret key (`REDRESS_SECRET_KEY`). A backup
of the database holds nothing to sign with; with another installation key all secrets are others.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import NotFound
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.people.held import credentials_of
from tasks.people.identity import owner_select
from tasks.people.tables import Person, SignedNonce, SigningKey
from tasks.people.tokens import EVERYTHING, TOKEN_LIFE, Issued, check_order

PREFIX = "rk_"
_PURPOSE = b"redress signing key 1\n"
_HELD = table(SigningKey)


def secret_of(installation_key: str, key_id: str) -> str:
    """The secret of a key id, whether there is such a key or not: 43 characters, used as they are."""
    derived = hmac.new(installation_key.encode(), _PURPOSE + key_id.encode(), sha256).digest()
    return urlsafe_b64encode(derived).decode().rstrip("=")


def issue_key(
    session: Session,
    deps: Deps,
    person_id: UUID,
    *,
    actor: Actor,
    issued_by: UUID | None = None,
    label: str = "",
    scopes: Collection[str] = (EVERYTHING,),
    life: timedelta = TOKEN_LIFE,
) -> Issued:
    """Make a signing key for a system. Raises InvalidInput as for a token."""
    check_order(scopes, life, label)
    key_id = PREFIX + secrets.token_urlsafe(12)
    now = deps.clock.now()
    kept = {"label": label, "scopes": sorted(set(scopes)), "expires_at": now + life}
    session.execute(
        sa.insert(_HELD).values(id=key_id, person_id=person_id, issued_by=issued_by, created_at=now, **kept)
    )
    told = {**kept, "expires_at": (now + life).isoformat(), "person": str(person_id)}
    record(session, actor, "token.issue", at=now, subject="key", subject_id=key_id, after=told)
    return Issued(key_id, secret_of(deps.settings.ensure_secret_key(), key_id), now + life)


def keys_of(session: Session, deps: Deps, person_id: UUID) -> Sequence[Any]:
    """The keys of a person or system that hold now, newest first: id, label, scopes, created_at, expires_at."""
    return credentials_of(session, SigningKey, person_id, now=deps.clock.now())


def revoke_key(session: Session, deps: Deps, person_id: UUID, key_id: str, *, actor: Actor) -> None:
    """End a key of a person or system at once. Raises NotFound, also for a key of somebody else."""
    now = deps.clock.now()
    found = session.execute(
        sa.update(_HELD)
        .where(_HELD.c.id == key_id, _HELD.c.person_id == person_id)
        .values(revoked_at=sa.func.coalesce(_HELD.c.revoked_at, now))
        .returning(_HELD.c.id)
    ).first()
    if found is None:
        raise NotFound(f"The signing key {key_id[:60]} was asked for; there is no such key here.")
    record(
        session,
        actor,
        "session.revoke",
        at=now,
        subject="key",
        subject_id=key_id,
        after={"key": "revoked"},
    )


def signed_select() -> sa.Select[Any]:
    """The statement that finds the owner of `:key_id` and uses up `:nonce` at `:now`; edges may join more to it.

    `fresh` says whether the nonce had not been used before. Nothing is used up for a key that does not hold. Whoever sends
    it commits it at once: a nonce that is rolled back with a refusal could be used again.
    """
    nonce, person = table(SignedNonce), table(Person)
    at = sa.bindparam("now", type_=sa.DateTime(timezone=True))
    mine = _HELD.c.id == sa.bindparam("key_id", type_=sa.Text)
    holds = sa.and_(mine, person.c.active, _HELD.c.revoked_at.is_(None), _HELD.c.expires_at > at)
    used = (
        insert(nonce)
        .from_select(
            ["key_id", "nonce", "at"],
            sa.select(_HELD.c.id, sa.bindparam("nonce", type_=sa.Text), at)
            .select_from(_HELD.join(person, person.c.id == _HELD.c.person_id))
            .where(holds),
        )
        .on_conflict_do_nothing()
        .returning(nonce.c.nonce)
        .cte("used")
    )
    fresh = sa.exists(sa.select(used.c.nonce)).label("fresh")
    return owner_select(SigningKey).add_columns(_HELD.c.scopes, fresh).where(mine)


def forget_nonces(session: Session, before: datetime) -> None:
    """Delete the nonces used before an instant. The worker does it every hour."""
    session.execute(sa.delete(table(SignedNonce)).where(table(SignedNonce).c.at < before))
