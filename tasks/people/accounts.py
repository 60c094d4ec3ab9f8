"""What operators do for the accounts of others: unlock, give a one-time password, end access, issue tokens and keys.

Every verb takes the account it is about as `found` by `within_reach` (of somebody who asks) or `on_this_machine` (of
whoever may type commands), which are the only ways to one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.errors import InvalidInput, NotFound, NotPermitted
from tasks.audit.recording import record
from tasks.core import storable, table
from tasks.deps import Deps
from tasks.organisation.tables import Membership, OrgUnit
from tasks.people import attempts, choosing, keys, sessions, tokens
from tasks.people.caller import Caller
from tasks.people.held import end_all
from tasks.people.identity import must_change
from tasks.people.tables import Person
from tasks.people.tokens import EVERYTHING, Issued
from tasks.permissions.matrix import require
from tasks.permissions.visibility import reach

Credential = Literal["token", "key"]


@dataclass(frozen=True, slots=True)
class Account:
    """An account that was found for somebody: `asker` acts on it with `scopes`; `asker_id` None is the machine's own
    command line.
    """

    id: UUID
    login: str
    name: str
    kind: str
    active: bool
    must_change_password: bool
    seated: bool
    asker: Actor
    asker_id: UUID | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Access:
    """By what an account gets in at this moment."""

    locked_until: datetime | None
    sessions: Sequence[Any]
    tokens: Sequence[Any]
    keys: Sequence[Any]


def within_reach(session: Session, deps: Deps, caller: Caller, login: str, permission: str) -> Account:
    """The account of a login, `reached` by the caller. One statement, whatever it finds.

    Raises NotPermitted, or NotFound for made-up logins and for those of other units alike.
    """
    require(caller, permission)
    row = session.execute(
        _account().where(Person.login == _asked(login), reached(session, deps, caller, permission))
    ).first()
    return _found(deps, row, login, caller.actor, caller.id, caller.scopes)


def reached(session: Session, deps: Deps, caller: Caller, permission: str) -> sa.ColumnElement[bool]:
    """Whether every present seat of a `Person` is in the reach of the caller; whoever reaches a whole tree of the company
    reaches the outside bodies too, which stand in nobody's tree.
    """
    held = set(reach(caller, permission))
    organisation = deps.office.current(session).organisation
    if any(unit.path in held for unit in organisation.tops):
        held |= {unit.path for unit in organisation.units if unit.external}
    inside = sa.or_(
        sa.false(),
        *(OrgUnit.path.startswith(path, autoescape=True) for path in sorted(held)),
    )
    # Seats that are over count only for somebody who has left altogether; whoever also sits elsewhere is not theirs alone.
    today = deps.office.current(session).day
    seat = sa.exists().where(Membership.person_id == Person.id, OrgUnit.id == Membership.unit_id)
    present = sa.or_(Membership.valid_until.is_(None), Membership.valid_until >= today)
    mine = sa.case((seat.where(present), seat.where(present, inside)), else_=seat.where(inside))
    return sa.and_(mine, ~seat.where(present, ~inside))


def on_this_machine(session: Session, deps: Deps, login: str, asker: Actor) -> Account:
    """Any account, for commands run on the machine itself. Raises NotFound."""
    row = session.execute(_account().where(Person.login == _asked(login))).first()
    return _found(deps, row, login, asker, None, frozenset({EVERYTHING}))


def access(session: Session, deps: Deps, account: Account) -> Access:
    """The lock, sessions, tokens and keys of an account that hold now."""
    return Access(
        attempts.locked_until(session, account.login, deps.clock.now()),
        sessions.my_sessions(session, deps, account.id),
        tokens.tokens_of(session, deps, account.id),
        keys.keys_of(session, deps, account.id),
    )


def unlock(session: Session, deps: Deps, account: Account) -> None:
    """Forget the wrong passwords of an account, so that it can sign in at once."""
    attempts.clear(session, account.login)
    _recorded(session, deps, account, "organisation.manage", {"login": "unlocked"})


def reset_password(session: Session, deps: Deps, account: Account) -> str:
    """Give an account a one-time password, shown this once and to be changed at the first sign-in; all its sessions and
    tokens end. Raises InvalidInput for a system, which has no password.
    """
    if account.kind != "person":
        raise InvalidInput(
            f"A password for {account.login} was asked for; a {account.kind} has none: issue a token or a key.",
            message_zh="系统账号没有密码，请发令牌或密钥。",
        )
    fresh, now = choosing.one_time(), deps.clock.now()
    session.execute(
        sa.update(table(Person))
        .where(Person.id == account.id)
        .values(password_hash=deps.passwords.hash(fresh), must_change_password=True, password_changed_at=now)
    )
    end_all(session, account.id, now=now)
    attempts.clear(session, account.login)
    _recorded(session, deps, account, "organisation.manage", {"password": "reset"})
    return fresh


def end_access(session: Session, deps: Deps, account: Account) -> int:
    """End every session, token and key of an account at once; returns how many there were."""
    ended = end_all(session, account.id, now=deps.clock.now())
    _recorded(session, deps, account, "session.revoke", {"ended": ended})
    return ended


def issue(
    session: Session,
    deps: Deps,
    account: Account,
    kind: Credential,
    *,
    scopes: Collection[str],
    life: timedelta,
    label: str,
) -> Issued:
    """Make a bearer token or a signing key for a system.

    Raises InvalidInput for a person (who makes tokens for themself), for a system without a seat, for oneself and
    for an order that cannot be; NotPermitted where the new scopes are wider than those of the token that asks.
    """
    if account.kind != "system" or not account.active:
        raise InvalidInput(
            f"A {kind} for {account.login} was asked for; only systems in use are given one, people make their own "
            "tokens on the page of their account.",
            message_zh="只能给在用的系统账号发令牌或密钥；个人令牌由本人在“我的账户”中生成。",
        )
    if not account.seated or account.id == account.asker_id:
        raise InvalidInput(
            f"A {kind} for {account.login} was asked for, which "
            + ("asks for itself." if account.seated else "has no seat in any unit."),
            message_zh="不能给自己发令牌。" if account.seated else "该系统账号没有任职单位。",
        )
    if EVERYTHING not in account.scopes and not set(scopes) <= account.scopes:
        raise NotPermitted(
            f"A {kind} with the scopes {', '.join(sorted(scopes))[:200]} was asked for with a token that has only "
            f"{', '.join(sorted(account.scopes))}.",
            permission="token.issue",
        )
    order: dict[str, Any] = {"scopes": scopes, "life": life, "label": label, "issued_by": account.asker_id}
    if kind == "key":
        return keys.issue_key(session, deps, account.id, actor=account.asker, **order)
    return tokens.issue_token(session, deps, account.id, actor=account.asker, verb="token.issue", **order)


def revoke(session: Session, deps: Deps, account: Account, kind: Credential, credential_id: Any) -> None:
    """End one token (by its UUID) or key of an account at once. Raises NotFound."""
    if kind == "key":
        keys.revoke_key(session, deps, account.id, credential_id, actor=account.asker)
    else:
        tokens.revoke_of(session, deps, account.id, credential_id, actor=account.asker, verb="session.revoke")


def _account() -> Any:
    seated = sa.exists().where(Membership.person_id == Person.id).label("seated")
    return sa.select(
        Person.id,
        Person.login,
        Person.name,
        Person.kind,
        Person.active,
        Person.must_change_password,
        Person.password_changed_at,
        seated,
    )


def _asked(login: str) -> str:
    return login if storable(login) else ""


def _found(
    deps: Deps, row: Any, login: str, asker: Actor, asker_id: UUID | None, scopes: frozenset[str]
) -> Account:
    if row is None:
        raise NotFound(
            f"The person {login[:60]} was asked for; there is no such login here.",
            message_zh="没有这个账号。",
        )
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        kind=row.kind,
        active=row.active,
        must_change_password=must_change(deps, row),
        seated=row.seated,
        asker=asker,
        asker_id=asker_id,
        scopes=scopes,
    )


def _recorded(session: Session, deps: Deps, account: Account, verb: str, after: dict[str, Any]) -> None:
    record(
        session,
        account.asker,
        verb,
        at=deps.clock.now(),
        subject="person",
        subject_id=account.id,
        after=after,
    )
