"""Who am I, and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, name, text
from tasks.organisation import directory
from tasks.people import accounts
from tasks.permissions.matrix import VERBS, may

blueprint = ApiBlueprint("people", __name__, description="People 人员")


class MeSchema(Schema):
    id = fields.UUID()
    login = fields.String()
    name = fields.String()
    kind = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    post = fields.String()
    paths = fields.List(fields.String())
    groups = fields.List(fields.String())
    roles = fields.List(fields.String())
    permissions = fields.List(fields.String())


class SignInSchema(Schema):
    """`scopes` narrows the token to permissions; by default it may do all its owner may."""

    login = name(100, required=True)
    password = text(1024)
    label = text(200, required=False, least=0, load_default="")
    scopes = fields.List(
        fields.String(validate=validate.Length(max=60)), load_default=["*"], validate=validate.Length(1, 50)
    )
    days = fields.Integer(load_default=30, validate=validate.Range(min=1, max=365))


class TokenSchema(Schema):
    """`token` is shown this once; send it as `Authorization: Bearer …`."""

    id = fields.UUID()
    token = fields.String()
    expires_at = Instant()
    login = fields.String()
    name = fields.String()


class ColleagueSchema(Schema):
    login = fields.String()
    name = fields.String()
    unit = fields.String()
    unit_name = fields.String()
    post = fields.String()
    groups = fields.List(fields.String())


class ColleagueList(Schema):
    items = fields.List(fields.Nested(ColleagueSchema))


@operation(
    blueprint, "GET", "/me", id="readMe", permission="self.read", answer=MeSchema, summary="Who I am here"
)
def read_me(call: Call) -> dict[str, Any]:
    caller = call.caller
    return {
        "id": caller.id,
        "login": caller.login,
        "name": caller.name,
        "kind": caller.kind,
        "unit": caller.standing.unit_code,
        "unit_name": caller.standing.unit_name,
        "post": caller.standing.post,
        "paths": caller.standing.paths,
        "groups": caller.groups,
        "roles": sorted(caller.roles),
        "permissions": [permission for permission in VERBS if may(caller, permission)],
    }


@operation(
    blueprint,
    "GET",
    "/people",
    id="listPeople",
    permission="self.read",
    answer=ColleagueList,
    summary="The people of the organisation, with the groups they answer for",
)
def list_people(call: Call) -> dict[str, Any]:
    return {"items": directory.people(call.session, call.deps)}


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
    caller = accounts.authenticate(call.session, call.deps, body["login"], body["password"])
    issued = accounts.issue_token(
        call.session,
        call.deps,
        caller.id,
        label=body["label"],
        scopes=tuple(body["scopes"]),
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
    "DELETE",
    "/tokens/<uuid:token_id>",
    id="revokeToken",
    permission="self.read",
    status=204,
    summary="End one of my tokens at once",
)
def revoke_token(call: Call, token_id: UUID) -> None:
    accounts.revoke_token(call.session, call.deps, call.caller, token_id)
