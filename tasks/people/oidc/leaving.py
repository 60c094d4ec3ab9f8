"""Somebody has signed out at the identity provider, and it says so: their sessions here end too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.people.oidc.settings import ProviderSettings
from tasks.people.oidc.verifying import LEEWAY
from tasks.people.tables import PersonIdentity, WebSession


def leave_by(session: Session, deps: Deps, provider: ProviderSettings, claims: Mapping[str, Any]) -> int:
    """End the sessions that the claims of a verified logout token mean: of a `sub`, of a `sid`, or of both; returns how
    many there were. Sessions opened after it was made go on, however often it is sent.
    """
    now, held, identity = deps.clock.now(), table(WebSession), table(PersonIdentity)
    made = datetime.fromtimestamp(claims["iat"], UTC) + timedelta(seconds=LEEWAY)
    meant = [identity.c.issuer == provider.issuer, identity.c.id == held.c.identity_id]
    if claims.get("sub"):
        meant.append(identity.c.subject == claims["sub"])
    if claims.get("sid"):
        meant.append(held.c.provider_sid == claims["sid"])
    ended = session.execute(
        sa.update(held)
        .where(*meant, held.c.revoked_at.is_(None), held.c.expires_at > now, held.c.created_at <= made)
        .values(revoked_at=now)
        .returning(held.c.id)
    ).all()
    for row in ended:
        record(
            session,
            SYSTEM,
            "self.manage",
            at=now,
            subject="session",
            subject_id=row.id,
            after={"session": "ended", "by": provider.name},
        )
    return len(ended)
