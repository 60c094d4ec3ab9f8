"""Signing in, tokens and browser sessions. Secrets are random and stored only as hashes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound, RedressError
from engine.ids import time_ordered
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.memo import memo
from tasks.organisation.tables import office_revision
from tasks.people.caller import Caller
from tasks.people.tables import ApiToken, Person, WebSession
from tasks.permissions.matrix import VERBS

TOKEN_LIFE = timedelta(days=30)
SESSION_LIFE = timedelta(hours=12)
_PREFIX = "rd_"


class NotSignedIn(RedressError):
    """The request carries no valid credentials: sign in, or send a bearer token that is neither expired nor
    revoked.
    """


@dataclass(frozen=True, slots=True)
class Issued:
    """A new secret, shown this once, and the row that knows its hash."""

    id: UUID
    secret: str
    expires_at: datetime


def authenticate(session: Session, deps: Deps, login: str, password: str) -> Caller:
    """Check login and password. An unknown login costs the same time and gives the same answer as a wrong
    password.

    Raises NotSignedIn, TooManyAttempts after ten wrong passwords for a login within a minute, or TooBusy when too
    many passwords are being checked at once.
    """
    now = deps.clock.now()
    deps.passwords.attempts.admit(login, now)
    wanted = sa.select(
        Person.id, Person.login, Person.name, Person.kind, Person.password_hash, Person.active
    ).where(Person.login == login)
    person = session.execute(wanted).first() if storable(login) else None
    stored = person.password_hash if person and person.active else None
    if not deps.passwords.verify(stored, password) or person is None:
        deps.passwords.attempts.failed(login, now)
        raise NotSignedIn(f"To sign in as {login[:60]!r} was asked; login and password do not match.")
    return caller_of(session, deps, person)


def issue_token(
    session: Session,
    deps: Deps,
    person_id: UUID,
    *,
    label: str = "",
    scopes: tuple[str, ...] = ("*",),
    life: timedelta = TOKEN_LIFE,
) -> Issued:
    """Make a bearer token of 256 random bits for a person or system. `scopes` are permission names, or `*`.

    Raises InvalidInput naming a scope that is no permission.
    """
    unknown = [scope for scope in scopes if scope != "*" and scope not in VERBS]
    if unknown:
        raise InvalidInput(
            f"A token with the scope {unknown[0][:60]!r} was asked for; there is no such permission."
        )
    secret = _PREFIX + secrets.token_urlsafe(32)
    now = deps.clock.now()
    token_id = time_ordered(deps.clock)()
    session.execute(
        sa.insert(table(ApiToken)).values(
            id=token_id,
            hash=secret_hash(secret),
            person_id=person_id,
            label=label,
            scopes=list(scopes),
            created_at=now,
            expires_at=now + life,
        )
    )
    return Issued(token_id, secret, now + life)


def revoke_token(session: Session, deps: Deps, caller: Caller, token_id: UUID) -> None:
    """End one of the caller's own tokens at once. Revoking twice changes nothing. Raises NotFound."""
    found = session.execute(
        sa.update(table(ApiToken))
        .where(ApiToken.id == token_id, ApiToken.person_id == caller.id)
        .values(revoked_at=sa.func.coalesce(ApiToken.revoked_at, deps.clock.now()))
        .returning(ApiToken.id)
    ).first()
    if found is None:
        raise NotFound(f"The token {token_id} was asked for; you have no such token.")


def open_session(session: Session, deps: Deps, caller: Caller, *, agent: str = "") -> Issued:
    """Start a browser session; the secret goes into the cookie and nowhere else."""
    secret = secrets.token_urlsafe(32)
    now = deps.clock.now()
    session_id = time_ordered(deps.clock)()
    session.execute(
        sa.insert(table(WebSession)).values(
            id=session_id,
            hash=secret_hash(secret),
            person_id=caller.id,
            agent=agent[:200],
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    return Issued(session_id, secret, now + SESSION_LIFE)


def close_session(session: Session, deps: Deps, secret: str) -> None:
    """End a browser session; an unknown one is none the less over."""
    session.execute(
        sa.update(table(WebSession))
        .where(WebSession.hash == secret_hash(secret), WebSession.revoked_at.is_(None))
        .values(revoked_at=deps.clock.now())
    )


def bearer_select() -> sa.Select[Any]:
    """The statement that finds a token's owner by `:secret_hash`; edges may join more to it."""
    return _owner_select(ApiToken).add_columns(table(ApiToken).c.scopes)


def session_select() -> sa.Select[Any]:
    """The same for a browser session's secret."""
    return _owner_select(WebSession)


def caller_from_session(session: Session, deps: Deps, secret: str) -> Caller:
    """Who a browser session belongs to. One statement. Raises NotSignedIn."""
    return caller_from_row(
        session, deps, session.execute(_BY_SESSION, {"secret_hash": secret_hash(secret)}).first()
    )


def caller_from_row(session: Session, deps: Deps, row: Any) -> Caller:
    """The caller behind a row of `bearer_select` or `session_select`; raises NotSignedIn when it does not
    hold now.
    """
    if row is None or not row.active or row.revoked_at is not None or row.expires_at <= deps.clock.now():
        raise NotSignedIn()
    memo(session).revision = row.revision
    return caller_of(session, deps, row)


def caller_of(session: Session, deps: Deps, person: Any) -> Caller:
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
    )


def caller_by_login(session: Session, deps: Deps, login: str) -> Caller:
    """The caller for a known login, for commands run on the machine itself. Raises NotFound."""
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


def _owner_select(kind: type[ApiToken] | type[WebSession]) -> sa.Select[Any]:
    secret, person = table(kind), table(Person)
    return (
        sa.select(
            secret.c.id.label("token_id"),
            secret.c.expires_at,
            secret.c.revoked_at,
            person.c.id,
            person.c.login,
            person.c.name,
            person.c.kind,
            person.c.active,
            office_revision().label("revision"),
        )
        .select_from(secret.join(person, person.c.id == secret.c.person_id))
        .where(secret.c.hash == sa.bindparam("secret_hash", type_=sa.LargeBinary))
    )


_BY_SESSION = session_select()
