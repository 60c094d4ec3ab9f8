"""The rulebook: every clause and what does it, the missing papers, and handing one in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields

from api.attachments import receives
from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Who, who
from api.showing import Shown
from tasks.clauses import keeping
from tasks.clauses.register import KINDS
from tasks.evidence.handing_out import SHUT_IN
from tasks.evidence.kinds import KINDS as PAPERS
from tasks.evidence.receiving import Paper

blueprint = ApiBlueprint("clauses", __name__, description="Clauses 条款对照")

_UPLOAD = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": list(PAPERS)},
        "file": {"type": "string", "format": "binary"},
    },
    "required": ["kind", "file"],
}


class ClauseSchema(Schema):
    """One rule of a source and the places that do it: `process.element`, `form:…`, `decision:…`, `clock:…` and so on."""

    id = fields.String()
    text = fields.String()
    en = fields.String()
    kind = fields.String(metadata={"enum": list(KINDS)})
    where = fields.List(fields.String())
    tests = fields.List(fields.String())
    note = fields.String()


class DocumentSchema(Shown):
    """A paper that was handed in, without its content."""

    id = fields.UUID()
    key = fields.String()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer(metadata={"description": "bytes"})
    sha256 = fields.String()
    uploaded_at = Instant()
    uploaded_by = fields.Nested(Who)


class CitedPaperSchema(Shown):
    """What the sources cite and nobody has: what counts until it is found, and what was handed in, newest first."""

    key = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    clause = fields.String()
    default_zh = fields.String()
    default_en = fields.String()
    codes = fields.List(
        fields.String(), metadata={"description": "Codes of the clock register it would settle"}
    )
    documents = fields.List(fields.Nested(DocumentSchema))


class RulebookSchema(Shown):
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    clauses = fields.List(fields.Nested(ClauseSchema))
    missing = fields.List(fields.Nested(CitedPaperSchema))


def document_body(row: Any) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("id", "key", "name", "media_type", "size", "uploaded_at")},
        "sha256": row.sha256.hex(),
        "uploaded_by": who(row.uploaded_by, row.uploaded_by_name),
    }


@operation(
    blueprint,
    "GET",
    "/clauses",
    id="readClauses",
    permission=keeping.READ,
    answer=RulebookSchema,
    summary="Every clause of the rulebook with what does it, and the missing papers",
)
def read_clauses(call: Call) -> dict[str, Any]:
    register, documents = keeping.clauses(call.session, call.caller)
    return {
        "counts": register.by_kind(),
        "clauses": register.clauses,
        "missing": [
            {
                **{name: getattr(paper, name) for name in paper.__slots__},
                "documents": [document_body(row) for row in documents.get(paper.key, ())],
            }
            for paper in register.missing
        ],
    }


@operation(
    blueprint,
    "POST",
    "/clauses/missing/<string(maxlength=100):key>/documents",
    id="handInDocument",
    permission=keeping.HAND_IN,
    answer=DocumentSchema,
    status=201,
    multipart=_UPLOAD,
    receives=receives,
    summary="Hand in a paper that was missing; what counts stays until somebody changes it",
)
def hand_in(call: Call, key: str, sent: Mapping[str, str], paper: Paper) -> Any:
    row = keeping.hand_in(call.session, call.deps, call.caller, key, paper)
    return document_body(row), 201, {"Location": f"/api/v1/clauses/documents/{row.id}/content"}


@operation(
    blueprint,
    "GET",
    "/clauses/documents/<uuid:document_id>/content",
    id="readDocument",
    permission=keeping.READ,
    produces="*/*",
    summary="A paper that was handed in, as a download",
)
def read_document(call: Call, document_id: UUID) -> Response:
    row = keeping.document(call.session, call.caller, document_id)
    response = Response(row.content, content_type=row.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=row.name)
    response.headers.update(SHUT_IN)
    return response
