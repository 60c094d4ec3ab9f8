"""The clock register: what counts on a day, the history of a row, editing it in versions, files in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, request

from api.deadlines.policy_shapes import (
    UPLOAD,
    AddPolicy,
    ChangePolicy,
    CheckedSchema,
    CheckPolicy,
    EditedSchema,
    EndPolicy,
    HistorySchema,
    KeepPolicy,
    PolicyExportQuery,
    PolicyQuery,
    RegisterSchema,
    ReportSchema,
)
from api.edge import ApiBlueprint, Call, operation
from engine.errors import InvalidInput
from tasks.clauses.keeping import current_register
from tasks.deadlines.policies import browsing, editing, exchange
from tasks.deadlines.policies.rows import Mistake, RegisterRefused
from tasks.deadlines.policies.versions import Version
from tasks.organisation.exchange.reading import MOST_BYTES

blueprint = ApiBlueprint("clock_policies", __name__, description="Clock register 时限登记")

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLAN = ("effective_from", "note", "replaces", "recompute")


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
        "missing": current_register(call.session).missing,
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
    multipart=UPLOAD,
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
