"""What the organisation's operations take and answer."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api.fields import name, schema_of, text


def _words() -> fields.List[Any]:
    return fields.List(text(100), validate=validate.Length(max=100))


_DATES: dict[str, Any] = {
    "from": fields.Date(allow_none=True, metadata={"description": "First day, Asia/Shanghai"}),
    "until": fields.Date(allow_none=True, metadata={"description": "Last day, included"}),
}
_UNIT: dict[str, Any] = {
    "name": text(200, required=False),
    "name_en": text(200, required=False, least=0),
    "kind": text(40, required=False, least=0),
    "parent": name(64, allow_none=True),
    "acts_for": name(64, allow_none=True),
    "roles": _words(),
    "handles": _words(),
    **_DATES,
}
_SEAT: dict[str, Any] = {
    "post": name(64, allow_none=True),
    "title": text(200, required=False, least=0),
    "roles": _words(),
    "superior": name(100, allow_none=True),
    **_DATES,
}
_PERSON: dict[str, Any] = {
    "name": text(200, required=False),
    "kind": fields.String(validate=validate.OneOf(("person", "system"))),
    "email": text(250, required=False, least=0),
    "phone": text(16, required=False, least=0),
}
_REVISION: dict[str, Any] = {
    "revision": fields.Integer(
        required=True,
        validate=validate.Range(min=0, max=2**62),
        metadata={"description": "The revision the edit was made on; a later one refuses it"},
    )
}


AddUnit = schema_of("AddUnit", **_REVISION, code=name(64, required=True), **{**_UNIT, "name": text(200)})
ChangeUnit = schema_of("ChangeUnit", **_REVISION, **_UNIT)
AddPerson = schema_of(
    "AddPerson",
    **_REVISION,
    **{**_PERSON, "name": text(200)},
    login=name(100, required=True),
    unit=name(64, required=True),
    **_SEAT,
)
ChangePerson = schema_of("ChangePerson", **_REVISION, **_PERSON, active=fields.Boolean())
AddSeat = schema_of("AddSeat", **_REVISION, unit=name(64, required=True), **_SEAT)
ChangeSeat = schema_of("ChangeSeat", **_REVISION, **_SEAT)
EndSeat = schema_of("EndSeat", **_REVISION, last=fields.Date(required=True))
ExportQuery = schema_of(
    "ExportQuery",
    format=fields.String(
        load_default="xlsx", validate=validate.OneOf(("xlsx", "zip", "units", "posts", "people"))
    ),
)

UnitSchema = schema_of(
    "Unit",
    code=fields.String(),
    path=fields.String(),
    in_effect=fields.Boolean(),
    **_UNIT,
)
PostSchema = schema_of(
    "Post",
    key=fields.String(),
    name=fields.String(),
    name_en=fields.String(),
    roles=_words(),
    grants=_words(),
    rank=fields.Integer(),
)
SeatSchema = schema_of("Seat", id=fields.Integer(), unit=fields.String(), in_effect=fields.Boolean(), **_SEAT)
SeatedSchema = schema_of(
    "Seated",
    login=fields.String(),
    name=fields.String(),
    kind=fields.String(),
    seat=fields.Nested(SeatSchema),
)
TreeSchema = schema_of(
    "Organisation",
    **_REVISION,
    day=fields.Date(),
    units=fields.List(fields.Nested(UnitSchema)),
    posts=fields.List(fields.Nested(PostSchema)),
)
UnitWithSeats = schema_of(
    "UnitWithSeats",
    **_REVISION,
    unit=fields.Nested(UnitSchema),
    seats=fields.List(fields.Nested(SeatedSchema)),
)
PersonSchema = schema_of(
    "Person",
    login=fields.String(),
    active=fields.Boolean(),
    **_PERSON,
    seats=fields.List(fields.Nested(SeatSchema)),
)
MistakeSchema = schema_of(
    "OrganisationMistake", path=fields.String(), message=fields.String(), message_zh=fields.String()
)
ChangeSchema = schema_of(
    "OrganisationChange",
    kind=fields.String(metadata={"description": "added, changed or ended"}),
    subject=fields.String(metadata={"description": "unit, post, person or seat"}),
    key=fields.String(),
    where=fields.String(),
    before=fields.Dict(keys=fields.String(), allow_none=True),
    after=fields.Dict(keys=fields.String(), allow_none=True),
)
EditedSchema = schema_of(
    "Edited",
    **_REVISION,
    changes=fields.List(fields.Nested(ChangeSchema)),
    warnings=fields.List(fields.Nested(MistakeSchema)),
)
ReportSchema = schema_of(
    "ImportReport",
    fingerprint=fields.String(metadata={"description": "Send it to carry out exactly this"}),
    carried_out=fields.Boolean(),
    revision=fields.Integer(allow_none=True),
    unchanged=fields.Integer(allow_none=True),
    changes=fields.List(fields.Nested(ChangeSchema)),
    mistakes=fields.List(fields.Nested(MistakeSchema)),
    warnings=fields.List(fields.Nested(MistakeSchema)),
)
GroupSeatSchema = schema_of(
    "GroupSeat",
    provider=fields.String(),
    value=fields.String(metadata={"description": "A value of the provider's group claim"}),
    unit=fields.String(),
    unit_name=fields.String(allow_none=True),
    post=fields.String(allow_none=True),
    post_name=fields.String(allow_none=True),
    grants=fields.List(fields.String(), metadata={"description": "The permission roles of the seat's post"}),
    roles=fields.List(fields.String()),
    mistakes=fields.List(
        fields.Nested(schema_of("GroupMistake", message=fields.String(), message_zh=fields.String())),
        metadata={"description": "What keeps the row from giving its seat today; usually nothing"},
    ),
)
GroupSeatList = schema_of("GroupSeats", items=fields.List(fields.Nested(GroupSeatSchema)))
