"""What became of clocks: figures by limit and by promise 时限统计."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from api.deadlines.court import CourtUnitSchema, unit_body
from api.edge import ApiBlueprint, Call, operation
from api.fields import name
from api.showing import Shown
from tasks.deadlines.calendar.limits import WORKING_DAYS
from tasks.deadlines.outcomes import SPLITS, Outcome, outcomes
from tasks.organisation.tree import Organisation

blueprint = ApiBlueprint("clock_outcomes", __name__, description="Time limits kept 时限统计")

_WAYS = ["", *SPLITS, ",".join(SPLITS)]


class ClockOutcomeQuery(Schema):
    """Days are those of Shanghai; by default this month so far."""

    first = fields.Date()
    last = fields.Date()
    code = name(60)
    by = fields.String(load_default="", validate=validate.OneOf(_WAYS))


class ClockOutcomeSchema(Shown):
    """The clocks of one code that stopped in the period. `limit_rate` is of `count`, `promise_rate` of `promised`; null is
    0/0. `mean_delay_hours` is of the `late` ones, in `delay_time` (office or natural). `withdrawn` are in no other figure.
    """

    code = fields.String()
    name = fields.String()
    unit = fields.Nested(CourtUnitSchema, allow_none=True)
    level = fields.String()
    limit_unit = fields.String()
    count = fields.Integer()
    in_limit = fields.Integer()
    limit_rate = fields.Float(allow_none=True)
    late = fields.Integer()
    promised = fields.Integer()
    in_promise = fields.Integer()
    promise_rate = fields.Float(allow_none=True)
    mean_delay_hours = fields.Float(allow_none=True)
    delay_time = fields.String()
    warned = fields.Integer()
    extended = fields.Integer()
    recomputed = fields.Integer()
    withdrawn = fields.Integer()


class ClockOutcomeList(Shown):
    items = fields.List(fields.Nested(ClockOutcomeSchema))


@operation(
    blueprint,
    "GET",
    "/clocks/outcomes",
    id="listClockOutcomes",
    permission="outcome.read",
    query=ClockOutcomeQuery,
    answer=ClockOutcomeList,
    summary="How many clocks were kept, by limit and by promise, in the units I supervise",
)
def list_outcomes(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    by = [part for part in query.pop("by").split(",") if part]
    found = outcomes(call.session, call.deps, call.caller, by=by, **query)
    organisation = call.deps.office.current(call.session).organisation
    return {"items": [_body(one, organisation) for one in found]}


def _body(one: Outcome, organisation: Organisation) -> dict[str, Any]:
    return {
        **asdict(one),
        "unit": unit_body(organisation, one.unit),
        "limit_rate": one.limit_rate,
        "promise_rate": one.promise_rate,
        "mean_delay_hours": None if one.delay is None else round(one.delay / timedelta(hours=1), 2),
        "delay_time": "office" if one.limit_unit == WORKING_DAYS else "natural",
    }
