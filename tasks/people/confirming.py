"""Who is signed in says once more who they are before something is made that outlives the session: a token, a link.

By the password, or – who signs in at an identity provider only has none – by a sign-in at the provider made just now. That
is worth one such act within five minutes, in the very session it was made for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotPermitted
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.oidc.linking import person_of
from tasks.people.oidc.settings import ProviderSettings
from tasks.people.sign_in import authenticate
from tasks.people.tables import PersonIdentity, WebSession

CONFIRMED_FOR = timedelta(minutes=5)

_HELD = table(WebSession)


class NotConfirmed(NotPermitted):
    """It is not certain enough who asks."""


def confirm(
    session: Session, deps: Deps, caller: Caller, provider: ProviderSettings, claims: Mapping[str, Any]
) -> None:
    """Note in the caller's session that they have just signed in at a provider; claims: the proven ones of a fresh attempt.

    Raises NotConfirmed where somebody else has signed in there.
    """
    found = person_of(session, provider.issuer, str(claims["sub"]))
    if found is None or found.id != caller.id:
        raise NotConfirmed(
            f"Confirming who {caller.login} is was asked for; whoever signed in at {provider.name} is not linked with "
            "this account.",
            message_zh="在统一认证登录的身份没有与本账号关联。",
        )
    now, identity = deps.clock.now(), table(PersonIdentity)
    session.execute(sa.update(_HELD).where(_HELD.c.id == caller.token_id).values(confirmed_at=now))
    session.execute(sa.update(identity).where(identity.c.id == found.identity_id).values(used_at=now))
    record(
        session,
        caller.actor,
        "self.manage",
        at=now,
        subject="session",
        subject_id=caller.token_id,
        after={"session": "confirmed", "identity": str(found.identity_id)},
    )


def confirmed_until(session: Session, deps: Deps, caller: Caller) -> datetime | None:
    """Until when the caller's session counts as confirmed; None where it does not. One statement."""
    at = session.scalar(sa.select(_HELD.c.confirmed_at).where(_HELD.c.id == caller.token_id))
    return at + CONFIRMED_FOR if at is not None and deps.clock.now() < at + CONFIRMED_FOR else None


def require_confirmed(session: Session, deps: Deps, caller: Caller, password: str) -> None:
    """Check the password, or, without one, use up the confirmation of the caller's session.

    Raises what `authenticate` raises, and NotConfirmed.
    """
    if password:
        authenticate(session, deps, caller.login, password)
        return
    used = session.execute(
        sa.update(_HELD)
        .where(_HELD.c.id == caller.token_id, _HELD.c.confirmed_at > deps.clock.now() - CONFIRMED_FOR)
        .values(confirmed_at=None)
        .returning(_HELD.c.id)
    ).first()
    if used is None:
        raise NotConfirmed(
            f"To be certain that {caller.login} asks, give the password, or sign in at the identity provider again.",
            message_zh="请输入密码，或先到统一认证重新登录。",
        )
