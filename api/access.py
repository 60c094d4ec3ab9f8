"""The accounts of others, for operators: what lets them in, one-time passwords, tokens and signing keys for systems.

Who is outside the operator's reach does not exist here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.account import HeldTokenSchema, IdentitySchema, SessionSchema, scopes
from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, text
from tasks.people import accounts
from tasks.people.accounts import Account, Credential
from tasks.people.oidc import linking

blueprint = ApiBlueprint("access", __name__, description="Accounts of others 人员账户")


class HeldKeySchema(HeldTokenSchema):
    """A signing key that holds; its secret was shown when it was made."""

    id = fields.String()  # type: ignore[assignment]


class AccessSchema(Schema):
    """By what an account gets in at this moment."""

    login = fields.String()
    name = fields.String()
    kind = fields.String()
    active = fields.Boolean()
    must_change_password = fields.Boolean()
    locked_until = Instant(allow_none=True)
    sessions = fields.List(fields.Nested(SessionSchema))
    identities = fields.List(fields.Nested(IdentitySchema))
    tokens = fields.List(fields.Nested(HeldTokenSchema))
    keys = fields.List(fields.Nested(HeldKeySchema))


class OneTimePasswordSchema(Schema):
    """`password` is shown this once and must be changed at the first sign-in."""

    password = fields.String()


class OrderSchema(Schema):
    """What a token or key may do, and for how many days."""

    scopes = scopes(required=True)
    days = fields.Integer(required=True, validate=validate.Range(min=1, max=365))
    label = text(200)


class IssuedSchema(Schema):
    """`secret` is shown this once."""

    id = fields.String()
    secret = fields.String()
    expires_at = Instant()


@operation(
    blueprint,
    "GET",
    "/people/<login>/access",
    id="readAccess",
    permission="session.revoke",
    answer=AccessSchema,
    summary="By what somebody gets in: lock, sessions, tokens, signing keys",
)
def read_access(call: Call, login: str) -> dict[str, Any]:
    account = _found(call, login, "session.revoke")
    held = accounts.access(call.session, call.deps, account)
    return {
        "login": account.login,
        "name": account.name,
        "kind": account.kind,
        "active": account.active,
        "must_change_password": account.must_change_password,
        "locked_until": held.locked_until,
        "sessions": held.sessions,
        "identities": linking.identities(call.session, call.deps, account.id),
        "tokens": held.tokens,
        "keys": held.keys,
    }


@operation(
    blueprint,
    "DELETE",
    "/people/<login>/access",
    id="endAccess",
    permission="session.revoke",
    status=204,
    summary="End all sessions, tokens and signing keys of somebody at once",
)
def end_access(call: Call, login: str) -> None:
    accounts.end_access(call.session, call.deps, _found(call, login, "session.revoke"))


@operation(
    blueprint,
    "POST",
    "/people/<login>/unlock",
    id="unlockPerson",
    permission="organisation.manage",
    status=204,
    summary="Forget somebody's wrong passwords, so that they can sign in at once",
)
def unlock(call: Call, login: str) -> None:
    accounts.unlock(call.session, call.deps, _found(call, login, "organisation.manage"))


@operation(
    blueprint,
    "POST",
    "/people/<login>/password",
    id="resetPassword",
    permission="organisation.manage",
    answer=OneTimePasswordSchema,
    status=201,
    repeatable=False,
    summary="Give somebody a one-time password, shown this once; sessions and tokens end",
)
def reset_password(call: Call, login: str) -> dict[str, Any]:
    account = _found(call, login, "organisation.manage")
    return {"password": accounts.reset_password(call.session, call.deps, account)}


@operation(
    blueprint,
    "POST",
    "/people/<login>/tokens",
    id="issueToken",
    permission="token.issue",
    body=OrderSchema,
    answer=IssuedSchema,
    status=201,
    repeatable=False,
    summary="Make a bearer token for a system, shown this once",
)
def issue_token(call: Call, body: dict[str, Any], login: str) -> Any:
    return _issued(call, body, login, "token")


@operation(
    blueprint,
    "DELETE",
    "/people/<login>/tokens/<uuid:token_id>",
    id="revokeTokenOf",
    permission="session.revoke",
    status=204,
    summary="End a token of somebody at once",
)
def revoke_token(call: Call, login: str, token_id: UUID) -> None:
    accounts.revoke(call.session, call.deps, _found(call, login, "session.revoke"), "token", token_id)


@operation(
    blueprint,
    "POST",
    "/people/<login>/keys",
    id="issueKey",
    permission="token.issue",
    body=OrderSchema,
    answer=IssuedSchema,
    status=201,
    repeatable=False,
    summary="Make a key for signed calls, shown this once",
)
def issue_key(call: Call, body: dict[str, Any], login: str) -> Any:
    return _issued(call, body, login, "key")


@operation(
    blueprint,
    "DELETE",
    "/people/<login>/keys/<key_id>",
    id="revokeKeyOf",
    permission="session.revoke",
    status=204,
    summary="End a signing key of somebody at once",
)
def revoke_key(call: Call, login: str, key_id: str) -> None:
    accounts.revoke(call.session, call.deps, _found(call, login, "session.revoke"), "key", key_id)


@operation(
    blueprint,
    "DELETE",
    "/people/<login>/identities/<uuid:identity_id>",
    id="unlinkIdentityOf",
    permission="organisation.manage",
    status=204,
    summary="Unlink somebody from an identity; sessions opened by it end at once",
)
def unlink_identity(call: Call, login: str, identity_id: UUID) -> None:
    account = _found(call, login, "organisation.manage")
    linking.unlink_one(call.session, call.deps, account, identity_id)


def _found(call: Call, login: str, permission: str) -> Account:
    return accounts.within_reach(call.session, call.deps, call.caller, login, permission)


def _issued(call: Call, body: dict[str, Any], login: str, kind: Credential) -> Any:
    return accounts.issue(
        call.session,
        call.deps,
        _found(call, login, "token.issue"),
        kind,
        scopes=body["scopes"],
        life=timedelta(days=body["days"]),
        label=body["label"],
    )
