"""Joins the API to a Flask app: blueprints, the OpenAPI document, problem documents for every path under
/api.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider
from flask_smorest import Api  # type: ignore[import-untyped]
from marshmallow import INCLUDE, Schema, fields

from api import (
    absences,
    access,
    account,
    attachments,
    audit,
    authority,
    bindings,
    cases,
    classification,
    clauses,
    comments,
    deliveries,
    deployments,
    drafts,
    duty,
    health,
    instances,
    letters,
    linked,
    notices,
    organisation,
    people,
    signals,
    task_filters,
    tasks,
)
from api.deadlines import calendar, clocks, court, outcomes, policies, supervisions
from api.desktop import register_desktop
from api.errors import MEDIA_TYPE, register_handlers
from api.modeling import drafts as process_drafts
from api.modeling import moving, versions, vocabulary
from api.running import figures, variables
from tasks.deps import Deps

PREFIX = "/api/v1"
BLUEPRINTS = (
    people,
    absences,
    duty,
    account,
    access,
    cases,
    classification,
    clauses,
    policies,
    attachments,
    letters,
    linked,
    tasks,
    task_filters,
    clocks,
    court,
    outcomes,
    authority,
    comments,
    drafts,
    notices,
    deliveries,
    instances,
    variables,
    figures,
    moving,
    signals,
    organisation,
    calendar,
    deployments,
    process_drafts,
    versions,
    bindings,
    audit,
    supervisions,
    vocabulary,
)


class FastJson(JSONProvider):
    """orjson for every answer of the app; times are already text where the API shows them."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj, default=_plain).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


class ProblemErrorSchema(Schema):
    """One mistake in the request: where (`path`), or in which file and element of a deployment."""

    class Meta:
        unknown = INCLUDE

    path = fields.String()
    message = fields.String()
    message_zh = fields.String()


class ProblemSchema(Schema):
    """RFC 9457. `detail` is one sentence: what was asked, of which thing, in which state; more members may follow."""

    class Meta:
        unknown = INCLUDE

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    instance = fields.String()
    code = fields.String()
    errors = fields.List(fields.Nested(ProblemErrorSchema))


class RedressApi(Api):  # type: ignore[misc]
    """The OpenAPI document; errors are not its business (api.errors registers those)."""

    def _register_error_handlers(self) -> None:
        return None


def register_api(app: Flask, deps: Deps) -> Api:
    """Put the API under /api/v1, its OpenAPI document beside it, the health checks at /healthz and /readyz, and the door for the
    desktop modeler under /engine-rest.
    """
    app.extensions["redress"] = deps
    app.json = FastJson(app)
    app.config.update(
        API_TITLE="Redress",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    if app.config.get("MAX_CONTENT_LENGTH") is None:
        app.config["MAX_CONTENT_LENGTH"] = getattr(deps.settings, "max_body_bytes", 10 * 1024 * 1024)
    api = RedressApi(app, spec_kwargs={"security": [{"bearer": []}, {"signature": []}]})
    spec = api.spec
    spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "description": "A token from POST /api/v1/tokens."}
    )
    spec.components.security_scheme(
        "signature",
        {
            "type": "apiKey",
            "in": "header",
            "name": "Signature",
            "description": "An HTTP Message Signature (RFC 9421) with hmac-sha256; see docs/signing.md.",
        },
    )
    spec.components.schema("Problem", schema=ProblemSchema)
    spec.components.response(
        "Problem",
        {
            "description": "A refusal, as a problem document.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        },
    )
    spec.components.parameter(
        "IdempotencyKey",
        "header",
        {
            "name": "Idempotency-Key",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "description": "Same key, same request: the same answer, and the effect happens once. Answers are kept for three days.",
        },
    )
    for module in BLUEPRINTS:
        api.register_blueprint(module.blueprint, url_prefix=PREFIX)
    app.register_blueprint(health.blueprint)
    register_handlers(app, "/api/")
    register_desktop(app)
    return api


def _plain(value: Any) -> Any:
    convert: Callable[[Any], Any] = str
    return convert(value)
