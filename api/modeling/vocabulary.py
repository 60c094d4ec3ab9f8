"""What a diagram may say here, for editors outside the browser."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from marshmallow import Schema, fields

from api.edge import ApiBlueprint, Call, operation
from tasks.processes.vocabulary import reading, templates

blueprint = ApiBlueprint("modeling", __name__, description="Modeling 流程设计")


def _list(text: str) -> Any:
    return fields.List(fields.Dict(), metadata={"description": text})


class VocabularySchema(Schema):
    groups = _list("Candidate groups: key, name, name_en, people, units")
    clocks = fields.Dict(
        metadata={"description": "Policies of the clock register, reasons to pause, regions with calendars"}
    )
    properties = _list(
        "camunda:property: name, what it is called and does, on which kinds of elements, words it may say"
    )
    senders = _list("Who may send a message")
    operations = _list("Registered operations with inputs and outputs")
    letters = _list("Letter templates")
    decisions = _list("Decisions: key, name, inputs, outputs")
    forms = _list("Forms: key, name, fields with label, type and values")
    facts = _list("What expressions see as `case`")
    processes = _list("Processes that can be called")
    messages = _list("Message names, with the processes that use them")
    functions = _list("FEEL functions of this installation")
    supported = fields.Dict(
        metadata={"description": "What of BPMN runs: elements, event definitions, kinds by position"}
    )


@operation(
    blueprint,
    "GET",
    "/modeling/vocabulary",
    id="readVocabulary",
    permission="process_draft.read",
    answer=VocabularySchema,
    summary="What a diagram may say in this installation",
)
def read_vocabulary(call: Call) -> Any:
    return reading.vocabulary(call.session, call.deps, call.caller)


@operation(
    blueprint,
    "GET",
    "/modeling/element-templates",
    id="listElementTemplates",
    permission="process_draft.read",
    answer=Schema.from_dict({}, name="ElementTemplate")(many=True, unknown="include"),
    summary="Typed fields for the free Camunda Modeler, with this installation's groups, limits, forms and operations",
)
def list_element_templates(call: Call) -> Response:
    return jsonify(templates.templates(call.session, call.deps, call.caller))
