"""Who I am here, and who else works here."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant
from tasks.organisation import directory
from tasks.permissions.matrix import VERBS, may

blueprint = ApiBlueprint("people", __name__, description="People 人员")


class CoverSchema(Schema):
    """Somebody absent whose work one does until then."""

    login = fields.String()
    name = fields.String()
    until = Instant()


class MeSchema(Schema):
    """`permissions` are what roles and `scopes` of the token or key leave; it ends at `expires_at`. `covers`: whose work is
    among the groups, as their substitute.
    """

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
    scopes = fields.List(fields.String())
    expires_at = Instant(allow_none=True)
    covers = fields.List(fields.Nested(CoverSchema))


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
        "scopes": sorted(caller.scopes),
        "expires_at": caller.expires_at,
        "covers": caller.standing.covers,
    }


@operation(
    blueprint,
    "GET",
    "/people",
    id="listPeople",
    permission="organisation.read",
    answer=ColleagueList,
    summary="The people of the organisation, with the groups they answer for",
)
def list_people(call: Call) -> dict[str, Any]:
    return {"items": directory.people(call.session, call.deps)}
