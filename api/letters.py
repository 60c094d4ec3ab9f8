"""Letters: those of a case, and their templates: see, check, look at, replace."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, text
from api.showing import Shown
from tasks.letters import editing
from tasks.letters.listing import letters_of
from tasks.letters.template import LONGEST

blueprint = ApiBlueprint("letters", __name__, description="Letters 文书")

_KEY = "<string(maxlength=60):key>"
_NOTES = (
    "number",
    "template",
    "version",
    "template_digest",
    "to",
    "method",
    "unit",
    "activity",
    "name",
    "name_en",
)


class LetterSchema(Shown):
    """A letter of a case; its content is that of the attachment of the same id. `number` is the letter's own;
    `template_digest` is the SHA-256 of the words it was made of, which its `version` still has.
    """

    id = fields.UUID()
    number = fields.String()
    name = fields.String()
    name_en = fields.String()
    file_name = fields.String()
    template = fields.String()
    version = fields.Integer()
    template_digest = fields.String()
    to = fields.String()
    method = fields.String()
    unit = fields.String()
    activity = fields.String()
    size = fields.Integer()
    sha256 = fields.String()
    made_at = Instant()


class LetterList(Schema):
    items = fields.List(fields.Nested(LetterSchema))


class TemplateSchema(Shown):
    """A version of a template. `changed_by` is empty where the file that came with the content says so."""

    key = fields.String()
    version = fields.Integer()
    name = fields.String()
    name_en = fields.String()
    digest = fields.String()
    changed_at = Instant()
    changed_by = fields.String(attribute="changed_by_name")
    note = fields.String()


class TemplateTextSchema(TemplateSchema):
    """A version with its text."""

    text = fields.String()


class TemplateList(Schema):
    items = fields.List(fields.Nested(TemplateSchema))


class VersionQuery(Schema):
    version = fields.Integer(
        load_default=None,
        validate=validate.Range(min=1),
        metadata={"description": "without it, the one that counts"},
    )


class CheckTemplate(Schema):
    """The text of a template that is to be checked; 422 tells every mistake."""

    text = text(LONGEST)


class ReplaceTemplate(CheckTemplate):
    """`version`: the version the edit was made on, 0 for a new template."""

    version = fields.Integer(required=True, validate=validate.Range(min=0))
    note = text(editing.NOTE, required=False, least=0, load_default="")


class CheckedTemplate(Shown):
    """What was understood: the name, the parts it must have, and the fields in order."""

    name = fields.String()
    name_en = fields.String()
    digest = fields.String()
    parts = fields.List(fields.String())
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields_")


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>/letters",
    id="listLetters",
    permission="attachment.read",
    answer=LetterList,
    summary="The letters made for a case, oldest first",
)
def list_letters(call: Call, number: str) -> dict[str, Any]:
    rows = letters_of(call.session, call.deps, call.caller, number)
    return {"items": [_letter(row) for row in rows]}


@operation(
    blueprint,
    "GET",
    "/letter-templates",
    id="listLetterTemplates",
    permission=editing.READ,
    answer=TemplateList,
    summary="The letter templates that count",
)
def list_templates(call: Call) -> dict[str, Any]:
    return {"items": editing.templates(call.session, call.caller)}


@operation(
    blueprint,
    "GET",
    f"/letter-templates/{_KEY}",
    id="readLetterTemplate",
    permission=editing.READ,
    query=VersionQuery,
    answer=TemplateTextSchema,
    summary="A letter template with its text: the version that counts, or another",
)
def read_template(call: Call, query: dict[str, Any], key: str) -> Any:
    return editing.read(call.session, call.caller, key, query["version"])


@operation(
    blueprint,
    "GET",
    f"/letter-templates/{_KEY}/versions",
    id="listLetterTemplateVersions",
    permission=editing.READ,
    answer=TemplateList,
    summary="Every version of a letter template, the newest first",
)
def list_versions(call: Call, key: str) -> dict[str, Any]:
    return {"items": editing.history(call.session, call.caller, key)}


@operation(
    blueprint,
    "GET",
    f"/letter-templates/{_KEY}/preview",
    id="previewLetterTemplate",
    permission=editing.READ,
    query=VersionQuery,
    produces="application/pdf",
    summary="A letter template as PDF, every field standing for itself",
)
def preview_template(call: Call, query: dict[str, Any], key: str) -> Response:
    made = editing.preview_stored(call.session, call.deps, call.caller, key, query["version"])
    response = Response(made, content_type="application/pdf")
    return response


@operation(
    blueprint,
    "POST",
    f"/letter-templates/{_KEY}/check",
    id="checkLetterTemplate",
    permission=editing.MANAGE,
    body=CheckTemplate,
    answer=CheckedTemplate,
    summary="Check a text as the next version of a letter template; nothing is kept",
)
def check_template(call: Call, body: dict[str, Any], key: str) -> dict[str, Any]:
    template = editing.check(call.session, call.caller, key, body["text"])
    names = ("name", "name_en", "digest", "parts")
    found = {name: getattr(template, name) for name in names}
    return {**found, "fields_": [" ".join(one.feel.split()) for one in template.fields]}


@operation(
    blueprint,
    "PUT",
    f"/letter-templates/{_KEY}",
    id="replaceLetterTemplate",
    permission=editing.MANAGE,
    body=ReplaceTemplate,
    answer=TemplateTextSchema,
    summary="Make a text the version of a letter template that counts; every mistake at once, or it counts",
)
def replace_template(call: Call, body: dict[str, Any], key: str) -> Any:
    return editing.replace(
        call.session, call.deps, call.caller, key, body["text"], version=body["version"], note=body["note"]
    )


def _letter(row: Any) -> dict[str, Any]:
    told = {name: row.notes.get(name) for name in _NOTES}
    return {
        **told,
        "id": row.id,
        "file_name": row.name,
        "size": row.size,
        "sha256": row.sha256.hex(),
        "made_at": row.uploaded_at,
    }
