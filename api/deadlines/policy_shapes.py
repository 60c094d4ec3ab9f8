"""What the clock register's operations take and answer."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from api.fields import Instant, schema_of, text


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
AddPolicy = schema_of("AddPolicy", **_WRITTEN, **_WHEN)
ChangePolicy = schema_of("ChangePolicy", **_WRITTEN, **_WHEN)
EndPolicy = schema_of("EndPolicy", **_WHEN)
KeepPolicy = schema_of("KeepPolicy", note=_free(2000))
CheckPolicy = schema_of(
    "CheckPolicy",
    **_WRITTEN,
    **_WHEN,
    made_on=fields.UUID(allow_none=True, metadata={"description": "The version to change; none: a new row"}),
    ends=fields.Boolean(metadata={"description": "Check ending the row `made_on`"}),
)
PolicyQuery = schema_of(
    "PolicyQuery",
    code=text(61, required=False),
    day=fields.Date(),
    ended=fields.Boolean(load_default=False),
)
PolicyExportQuery = schema_of(
    "PolicyExportQuery",
    format=fields.String(load_default="csv", validate=validate.OneOf(("csv", "xlsx"))),
    day=fields.Date(),
)
VersionSchema = schema_of(
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
RowSchema = schema_of(
    "PolicyRow",
    current=fields.Nested(VersionSchema, allow_none=True),
    planned=fields.List(fields.Nested(VersionSchema)),
    newest=fields.UUID(metadata={"description": "The version an edit names"}),
)
MissingSchema = schema_of(
    "MissingPaper",
    name_zh=fields.String(),
    name_en=fields.String(),
    clause=fields.String(),
    codes=fields.List(fields.String()),
)
RegisterSchema = schema_of(
    "ClockRegister",
    day=fields.Date(),
    policies=fields.List(fields.Nested(RowSchema)),
    missing=fields.List(fields.Nested(MissingSchema)),
)
HistorySchema = schema_of("PolicyHistory", versions=fields.List(fields.Nested(VersionSchema)))
MistakeSchema = schema_of(
    "PolicyMistake", path=fields.String(), message=fields.String(), message_zh=fields.String()
)
ChangeSchema = schema_of(
    "PolicyChange",
    kind=fields.String(metadata={"description": "added, changed or ended"}),
    policy=fields.String(metadata={"description": "Such as R01.stage/provincial/vip"}),
    effective_from=fields.Date(),
    before=fields.Dict(keys=fields.String()),
    after=fields.Dict(keys=fields.String()),
)
EditedSchema = schema_of(
    "PolicyEdited",
    changes=fields.List(fields.Nested(ChangeSchema)),
    versions=fields.List(fields.Nested(VersionSchema)),
)
CheckedSchema = schema_of(
    "PolicyChecked",
    changes=fields.List(fields.Nested(ChangeSchema)),
    mistakes=fields.List(fields.Nested(MistakeSchema)),
)
ReportSchema = schema_of(
    "PolicyImport",
    fingerprint=fields.String(
        metadata={"description": "Send it with the same file to carry out exactly this"}
    ),
    carried_out=fields.Boolean(),
    unchanged=fields.Integer(allow_none=True),
    changes=fields.List(fields.Nested(ChangeSchema)),
    mistakes=fields.List(fields.Nested(MistakeSchema)),
)
UPLOAD = {
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
