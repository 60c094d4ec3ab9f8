"""The clock register: what counts on a day, the history of a row, editing it in versions, files in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, request
from marshmallow import Schema, ValidationError, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, text
from engine.errors import InvalidInput
from tasks.deadlines.policies import browsing, editing, exchange
from tasks.deadlines.policies.missing import MISSING
from tasks.deadlines.policies.rows import Mistake, RegisterRefused
from tasks.deadlines.policies.versions import Version
from tasks.organisation.exchange.reading import MOST_BYTES

blueprint = ApiBlueprint("clock_policies", __name__, description="Clock register 时限登记")

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLAN = ("effective_from", "note", "replaces", "recompute")


def _number(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(repr(value)) > 60:
        raise ValidationError("Not a number, or a text that is one.")


def _free(most: int) -> fields.String:
    """A text the register itself checks, so that all its mistakes are told together."""
    return text(most, required=False, least=0, allow_none=True)


def _amount(said: str) -> fields.Raw:
    return fields.Raw(
        allow_none=True,
        validate=_number,
        metadata={"type": ["number", "string", "null"], "description": said},
    )


def _schema(label: str, **members: Any) -> type[Schema]:
    return Schema.from_dict(members, name=label)


_WRITTEN: dict[str, Any] = {
    "code": _free(500),
    **{name: _free(500) for name in ("regime", "level", "customer_level", "network")},
    "name_zh": _free(2000),
    "name_en": _free(2000),
    "limit": _amount("The hard limit, above 0, in `unit`; half working days as 0.5"),
    "target": _amount("The aim, up to the limit; null for none"),
    "unit": _free(500),
    "rolls": fields.Boolean(
        metadata={"description": "Calendar days ending on a rest day go on to a working day"}
    ),
    "rungs": _free(2000),
    "pauses": fields.List(text(100), validate=validate.Length(max=20)),
    "promised": fields.Boolean(),
    "stops_on": _free(500),
    "clause": _free(2000),
    "ours": fields.Boolean(),
}
_WHEN: dict[str, Any] = {
    "effective_from": fields.Date(
        allow_none=True, metadata={"description": "First day, Asia/Shanghai; today when left out"}
    ),
    "note": _free(2000),
    "replaces": fields.Boolean(metadata={"description": "What is planned for the row gives way"}),
    "recompute": fields.Boolean(
        metadata={"description": "Running clocks of the code are counted again as soon as the version counts"}
    ),
}
AddPolicy = _schema("AddPolicy", **_WRITTEN, **_WHEN)
ChangePolicy = _schema("ChangePolicy", **_WRITTEN, **_WHEN)
EndPolicy = _schema("EndPolicy", **_WHEN)
KeepPolicy = _schema("KeepPolicy", note=_free(2000))
CheckPolicy = _schema(
    "CheckPolicy",
    **_WRITTEN,
    **_WHEN,
    made_on=fields.UUID(allow_none=True, metadata={"description": "The version to change; none: a new row"}),
    ends=fields.Boolean(metadata={"description": "Check ending the row `made_on`"}),
)
PolicyQuery = _schema(
    "PolicyQuery",
    code=text(61, required=False),
    day=fields.Date(),
    ended=fields.Boolean(load_default=False),
)
PolicyExportQuery = _schema(
    "PolicyExportQuery",
    format=fields.String(load_default="csv", validate=validate.OneOf(("csv", "xlsx"))),
    day=fields.Date(),
)
VersionSchema = _schema(
    "PolicyVersion",
    id=fields.UUID(metadata={"description": "Name it to change the row: the newest one is asked for"}),
    version=fields.Integer(),
    **{**_WRITTEN, "limit": fields.String(), "target": fields.String(allow_none=True)},
    effective_from=fields.Date(),
    ended=fields.Boolean(metadata={"description": "From effective_from on there is no such row"}),
    changed_at=Instant(),
    changed_by=fields.String(metadata={"description": "Empty: the file that is loaded at the start"}),
    changed_by_name=fields.String(),
    note=fields.String(),
)
RowSchema = _schema(
    "PolicyRow",
    current=fields.Nested(VersionSchema, allow_none=True),
    planned=fields.List(fields.Nested(VersionSchema)),
    newest=fields.UUID(metadata={"description": "The version an edit names"}),
)
MissingSchema = _schema(
    "MissingPaper",
    name_zh=fields.String(),
    name_en=fields.String(),
    clause=fields.String(),
    codes=fields.List(fields.String()),
)
RegisterSchema = _schema(
    "ClockRegister",
    day=fields.Date(),
    policies=fields.List(fields.Nested(RowSchema)),
    missing=fields.List(fields.Nested(MissingSchema)),
)
HistorySchema = _schema("PolicyHistory", versions=fields.List(fields.Nested(VersionSchema)))
MistakeSchema = _schema(
    "PolicyMistake", path=fields.String(), message=fields.String(), message_zh=fields.String()
)
ChangeSchema = _schema(
    "PolicyChange",
    kind=fields.String(metadata={"description": "added, changed or ended"}),
    policy=fields.String(metadata={"description": "Such as R01.stage/provincial/vip"}),
    effective_from=fields.Date(),
    before=fields.Dict(keys=fields.String()),
    after=fields.Dict(keys=fields.String()),
)
EditedSchema = _schema(
    "PolicyEdited",
    changes=fields.List(fields.Nested(ChangeSchema)),
    versions=fields.List(fields.Nested(VersionSchema)),
)
CheckedSchema = _schema(
    "PolicyChecked",
    changes=fields.List(fields.Nested(ChangeSchema)),
    mistakes=fields.List(fields.Nested(MistakeSchema)),
)
ReportSchema = _schema(
    "PolicyImport",
    fingerprint=fields.String(
        metadata={"description": "Send it with the same file to carry out exactly this"}
    ),
    carried_out=fields.Boolean(),
    unchanged=fields.Integer(allow_none=True),
    changes=fields.List(fields.Nested(ChangeSchema)),
    mistakes=fields.List(fields.Nested(MistakeSchema)),
)
_UPLOAD = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "effective_from": {"type": "string", "format": "date"},
        "note": {"type": "string"},
        "replaces": {"type": "string", "enum": ["yes", "no"]},
        "recompute": {"type": "string", "enum": ["yes", "no"]},
        "fingerprint": {
            "type": "string",
            "description": "That of the report to carry out; without it only the report is made.",
        },
    },
    "required": ["file"],
}


@operation(
    blueprint,
    "GET",
    "/clock-policies",
    id="listClockPolicies",
    permission=browsing.VERB,
    query=PolicyQuery,
    answer=RegisterSchema,
    summary="The time limits that count on a day, what is planned, and which papers are missing",
)
def list_clock_policies(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    found = browsing.register(call.session, call.deps, call.caller, **query)
    return {
        "day": found.day,
        "policies": [
            {
                "current": shown(row.current) if row.current else None,
                "planned": [shown(version) for version in row.planned],
                "newest": row.newest.id,
            }
            for row in found.rows
        ],
        "missing": MISSING,
    }


@operation(
    blueprint,
    "GET",
    "/clock-policies/export",
    id="exportClockPolicies",
    permission=browsing.VERB,
    query=PolicyExportQuery,
    produces="*/*",
    summary="The register of a day as CSV or XLSX, with the columns an import takes",
)
def export_clock_policies(call: Call, query: dict[str, Any]) -> Response:
    wanted = query.pop("format")
    made = exchange.export_xlsx if wanted == "xlsx" else exchange.export_csv
    content = made(call.session, call.deps, call.caller, **query)
    response = Response(content, content_type=_EXCEL if wanted == "xlsx" else "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="clocks.{wanted}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@operation(
    blueprint,
    "GET",
    "/clock-policies/<uuid:version_id>",
    id="readClockPolicy",
    permission=browsing.VERB,
    answer=HistorySchema,
    summary="Every version of the row this one belongs to, the newest first",
)
def read_clock_policy(call: Call, version_id: UUID) -> dict[str, Any]:
    return {"versions": [shown(one) for one in browsing.history(call.session, call.caller, version_id)]}


@operation(
    blueprint,
    "POST",
    "/clock-policies",
    id="addClockPolicy",
    permission=editing.VERB,
    body=AddPolicy,
    answer=EditedSchema,
    status=201,
    summary="Add a row, from a day on",
)
def add_clock_policy(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    plan = _plan(body)
    return _edited(editing.add_row(call.session, call.deps, call.caller, body, plan))


@operation(
    blueprint,
    "PATCH",
    "/clock-policies/<uuid:version_id>",
    id="changeClockPolicy",
    permission=editing.VERB,
    body=ChangePolicy,
    answer=EditedSchema,
    summary="Change the row whose newest version this is, from a day on",
)
def change_clock_policy(call: Call, body: dict[str, Any], version_id: UUID) -> dict[str, Any]:
    plan = _plan(body)
    return _edited(editing.change_row(call.session, call.deps, call.caller, version_id, body, plan))


@operation(
    blueprint,
    "POST",
    "/clock-policies/<uuid:version_id>/end",
    id="endClockPolicy",
    permission=editing.VERB,
    body=EndPolicy,
    answer=EditedSchema,
    summary="End the row whose newest version this is, from a day on",
)
def end_clock_policy(call: Call, body: dict[str, Any], version_id: UUID) -> dict[str, Any]:
    return _edited(editing.end_row(call.session, call.deps, call.caller, version_id, _plan(body)))


@operation(
    blueprint,
    "POST",
    "/clock-policies/<uuid:version_id>/keep",
    id="keepClockPolicy",
    permission=editing.VERB,
    body=KeepPolicy,
    answer=EditedSchema,
    summary="Take back what is planned for the row: what counts today goes on",
)
def keep_clock_policy(call: Call, body: dict[str, Any], version_id: UUID) -> dict[str, Any]:
    return _edited(editing.keep_row(call.session, call.deps, call.caller, version_id, _plan(body)))


@operation(
    blueprint,
    "POST",
    "/clock-policies/check",
    id="checkClockPolicy",
    permission=editing.VERB,
    body=CheckPolicy,
    answer=CheckedSchema,
    summary="What an edit would change, or every mistake in it; changes nothing",
)
def check_clock_policy(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    made_on, ends, plan = body.pop("made_on", None), body.pop("ends", False), _plan(body)
    who = (call.session, call.deps, call.caller)
    try:
        if made_on is None:
            edited = editing.add_row(*who, body, plan, dry=True)
        elif ends:
            edited = editing.end_row(*who, made_on, plan, dry=True)
        else:
            edited = editing.change_row(*who, made_on, body, plan, dry=True)
    except RegisterRefused as refusal:
        return {"changes": [], "mistakes": refusal.problems}
    return {"changes": _changes(edited.changes), "mistakes": []}


@operation(
    blueprint,
    "POST",
    "/clock-policies/imports",
    id="importClockPolicies",
    permission=editing.VERB,
    answer=ReportSchema,
    multipart=_UPLOAD,
    summary="Report what a CSV or XLSX file would change; with the report's fingerprint, do it",
)
def import_clock_policies(call: Call) -> dict[str, Any]:
    unknown = (set(request.form) - {*_PLAN, "fingerprint"}) | (set(request.files) - {"file"})
    if unknown:
        raise InvalidInput(f"An import was sent with the unknown field {sorted(unknown)[0][:60]}.")
    file = request.files.get("file")
    if file is None:
        raise InvalidInput("Importing was asked for without a file.", message_zh="没有选择文件。")
    plan = editing.Plan(
        request.form.get("effective_from", "")[:40],
        request.form.get("note", ""),
        request.form.get("replaces") == "yes",
        request.form.get("recompute") == "yes",
    )
    sent = (call.session, call.deps, call.caller, file.filename or "file", file.read(MOST_BYTES + 1), plan)
    if wanted := request.form.get("fingerprint", ""):
        edited = exchange.carry_out(*sent, wanted)
        changes, mistakes, unchanged = edited.changes, list[Mistake](), None
    else:
        report = exchange.dry_run(*sent)
        changes, mistakes, unchanged = report.changes, report.mistakes, report.unchanged
    return {
        "fingerprint": wanted or report.fingerprint,
        "carried_out": bool(wanted),
        "unchanged": unchanged,
        "changes": _changes(changes),
        "mistakes": mistakes,
    }


def shown(version: Version) -> dict[str, Any]:
    """A version as the API shows it."""
    return {
        **version.terms.plain(),
        "id": version.id,
        "version": version.version,
        "effective_from": version.effective_from,
        "ended": version.ended,
        "changed_at": version.changed_at,
        "changed_by": version.changed_by,
        "changed_by_name": version.changed_by_name,
        "note": version.note,
    }


def _plan(body: dict[str, Any]) -> editing.Plan:
    """When and why, taken out of the body; what stays there are the columns of the row."""
    told = {name: body.pop(name) for name in _PLAN if name in body}
    return editing.Plan(**{**told, "note": told.get("note") or ""})


def _edited(edited: editing.Edited) -> dict[str, Any]:
    return {"changes": _changes(edited.changes), "versions": [shown(one) for one in edited.versions]}


def _changes(changes: Sequence[editing.Change]) -> list[dict[str, Any]]:
    found = []
    for change in changes:
        before, after = change.differs
        found.append(
            {
                "kind": change.kind,
                "policy": change.label,
                "effective_from": change.after.effective_from,
                "before": before,
                "after": after,
            }
        )
    return found
