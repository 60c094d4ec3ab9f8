"""The edge of this room: who calls, may they; then the verb; then one commit. Refusals are Camunda's.

Cookies count for nothing here, so that no other site can make a browser deploy something; and a browser that kept a password
typed for this address is not believed when the page it shows belongs to another site.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy.orm import Session

from api.desktop.refusals import OtherSite, refusal
from api.desktop.signing_in import signed_in
from api.edge import Call, attempted
from engine.errors import NotFound
from tasks.deps import Deps
from tasks.permissions.matrix import require

PREFIX = "/engine-rest"
blueprint = Blueprint("desktop", __name__, url_prefix=PREFIX)

_FILES = ("null", "file://")
"""What a window says where it comes from that was opened from a file, as the modeler's is."""


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the modeler, as the permission test sees it."""

    name: str
    method: str
    rule: str
    permission: str


ROUTES: dict[str, Route] = {}
"""Every call behind the door by its name; all need somebody who has signed in."""


def route(
    method: str, rule: str, *, name: str, permission: str
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Register a view `f(call, **path)` behind the door; what it returns is answered once the work is committed."""
    declared = Route(name, method, PREFIX + rule, permission)

    def register(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def edge(**path: Any) -> Response:
            deps: Deps = current_app.extensions["redress"]

            def work(session: Session) -> Response:
                if "\x00" in request.path:
                    raise NotFound("A path with a NUL character was asked for; nothing has such a name.")
                caller = signed_in(session, deps)
                require(caller, permission)
                return view(Call(session, deps, caller), **path)

            return attempted(deps, work, refusal)

        ROUTES[name] = declared
        blueprint.add_url_rule(rule, name, edge, methods=[method])
        return edge

    return register


@blueprint.before_request
def _look() -> Response | None:
    if request.method == "OPTIONS":
        return Response(status=204)
    origin = request.headers.get("Origin")
    if request.method not in ("GET", "HEAD") and origin is not None and not _known(origin):
        return refusal(OtherSite())
    return None


@blueprint.after_request
def _as_it_says(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    origin = request.headers.get("Origin")
    if origin in _FILES:
        # Without credentials of the browser's own: what is read is what the caller's header has opened.
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = "authorization, content-type, accept"
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Vary"] = "Origin"
    return response


def _known(origin: str) -> bool:
    public: str = current_app.extensions["redress"].settings.public_url
    return origin in _FILES or origin in (f"{request.scheme}://{request.host}", public.rstrip("/"))
