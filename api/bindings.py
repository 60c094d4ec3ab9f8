"""Needs and bindings: what a version of a process asks this installation for, and naming it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant
from engine.dialect.ids import author_id
from tasks.processes import bindings

blueprint = ApiBlueprint("bindings", __name__, description="Bindings 绑定")


class ChoiceSchema(Schema):
    target = fields.String(metadata={"description": "What to bind to; of a process also `key:version`"})
    name = fields.String()
    versions = fields.List(fields.Integer(), metadata={"description": "Of a process: those deployed"})


class VersionNeedSchema(Schema):
    key = fields.String(metadata={"description": "How a binding names it: the element's id, or `id#event`"})
    kind = fields.String(metadata={"description": "operation, listener, process or decision"})
    element = fields.String(metadata={"description": "The element's id as its author wrote it"})
    element_name = fields.String()
    line = fields.Integer()
    event = fields.String(metadata={"description": "Of a listener: when it is called"})
    asked = fields.String(metadata={"description": "What the author wrote, or empty"})
    target = fields.String(allow_none=True, metadata={"description": "What it is bound to; null while open"})
    bound_by_name = fields.String()
    bound_at = Instant(allow_none=True)


class OwnerNeedSchema(VersionNeedSchema):
    state = fields.String(metadata={"description": "open, bound, or wrong: what it is bound to is gone"})
    message = fields.String(metadata={"description": "Why it is wrong, or empty"})
    message_zh = fields.String()
    choices = fields.List(fields.Nested(ChoiceSchema))


class NeedListSchema(Schema):
    definition_id = fields.UUID()
    key = fields.String()
    version = fields.Integer()
    startable = fields.Boolean(metadata={"description": "Whether every need is bound"})
    in_use = fields.Integer(allow_none=True, metadata={"description": "The version that starts use"})
    items = fields.List(fields.Nested(OwnerNeedSchema))


class BindingBody(Schema):
    """All needs or some of them; all of what is sent is bound, or nothing."""

    bindings = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": 'Need key → target; "nothing" where an operation or a listener is not run'},
    )


class BoundSchema(NeedListSchema):
    is_new = fields.Boolean(metadata={"description": "Whether another version was made for the bindings"})
    callers_unchanged = fields.List(fields.String())


@operation(
    blueprint,
    "GET",
    "/process-definitions/<uuid:definition_id>/needs",
    id="listNeeds",
    permission="definition.read",
    answer=NeedListSchema,
    summary="What a version of a process asks this installation for, and what each can be bound to",
)
def list_needs(call: Call, definition_id: UUID) -> dict[str, Any]:
    return _needs(bindings.needs(call.session, call.deps, call.caller, definition_id))


@operation(
    blueprint,
    "PUT",
    "/process-definitions/<uuid:definition_id>/bindings",
    id="bindNeeds",
    permission="definition.bind",
    body=BindingBody,
    answer=BoundSchema,
    summary="Bind all or some needs of a version; one that can start already gets another version",
)
def bind_needs(call: Call, body: dict[str, Any], definition_id: UUID) -> dict[str, Any]:
    bound = bindings.bind(call.session, call.deps, call.caller, definition_id, body["bindings"])
    found = bindings.needs(call.session, call.deps, call.caller, bound.id)
    return {**_needs(found), "is_new": bound.is_new, "callers_unchanged": bound.callers_unchanged}


def _needs(found: bindings.VersionNeeds) -> dict[str, Any]:
    return {
        "definition_id": found.id,
        "key": found.key,
        "version": found.version,
        "startable": found.startable,
        "in_use": found.in_use,
        "items": [_need(one) for one in found.needs],
    }


def _need(one: Any) -> dict[str, Any]:
    message, message_zh = one.wrong or ("", "")
    return {
        **bindings.need_body(one.need, one if one.target is not None else None),
        "element": author_id(one.need.element),
        "state": "open" if one.target is None else "wrong" if one.wrong else "bound",
        "message": message,
        "message_zh": message_zh,
        "choices": one.choices,
    }
