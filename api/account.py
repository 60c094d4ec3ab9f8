"""My own account: signing in for a token, another password, my tokens and browser sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, name, text
from tasks.people import sessions, sign_in, tokens
from tasks.people.oidc import linking, own

blueprint = ApiBlueprint("account", __name__, description="My account 我的账户")


def scopes(**more: Any) -> Any:
    """Permission names a token or key is narrowed to."""
    return fields.List(
        fields.String(validate=validate.Length(max=60)), validate=validate.Length(1, 50), **more
    )


class SignInSchema(Schema):
    """`scopes` narrows the token to permissions; by default it may do all its owner may."""

    login = name(100, required=True)
    password = text(1024)
    label = text(200, required=False, least=0, load_default="")
    scopes = scopes(load_default=["*"])
    days = fields.Integer(load_default=30, validate=validate.Range(min=1, max=365))


class TokenSchema(Schema):
    """`token` is shown this once; send it as `Authorization: Bearer …`."""

    id = fields.UUID()
    token = fields.String()
    expires_at = Instant()
    login = fields.String()
    name = fields.String()


class PasswordSchema(Schema):
    """At least ten characters; not the login, the name, the demo password or one that everybody tries first."""

    login = name(100, required=True)
    password = text(1024)
    new_password = text(1024)


class HeldTokenSchema(Schema):
    """A token that holds; its secret was shown when it was made."""

    id = fields.UUID()
    label = fields.String()
    scopes = fields.List(fields.String())
    created_at = Instant()
    expires_at = Instant()


class HeldTokenList(Schema):
    items = fields.List(fields.Nested(HeldTokenSchema))


class IdentitySchema(Schema):
    """Who somebody is at an identity provider: what it calls them. `provider`: its name in the settings, null where they do
    not name it any more.
    """

    id = fields.UUID()
    provider = fields.String(allow_none=True)
    issuer = fields.String()
    subject = fields.String()
    linked_at = Instant()
    used_at = Instant(allow_none=True)


class IdentityList(Schema):
    items = fields.List(fields.Nested(IdentitySchema))


class SessionSchema(Schema):
    """A signed-in browser. `seen_at` is exact to five minutes."""

    id = fields.UUID()
    agent = fields.String()
    created_at = Instant()
    seen_at = Instant()
    expires_at = Instant()


class SessionList(Schema):
    items = fields.List(fields.Nested(SessionSchema))


@operation(
    blueprint,
    "POST",
    "/tokens",
    id="createToken",
    permission=None,
    body=SignInSchema,
    answer=TokenSchema,
    status=201,
    summary="Exchange login and password for a bearer token; every call makes a new one",
)
def create_token(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    caller = sign_in.authenticate(call.session, call.deps, body["login"], body["password"])
    sign_in.require_own_password(caller)
    issued = tokens.issue_token(
        call.session,
        call.deps,
        caller.id,
        actor=caller.actor,
        label=body["label"],
        scopes=body["scopes"],
        life=timedelta(days=body["days"]),
    )
    return {
        "id": issued.id,
        "token": issued.secret,
        "expires_at": issued.expires_at,
        "login": caller.login,
        "name": caller.name,
    }


@operation(
    blueprint,
    "POST",
    "/password",
    id="changePassword",
    permission=None,
    body=PasswordSchema,
    status=204,
    summary="Change my password; my sessions and tokens end",
)
def change_password(call: Call, body: dict[str, Any]) -> None:
    sign_in.change_password(call.session, call.deps, body["login"], body["password"], body["new_password"])


@operation(
    blueprint,
    "GET",
    "/tokens",
    id="listTokens",
    permission="self.manage",
    answer=HeldTokenList,
    summary="My tokens that hold",
)
def list_tokens(call: Call) -> dict[str, Any]:
    return {"items": tokens.tokens_of(call.session, call.deps, call.caller.id)}


@operation(
    blueprint,
    "DELETE",
    "/tokens/<uuid:token_id>",
    id="revokeToken",
    permission="self.manage",
    status=204,
    summary="End one of my tokens at once",
)
def revoke_token(call: Call, token_id: UUID) -> None:
    tokens.revoke_token(call.session, call.deps, call.caller, token_id)


@operation(
    blueprint,
    "GET",
    "/sessions",
    id="listSessions",
    permission="self.manage",
    answer=SessionList,
    summary="The browsers I am signed in with",
)
def list_sessions(call: Call) -> dict[str, Any]:
    return {"items": sessions.my_sessions(call.session, call.deps, call.caller.id)}


@operation(
    blueprint,
    "DELETE",
    "/sessions/<uuid:session_id>",
    id="endSession",
    permission="self.manage",
    status=204,
    summary="Sign out one of my browsers at once",
)
def end_session(call: Call, session_id: UUID) -> None:
    sessions.end_session(call.session, call.deps, call.caller, session_id)


@operation(
    blueprint,
    "DELETE",
    "/sessions",
    id="endSessions",
    permission="self.manage",
    status=204,
    summary="Sign out all of my browsers at once",
)
def end_sessions(call: Call) -> None:
    sessions.end_my_sessions(call.session, call.deps, call.caller)


@operation(
    blueprint,
    "GET",
    "/identities",
    id="listIdentities",
    permission="self.manage",
    answer=IdentityList,
    summary="Who I am at identity providers; linking another one needs a browser",
)
def list_identities(call: Call) -> dict[str, Any]:
    return {"items": linking.identities(call.session, call.deps, call.caller.id)}


@operation(
    blueprint,
    "DELETE",
    "/identities/<uuid:identity_id>",
    id="unlinkIdentity",
    permission="self.manage",
    status=204,
    summary="Unlink one of my identities; the last way in stays",
)
def unlink_identity(call: Call, identity_id: UUID) -> None:
    own.unlink_own(call.session, call.deps, call.caller, identity_id)
