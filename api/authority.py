"""How authority to compensate was used: the log and its sums."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged, Who, who
from api.showing import Shown
from tasks.authority import reading
from tasks.authority.tables import OUTCOMES

blueprint = ApiBlueprint("authority", __name__, description="Authority used 授权使用")


class PeriodQuery(Schema):
    """Days are those of Shanghai; by default this month so far."""

    first = fields.Date()
    last = fields.Date()


class UseQuery(Paged):
    first = fields.Date()
    last = fields.Date()
    outcome = fields.String(validate=validate.OneOf(list(OUTCOMES)))


class UseSchema(Shown):
    """One use; amount in yuan."""

    id = fields.UUID()
    number = fields.String()
    activity_id = fields.String()
    at = Instant()
    by = fields.Nested(Who)
    second = fields.Nested(Who, allow_none=True)
    post = fields.String()
    grade = fields.Integer()
    scope = fields.String()
    amount = fields.Float()
    reason = fields.String()
    outcome = fields.String()


class UsePage(Shown):
    items = fields.List(fields.Nested(UseSchema))
    next_cursor = fields.String(allow_none=True)


class SumSchema(Shown):
    """The uses of one grade in one scope; amount: yuan granted."""

    grade = fields.Integer()
    scope = fields.String()
    granted = fields.Integer()
    dual_sign = fields.Integer()
    refused = fields.Integer()
    amount = fields.Float()


class FirstContactSchema(Shown):
    """Complaints filed in the period and answered at first contact; the rate as it is, and as it were without authority."""

    filed = fields.Integer()
    answered = fields.Integer()
    with_authority = fields.Integer()
    rate = fields.Float(allow_none=True)
    rate_without = fields.Float(allow_none=True)


class SumsSchema(Shown):
    sums = fields.List(fields.Nested(SumSchema))
    first_contact = fields.Nested(FirstContactSchema)


@operation(
    blueprint,
    "GET",
    "/authority-uses",
    id="listAuthorityUses",
    permission=reading.VERB,
    query=UseQuery,
    answer=UsePage,
    summary="Every use of authority to compensate in my reach, latest first",
)
def list_uses(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    page = reading.uses(call.session, call.deps, call.caller, **query)
    items = [
        {
            **row._mapping,
            "by": who(row.person_id, row.person_name),
            "second": who(row.second_id, row.second_name) if row.second_id else None,
        }
        for row in page.items
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@operation(
    blueprint,
    "GET",
    "/authority-uses/sums",
    id="sumAuthorityUses",
    permission=reading.VERB,
    query=PeriodQuery,
    answer=SumsSchema,
    summary="Uses by grade and scope, and what authority does for first contact",
)
def sum_uses(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    sums, contact = reading.sums(call.session, call.deps, call.caller, **query)
    rates = {"rate": contact.rate, "rate_without": contact.rate_without}
    return {"sums": [asdict(one) for one in sums], "first_contact": {**asdict(contact), **rates}}
