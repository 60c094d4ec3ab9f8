"""Starting an instance as the modeler asks for it."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from api.desktop.door import PREFIX, route
from api.desktop.variables import plain_variables
from api.edge import Call, StrictParser
from engine.errors import InvalidInput
from tasks.core import storable
from tasks.processes import desktop, steering

_LONGEST_KEY = 200
_NOT_HERE = ("startInstructions", "caseInstanceId")


@route(
    "POST",
    "/process-definition/<definition_id>/start",
    name="desktop_start",
    permission="instance.start",
)
def start(call: Call, definition_id: str) -> Response:
    found = desktop.definition(call.session, call.caller, definition_id)
    return _start(call, found.key, found.version)


@route(
    "POST", "/process-definition/key/<key>/start", name="desktop_start_by_key", permission="instance.start"
)
def start_by_key(call: Call, key: str) -> Response:
    return _start(call, key if storable(key) else "", None)


def _start(call: Call, key: str, version: int | None) -> Response:
    body = _body()
    business_key = body.get("businessKey")
    if business_key is not None and (
        not isinstance(business_key, str) or len(business_key) > _LONGEST_KEY or not storable(business_key)
    ):
        raise InvalidInput(
            f"The instance was asked for with a business key that is no text of at most {_LONGEST_KEY} characters.",
            message_zh=f"业务主键须是最多 {_LONGEST_KEY} 个字的文本。",
        )
    move = steering.start_process(
        call.session,
        call.deps,
        call.caller,
        key,
        # Every instance has one here; one that nobody named gets a name of its own.
        business_key=(business_key or "").strip() or f"{key}-{call.deps.engine.new_id()}"[-_LONGEST_KEY:],
        variables=plain_variables(body.get("variables")),
        version=version,
    )
    made = move.instance
    return jsonify(
        {
            "links": [
                {
                    "method": "GET",
                    "href": f"{request.host_url.rstrip('/')}{PREFIX}/open/process-instance/{made.id}",
                    "rel": "self",
                }
            ],
            "id": str(made.id),
            "definitionId": str(made.definition_id),
            "definitionKey": key,
            "businessKey": made.business_key,
            "caseInstanceId": None,
            "ended": move.ended,
            "suspended": False,
            "tenantId": None,
        }
    )


def _body() -> dict[str, Any]:
    found = StrictParser().load_json(request, None) if request.get_data(cache=True) else {}
    if not isinstance(found, dict):
        raise InvalidInput("The instance was asked for with a body that is no JSON object.")
    for name in _NOT_HERE:
        if found.get(name):
            raise InvalidInput(
                f"The instance was asked for with {name}; only a start at the start event is possible here.",
                message_zh=f"请求带有 {name}；这里只能从开始事件启动。",
            )
    return found
