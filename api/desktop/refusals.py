"""Refusals as a Camunda 7 engine words them: `{type, message, code}`, and for diagrams a report of each file.

The modeler shows `message` in its log as it is; it says "could not parse the diagram" where that begins as the engine's does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from flask import Response, request

from api.errors import problem_of
from engine.dialect.findings import Finding
from engine.errors import DeploymentRefused, NotPermitted, RedressError

PARSE_ERROR = "ENGINE-09005 Could not parse BPMN process. Errors: "
MOST = 100
"""Problems written out in the sentence; `details` has all of them."""

_TYPES = {
    400: "InvalidRequestException",
    401: "AuthenticationException",
    403: "AuthorizationException",
    409: "ProcessEngineException",
}
_CHALLENGES = ('Basic realm="redress", charset="UTF-8"', 'Bearer realm="redress"')


class OtherSite(NotPermitted):
    """A page of another site asked for this; only the modeler and programs may."""

    def __init__(self) -> None:
        super().__init__(
            "A page of another site asked for this; only the modeler and programs may.",
            message_zh="请求来自其他网站的页面；这里只接受建模工具和程序的请求。",
        )


def refusal(error: Exception) -> Response:
    """The answer to whatever was raised."""
    if isinstance(error, DeploymentRefused):
        return told(
            400, "ParseException", parse_message(findings_of(error)), details=reported(findings_of(error))
        )
    known = problem_of(error)  # which status an error has is decided there
    status = 400 if known.status_code == 422 else known.status_code
    if status < 400:
        return known
    said = orjson.loads(known.get_data())
    response = told(
        status, _TYPES.get(status, "RestException"), _sentence(error, status, str(said["detail"]))
    )
    for name in ("Allow", "Retry-After"):
        if name in known.headers:
            response.headers[name] = known.headers[name]
    if status == 401:
        for challenge in _CHALLENGES[0 if _asks_for_json() else 1 :]:
            response.headers.add("WWW-Authenticate", challenge)
    return response


def told(status: int, kind: str, message: str, **more: Any) -> Response:
    """An error body of the engine."""
    body = {"type": kind, "message": message, "code": None, **more}
    return Response(orjson.dumps(body), status=status, content_type="application/json")


def findings_of(error: DeploymentRefused) -> list[Finding]:
    """What a deployment was refused for, and what it was told besides."""
    return [one for one in error.findings if isinstance(one, Finding)]


def parse_message(findings: Iterable[Finding]) -> str:
    """Every error of a deployment, a line each, as the engine writes them."""
    errors = [one for one in findings if one.severity == "error"]
    lines = [f"* {_both(one)}{_where(one)}" for one in errors[:MOST]]
    if len(errors) > MOST:
        lines.append(f"* 还有 {len(errors) - MOST} 个错误 / and {len(errors) - MOST} more errors")
    return "\n".join([PARSE_ERROR, *lines])


def reported(findings: Iterable[Finding]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Problems by file: errors, and everything else that is no mere note as warnings."""
    files: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for one in findings:
        if one.severity == "note":
            continue
        report = files.setdefault(one.file, {"errors": [], "warnings": []})
        ids = [one.element_id] if one.element_id else []
        report["errors" if one.severity == "error" else "warnings"].append(
            {
                "message": _both(one),
                "line": one.line,
                "column": 0,
                "mainElementId": one.element_id or None,
                "elementIds": ids,
                # As the engine called the two before 7.14.
                "mainBpmnElementId": one.element_id or None,
                "bpmnElementIds": ids,
            }
        )
    return files


def _both(one: Finding) -> str:
    return " ".join(f"{one.message_zh} / {one.message}".split())


def _where(one: Finding) -> str:
    element = f" | element {one.element_id}" if one.element_id else ""
    return f" | resource {one.file} | line {one.line} | column 0{element}"


def _sentence(error: Exception, status: int, english: str) -> str:
    chinese = str(error.facts.get("message_zh") or "") if isinstance(error, RedressError) else ""
    if status == 401:
        chinese = chinese or "没有登录：请填写账号和密码，或填写令牌。"
        chinese += "使用单点登录的人没有密码，请在“账号”页建立令牌，选择 Bearer token。"
        english += " Who signs in by single sign-on has no password here: make a token on the account page and choose Bearer token."
    return f"{chinese} / {english}" if chinese else english


def _asks_for_json() -> bool:
    """Whether a program asks. A browser that shows a page must not be made to ask for a password, and to keep it."""
    wanted = request.headers.get("Accept", "")
    return "text/html" not in wanted and "image/" not in wanted
