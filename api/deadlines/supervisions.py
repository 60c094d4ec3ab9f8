"""Supervision: which rungs of clocks have rung, who was told, and how often; of one case and within the reader's reach."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.deadlines.court import CourtUnitSchema, unit_body
from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged, name, text
from api.showing import Shown
from tasks.deadlines.supervision import log

blueprint = ApiBlueprint("supervisions", __name__, description="Supervision 预警督办")


class ReceiverSchema(Shown):
    """Who was told: a candidate group, and whether it got a work order."""

    group = fields.String()
    name = fields.String()
    order = fields.Boolean()


class RingSchema(Shown):
    """One rung that has rung. step: as the clock register writes it; planned_at: when it should have rung; holder: the
    candidate group that had the work then; supervision_id: the linked instance it started or moved on.
    """

    id = fields.UUID()
    clock_id = fields.UUID()
    number = fields.String()
    code = fields.String()
    name = fields.String()
    kind = fields.String()
    revision = fields.Integer()
    rung = fields.Integer()
    step = fields.String()
    planned_at = Instant()
    rung_at = Instant()
    holder = fields.String()
    told = fields.List(fields.Nested(ReceiverSchema))
    supervision_id = fields.UUID(allow_none=True)


class RingPage(Shown):
    items = fields.List(fields.Nested(RingSchema))
    next_cursor = fields.String(allow_none=True)


class SupervisionSchema(Shown):
    """A linked supervision instance. reason: `clock` or `urge`; close_reason: `answered`, or why its clock stopped."""

    instance_id = fields.UUID()
    reason = fields.String()
    code = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    opened_at = Instant()
    closed_at = Instant(allow_none=True)
    close_reason = fields.String()


class CaseSupervisionsSchema(Shown):
    supervisions = fields.List(fields.Nested(SupervisionSchema))
    rings = fields.List(fields.Nested(RingSchema))


class RingCountSchema(Shown):
    """How often a step has rung for clocks of a code while a unit (its path) had the work."""

    path = fields.String()
    code = fields.String()
    step = fields.String()
    rings = fields.Integer()


class RingCountsSchema(Shown):
    items = fields.List(fields.Nested(RingCountSchema))


class OpenRequestSchema(Shown):
    """A request about a clock that nobody has decided on. kind: `extension` or `shortening`; centre: the unit whose supervisors
    decide; mine: the caller may.
    """

    id = fields.UUID()
    clock_id = fields.UUID()
    number = fields.String()
    code = fields.String()
    name = fields.String()
    kind = fields.String()
    reason = fields.String()
    due_before = Instant(allow_none=True)
    due_after = Instant(allow_none=True)
    asked_at = Instant()
    asked_by = fields.String()
    centre = fields.Nested(CourtUnitSchema)
    mine = fields.Boolean()


class OpenRequestsSchema(Shown):
    items = fields.List(fields.Nested(OpenRequestSchema))


class Which(Schema):
    """unit: the code of the unit that had the work, with all below it. step: such as `90%` or `+4h`."""

    unit = name()
    code = name()
    step = text(10, required=False)
    since = Instant()
    before = Instant()


class RingQuery(Which, Paged):
    """The same, paged."""


@operation(
    blueprint,
    "GET",
    "/supervisions",
    id="listSupervisions",
    permission="supervision.read",
    query=RingQuery,
    answer=RingPage,
    summary="Rungs that have rung on cases within my reach, latest first",
)
def list_supervisions(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    paged = {key: query.pop(key) for key in ("limit", "cursor") if key in query}
    where = log.RingFilter(**query)
    found = log.ring_list(call.session, call.deps, call.caller, where=where, **paged)
    return {"items": found.items, "next_cursor": found.next_cursor}


@operation(
    blueprint,
    "GET",
    "/supervisions/counts",
    id="countSupervisions",
    permission="supervision.read",
    query=Which,
    answer=RingCountsSchema,
    summary="How many rungs have rung, by unit, code and step",
)
def count_supervisions(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    where = log.RingFilter(**query)
    return {"items": log.ring_counts(call.session, call.deps, call.caller, where=where)}


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>/supervisions",
    id="readCaseSupervisions",
    permission="supervision.read",
    answer=CaseSupervisionsSchema,
    summary="The supervision of a case: linked instances and rungs, oldest first",
)
def read_case_supervisions(call: Call, number: str) -> dict[str, Any]:
    found = log.of_case(call.session, call.deps, call.caller, number)
    return {"supervisions": found.supervisions, "rings": found.rings}


@operation(
    blueprint,
    "GET",
    "/clocks/requests",
    id="listClockRequests",
    permission="supervision.read",
    answer=OpenRequestsSchema,
    summary="Requests for more time, or for a shortening, that wait for a decision; mine in front",
)
def list_clock_requests(call: Call) -> dict[str, Any]:
    organisation = call.deps.office.current(call.session).organisation
    return {
        "items": [
            {
                **one.row._mapping,
                "asked_by": one.row.asked_by_name,
                "centre": unit_body(organisation, one.centre),
                "mine": one.mine,
            }
            for one in log.open_requests(call.session, call.deps, call.caller)
        ]
    }
