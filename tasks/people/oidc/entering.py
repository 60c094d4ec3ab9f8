"""From proven claims to the person who is here now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.identity import caller_of
from tasks.people.oidc.linking import person_of
from tasks.people.oidc.refusals import NoAccount
from tasks.people.oidc.seats import follow_groups, make_account
from tasks.people.oidc.settings import ProviderSettings
from tasks.people.sessions import Vouched
from tasks.people.tables import PersonIdentity


def enter_by(
    session: Session, deps: Deps, provider: ProviderSettings, claims: Mapping[str, Any]
) -> tuple[Caller, Vouched]:
    """The person whom verified claims name, in the seats their groups give, and what vouches for them.

    Raises NoAccount for an identity nobody here is linked with, where it is given no account, and for people who have left.
    """
    subject = str(claims["sub"])
    person = person_of(session, provider.issuer, subject)
    if person is None and provider.accounts == "create":
        make_account(session, deps, provider, claims)
        person = person_of(session, provider.issuer, subject)
    if person is None or not person.active or person.kind != "person":
        left = person is not None
        raise NoAccount(
            f"Signing in with {provider.name} as {subject[:60]!r} was asked for; "
            + ("the account it is linked with is closed." if left else "no account here is linked with it."),
            message_zh="该账号已停用，请联系系统运维。"
            if left
            else "您在本系统还没有账号，请联系系统运维关联。",
        )
    follow_groups(session, deps, provider, person, claims)
    held = table(PersonIdentity)
    session.execute(sa.update(held).where(held.c.id == person.identity_id).values(used_at=deps.clock.now()))
    sid = claims.get("sid")
    known = sid if isinstance(sid, str) and storable(sid) else None
    return caller_of(session, deps, person), Vouched(person.identity_id, known)
