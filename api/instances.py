"""Process instances: state, history, and the verbs of supervisors and operators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, name, plain, text
from api.task_shapes import MovedInstanceSchema, TaskSchema
from api.tasks import task_body
from tasks.processes import instances, steering

blueprint = ApiBlueprint("instances", __name__, description="Process instances 流程实例")


class ActivitySchema(Schema):
    """An activity a token is at; `scope` is the process it is drawn in."""

    token_id = fields.UUID()
    activity_id = fields.String()
    activity_name = fields.String(allow_none=True)
    activity_type = fields.String(allow_none=True)
    scope = fields.String(allow_none=True)
    since = Instant()


class TimerSchema(Schema):
    id = fields.UUID()
    activity_id = fields.String()
    kind = fields.String()
    due_at = Instant()


class AwaitedSchema(Schema):
    name = fields.String()
    activity_id = fields.String()


class IncidentSchema(Schema):
    id = fields.UUID()
    activity_id = fields.String()
    activity_name = fields.String()
    kind = fields.String()
    message = fields.String()
    message_zh = fields.String(metadata={"description": "The sentence in Chinese, or empty"})
    expression = fields.String(
        metadata={"description": "The text of the expression that failed, where it was one; else empty"}
    )
    position = fields.Integer(
        metadata={"description": "The character of the expression meant, counted from 1; 0 for none"}
    )
    raised_at = Instant()
    attempts = fields.Integer()
    resolved_at = Instant(allow_none=True)
    resolved_by = fields.String(allow_none=True)


class WarningSchema(Schema):
    """What an expression warned of: a part of it had no value, and FEEL went on with null."""

    at = Instant()
    activity_id = fields.String(allow_none=True)
    activity_name = fields.String(allow_none=True)
    scope = fields.String(allow_none=True)
    token_id = fields.UUID(allow_none=True)
    what = fields.String(
        metadata={
            "description": "What the expression is to the activity: condition, script, input, output, call_input, "
            "call_output, payload, timer, collection, cardinality, completion, property, assignee and other attributes "
            "of a task, decision, form, or more (so many that only the count is kept)"
        }
    )
    of = fields.String(
        allow_none=True, metadata={"description": "Its flow, variable, property or decision, by id or name"}
    )
    name = fields.String(
        allow_none=True,
        metadata={"description": "What people call the flow or the decision, where it has a name"},
    )
    expression = fields.String(allow_none=True, metadata={"description": "The text of the expression"})
    code = fields.String(allow_none=True)
    message = fields.String(allow_none=True)
    message_zh = fields.String(allow_none=True)
    position = fields.Integer(
        allow_none=True, metadata={"description": "The character of the expression meant, counted from 1"}
    )
    element = fields.String(
        allow_none=True, metadata={"description": "In a decision file: the id of what was evaluated"}
    )
    row = fields.Integer(
        allow_none=True, metadata={"description": "In a decision table, the rule counted from 1"}
    )
    column = fields.String(
        allow_none=True, metadata={"description": "In a decision table, the input's label or output's name"}
    )
    count = fields.Integer(metadata={"description": "How often it was said in one action"})


class InstanceSchema(Schema):
    """One instance: where it is, what it waits for, what rests, what its expressions warned of (the latest 200)."""

    id = fields.UUID()
    number = fields.String(allow_none=True)
    business_key = fields.String()
    process_key = fields.String()
    process_name = fields.String()
    version = fields.Integer()
    definition_id = fields.UUID()
    deployment_id = fields.UUID()
    status = fields.String()
    started_at = Instant()
    ended_at = Instant(allow_none=True)
    end_reason = fields.String(allow_none=True)
    activities = fields.List(fields.Nested(ActivitySchema))
    tasks = fields.List(fields.Nested(TaskSchema))
    timers = fields.List(fields.Nested(TimerSchema))
    messages = fields.List(fields.Nested(AwaitedSchema))
    signals = fields.List(fields.Nested(AwaitedSchema))
    incidents = fields.List(fields.Nested(IncidentSchema))
    warnings = fields.List(fields.Nested(WarningSchema))


class HistoryQuery(Schema):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**63 - 1))
    limit = fields.Integer(load_default=200, validate=validate.Range(min=1, max=1000))


class HistoryLineSchema(Schema):
    id = fields.Integer()
    at = Instant()
    kind = fields.String()
    activity_id = fields.String(allow_none=True)
    activity_name = fields.String(allow_none=True)
    activity_type = fields.String(allow_none=True)
    scope = fields.String(allow_none=True)
    token_id = fields.UUID(allow_none=True)
    actor_id = fields.String(allow_none=True)
    actor_name = fields.String(allow_none=True)
    data = fields.Raw(allow_none=True)


class HistoryPage(Schema):
    items = fields.List(fields.Nested(HistoryLineSchema))
    next_after = fields.Integer(allow_none=True)


class ReasonSchema(Schema):
    reason = text(1000)


class OptionalReasonSchema(Schema):
    reason = text(1000, required=False, least=0, load_default="")


class VariablesSchema(Schema):
    variables = plain()
    reason = text(1000)
    at = fields.String(
        validate=validate.Length(min=1, max=200),
        load_default=None,
        allow_none=True,
        metadata={"description": "The id of an activity the instance is at, to set what it sees"},
    )


class StatusSchema(Schema):
    id = fields.UUID()
    status = fields.String()


class StartSchema(Schema):
    process_key = name(200, required=True)
    business_key = name(200, required=True)
    variables = plain()
    version = fields.Integer(
        validate=validate.Range(min=1, max=2**31 - 1), load_default=None, allow_none=True
    )
    start_event = fields.String(
        validate=validate.Length(min=1, max=200),
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The id of the start event to begin at; without it the first plain one drawn."
        },
    )


class RetriedSchema(Schema):
    incident_id = fields.UUID()
    accepted = fields.Boolean()


class OpenIncidentSchema(IncidentSchema):
    instance_id = fields.UUID()
    business_key = fields.String()
    process_key = fields.String()


class OpenIncidents(Schema):
    items = fields.List(fields.Nested(OpenIncidentSchema))


def _fields(row: Any) -> dict[str, Any]:
    """The columns of a row, or of what the technical view has made of one."""
    return dict(row._asdict() if hasattr(row, "_asdict") else vars(row))


@operation(
    blueprint,
    "GET",
    "/instances/<uuid:instance_id>",
    id="readInstance",
    permission="instance.read",
    answer=InstanceSchema,
    summary="Where an instance is and what it waits for",
)
def read_instance(call: Call, instance_id: UUID) -> dict[str, Any]:
    view = instances.read_instance(call.session, call.deps, call.caller, instance_id)
    return {
        **_fields(view.instance),
        "number": view.number,
        "process_name": view.name,
        "activities": view.activities,
        "tasks": [task_body(call, task) for task in view.tasks],
        "timers": view.timers,
        "messages": view.messages,
        "signals": view.signals,
        "incidents": view.incidents,
        "warnings": [{**_fields(line), **(line.data or {})} for line in view.warnings],
    }


@operation(
    blueprint,
    "GET",
    "/instances/<uuid:instance_id>/history",
    id="readHistory",
    permission="instance.read",
    query=HistoryQuery,
    answer=HistoryPage,
    summary="What happened, oldest first",
)
def read_history(call: Call, query: dict[str, Any], instance_id: UUID) -> dict[str, Any]:
    lines = instances.read_history(call.session, call.deps, call.caller, instance_id, **query)
    return {"items": lines, "next_after": lines[-1].id if len(lines) == query["limit"] else None}


@operation(
    blueprint,
    "POST",
    "/instances/<uuid:instance_id>/cancel",
    id="cancelInstance",
    permission="instance.cancel",
    body=ReasonSchema,
    answer=MovedInstanceSchema,
    summary="End an instance for good",
)
def cancel_instance(call: Call, body: dict[str, Any], instance_id: UUID) -> dict[str, Any]:
    move = steering.cancel_instance(call.session, call.deps, call.caller, instance_id, reason=body["reason"])
    return {"id": move.instance.id, "status": move.instance.status, "ended": True}


@operation(
    blueprint,
    "POST",
    "/instances/<uuid:instance_id>/suspend",
    id="suspendInstance",
    permission="instance.suspend",
    body=ReasonSchema,
    answer=StatusSchema,
    summary="Stop an instance from moving; no clock stops",
)
def suspend_instance(call: Call, body: dict[str, Any], instance_id: UUID) -> dict[str, Any]:
    steering.suspend_instance(call.session, call.deps, call.caller, instance_id, reason=body["reason"])
    return {"id": instance_id, "status": "suspended"}


@operation(
    blueprint,
    "POST",
    "/instances/<uuid:instance_id>/resume",
    id="resumeInstance",
    permission="instance.resume",
    body=OptionalReasonSchema,
    answer=StatusSchema,
    summary="Let a suspended instance move again",
)
def resume_instance(call: Call, body: dict[str, Any], instance_id: UUID) -> dict[str, Any]:
    steering.resume_instance(call.session, call.deps, call.caller, instance_id, reason=body["reason"])
    return {"id": instance_id, "status": "active"}


@operation(
    blueprint,
    "POST",
    "/instances/<uuid:instance_id>/variables",
    id="setVariables",
    permission="instance.correct",
    body=VariablesSchema,
    answer=MovedInstanceSchema,
    summary="Set variables a diagram reads and nobody gave; what they were is kept in the history",
)
def set_variables(call: Call, body: dict[str, Any], instance_id: UUID) -> dict[str, Any]:
    move = steering.set_variables(
        call.session,
        call.deps,
        call.caller,
        instance_id,
        body.get("variables") or {},
        reason=body["reason"],
        at=body["at"],
    )
    return {"id": move.instance.id, "status": move.instance.status, "ended": move.ended}


@operation(
    blueprint,
    "GET",
    "/incidents",
    id="listIncidents",
    permission="incident.retry",
    answer=OpenIncidents,
    summary="Incidents nobody has resolved, oldest first",
)
def list_incidents(call: Call) -> dict[str, Any]:
    return {"items": instances.open_incidents(call.session, call.caller)}


@operation(
    blueprint,
    "POST",
    "/incidents/<uuid:incident_id>/retry",
    id="retryIncident",
    permission="incident.retry",
    answer=RetriedSchema,
    status=202,
    summary="Run a failing activity again, by a job",
)
def retry_incident(call: Call, incident_id: UUID) -> dict[str, Any]:
    steering.retry_incident(call.session, call.deps, call.caller, incident_id)
    return {"incident_id": incident_id, "accepted": True}


@operation(
    blueprint,
    "POST",
    "/process-instances",
    id="startProcess",
    permission="instance.start",
    body=StartSchema,
    answer=MovedInstanceSchema,
    status=201,
    summary="Start any deployed process without a case",
)
def start_process(call: Call, body: dict[str, Any]) -> tuple[Any, int, dict[str, str]]:
    move = steering.start_process(
        call.session,
        call.deps,
        call.caller,
        body["process_key"],
        business_key=body["business_key"],
        variables=body.get("variables"),
        version=body["version"],
        start_event=body["start_event"],
    )
    answer = {"id": move.instance.id, "status": move.instance.status, "ended": move.ended}
    return answer, 201, {"Location": f"/api/v1/instances/{move.instance.id}"}
