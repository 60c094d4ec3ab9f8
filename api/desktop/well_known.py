"""Where the modeler's links to the engine's own pages lead: it asks for their address, and puts what is meant behind it."""

from __future__ import annotations

from uuid import UUID

import orjson
from flask import Blueprint, Response, current_app, jsonify, redirect, request

from api.desktop.door import PREFIX
from api.desktop.door import blueprint as door
from api.desktop.refusals import refusal
from engine.errors import NotFound

blueprint = Blueprint("desktop_well_known", __name__)
OPEN = f"{PREFIX}/open"


@blueprint.get("/.well-known/camunda-automation-platform/webapps")
def web_apps() -> Response:
    """Asked for without credentials. Who follows the links signs in there."""
    public: str = current_app.extensions["redress"].settings.public_url
    here = (public or request.host_url).rstrip("/")
    response = jsonify(adminUrl=None, cockpitUrl=f"{here}{OPEN}/", tasklistUrl=None)
    if request.headers.get("Origin") in ("null", "file://"):
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers["Vary"] = "Origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@door.get("/open/repository", endpoint="open_repository")
def open_repository() -> Response:
    """To the page of the deployment the query names, else to all of them."""
    try:
        asked = orjson.loads(request.args.get("deploymentsQuery", "[]"))
        named = UUID(str(next(one["value"] for one in asked if one["type"] == "id")))
    except (ValueError, TypeError, KeyError, StopIteration):
        return redirect("/processes", 302)  # type: ignore[return-value]
    return redirect(f"/deployments/{named}", 302)  # type: ignore[return-value]


@door.get("/open/process-instance/<instance_id>", endpoint="open_instance")
def open_instance(instance_id: str) -> Response:
    """To the page of an instance."""
    try:
        named = UUID(instance_id)
    except ValueError:
        return refusal(NotFound("An instance was asked for by something that is no id."))
    return redirect(f"/instances/{named}", 302)  # type: ignore[return-value]
