"""People link their own accounts with identities, and take that away again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import WrongState
from tasks.audit.recording import record
from tasks.core import table
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.oidc.linking import Identity, attach, identities, person_of, remove
from tasks.people.oidc.settings import ProviderSettings
from tasks.people.sign_in import has_password
from tasks.people.tables import Person


def link_own(
    session: Session, deps: Deps, caller: Caller, provider: ProviderSettings, claims: Mapping[str, Any]
) -> None:
    """Link the caller's account with the identity of proven claims, by issuer and subject alone. Twice changes nothing.

    Raises WrongState where it is somebody else's, without a word about whose.
    """
    subject = str(claims["sub"])
    if attach(session, deps, caller.id, provider.issuer, subject):
        _recorded(session, deps, caller, {"linked": provider.name, "subject": subject})
        return
    held = person_of(session, provider.issuer, subject)
    if held is None or held.id != caller.id:
        raise WrongState(
            f"Linking {caller.login} with an identity of {provider.name} was asked for; it is linked with another account.",
            message_zh="该统一认证身份已与其他账号关联。",
        )


def unlink_own(session: Session, deps: Deps, caller: Caller, identity_id: UUID) -> None:
    """Take one of the caller's identities away; sessions opened by it end. Raises NotFound, also for another's, and
    WrongState for the last way in.
    """
    person = table(Person)
    # Two at once must not each think that the other one's identity stays.
    session.execute(sa.select(person.c.id).where(person.c.id == caller.id).with_for_update(key_share=True))
    held = identities(session, deps, caller.id)
    mine = next((one for one in held if one.id == identity_id), None)
    if mine is not None and last_way_in(held, identity_id, password=has_password(session, deps, caller.id)):
        raise WrongState(
            f"Unlinking {caller.login} from {mine.label} was asked for; it is the only way in that this account has.",
            message_zh="这是该账号唯一的登录方式，不能取消关联。",
        )
    gone = remove(session, caller.id, identity_id)
    _recorded(session, deps, caller, {"unlinked": mine.provider if mine else None, "subject": gone.subject})


def last_way_in(held: Sequence[Identity], identity_id: UUID, *, password: bool) -> bool:
    """Whether nobody would come in without this identity: there is no password, and no other of a provider in use."""
    return not password and not any(one.provider and one.id != identity_id for one in held)


def _recorded(session: Session, deps: Deps, caller: Caller, after: Mapping[str, Any]) -> None:
    record(
        session,
        caller.actor,
        "self.manage",
        at=deps.clock.now(),
        subject="person",
        subject_id=caller.id,
        after=after,
    )
