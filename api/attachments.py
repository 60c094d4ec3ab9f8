"""Attachments: add a paper to a case or before there is one, list them, download one. Nobody deletes or replaces one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask import Response, request, send_file
from marshmallow import Schema, fields
from werkzeug.exceptions import RequestEntityTooLarge

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Who, who
from api.showing import Shown
from engine.errors import InvalidInput
from tasks.deps import Deps
from tasks.evidence import attachments
from tasks.evidence.handing_out import SHUT_IN
from tasks.evidence.kinds import UPLOADED
from tasks.evidence.receiving import Paper, Part, receiving

blueprint = ApiBlueprint("attachments", __name__, description="Attachments 附件")

_AROUND = 64 * 1024
"""Bytes that may stand around the file in a multipart body."""
_UPLOAD = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": list(UPLOADED)},
        "file": {"type": "string", "format": "binary"},
    },
    "required": ["kind", "file"],
}
_UPLOAD_TO_CASE = {
    **_UPLOAD,
    "properties": {**_UPLOAD["properties"], "task": {"type": "string", "format": "uuid"}},  # type: ignore[dict-item]
}


class AttachmentSchema(Shown):
    """An attachment without its content. `number` is null while it waits for its case. `sha256` is of what a download
    gives, `uploaded_sha256` of what was sent; they differ where metadata was taken out of a picture.
    """

    id = fields.UUID()
    number = fields.String(allow_none=True)
    task_id = fields.UUID(allow_none=True)
    kind = fields.String()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    sha256 = fields.String()
    uploaded_sha256 = fields.String()
    uploaded_at = Instant()
    uploaded_by = fields.Nested(Who)


class AttachmentList(Schema):
    items = fields.List(fields.Nested(AttachmentSchema))


def attachment_body(row: Any) -> dict[str, Any]:
    return {
        **row._mapping,
        "sha256": row.sha256.hex(),
        "uploaded_sha256": row.uploaded_sha256.hex(),
        "uploaded_by": who(row.uploaded_by, row.uploaded_by_name),
    }


@contextmanager
def receives(deps: Deps) -> Iterator[dict[str, Any]]:
    """Read the multipart body of an upload; yields the arguments `sent` and `paper`."""
    limit = request.max_content_length = deps.cabinet.largest + _AROUND
    if request.content_length is not None and request.content_length > limit:
        raise RequestEntityTooLarge()
    if request.mimetype != "multipart/form-data":
        raise InvalidInput(
            f"{request.method} {request.path} needs a body of the type multipart/form-data, with the file in `file`."
        )
    with receiving(deps, request.environ, _parts) as (sent, paper):
        yield {"sent": sent, "paper": paper}


def _parts() -> tuple[Mapping[str, str], list[Part]]:
    files = [Part(name, file.filename or "", file.stream) for name, file in request.files.items(multi=True)]
    return request.form.to_dict(), files


@operation(
    blueprint,
    "POST",
    "/cases/<string(maxlength=60):number>/attachments",
    id="addAttachment",
    permission="attachment.add",
    answer=AttachmentSchema,
    status=201,
    multipart=_UPLOAD_TO_CASE,
    receives=receives,
    summary="Add a paper to a case, or to one of its tasks",
)
def add_attachment(call: Call, number: str, sent: Mapping[str, str], paper: Paper) -> Any:
    task_id = _task_id(sent.get("task", ""))
    row = attachments.add(call.session, call.deps, call.caller, number, paper, task_id=task_id)
    return attachment_body(row), 201, {"Location": f"/api/v1/attachments/{row.id}/content"}


@operation(
    blueprint,
    "POST",
    "/attachments",
    id="addPendingAttachment",
    permission="attachment.add",
    answer=AttachmentSchema,
    status=201,
    multipart=_UPLOAD,
    receives=receives,
    summary="Upload a paper for a form that is about to be sent; it is gone after a day without a case",
)
def add_pending_attachment(call: Call, sent: Mapping[str, str], paper: Paper) -> Any:
    row = attachments.add_pending(call.session, call.deps, call.caller, paper)
    return attachment_body(row), 201, {"Location": f"/api/v1/attachments/{row.id}/content"}


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>/attachments",
    id="listAttachments",
    permission="attachment.read",
    answer=AttachmentList,
    summary="The papers of a case, oldest first",
)
def list_attachments(call: Call, number: str) -> dict[str, Any]:
    rows = attachments.of_case(call.session, call.deps, call.caller, number)
    return {"items": [attachment_body(row) for row in rows]}


@operation(
    blueprint,
    "GET",
    "/attachments",
    id="listPendingAttachments",
    permission="attachment.read",
    answer=AttachmentList,
    summary="My papers that wait for a case",
)
def list_pending_attachments(call: Call) -> dict[str, Any]:
    return {"items": [attachment_body(row) for row in attachments.pending_of(call.session, call.caller)]}


@operation(
    blueprint,
    "GET",
    "/attachments/<uuid:attachment_id>/content",
    id="readAttachment",
    permission="attachment.read",
    produces="*/*",
    summary="The content of a paper, as a download",
)
def read_attachment(call: Call, attachment_id: UUID) -> Response:
    row, file = attachments.open_content(call.session, call.deps, call.caller, attachment_id)
    response = send_file(
        file, row.media_type, as_attachment=True, download_name=row.name, etag=False, max_age=0
    )
    response.content_length = row.size
    response.headers.update(SHUT_IN)
    return response


def _task_id(text: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(
            f"A paper was sent for the task {text[:60]!r}; a task is named by its id."
        ) from None
