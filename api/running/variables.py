"""The variables of an instance: with values for who sees the case, names and kinds for who runs the installation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api.edge import ApiBlueprint, Call, operation
from engine.dialect.ids import author_id
from tasks.processes import variables

blueprint = ApiBlueprint("variables", __name__, description="Variables of instances 流程变量")


class NamedSchema(Schema):
    path = fields.String()
    kind = fields.String(metadata={"description": "text, number, boolean, list, context or null"})


class ScopeSchema(Schema):
    """The variables of the process, of a called process with its own, or what one item of a repeated activity sees."""

    kind = fields.String(metadata={"description": "process, call or item"})
    process_key = fields.String()
    token_id = fields.UUID(allow_none=True, metadata={"description": "The activity it belongs to"})
    activity_id = fields.String()
    activity_name = fields.String()
    index = fields.Integer(allow_none=True)
    names = fields.List(fields.Nested(NamedSchema))
    variables = fields.Raw(
        allow_none=True, metadata={"description": "With the values; null for who does not see the case"}
    )


class FailedSchema(Schema):
    """An expression an open incident is about, and what it reads now."""

    incident_id = fields.UUID()
    expression = fields.String()
    position = fields.Integer()
    of = fields.String()
    reads = fields.List(fields.String())
    missing = fields.List(fields.String(), metadata={"description": "Paths that lead to nothing"})
    values = fields.Raw(allow_none=True)


class VariablesShownSchema(Schema):
    """What an instance holds. contents: whether the caller sees the case, and so the values."""

    contents = fields.Boolean()
    scopes = fields.List(fields.Nested(ScopeSchema))
    failing = fields.List(fields.Nested(FailedSchema))


@operation(
    blueprint,
    "GET",
    "/instances/<uuid:instance_id>/variables",
    id="readVariables",
    permission="instance.read",
    answer=VariablesShownSchema,
    summary="The variables of an instance, scope by scope; names and kinds for who does not see the case",
)
def read_variables(call: Call, instance_id: UUID) -> dict[str, Any]:
    found = variables.read_variables(call.session, call.deps, call.caller, instance_id)
    return {
        "contents": found.contents,
        "scopes": [
            {
                "kind": one.scope.kind,
                "process_key": one.scope.process,
                "token_id": one.scope.token,
                "activity_id": author_id(one.scope.activity_id),
                "activity_name": one.scope.activity_name,
                "index": one.scope.index,
                "names": one.names,
                "variables": one.variables,
            }
            for one in found.scopes
        ],
        "failing": [
            {
                "incident_id": incident_id,
                "expression": one.text,
                "position": one.position,
                "of": one.of,
                "reads": one.names,
                "missing": one.missing,
                "values": one.values,
            }
            for incident_id, reads in found.failing.items()
            for one in reads
        ],
    }
