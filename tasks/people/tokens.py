"""Bearer tokens: 256 random bits, shown once, kept as a hash, for at most a year, and never more than their owner may."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import InvalidInput, NotFound
from engine.ids import time_ordered
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.held import credentials_of
from tasks.people.identity import secret_hash
from tasks.people.tables import ApiToken
from tasks.permissions.matrix import VERBS

TOKEN_LIFE = timedelta(days=30)
LONGEST_LIFE = timedelta(days=365)
PREFIX = "rd_"
EVERYTHING = "*"
"""The scope that narrows nothing."""

_HELD = table(ApiToken)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new secret, shown this once, and what is kept of it: the row's id and when it ends."""

    id: UUID | str
    secret: str
    expires_at: datetime


def check_order(scopes: Collection[str], life: timedelta, label: str) -> None:
    """Raise InvalidInput unless a token or key with these scopes, life and label can be made."""
    unknown = [scope for scope in scopes if scope != EVERYTHING and scope not in VERBS]
    if unknown:
        raise InvalidInput(
            f"The scope {unknown[0][:60]!r} was asked for; there is no such permission.",
            message_zh="没有这样的权限范围。",
        )
    if not scopes:
        raise InvalidInput(
            "A token or key without a scope was asked for; name at least one.",
            message_zh="请至少选一项范围。",
        )
    if not timedelta(0) < life <= LONGEST_LIFE:
        raise InvalidInput(
            f"A life of {life.days} days was asked for; 1 to {LONGEST_LIFE.days} are possible.",
            message_zh=f"有效期须为1到{LONGEST_LIFE.days}天。",
        )
    if not storable(label) or len(label) > 200:
        raise InvalidInput(
            "The label was refused: at most 200 characters of Unicode text are taken.",
            message_zh="用途最多200个字，且不能含有无法保存的字符。",
        )


def issue_token(
    session: Session,
    deps: Deps,
    person_id: UUID,
    *,
    actor: Actor,
    issued_by: UUID | None = None,
    label: str = "",
    scopes: Collection[str] = (EVERYTHING,),
    life: timedelta = TOKEN_LIFE,
    verb: str = "self.manage",
) -> Issued:
    """Make a token for a person or system. `scopes` are permission names, or `*`; `verb` is what the actor did by it.

    Raises InvalidInput naming a scope that is no permission, or a life that is too long.
    """
    check_order(scopes, life, label)
    secret = PREFIX + secrets.token_urlsafe(32)
    now = deps.clock.now()
    token_id = time_ordered(deps.clock)()
    kept = {"label": label, "scopes": sorted(set(scopes)), "expires_at": now + life}
    session.execute(
        sa.insert(_HELD).values(
            id=token_id,
            hash=secret_hash(secret),
            person_id=person_id,
            issued_by=issued_by,
            created_at=now,
            **kept,
        )
    )
    told = {**kept, "expires_at": (now + life).isoformat(), "person": str(person_id)}
    record(session, actor, verb, at=now, subject="token", subject_id=token_id, after=told)
    return Issued(token_id, secret, now + life)


def tokens_of(session: Session, deps: Deps, person_id: UUID) -> Sequence[Any]:
    """The tokens of a person that hold now, newest first: id, label, scopes, created_at, expires_at."""
    return credentials_of(session, ApiToken, person_id, now=deps.clock.now())


def revoke_token(session: Session, deps: Deps, caller: Caller, token_id: UUID) -> None:
    """End one of the caller's own tokens at once. Revoking twice changes nothing. Raises NotFound."""
    revoke_of(session, deps, caller.id, token_id, actor=caller.actor, verb="self.manage")


def revoke_of(
    session: Session, deps: Deps, person_id: UUID, token_id: UUID, *, actor: Actor, verb: str
) -> None:
    """End one of a person's tokens at once. Raises NotFound, also for a token of somebody else."""
    now = deps.clock.now()
    found = session.execute(
        sa.update(_HELD)
        .where(_HELD.c.id == token_id, _HELD.c.person_id == person_id)
        .values(revoked_at=sa.func.coalesce(_HELD.c.revoked_at, now))
        .returning(_HELD.c.id)
    ).first()
    if found is None:
        raise NotFound(f"The token {token_id} was asked for; there is no such token here.")
    record(session, actor, verb, at=now, subject="token", subject_id=token_id, after={"token": "revoked"})
