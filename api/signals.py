"""Signals: thrown to everybody who waits for them, in every case."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from api.edge import ApiBlueprint, Call, operation
from api.fields import name, plain
from tasks.processes import steering

blueprint = ApiBlueprint("signals", __name__, description="Signals 信号")


class SignalSchema(Schema):
    name = name(200, required=True)
    payload = plain()


class ThrownSchema(Schema):
    """The signal is on its way: how many activities waited for it when it was thrown."""

    name = fields.String()
    waiting = fields.Integer()


@operation(
    blueprint,
    "POST",
    "/signals",
    id="sendSignal",
    permission="signal.send",
    body=SignalSchema,
    answer=ThrownSchema,
    status=202,
    summary="Throw a signal to every instance that waits for it, and start the processes that begin with it",
)
def send_signal(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    waiting = steering.send_signal(call.session, call.deps, call.caller, body["name"], body.get("payload"))
    return {"name": body["name"], "waiting": waiting}
