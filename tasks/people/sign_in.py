"""Signing in with login and password, and changing one's own password."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotPermitted
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.people import attempts
from tasks.people.attempts import TooManyAttempts
from tasks.people.caller import Caller
from tasks.people.choosing import PasswordRefused, check_new
from tasks.people.held import end_all
from tasks.people.identity import NotSignedIn, caller_of, must_change
from tasks.people.tables import ApiToken, Person, WebSession


class WrongPassword(NotSignedIn):
    """Login and password do not match."""


class PasswordChangeRequired(NotPermitted):
    """The password must be changed before anything else."""


COUNTED = (WrongPassword, TooManyAttempts)
"""Refusals that an edge commits before it answers them: the count of wrong passwords must outlive them."""


def authenticate(session: Session, deps: Deps, login: str, password: str) -> Caller:
    """Check login and password. Unknown logins, people who have left, systems, people who may come by single sign-on only,
    wrong passwords and locked logins cost the same statements and the same one hash, and give the same answers.

    Raises WrongPassword, TooManyAttempts while the login is locked, or TooBusy when too many passwords are being checked
    at once.
    """
    row = session.execute(_PERSON, {"login": login if storable(login) else ""}).first()
    person = row if row is not None and _may(deps, row) else None
    right = deps.passwords.verify(person.password_hash if person else None, password)
    attempts.count(session, login, right=right, now=deps.clock.now())
    if not right or person is None:
        raise WrongPassword(
            f"To sign in as {login[:60]!r} was asked; login and password do not match.",
            message_zh="账号或密码不正确。",
        )
    if deps.passwords.outdated(person.password_hash):
        _store(session, person, deps.passwords.hash(password))
    return caller_of(session, deps, person, must_change_password=must_change(deps, person))


def _may(deps: Deps, person: Any) -> bool:
    """Whether a password is enough for somebody: the settings may say whose it is, in an emergency."""
    named = deps.settings.local_sign_in
    return bool(person.active and person.kind == "person" and (not named or person.login in named))


def has_password(session: Session, deps: Deps, person_id: UUID) -> bool:
    """Whether a person can sign in by a password: they have one, and the settings take it. One statement."""
    row = session.execute(_BY_ID, {"id": person_id}).first()
    return bool(row is not None and row.password_hash is not None and _may(deps, row))


def require_own_password(caller: Caller) -> None:
    """Raise PasswordChangeRequired, naming what to call, for somebody who must change the password first."""
    if caller.must_change_password:
        raise PasswordChangeRequired(
            f"To sign in as {caller.login} was asked; the password must be changed first: call POST /api/v1/password "
            "with login, password and new_password, or open /account/password.",
            message_zh="请先修改密码，再登录。",
            change="/api/v1/password",
        )


def change_password(session: Session, deps: Deps, login: str, password: str, new: str) -> Caller:
    """Give a person another password. All their sessions and tokens end: whoever knew the old one is out.

    Raises what `authenticate` raises, and PasswordRefused.
    """
    caller = authenticate(session, deps, login, password)
    check_new(new, login=caller.login, name=caller.name, known=deps.settings.demo_password)
    if new == password:
        raise PasswordRefused(
            f"The new password of {caller.login} was refused: it is the old one.",
            message_zh="新密码不能与旧密码相同。",
        )
    now = deps.clock.now()
    session.execute(
        sa.update(table(Person))
        .where(Person.id == caller.id)
        .values(password_hash=deps.passwords.hash(new), must_change_password=False, password_changed_at=now)
    )
    end_all(session, caller.id, now=now, kinds=(WebSession, ApiToken))
    record(
        session,
        caller.actor,
        "self.manage",
        at=now,
        subject="person",
        subject_id=caller.id,
        after={"password": "changed"},
    )
    return caller


_ANYBODY = sa.select(
    Person.id,
    Person.login,
    Person.name,
    Person.kind,
    Person.password_hash,
    Person.active,
    Person.must_change_password,
    Person.password_changed_at,
)
_PERSON = _ANYBODY.where(Person.login == sa.bindparam("login"))
_BY_ID = _ANYBODY.where(Person.id == sa.bindparam("id"))


def _store(session: Session, person: Any, fresh: str) -> None:
    session.execute(
        sa.update(table(Person))
        .where(Person.id == person.id, Person.password_hash == person.password_hash)
        .values(password_hash=fresh)
    )
