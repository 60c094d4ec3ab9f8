"""What a case has besides itself: the evidence pack of earlier cases, and the original that a body outside sent."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant
from api.showing import Shown
from tasks.cases import reading, submissions
from tasks.cases.linking import evidence
from tasks.cases.linking.links import KINDS, PRIOR, UPGRADED_FROM
from tasks.evidence.handing_out import SHUT_IN
from tasks.permissions.visibility import visible_to

blueprint = ApiBlueprint("linked", __name__, description="Linked cases 关联案件")


class ReplySchema(Shown):
    kind = fields.String()
    name = fields.String()
    task_id = fields.UUID()
    at = Instant()
    by = fields.String(allow_none=True)
    by_unit = fields.String()
    method = fields.Raw(allow_none=True)
    content = fields.String()
    attitude = fields.Raw(allow_none=True)


class LimitSchema(Shown):
    code = fields.String()
    name = fields.String()
    kind = fields.String()
    started_at = Instant()
    due_at = Instant(allow_none=True)
    stopped_at = Instant(allow_none=True)
    in_limit = fields.Boolean(allow_none=True)
    promised_at = Instant(allow_none=True)
    in_promise = fields.Boolean(allow_none=True)


class ClosingSchema(Shown):
    status = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)
    outcome_name = fields.String(allow_none=True)
    ended_at = Instant(allow_none=True)
    archived_at = Instant(allow_none=True)
    at = Instant()
    by_unit = fields.String()
    answers = fields.Dict()


class RevisitSchema(Shown):
    at = Instant()
    by_unit = fields.String()
    method = fields.Raw(allow_none=True)
    answers = fields.Dict()


class EvidenceOfCase(Shown):
    """One earlier case. `in_limit`: whether its first final reply kept the limits of the case that it stopped."""

    number = fields.String()
    regime = fields.String()
    filed_at = Instant()
    complained = fields.Dict()
    replies = fields.List(fields.Nested(ReplySchema))
    limits = fields.List(fields.Nested(LimitSchema))
    answered_at = Instant(allow_none=True)
    in_limit = fields.Boolean(allow_none=True)
    closing = fields.Nested(ClosingSchema)
    revisit = fields.Nested(RevisitSchema, allow_none=True)


class EvidenceSchema(Shown):
    """The evidence pack: what was answered in the earlier cases, built from what is stored."""

    cases = fields.List(fields.Nested(EvidenceOfCase))
    numbers = fields.List(fields.String())
    answered = fields.Boolean()
    answered_in_limit = fields.Boolean()


class EvidenceQuery(Schema):
    kind = fields.String(validate=validate.OneOf(sorted(KINDS)))


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>/evidence",
    id="readEvidence",
    permission="evidence.read",
    query=EvidenceQuery,
    answer=EvidenceSchema,
    summary="What was answered in the earlier cases of a case, when and in which limit",
)
def read_evidence(call: Call, query: dict[str, Any], number: str) -> dict[str, Any]:
    row = reading.read_case(call.session, call.deps, call.caller, number, verb="evidence.read")
    kinds = [query["kind"]] if "kind" in query else [PRIOR, UPGRADED_FROM]
    organisation = call.deps.office.current(call.session).organisation
    return evidence.pack(call.session, organisation, row.id, kinds, seen=visible_to(call.caller))


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>/original",
    id="readOriginal",
    permission="case.read",
    produces="*/*",
    summary="What a body outside sent when it filed the case, byte for byte",
)
def read_original(call: Call, number: str) -> Response:
    row = submissions.original(call.session, call.deps, call.caller, number)
    response = Response(row.body, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}"'
    response.headers["Repr-Digest"] = f"sha-256=:{b64encode(row.body_sha256).decode()}:"
    response.headers["X-Original-Content-Type"] = row.content_type.encode("ascii", "replace").decode()
    response.headers.update(SHUT_IN)
    return response
