"""Deployments and process definitions: bring files, see what is deployed, read a file back unchanged."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import Schema, fields

from api.bindings import VersionNeedSchema
from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, name
from api.outcomes import (
    FileOutcomeSchema,
    FindingCountsSchema,
    FindingSchema,
    OutcomeSchema,
    ProcessOutcomeSchema,
    outcome_body,
)
from engine.deployment import DeploymentReceipt
from engine.dialect import SourceFile
from engine.dialect.ids import author_id
from engine.errors import InvalidInput
from tasks.processes import bindings, deployments

blueprint = ApiBlueprint("deployments", __name__, description="Deployments 部署")

_UPLOAD = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 200},
        "note": {"type": "string", "maxLength": 2000},
        "source": {"type": "string", "maxLength": 200},
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
    "required": ["files"],
}
_CONTENT_TYPES = {"bpmn": "application/xml", "dmn": "application/xml", "form": "application/json"}


class DefinitionSchema(Schema):
    id = fields.UUID()
    key = fields.String()
    version = fields.Integer()
    version_tag = fields.String(allow_none=True)
    name = fields.String()
    deployment_id = fields.UUID()
    deployment_name = fields.String()
    note = fields.String()
    deployed_at = Instant()
    deployed_by_name = fields.String()
    approved_by_name = fields.String(
        metadata={"description": "The second process owner, where one was asked"}
    )

    startable = fields.Boolean(metadata={"description": "Whether every need is bound"})
    open_needs = fields.Integer(metadata={"description": "How many needs are still to be bound"})
    needs = fields.List(fields.Nested(VersionNeedSchema))


class DefinitionList(Schema):
    items = fields.List(fields.Nested(DefinitionSchema))


class DefinitionQuery(Schema):
    key = name(200)
    latest = fields.Boolean(load_default=True)


class DeployedNeedSchema(Schema):
    key = fields.String(attribute="need.key")
    kind = fields.String(attribute="need.kind")
    element = fields.Function(lambda one: author_id(one.need.element))
    asked = fields.String(attribute="need.asked")
    target = fields.String(allow_none=True)
    taken_over = fields.Boolean(
        metadata={"description": "Whether the binding was taken over with this version"}
    )


class DeployedSchema(Schema):
    key = fields.String()
    version = fields.Integer()
    id = fields.UUID()
    is_new = fields.Boolean()
    startable = fields.Boolean()
    in_use = fields.Integer(allow_none=True, metadata={"description": "The version that starts use"})
    needs = fields.List(fields.Nested(DeployedNeedSchema))
    dropped = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Bindings of the version before that this one has no such need for"},
    )


class ReceiptSchema(Schema):
    deployment_id = fields.UUID(allow_none=True)
    unchanged = fields.Boolean()
    definitions = fields.List(fields.Nested(DeployedSchema))
    callers_unchanged = fields.List(fields.String())
    ok = fields.Boolean()
    counts = fields.Nested(FindingCountsSchema)
    files = fields.List(fields.Nested(FileOutcomeSchema))
    processes = fields.List(fields.Nested(ProcessOutcomeSchema))
    findings = fields.List(fields.Nested(FindingSchema))


class DeploymentSchema(Schema):
    id = fields.UUID()
    name = fields.String()
    note = fields.String()
    source = fields.String()
    tag = fields.String()
    deployed_at = Instant()
    deployed_by_name = fields.String()
    approved_by_name = fields.String(
        metadata={"description": "The second process owner, where one was asked"}
    )


class DeploymentList(Schema):
    items = fields.List(fields.Nested(DeploymentSchema))


class ResourceSchema(Schema):
    name = fields.String()
    kind = fields.String()
    key = fields.String()
    sha256 = fields.String()


class ResourceList(Schema):
    items = fields.List(fields.Nested(ResourceSchema))


@operation(
    blueprint,
    "GET",
    "/process-definitions",
    id="listDefinitions",
    permission="definition.read",
    query=DefinitionQuery,
    answer=DefinitionList,
    summary="Deployed processes, newest version first",
)
def list_definitions(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    rows = deployments.definitions(call.session, call.caller, **query)
    needs = bindings.bound_in(call.session, rows)
    return {"items": [{**row._mapping, "needs": needs.get(row.id, [])} for row in rows]}


@operation(
    blueprint,
    "GET",
    "/deployments",
    id="listDeployments",
    permission="deployment.read",
    answer=DeploymentList,
    summary="The latest deployments: who, when, why",
)
def list_deployments(call: Call) -> dict[str, Any]:
    return {"items": deployments.deployments(call.session, call.caller)}


@operation(
    blueprint,
    "POST",
    "/deployments",
    id="deploy",
    permission="deployment.create",
    answer=ReceiptSchema,
    status=201,
    multipart=_UPLOAD,
    summary="Deploy several files at once, or none of them",
)
def deploy(call: Call) -> tuple[Any, int, dict[str, str]]:
    receipt = deployments.deploy(
        call.session,
        call.deps,
        call.caller,
        _files(),
        name=_form_text("name", 200) or "deployment",
        note=_form_text("note", 2000),
        source=_form_text("source", 200) or "api",
    )
    return receipt_body(receipt), 200 if receipt.unchanged else 201, {}


def receipt_body(receipt: DeploymentReceipt) -> dict[str, Any]:
    """What a deployment did, as `ReceiptSchema` shows it."""
    return {
        "deployment_id": receipt.deployment_id,
        "unchanged": receipt.unchanged,
        "definitions": receipt.definitions,
        "callers_unchanged": receipt.callers_unchanged,
        **outcome_body(receipt.outcome),
    }


@operation(
    blueprint,
    "POST",
    "/deployments/check",
    id="checkDeployment",
    permission="deployment.create",
    answer=OutcomeSchema,
    multipart=_UPLOAD,
    summary="Everything a deployment would be told, without deploying",
)
def check_deployment(call: Call) -> dict[str, Any]:
    return outcome_body(deployments.check(call.session, call.deps, call.caller, _files()))


@operation(
    blueprint,
    "GET",
    "/deployments/<uuid:deployment_id>/resources",
    id="listResources",
    permission="deployment.read",
    answer=ResourceList,
    summary="The files of a deployment",
)
def list_resources(call: Call, deployment_id: UUID) -> dict[str, Any]:
    return {"items": deployments.resources(call.session, call.caller, deployment_id)}


@operation(
    blueprint,
    "GET",
    "/deployments/<uuid:deployment_id>/resources/<path:name>",
    id="readResource",
    permission="deployment.read",
    produces="*/*",
    summary="A deployed file, byte for byte",
)
def read_resource(call: Call, deployment_id: UUID, name: str) -> Response:
    found = deployments.resource(call.session, call.caller, deployment_id, name)
    response = Response(
        found.content, content_type=_CONTENT_TYPES.get(found.kind, "application/octet-stream")
    )
    # A diagram opened in the browser must never run as a page of this site.
    response.headers["Content-Disposition"] = "attachment"
    response.set_etag(found.sha256)
    return response


def _files() -> list[SourceFile]:
    unknown = set(request.form) - {"name", "note", "source"}
    if unknown:
        raise InvalidInput(f"The deployment was sent with the unknown field {sorted(unknown)[0][:60]}.")
    return [
        SourceFile(name=file.filename or field, content=file.read())
        for field, file in request.files.items(multi=True)
    ]


def _form_text(field: str, most: int) -> str:
    text = request.form.get(field, "").strip()
    if len(text) > most or "\x00" in text:
        raise InvalidInput(f"The field {field} of the deployment takes at most {most} characters.")
    return text
