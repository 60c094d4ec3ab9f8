"""The classification: its lists, and replacing one by a CSV file."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields

from api.edge import ApiBlueprint, Call, operation
from tasks.classification import verbs
from tasks.classification.loading import as_csv
from tasks.organisation.exchange.reading import MOST_BYTES

blueprint = ApiBlueprint("classification", __name__, description="Classification 分类表")

UPLOAD = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}


class EntrySchema(Schema):
    """One value. `within`: codes of the list above that it belongs to; `ended`: offered no more."""

    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    within = fields.List(fields.String())
    clause = fields.String()
    ours = fields.Boolean()
    ended = fields.Boolean()


class ListSchema(Schema):
    name = fields.String()
    entries = fields.List(fields.Nested(EntrySchema))


class Lists(Schema):
    items = fields.List(fields.Nested(ListSchema))


class ReplacedSchema(Schema):
    """What changed, by code."""

    added = fields.List(fields.String())
    changed = fields.List(fields.String())
    ended = fields.List(fields.String())


@operation(
    blueprint,
    "GET",
    "/classifications",
    id="listClassifications",
    permission=verbs.READ,
    answer=Lists,
    summary="What complaints are sorted by: every list with its values",
)
def list_classifications(call: Call) -> dict[str, Any]:
    found = verbs.lists(call.session, call.deps, call.caller).lists
    return {"items": [{"name": name, "entries": entries} for name, entries in found.items()]}


@operation(
    blueprint,
    "GET",
    "/classifications/<string(maxlength=60):name>/export",
    id="exportClassification",
    permission=verbs.READ,
    produces="*/*",
    summary="One list as the CSV file that would replace it",
)
def export_classification(call: Call, name: str) -> Response:
    entries = verbs.one_list(call.session, call.deps, call.caller, name)
    text = as_csv(tuple(entry for entry in entries if not entry.ended))
    response = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return response


@operation(
    blueprint,
    "PUT",
    "/classifications/<string(maxlength=60):name>",
    id="replaceClassification",
    permission=verbs.MANAGE,
    answer=ReplacedSchema,
    multipart=UPLOAD,
    summary="Replace a list by a CSV file; what is not in it is offered no more",
)
def replace_classification(call: Call, name: str) -> Any:
    file = request.files.get("file")
    content = file.read(MOST_BYTES + 1) if file else b""
    return verbs.replace(call.session, call.deps, call.caller, name, verbs.text_of(name, content))
