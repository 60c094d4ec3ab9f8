"""Running instances as a list, and the figures of a process element by element."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged, name, schema_of
from engine.dialect.ids import author_id
from tasks.processes import flow, listing

blueprint = ApiBlueprint("running", __name__, description="What runs 流程运行")


class InstancesQuery(Paged):
    process = name(200)
    version = fields.Integer(validate=validate.Range(min=1, max=2**31 - 1))
    state = fields.String(validate=validate.OneOf(listing.STATES))
    element = fields.String(
        validate=validate.Length(min=1, max=200),
        metadata={"description": "Id of the element where a token is now"},
    )
    incident = fields.Boolean(metadata={"description": "Whether an incident is open"})
    started_from = Instant()
    started_before = Instant()
    unit = name(200, metadata={"description": "Code of a unit: cases that it or one below it has touched"})
    key = fields.String(
        validate=validate.Length(min=1, max=200),
        metadata={"description": "Case number or business key, as it begins"},
    )


class PlaceSchema(Schema):
    activity_id = fields.String()
    activity_name = fields.String()


class ListedSchema(Schema):
    """One instance. at: where it is now; incidents: how many are open."""

    id = fields.UUID()
    number = fields.String(allow_none=True)
    business_key = fields.String()
    process_key = fields.String()
    version = fields.Integer()
    status = fields.String()
    started_at = Instant()
    ended_at = Instant(allow_none=True)
    incidents = fields.Integer()
    at = fields.List(fields.Nested(PlaceSchema))


class InstancesPage(Schema):
    items = fields.List(fields.Nested(ListedSchema))
    next_cursor = fields.String(allow_none=True)


FlowQuery = schema_of(
    "FlowQuery",
    **{
        "from": fields.Date(attribute="first", metadata={"description": "A day; without it, 30 days in all"}),
        "to": fields.Date(attribute="last", metadata={"description": "A day; today without it"}),
        "version": fields.Integer(validate=validate.Range(min=1, max=2**31 - 1)),
        "unit": name(200),
        "level": fields.String(validate=validate.Length(min=1, max=60)),
    },
)


class PassedSchema(Schema):
    """One element: what came and went of the instances started in the period, what is there now of all running ones."""

    activity_id = fields.Function(lambda one: author_id(one.activity_id))
    name = fields.String()
    type = fields.String()
    called = fields.String(metadata={"description": "Key of the process a call activity calls"})
    drawn = fields.Boolean(metadata={"description": "Whether the shown version has the element"})
    entered = fields.Integer()
    completed = fields.Integer()
    cancelled = fields.Integer()
    now = fields.Integer()
    now_by_version = fields.Function(lambda one: {str(key): many for key, many in one.by_version.items()})
    median_seconds = fields.Float(attribute="median", allow_none=True)
    p90_seconds = fields.Float(attribute="p90", allow_none=True)
    longest_seconds = fields.Float(attribute="longest", allow_none=True)
    oldest_since = Instant(attribute="oldest", allow_none=True)


class FlowSchema(Schema):
    """share, share_now: one of how many instances of the period, and of the running ones, was looked at; 1 where all were."""

    process_key = fields.String(attribute="key")
    first = fields.Date()
    last = fields.Date()
    started = fields.Integer(attribute="counted")
    running = fields.Integer()
    share = fields.Integer()
    share_now = fields.Integer()
    shown_version = fields.Integer(attribute="version.version")
    elements = fields.List(fields.Nested(PassedSchema))


@operation(
    blueprint,
    "GET",
    "/instances",
    id="listInstances",
    permission="instance.read",
    query=InstancesQuery,
    answer=InstancesPage,
    summary="Instances the caller may read, the latest started first",
)
def list_instances(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    paging = {key: query.pop(key) for key in ("limit", "cursor") if key in query}
    found = listing.instance_list(call.session, call.deps, call.caller, listing.Wanted(**query), **paging)
    return {
        "items": [
            {
                **one.row._mapping,
                "number": one.number,
                "incidents": one.incidents,
                "at": [{"activity_id": author_id(at), "activity_name": said} for at, said in one.at],
            }
            for one in found.items
        ],
        "next_cursor": found.next_cursor,
    }


@operation(
    blueprint,
    "GET",
    "/process-definitions/<string(maxlength=200):key>/flow",
    id="readFlow",
    permission="flow.read",
    query=FlowQuery,
    answer=FlowSchema,
    summary="How much went through each element of a process, and how long it took",
)
def read_flow(call: Call, query: dict[str, Any], key: str) -> flow.Flow:
    return flow.flow(call.session, call.deps, call.caller, key, **query)
