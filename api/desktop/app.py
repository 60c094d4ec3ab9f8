"""Joins the door to a Flask app: its blueprint, its own refusals, and addresses as people type them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from api.desktop import deploying, starting, well_known
from api.desktop.door import PREFIX, blueprint
from api.desktop.refusals import refusal

VIEWS = (deploying, starting, well_known)
"""The modules whose views are behind the door."""

_ENGINE = f"{PREFIX}/engine/default"


def register_desktop(app: Flask) -> None:
    """Put the door under /engine-rest of an app that has the dependencies already."""
    app.register_blueprint(blueprint)
    app.register_blueprint(well_known.blueprint)
    kept = app.error_handler_spec[None][None].get(HTTPException)

    def handle(error: HTTPException) -> Any:
        if request.path == PREFIX or request.path.startswith(f"{PREFIX}/"):
            return refusal(error)
        return kept(error) if kept else error

    app.register_error_handler(HTTPException, handle)
    app.wsgi_app = AsTyped(app.wsgi_app)  # type: ignore[method-assign]


class AsTyped:
    """Reads `…/engine-rest//deployment` and `…/engine-rest/engine/default/deployment` as `…/engine-rest/deployment`.

    The modeler puts its paths behind what was typed as the address of the engine, with a slash at its end or without; a
    redirect would lose the body of a deployment.
    """

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(f"{PREFIX}/"):
            steps = "/".join(step for step in path.split("/") if step)
            path = f"/{steps}"
            if path.startswith(f"{_ENGINE}/"):
                path = PREFIX + path.removeprefix(_ENGINE)
            environ["PATH_INFO"] = path
        return self._inner(environ, start_response)
