"""The duty roster: who is on duty when, and taking over a roster as a file."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged, name
from tasks.organisation.exchange.reading import MOST_BYTES
from tasks.people.duty import importing, reading

blueprint = ApiBlueprint("duty", __name__, description="Duty roster 节假日值班")

UPLOAD = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}


class TurnSchema(Schema):
    """One turn of duty."""

    unit = fields.String()
    unit_name = fields.String()
    login = fields.String()
    name = fields.String()
    from_ = Instant(data_key="from", attribute="from_at")
    until = Instant(attribute="until_at")
    note = fields.String()


class TurnList(Schema):
    items = fields.List(fields.Nested(TurnSchema))
    next_cursor = fields.String(allow_none=True)


class TurnsAsked(Paged):
    """`from`: now, if left out; `until`: open. The same instant twice asks who is on duty then."""

    unit = name(64)
    begin = Instant(data_key="from")
    end = Instant(data_key="until")


class ImportedSchema(Schema):
    """How many turns lay ahead of the units in the file, and how many do now."""

    was = fields.Integer()
    turns = fields.Integer()


@operation(
    blueprint,
    "GET",
    "/duty-roster",
    id="listDuty",
    permission="duty.read",
    query=TurnsAsked,
    answer=TurnList,
    summary="Who is on duty, now or in a period, in the units of one's reach",
)
def list_duty(call: Call, query: dict[str, Any]) -> Any:
    return reading.roster(call.session, call.deps, call.caller, **query)


@operation(
    blueprint,
    "GET",
    "/duty-roster/export",
    id="exportDuty",
    permission="duty.read",
    produces="*/*",
    summary="What lies ahead, as the CSV file that would give it",
)
def export_duty(call: Call) -> Response:
    text = reading.as_csv(call.session, call.deps, call.caller)
    response = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename="duty_roster.csv")
    return response


@operation(
    blueprint,
    "POST",
    "/duty-roster/import",
    id="importDuty",
    permission="duty.manage",
    answer=ImportedSchema,
    multipart=UPLOAD,
    summary="Replace what lies ahead of the units in a CSV or XLSX file",
)
def import_duty(call: Call) -> Any:
    file = request.files.get("file")
    content = file.read(MOST_BYTES + 1) if file else b""
    title = (file.filename or "") if file else ""
    return importing.import_roster(call.session, call.deps, call.caller, title, content)
