"""Problem details (RFC 9457): which error is which status, decided once, here."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request
from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from api.idempotency import KeyReused
from api.outcomes import finding_body, outcome_body
from engine.dialect.outcome import Outcome
from engine.errors import (
    BindingRefused,
    DeploymentRefused,
    InvalidInput,
    MessageNotAwaited,
    NeedsBinding,
    NotFound,
    NotPermitted,
    RedressError,
    TooBusy,
    WrongState,
)
from tasks.audit.writing import OVERTAKEN
from tasks.deadlines.calendar.arithmetic import OutsideCalendar
from tasks.deadlines.calendar.notices.stated import NoticeRefused
from tasks.deadlines.policies.rows import RegisterRefused
from tasks.evidence.refusals import PaperDamaged, PaperRefused, PaperTooLarge, ScanFailed, TooSlow
from tasks.forms import AnswersRefused
from tasks.letters.mistakes import TemplateRefused
from tasks.mistakes import ChangeRefused
from tasks.organisation.changing.mistakes import OrganisationRefused
from tasks.people.absence.mistakes import AbsenceRefused
from tasks.people.attempts import TooManyAttempts
from tasks.people.choosing import PasswordRefused
from tasks.people.duty.importing import RosterRefused
from tasks.people.identity import NotSignedIn
from tasks.people.sign_in import PasswordChangeRequired

log = logging.getLogger("redress.api")

MEDIA_TYPE = "application/problem+json"

PROBLEMS: dict[type[RedressError], tuple[int, str, str]] = {
    NotSignedIn: (401, "not-signed-in", "Not signed in"),
    PasswordChangeRequired: (403, "password-change-required", "The password must be changed"),
    NotPermitted: (403, "not-permitted", "Not permitted"),
    NotFound: (404, "not-found", "Not found"),
    MessageNotAwaited: (409, "message-not-awaited", "Nobody waits for this message"),
    WrongState: (409, "wrong-state", "Not possible in this state"),
    NeedsBinding: (409, "needs-binding", "The process is still to be bound"),
    AnswersRefused: (422, "answers-refused", "The answers do not fit the form"),
    DeploymentRefused: (422, "deployment-refused", "The deployment has errors"),
    BindingRefused: (422, "binding-refused", "The needs cannot be bound so"),
    PaperTooLarge: (413, "attachment-too-large", "The file is too large"),
    PaperRefused: (422, "attachment-refused", "The file is not taken"),
    TooSlow: (408, "too-slow", "The upload was too slow"),
    ScanFailed: (503, "scan-failed", "The file could not be scanned"),
    PaperDamaged: (500, "attachment-damaged", "The attachment is damaged"),
    KeyReused: (422, "idempotency-key-reused", "Idempotency-Key used for another request"),
    PasswordRefused: (422, "password-refused", "The new password cannot be used"),
    RegisterRefused: (422, "clock-register-refused", "The clock register would not be right"),
    TemplateRefused: (422, "letter-template-refused", "The template would not make a letter"),
    OrganisationRefused: (422, "organisation-refused", "The organisation would not hold together"),
    RosterRefused: (422, "duty-roster-refused", "The duty roster cannot be so"),
    AbsenceRefused: (422, "absence-refused", "The absence cannot be so"),
    NoticeRefused: (422, "notice-refused", "The notice cannot be right"),
    OutsideCalendar: (422, "outside-calendar", "Outside the published working calendar"),
    InvalidInput: (422, "invalid-input", "Invalid input"),
    TooManyAttempts: (429, "too-many-attempts", "Too many attempts"),
    TooBusy: (503, "too-busy", "Too busy"),
    RedressError: (422, "refused", "Refused"),
}
"""error class → (status, code, title); the nearest ancestor of a class counts."""


def problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
    **extra: Any,
) -> Response:
    """Build a problem document."""
    body: dict[str, Any] = {
        "type": f"urn:redress:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        **{key: value for key, value in extra.items() if value is not None},
    }
    if errors:
        body["errors"] = errors
    response = Response(orjson.dumps(body, default=str), status=status, content_type=MEDIA_TYPE)
    response.headers.update(headers or {})
    return response


def problem_of(error: Exception) -> Response:
    """The problem document of any error; what is not foreseen is logged and says nothing of the inside."""
    if isinstance(error, RedressError):
        return _refusal(error)
    if isinstance(error, HTTPException):
        return _http(error)
    if isinstance(error, (OperationalError, TimeoutError)):
        log.warning("database not available: %s", error)
        return problem(
            503,
            "database-unavailable",
            "Database unavailable",
            "The database did not answer; nothing was changed, try again.",
            headers={"Retry-After": "2"},
        )
    log.error("unforeseen error in %s %s", request.method, request.path, exc_info=error)
    return problem(
        500,
        "internal-error",
        "Internal error",
        "An unforeseen error stopped the request; nothing was changed.",
    )


def may_repeat(error: Exception) -> bool:
    """Whether the same request may simply be run again: a deadlock, a serialisation failure, or somebody who was
    faster at the end of the same audit chain; all rolled back.
    """
    if not isinstance(error, DBAPIError):
        return False
    return isinstance(error.orig, (pg.DeadlockDetected, pg.SerializationFailure)) or (
        isinstance(error.orig, pg.Error) and error.orig.sqlstate == OVERTAKEN
    )


def register_handlers(app: Flask, prefix: str) -> None:
    """Answer with problem documents for paths without a view under `prefix`; other paths are left alone."""
    kept = app.error_handler_spec[None][None].get(HTTPException)

    def handle(error: HTTPException) -> Any:
        if request.path.startswith(prefix):
            return problem_of(error)
        return kept(error) if kept else error

    app.register_error_handler(HTTPException, handle)


def _refusal(error: RedressError) -> Response:
    status, code, title = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    errors: list[dict[str, Any]] | None = None
    headers: dict[str, str] = {}
    facts: dict[str, Any] = {}
    if isinstance(error, (AnswersRefused, BindingRefused, ChangeRefused)):
        errors = [
            {"path": each.path, "message": each.message, "message_zh": each.message_zh}
            for each in error.problems
        ]
    elif isinstance(error, DeploymentRefused):
        errors = [finding_body(each) for each in error.findings]
        if isinstance(error.outcome, Outcome):
            body = outcome_body(error.outcome)
            errors = body["findings"]
            facts = {name: body[name] for name in ("counts", "files", "processes")}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="redress"'
    if status in _RETRY_AFTER:
        headers["Retry-After"] = _RETRY_AFTER[status]
    facts |= {key: value for key, value in error.facts.items() if key not in _RESERVED}
    return problem(status, code, title, str(error), errors=errors, headers=headers, **facts)


_RETRY_AFTER = {408: "60", 429: "900", 503: "2"}
_RESERVED = {"type", "title", "status", "detail", "instance", "code", "errors", "headers"}


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None and status < 400:
        return error.response  # type: ignore[return-value]
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    messages = (
        getattr(error, "data", {}).get("messages") if isinstance(getattr(error, "data", None), dict) else None
    )
    errors = _flattened(messages) if messages else None
    detail = _sentence(status) or error.description or phrase
    if errors:
        first = errors[0]
        where = first["path"] or "the request"
        detail = f"{request.method} {request.path} was refused: {where}: {first['message']}"
    headers = {}
    valid = getattr(error, "valid_methods", None)
    if valid:
        headers["Allow"] = ", ".join(sorted(valid))
    code = phrase.lower().replace(" ", "-")
    return problem(status, code, phrase, detail, errors=errors, headers=headers)


def _sentence(status: int) -> str | None:
    """What a refusal by the web framework means here: what was asked, of what, and what would be right."""
    asked = f"{request.method} {request.path}"
    if status == 404:
        return f"{asked} was asked for; there is no such address. /api/v1/openapi.json lists them all."
    if status == 405:
        return f"{asked} was asked for; this address does not take {request.method}, see Allow."
    if status == 413:
        limit = request.max_content_length
        if limit and 0 < (request.content_length or 0) <= limit:
            return f"{asked} was sent with more parts, or with a longer text in one of them, than is taken."
        most = f" at most {limit} bytes are taken" if limit else " it is longer than what is taken"
        return f"{asked} was sent with {request.content_length or 'too many'} bytes;{most}."
    if status == 415:
        sent = request.content_type or "no Content-Type"
        return f"{asked} was sent with {sent[:100]}; send JSON with Content-Type: application/json."
    return None


def _flattened(messages: Any, path: str = "") -> list[dict[str, Any]]:
    if isinstance(messages, dict):
        found = []
        for key, value in messages.items():
            here = (
                path
                if not path and key in ("json", "query", "files", "form", "_schema")
                else (f"{path}.{key}" if path else str(key))
            )
            found.extend(_flattened(value, here))
        return found
    if isinstance(messages, (list, tuple)):
        return [line for item in messages for line in _flattened(item, path)]
    return [{"path": path, "message": str(messages)}]
