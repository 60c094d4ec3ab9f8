"""What operators see of notices on their way out: how each fared, and having one tried again. Never what it says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from api.edge import ApiBlueprint, Call, operation
from api.fields import Instant, Paged, Who, name, who
from api.showing import Shown
from tasks.notices import outbox
from tasks.notices.tables import STATES
from tasks.paging import Page
from tasks.talk.causes import CAUSES

blueprint = ApiBlueprint("deliveries", __name__, description="Notices on their way out 通知发送")


class DeliverySchema(Shown):
    """One notice to one person through one channel."""

    id = fields.UUID()
    channel = fields.String()
    cause = fields.String(metadata={"enum": list(CAUSES)})
    person = fields.Nested(Who)
    state = fields.String(metadata={"enum": list(STATES)})
    attempts = fields.Integer()
    created_at = Instant()
    next_at = Instant(metadata={"description": "When it is tried next, where it is queued"})
    sent_at = Instant(allow_none=True)
    error = fields.String(metadata={"description": "What went wrong last"})


class DeliveryPage(Shown):
    items = fields.List(fields.Nested(DeliverySchema))
    next_cursor = fields.String(allow_none=True)


class DeliveryQuery(Paged):
    state = fields.String(validate=validate.OneOf(STATES))
    channel = name()
    cause = fields.String(validate=validate.OneOf(list(CAUSES)))
    login = name(100)


class RetryDeliveriesSchema(Schema):
    channel = name(40, required=True)


class RetriedDeliveriesSchema(Shown):
    """How many are tried again; at most ten thousand at a time."""

    retried = fields.Integer()


@operation(
    blueprint,
    "GET",
    "/deliveries",
    id="listDeliveries",
    permission="delivery.read",
    query=DeliveryQuery,
    answer=DeliveryPage,
    summary="How notices on their way out fared, latest first",
)
def list_deliveries(call: Call, query: dict[str, Any]) -> dict[str, Any]:
    page: Page = outbox.deliveries(call.session, call.deps, call.caller, **query)
    return {
        "items": [{**row._mapping, "person": who(row.person_id, row.person_name)} for row in page.items],
        "next_cursor": page.next_cursor,
    }


@operation(
    blueprint,
    "POST",
    "/deliveries/<uuid:delivery_id>/retry",
    id="retryDelivery",
    permission="delivery.retry",
    status=204,
    summary="Have a delivery that was given up tried again",
)
def retry_delivery(call: Call, delivery_id: UUID) -> None:
    outbox.try_again(call.session, call.deps, call.caller, delivery_id)


@operation(
    blueprint,
    "POST",
    "/deliveries/retry",
    id="retryDeliveries",
    permission="delivery.retry",
    body=RetryDeliveriesSchema,
    answer=RetriedDeliveriesSchema,
    summary="Have everything of a channel that was given up tried again",
)
def retry_deliveries(call: Call, body: dict[str, Any]) -> dict[str, int]:
    return {"retried": outbox.try_all_again(call.session, call.deps, call.caller, channel=body["channel"])}
