"""Which person an identity belongs to. Linked by (issuer, subject) and nothing else: whoever gets an e-mail address or a
login name at the provider that somebody here has, gets nothing of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound, WrongState
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people.accounts import Account
from tasks.people.oidc.provider import Provider
from tasks.people.oidc.verifying import LONGEST_SUBJECT
from tasks.people.tables import Person, PersonIdentity

_HELD = table(PersonIdentity)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a person is at a provider. `provider`: its name in the settings, None where they do not name it any more."""

    id: UUID
    provider: str | None
    label: str
    issuer: str
    subject: str
    linked_at: datetime
    used_at: datetime | None


def person_of(session: Session, issuer: str, subject: str) -> Any:
    """The row of the person behind an identity, with `identity_id`; None for an unknown one. One statement."""
    return session.execute(_PERSON, {"issuer": issuer, "subject": subject}).first()


def link(session: Session, deps: Deps, account: Account, provider: Provider, subject: str) -> None:
    """Say that an account belongs to whom the provider calls `subject`. Doing it twice changes nothing.

    Raises InvalidInput for a system and for a text that is no subject, WrongState where it is somebody else's.
    """
    if account.kind != "person" or not subject or len(subject) > LONGEST_SUBJECT or not storable(subject):
        raise InvalidInput(
            f"Linking {account.login} with {subject[:60]!r} of {provider.settings.name} was asked for; a person is linked "
            f"with a subject of 1 to {LONGEST_SUBJECT} characters.",
            message_zh="只能把人员账号与统一认证的用户标识（sub）关联。",
        )
    if attach(session, deps, account.id, provider.settings.issuer, subject):
        _recorded(session, deps, account, {"linked": provider.settings.name, "subject": subject})
        return
    held = person_of(session, provider.settings.issuer, subject)
    if held is not None and held.id != account.id:
        raise WrongState(
            f"Linking {account.login} with {subject[:60]!r} of {provider.settings.name} was asked for; it is linked with "
            f"{held.login}.",
            message_zh=f"该统一认证用户已与“{held.login}”关联。",
        )


def attach(session: Session, deps: Deps, person_id: UUID, issuer: str, subject: str) -> bool:
    """Write the identity down unless it is somebody's; returns whether it was free."""
    written = session.execute(
        insert(_HELD)
        .values(id=uuid4(), person_id=person_id, issuer=issuer, subject=subject, linked_at=deps.clock.now())
        .on_conflict_do_nothing(index_elements=["issuer", "subject"])
        .returning(_HELD.c.id)
    )
    return written.first() is not None


def unlink(session: Session, deps: Deps, account: Account, provider: Provider) -> int:
    """Take an account's identities at a provider away, and end the sessions opened by them; returns how many there were.
    Raises NotFound where there is none.
    """
    gone = session.execute(
        sa.delete(_HELD)
        .where(_HELD.c.person_id == account.id, _HELD.c.issuer == provider.settings.issuer)
        .returning(_HELD.c.subject)
    ).all()
    if not gone:
        raise NotFound(
            f"Unlinking {account.login} from {provider.settings.name} was asked for; they are not linked.",
            message_zh="该账号没有与统一认证关联。",
        )
    _recorded(session, deps, account, {"unlinked": provider.settings.name})
    return len(gone)


def unlink_one(session: Session, deps: Deps, account: Account, identity_id: UUID) -> None:
    """Take one identity of an account away, and end the sessions opened by it. Raises NotFound, also for another's."""
    gone = remove(session, account.id, identity_id)
    _recorded(session, deps, account, {"unlinked": _name(deps, gone.issuer), "subject": gone.subject})


def remove(session: Session, person_id: UUID, identity_id: UUID) -> Any:
    """Take an identity of a person away; sessions opened by it end with it. Returns its issuer and subject.

    Raises NotFound, also for one of somebody else.
    """
    gone = session.execute(
        sa.delete(_HELD)
        .where(_HELD.c.id == identity_id, _HELD.c.person_id == person_id)
        .returning(_HELD.c.issuer, _HELD.c.subject)
    ).first()
    if gone is None:
        raise NotFound(
            f"The identity {identity_id} was asked for; there is no such identity here.",
            message_zh="没有这个统一认证身份。",
        )
    return gone


def identities(session: Session, deps: Deps, person_id: UUID) -> Sequence[Identity]:
    """The identities of a person, the first linked first. One statement."""
    found = session.execute(
        sa.select(_HELD.c.id, _HELD.c.issuer, _HELD.c.subject, _HELD.c.linked_at, _HELD.c.used_at)
        .where(_HELD.c.person_id == person_id)
        .order_by(_HELD.c.linked_at, _HELD.c.issuer, _HELD.c.subject)
    )
    return [_identity(deps, row) for row in found]


def _identity(deps: Deps, row: Any) -> Identity:
    provider = deps.providers.of(row.issuer)
    name, label = (provider.settings.name, provider.settings.label) if provider else (None, row.issuer)
    return Identity(row.id, name, label, row.issuer, row.subject, row.linked_at, row.used_at)


def _name(deps: Deps, issuer: str) -> str:
    provider = deps.providers.of(issuer)
    return provider.settings.name if provider else issuer


def issuer_of(session: Session, identity_id: UUID) -> str | None:
    """The issuer of an identity."""
    return session.scalar(sa.select(_HELD.c.issuer).where(_HELD.c.id == identity_id))


def _recorded(session: Session, deps: Deps, account: Account, after: dict[str, Any]) -> None:
    record(
        session,
        account.asker,
        "organisation.manage",
        at=deps.clock.now(),
        subject="person",
        subject_id=account.id,
        after=after,
    )


_PERSON = (
    sa.select(
        Person.id,
        Person.login,
        Person.name,
        Person.kind,
        Person.active,
        _HELD.c.id.label("identity_id"),
    )
    .select_from(_HELD.join(table(Person), table(Person).c.id == _HELD.c.person_id))
    .where(_HELD.c.issuer == sa.bindparam("issuer"), _HELD.c.subject == sa.bindparam("subject"))
)
