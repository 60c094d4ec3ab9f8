"""Whether the process is up, and whether it can work."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from tasks.deps import Deps

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", content_type="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """The database answers; 503 when it does not."""
    deps: Deps = current_app.extensions["redress"]
    try:
        with deps.sessions() as session:
            session.execute(sa.text("select 1"))
    except SQLAlchemyError:
        return Response("database unavailable\n", status=503, content_type="text/plain")
    return Response("ready\n", content_type="text/plain")
