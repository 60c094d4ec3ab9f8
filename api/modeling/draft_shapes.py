"""What calls about process drafts take and answer."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from api.edge import OptionalBody
from api.fields import Instant, text
from tasks.processes.drafts.deploying import LONGEST_NOTE
from tasks.processes.drafts.reading import LARGEST_REVISION
from tasks.processes.drafts.texts import LONGEST_TITLE


def _revision(**more: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=0, max=LARGEST_REVISION), **more)


class ProcessDraftNewBody(Schema):
    """One of definition_id, deployment_id, draft_id (a copy) and key (the smallest diagram of a new process)."""

    name = fields.String(validate=validate.Length(max=LONGEST_TITLE), load_default="")
    definition_id = fields.UUID()
    deployment_id = fields.UUID()
    draft_id = fields.UUID()
    key = fields.String(validate=validate.Length(max=100))
    files = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Of a copy: file name → text, over the files of the draft"},
    )

    @validates_schema
    def one_origin(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a draft of several things, or of none."""
        given = [name for name in ("definition_id", "deployment_id", "draft_id", "key") if name in data]
        if len(given) != 1:
            raise ValidationError("Give one of definition_id, deployment_id, draft_id and key.")
        if "files" in data and given != ["draft_id"]:
            raise ValidationError("Only a copy takes files; save them, or upload the draft.")


class ProcessDraftTextBody(Schema):
    text = fields.String(required=True)
    revision = _revision(
        metadata={"description": "Of the file it goes on from; 0: a new one. Or in the header If-Match"}
    )


class ProcessDraftFileQuery(Schema):
    revision = fields.Integer(validate=validate.Range(min=0, max=LARGEST_REVISION))


class ProcessDraftCheckBody(OptionalBody):
    files = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Texts nobody has saved yet, by file name"},
    )


class ProcessDraftDeployBody(Schema):
    note = text(LONGEST_NOTE, metadata={"description": "What has changed, and why"})
    over = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Whether newer versions of somebody else are replaced, which were looked at"
        },
    )
    revision = _revision(metadata={"description": "Of the draft, as the caller has seen it"})


class ProcessDraftApproveBody(Schema):
    submission = _revision(required=True, metadata={"description": "Which submission was looked at"})
    over = fields.Boolean(load_default=False)


class ProcessDraftRejectBody(Schema):
    submission = _revision(required=True)
    reason = text(LONGEST_NOTE)


class ProcessDraftFileSchema(Schema):
    name = fields.String()
    kind = fields.String(metadata={"description": "bpmn, dmn, form or other"})
    size = fields.Integer(metadata={"description": "Bytes"})
    sha256 = fields.String()
    revision = fields.Integer()
    saved_at = Instant()
    saved_by_name = fields.String()


class ProcessDraftNewerSchema(Schema):
    key = fields.String()
    name = fields.String()
    version = fields.Integer()
    based_on = fields.Integer(allow_none=True)
    deployed_at = Instant()
    deployed_by = fields.String()
    deployment_id = fields.UUID()


class ProcessDraftSummarySchema(Schema):
    id = fields.UUID()
    name = fields.String()
    state = fields.String(metadata={"description": "open, submitted or deployed"})
    owner_name = fields.String()
    based_key = fields.String(metadata={"description": "The process it goes on from; empty for a new one"})
    based_version = fields.Integer(allow_none=True)
    based_definition_id = fields.UUID(allow_none=True)
    revision = fields.Integer(metadata={"description": "Counts the changes of its files"})
    note = fields.String()
    created_at = Instant()
    changed_at = Instant()
    changed_by_name = fields.String()
    submission = fields.Integer()
    submitted_by_name = fields.String()
    submitted_at = Instant(allow_none=True)
    rejection = fields.String()
    rejected_by_name = fields.String()
    deployment_id = fields.UUID(allow_none=True)
    deployed_at = Instant(allow_none=True)


class ProcessDraftSchema(ProcessDraftSummarySchema):
    files = fields.List(fields.Nested(ProcessDraftFileSchema))
    newer = fields.List(
        fields.Nested(ProcessDraftNewerSchema),
        metadata={"description": "Versions deployed since the one it goes on from: deploying replaces them"},
    )


class ProcessDraftList(Schema):
    items = fields.List(fields.Nested(ProcessDraftSummarySchema))


class ProcessDraftFileTextSchema(Schema):
    name = fields.String()
    kind = fields.String()
    text = fields.String()
    revision = fields.Integer()
    first_revision = fields.Integer()
    last_revision = fields.Integer()
    saved_at = Instant()
    saved_by = fields.String()
    problem = fields.String(metadata={"description": "Why the text is not all its author wrote, or empty"})
    problem_zh = fields.String()


class ProcessDraftSavedSchema(Schema):
    revision = fields.Integer()
    saved_at = Instant()
    saved_by = fields.String()
