"""Who stands behind a credential: from the row of a token, session or key to the caller, in one statement."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, RedressError
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.memo import memo
from tasks.organisation.tables import office_revision
from tasks.people.caller import Caller
from tasks.people.tables import ApiToken, Person, SigningKey, WebSession


class NotSignedIn(RedressError):
    """The request carries no valid credentials: sign in, or send a bearer token that is neither expired nor
    revoked.
    """


def owner_select(kind: type[ApiToken] | type[WebSession] | type[SigningKey]) -> sa.Select[Any]:
    """The rows of `kind` with the person behind each and the office's revision; the caller adds which row."""
    held, person = table(kind), table(Person)
    return sa.select(
        held.c.id.label("token_id"),
        held.c.expires_at,
        held.c.revoked_at,
        person.c.id,
        person.c.login,
        person.c.name,
        person.c.kind,
        person.c.active,
        office_revision().label("revision"),
    ).select_from(held.join(person, person.c.id == held.c.person_id))


def bearer_select() -> sa.Select[Any]:
    """The statement that finds a token's owner by `:secret_hash`; edges may join more to it."""
    token = table(ApiToken)
    return (
        owner_select(ApiToken)
        .add_columns(token.c.scopes)
        .where(token.c.hash == sa.bindparam("secret_hash", type_=sa.LargeBinary))
    )


def caller_from_row(session: Session, deps: Deps, row: Any, *, must_change_password: bool = False) -> Caller:
    """The caller behind a row of `owner_select`; raises NotSignedIn when it does not hold now."""
    if row is None or not row.active or row.revoked_at is not None or row.expires_at <= deps.clock.now():
        raise NotSignedIn()
    memo(session).revision = row.revision
    return caller_of(session, deps, row, must_change_password=must_change_password)


def caller_of(session: Session, deps: Deps, person: Any, *, must_change_password: bool = False) -> Caller:
    """The caller for a person's row, with what their posts give them."""
    scopes = getattr(person, "scopes", None)
    return Caller(
        id=person.id,
        login=person.login,
        name=person.name,
        kind=cast(Literal["person", "system"], person.kind),
        standing=deps.office.standing(session, person.id, person.login),
        scopes=frozenset(("*",) if scopes is None else scopes),
        token_id=getattr(person, "token_id", None),
        expires_at=getattr(person, "expires_at", None),
        must_change_password=must_change_password,
        language=getattr(person, "language", "both"),
        opens_next=getattr(person, "opens_next", False),
    )


def must_change(deps: Deps, person: Any) -> bool:
    """Whether a person must first choose another password: of a row with `must_change_password` and
    `password_changed_at`. Demo passwords, which nobody has changed yet, are let be where the settings say so.
    """
    if person.password_changed_at is None and deps.settings.keeps_demo_passwords:
        return False
    return bool(person.must_change_password)


def caller_by_login(session: Session, deps: Deps, login: str) -> Caller:
    """The caller for a known login, for commands run on the machine itself. Raises NotFound."""
    person = None
    if storable(login):
        person = session.execute(
            sa.select(Person.id, Person.login, Person.name, Person.kind).where(
                Person.login == login, Person.active
            )
        ).first()
    if person is None:
        raise NotFound(f"The person {login[:60]} was asked for; there is no such login.")
    return caller_of(session, deps, person)


def secret_hash(secret: str) -> bytes:
    """What is stored of a token or session secret. 256 random bits need no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
