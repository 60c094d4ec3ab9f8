"""Absences and their substitutes: one's own, and for leads those of the people below."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged, name, text
from api.showing import Shown
from api.task_shapes import ReassignedSchema
from api.tasks import reassigned_body
from tasks.people.absence import entering, handing, reading
from tasks.people.absence.tables import HANDED_TO, STATES, state_of

blueprint = ApiBlueprint("absences", __name__, description="Absences and substitutes 休假与代理")


class SomebodySchema(Schema):
    login = fields.String()
    name = fields.String()


class AbsenceSchema(Schema):
    """`state` is one of planned, running, ended, called_off. `roles`: the candidate roles whose work the substitute does;
    null: all of it. `approvals`: what the absent person decides as a supervisor too.
    """

    id = fields.UUID()
    person = fields.Nested(SomebodySchema)
    from_ = Instant(data_key="from")
    until = Instant()
    substitute = fields.Nested(SomebodySchema, allow_none=True)
    roles = fields.List(fields.String(), allow_none=True)
    approvals = fields.Boolean()
    hand_over = fields.String(
        allow_none=True, metadata={"description": "Where their desk goes when it begins: substitute or queue"}
    )
    handed_over_at = Instant(allow_none=True)
    reason = fields.String()
    state = fields.String(validate=validate.OneOf(list(STATES)))
    entered_by = fields.String()
    entered_at = Instant()


class AbsenceList(Schema):
    items = fields.List(fields.Nested(AbsenceSchema))
    next_cursor = fields.String(allow_none=True)


class ChangedAbsence(Schema):
    """What is to be different; everything else stays."""

    from_ = Instant(data_key="from")
    until = Instant()
    substitute = name(64, allow_none=True)
    roles = fields.List(text(100), allow_none=True, validate=validate.Length(max=50))
    approvals = fields.Boolean()
    hand_over = fields.String(allow_none=True, validate=validate.OneOf(list(HANDED_TO)))
    reason = text(200, required=False, least=0)


class NewAbsence(ChangedAbsence):
    """`person`: the caller, if left out. `from`: now, if left out."""

    person = name(64)
    until = Instant(required=True)


class HandOver(Schema):
    """`to`: substitute, or queue for back to the queues."""

    to = fields.String(required=True, validate=validate.OneOf(list(HANDED_TO)))


class HandedOverSchema(Shown):
    """What became of each task; `more`: there are others, to be handed over by asking again."""

    items = fields.List(fields.Nested(ReassignedSchema))
    more = fields.Boolean()


class AbsencesAsked(Paged):
    """`over`: those that have ended or were called off, instead of those under way or to come."""

    over = fields.Boolean(load_default=False)
    person = name(64)


@operation(
    blueprint,
    "GET",
    "/absences",
    id="listAbsences",
    permission="absence.read",
    query=AbsencesAsked,
    answer=AbsenceList,
    summary="Absences: one's own, those one substitutes in, and those of people one leads",
)
def list_absences(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    page = reading.listed(call.session, call.deps, call.caller, **query)
    return {"items": [_shown(call, row) for row in page.items], "next_cursor": page.next_cursor}


@operation(
    blueprint,
    "POST",
    "/absences",
    id="enterAbsence",
    permission="absence.enter",
    body=NewAbsence,
    answer=AbsenceSchema,
    status=201,
    summary="Enter an absence, with who does the work meanwhile",
)
def enter_absence(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    return _shown(call, entering.enter(call.session, call.deps, call.caller, _values(body)))


@operation(
    blueprint,
    "PATCH",
    "/absences/<uuid:absence_id>",
    id="changeAbsence",
    permission="absence.change",
    body=ChangedAbsence,
    answer=AbsenceSchema,
    summary="Change an absence that is not over",
)
def change_absence(call: Call, body: dict[str, Any], absence_id: UUID) -> dict[str, Any]:
    return _shown(call, entering.change(call.session, call.deps, call.caller, absence_id, _values(body)))


@operation(
    blueprint,
    "POST",
    "/absences/<uuid:absence_id>/cancel",
    id="cancelAbsence",
    permission="absence.cancel",
    answer=AbsenceSchema,
    summary="Call an absence off; one under way ends now",
)
def cancel_absence(call: Call, absence_id: UUID) -> dict[str, Any]:
    return _shown(call, entering.cancel(call.session, call.deps, call.caller, absence_id))


@operation(
    blueprint,
    "POST",
    "/absences/<uuid:absence_id>/hand-over",
    id="handOver",
    permission="absence.hand_over",
    body=HandOver,
    answer=HandedOverSchema,
    summary="Hand over what the absent person holds; each task is answered for itself",
)
def hand_over(call: Call, body: dict[str, Any], absence_id: UUID) -> dict[str, Any]:
    done = handing.hand_over(call.session, call.deps, call.caller, absence_id, body["to"])
    return {"items": [reassigned_body(call, each) for each in done.items], "more": done.more}


def _values(body: dict[str, Any]) -> dict[str, Any]:
    return {member.rstrip("_"): value for member, value in body.items()}


def _shown(call: Call, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "person": {"login": row.person, "name": row.person_name},
        "from_": row.from_at,
        "until": row.until_at,
        "substitute": {"login": row.substitute, "name": row.substitute_name} if row.substitute else None,
        "roles": row.roles,
        "approvals": row.approvals,
        "hand_over": row.hand_over,
        "handed_over_at": row.handed_over_at,
        "reason": row.reason,
        "state": state_of(row, call.deps.clock.now()),
        "entered_by": row.entered_by_name,
        "entered_at": row.entered_at,
    }
