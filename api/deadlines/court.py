"""Whose every minute of a case was: the ball-in-court ledger 责任台账."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant
from api.showing import Shown
from tasks.deadlines.court.attributing import REASONS, reason_words
from tasks.deadlines.court.reading import Court, Line, Total, read_court
from tasks.organisation.tree import Organisation, code_of

blueprint = ApiBlueprint("court", __name__, description="Who has the ball 责任台账")


class CourtUnitSchema(Shown):
    """A unit by code and name, as it is called today."""

    code = fields.String()
    name = fields.String()


class CourtSegmentSchema(Shown):
    """A time that is charged to one unit for one reason. `unit` is null where it is nobody's inside the company. `holder`
    had the work meanwhile. `minutes` are whole ones and add up; `working_minutes` are office time.
    """

    from_at = Instant(data_key="from")
    to_at = Instant(data_key="to")
    minutes = fields.Integer()
    working_minutes = fields.Integer(allow_none=True)
    unit = fields.Nested(CourtUnitSchema, allow_none=True)
    holder = fields.Nested(CourtUnitSchema, allow_none=True)
    reason = fields.String(metadata={"description": ", ".join(REASONS)})
    reason_zh = fields.String()
    activity_id = fields.String()
    activity = fields.String()


class CourtReasonSchema(Shown):
    reason = fields.String()
    reason_zh = fields.String()
    minutes = fields.Integer()
    working_minutes = fields.Integer(allow_none=True)


class CourtTotalSchema(Shown):
    """`refusals`: how often the unit refused work of the case."""

    unit = fields.Nested(CourtUnitSchema, allow_none=True)
    minutes = fields.Integer()
    working_minutes = fields.Integer(allow_none=True)
    refusals = fields.Integer()
    reasons = fields.List(fields.Nested(CourtReasonSchema))


class CourtStageSchema(Shown):
    """`activity_id` is empty for the time in which no work was open."""

    activity_id = fields.String()
    activity = fields.String()
    minutes = fields.Integer()
    working_minutes = fields.Integer(allow_none=True)


class CourtSchema(Shown):
    """Every minute from filing to archiving, or to now while `running`: the segments follow each other without a gap."""

    number = fields.String()
    start = Instant(data_key="from")
    end = Instant(data_key="to")
    running = fields.Boolean()
    minutes = fields.Integer()
    segments = fields.List(fields.Nested(CourtSegmentSchema))
    by_unit = fields.List(fields.Nested(CourtTotalSchema))
    by_reason = fields.List(fields.Nested(CourtReasonSchema))
    by_stage = fields.List(fields.Nested(CourtStageSchema))


@operation(
    blueprint,
    "GET",
    "/cases/<string(maxlength=60):number>/court",
    id="readCourt",
    permission="court.read",
    answer=CourtSchema,
    summary="Who had the ball in a case: every minute by unit and reason",
)
def read(call: Call, number: str) -> dict[str, Any]:
    court = read_court(call.session, call.deps, call.caller, number)
    return court_body(court, call.deps.office.current(call.session).organisation)


def court_body(court: Court, organisation: Organisation) -> dict[str, Any]:
    """What CourtSchema dumps."""
    return {
        "number": court.number,
        "start": court.start,
        "end": court.end,
        "running": court.running,
        "minutes": court.minutes,
        "segments": [_segment(line, organisation) for line in court.lines],
        "by_unit": [
            {
                **_sum(one),
                "unit": unit_body(organisation, one.key),
                "refusals": one.refusals,
                "reasons": [_reason(name, minutes) for name, minutes in one.reasons],
            }
            for one in court.by_unit
        ],
        "by_reason": [{**_sum(one), **_reason(one.key, one.minutes)} for one in court.by_reason],
        "by_stage": _stages(court.by_stage),
    }


def unit_body(organisation: Organisation, path: str) -> dict[str, str] | None:
    """A unit by the path it has or had; None for no unit."""
    if not path:
        return None
    now = organisation.moved_to(path)
    return {"code": code_of(now), "name": organisation.names.get(now, "")}


def _segment(line: Line, organisation: Organisation) -> dict[str, Any]:
    one = line.segment
    return {
        "from_at": one.from_at,
        "to_at": one.to_at,
        "minutes": line.minutes,
        "working_minutes": line.working,
        "unit": unit_body(organisation, one.unit),
        "holder": unit_body(organisation, one.holder),
        "reason": one.reason,
        "reason_zh": reason_words(one.reason)[0],
        "activity_id": one.activity_id,
        "activity": one.name,
    }


def _stages(totals: Iterable[Total]) -> list[dict[str, Any]]:
    return [{**_sum(one), "activity_id": one.key, "activity": one.name} for one in totals]


def _sum(one: Total) -> dict[str, Any]:
    return {"minutes": one.minutes, "working_minutes": one.working}


def _reason(name: str, minutes: int) -> dict[str, Any]:
    return {"reason": name, "reason_zh": reason_words(name)[0], "minutes": minutes}
