"""What a deployment comes to, as JSON: the same shape from a check, a deployment, a refusal and `redress check --json`."""

from __future__ import annotations

from marshmallow import Schema, fields

from tasks.processes.outcomes import finding_body, outcome_body

__all__ = [
    "FileOutcomeSchema",
    "FindingCountsSchema",
    "FindingSchema",
    "OutcomeSchema",
    "ProcessOutcomeSchema",
    "finding_body",
    "outcome_body",
]


class WalkStepSchema(Schema):
    """One step of a counter-example: by what tokens moved, and where they are then."""

    at = fields.List(
        fields.String(),
        metadata={
            "description": "Elements that hold a token after the step; one stands twice where two are at it"
        },
    )
    took = fields.List(
        fields.String(),
        metadata={"description": "Sequence flows and elements by which tokens moved; none in the first step"},
    )


class FindingSchema(Schema):
    severity = fields.String(
        metadata={
            "description": "error (refuses the deployment), binding (stored; nothing starts before it is bound), warning or note"
        }
    )
    code = fields.String()
    file = fields.String()
    line = fields.Integer()
    element_id = fields.String()
    element_name = fields.String()
    message = fields.String()
    message_zh = fields.String()
    expression = fields.String(metadata={"description": "The text of the expression it is about, or empty"})
    position = fields.Integer(metadata={"description": "The character meant, counted from 1; 0 is the whole"})
    expression_line = fields.Integer(
        metadata={"description": "The same place as a line of the expression, counted from 1; 0 for none"}
    )
    expression_column = fields.Integer(
        metadata={"description": "And as a character of that line, counted from 1; 0 for none"}
    )
    row = fields.Integer(metadata={"description": "In a decision table, the rule counted from 1; 0 for none"})
    column = fields.String(
        metadata={"description": "In a decision table, the input's label or output's name"}
    )
    example = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Inputs that show what is meant: expression and FEEL text of a value"},
    )
    walk = fields.List(
        fields.Nested(WalkStepSchema),
        metadata={
            "description": "How tokens come to what is told of, a shortest way; empty where nothing moves"
        },
    )
    process = fields.String(
        metadata={"description": "The key of the process it is about; empty for a file as a whole"}
    )


class FindingCountsSchema(Schema):
    """How many findings there are of each severity."""

    error = fields.Integer()
    binding = fields.Integer()
    warning = fields.Integer()
    note = fields.Integer()


class FileOutcomeSchema(Schema):
    name = fields.String()
    kind = fields.String(metadata={"description": "bpmn, dmn, form, archive or other"})
    size = fields.Integer(metadata={"description": "Bytes"})
    sha256 = fields.String()


class NeedSchema(Schema):
    key = fields.String(metadata={"description": "How a binding names it"})
    kind = fields.String(metadata={"description": "operation, listener, process or decision"})
    element = fields.String()
    event = fields.String()
    asked = fields.String(metadata={"description": "What the author wrote; may be empty"})


class ProcessOutcomeSchema(Schema):
    key = fields.String()
    name = fields.String()
    file = fields.String()
    line = fields.Integer()
    state = fields.String(
        metadata={
            "description": "runs, needs-binding (stored; cannot start before its needs are bound), drawing (kept as a "
            "picture, never started) or refused"
        }
    )
    needs = fields.List(fields.Nested(NeedSchema))
    counts = fields.Nested(FindingCountsSchema)


class OutcomeSchema(Schema):
    ok = fields.Boolean(metadata={"description": "Whether a deployment would be stored"})
    counts = fields.Nested(FindingCountsSchema)
    files = fields.List(fields.Nested(FileOutcomeSchema))
    processes = fields.List(fields.Nested(ProcessOutcomeSchema))
    findings = fields.List(fields.Nested(FindingSchema))
