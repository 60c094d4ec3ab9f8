"""The edge of a request: who calls, may they, has this been answered before; then the verb; then one commit.

This is the only place of the API that commits. A refused call rolls back and leaves nothing, not even its
key.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from hashlib import file_digest
from typing import Any

import orjson
from flask import Response, current_app, request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from marshmallow import Schema
from sqlalchemy.orm import Session
from webargs.flaskparser import FlaskParser, abort
from werkzeug.exceptions import BadRequest

from api import idempotency
from api.credentials import identify
from api.errors import may_repeat, problem_of
from engine.errors import NotFound
from tasks.audit.recording import waiting
from tasks.audit.writing import may_be_overtaken
from tasks.core import DEEPEST, too_deep
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.sign_in import COUNTED
from tasks.permissions.matrix import require

ATTEMPTS = 3
"""How often a request is run that lost a deadlock, or was overtaken at the end of an audit chain; the last time it waits
for others there.
"""


class OptionalBody(Schema):
    """The body of an operation that is also called without one; then every member is missing."""


class StrictParser(FlaskParser):
    """Unknown members are refused everywhere; texts must be what PostgreSQL can store, so no NUL, and nothing is nested deeper than
    what is written again.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 (the name is webargs')
        "json": "raise",
        "query": "raise",
        "form": "raise",
        "files": "raise",
    }

    def load_json(self, req: Any, schema: Any) -> Any:
        if isinstance(schema, OptionalBody) and not req.get_data(cache=True):
            return {}
        if not req.is_json:
            abort(415, description=f"{req.method} {req.path} needs a body of the type application/json.")
        raw = req.get_data(cache=True)
        try:
            found = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"The body of {req.method} {req.path} is not JSON: {error}.") from None
        if b"\\u0000" in raw and _has_nul(found):
            raise BadRequest(f"The body of {req.method} {req.path} has a NUL character in a text.")
        # Most bodies have fewer brackets than that in all.
        if raw.count(b"[") + raw.count(b"{") > DEEPEST and too_deep(found):
            raise BadRequest(f"The body of {req.method} {req.path} is nested more than {DEEPEST} times.")
        return found


def _as_it_says(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint whose arguments are parsed strictly, and whose answers no browser takes for anything but what they say."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.after_request(_as_it_says)


@dataclass(frozen=True, slots=True)
class Call:
    """What a view is given first: the request's session, the dependencies, and who calls."""

    session: Session
    deps: Deps
    caller: Caller


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API, as the permission test and the OpenAPI document see it."""

    id: str
    method: str
    rule: str
    permission: str | None
    changing: bool
    repeatable: bool


OPERATIONS: dict[str, Operation] = {}
"""Every operation by its id. A permission of None means: no sign-in needed."""


def operation(
    blueprint: ApiBlueprint,
    method: str,
    rule: str,
    *,
    id: str,
    permission: str | None,
    summary: str,
    answer: type[Schema] | Schema | None = None,
    status: int = 200,
    body: type[Schema] | Schema | None = None,
    query: type[Schema] | Schema | None = None,
    multipart: Any = None,
    produces: str | None = None,
    repeatable: bool = True,
    receives: Callable[[Deps], AbstractContextManager[dict[str, Any]]] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a view `f(call, [query], [body], **path)` under the edge.

    The view returns what `answer` dumps, or a Response. `permission` None needs no sign-in; then
    `call.caller` must not be used. Every method but GET is a changing call: it commits once and honours an
    Idempotency-Key, unless it is not `repeatable`: an answer that shows a secret is stored nowhere.
    `receives` reads a body that is large or slow, once the caller is known to be allowed and while no
    connection is held; what it yields are further arguments of the view.
    """
    declared = Operation(id, method, rule, permission, method != "GET", repeatable)

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        inner = view
        if body is not None:
            optional = issubclass(body if isinstance(body, type) else type(body), OptionalBody)
            inner = blueprint.arguments(body, location="json", required=not optional)(inner)
        if query is not None:
            inner = blueprint.arguments(query, location="query")(inner)
        documented: dict[str, Any] = getattr(inner, "_apidoc", {})
        documented.get("arguments", {}).pop("responses", None)  # every refusal is the default response
        if produces is not None:
            inner = blueprint.response(status, {}, content_type=produces)(inner)
        else:
            inner = blueprint.response(status, answer)(inner)

        @wraps(inner)
        def edge(**path: Any) -> Response:
            return (
                _run(declared, inner, path)
                if receives is None
                else _received(declared, inner, path, receives)
            )

        if OPERATIONS.setdefault(id, declared) != declared:
            raise ValueError(f"two operations are called {id}")
        blueprint.route(rule, methods=[method], endpoint=id)(
            blueprint.doc(**_documented(declared, summary, multipart))(edge)
        )
        return edge

    return register


def _received(
    declared: Operation,
    view: Callable[..., Any],
    path: dict[str, Any],
    receives: Callable[[Deps], AbstractContextManager[dict[str, Any]]],
) -> Response:
    deps: Deps = current_app.extensions["redress"]
    try:
        with deps.sessions() as session:
            caller, _ = identify(session, deps, None)  # a signed call is read here, as far as any body is
            require(caller, declared.permission or "")
        with receives(deps) as brought:
            return _run(declared, view, {**path, **brought})
    except Exception as error:
        return problem_of(error)


def attempted(
    deps: Deps, work: Callable[[Session], Response], refused: Callable[[Exception], Response]
) -> Response:
    """Run the work of a request outside the API's own operations: one commit, or nothing; again after a lost deadlock.

    refused: makes the answer to whatever is raised.
    """
    for attempt in range(1, ATTEMPTS + 1):
        with deps.sessions() as session:
            may_be_overtaken(session, can_repeat=attempt < ATTEMPTS)
            try:
                response = work(session)
                session.commit()
                return response
            except COUNTED as error:
                session.commit()  # the refusal is an answer, its count stays
                return refused(error)
            except Exception as error:
                session.rollback()
                if may_repeat(error) and attempt < ATTEMPTS:
                    continue
                return refused(error)
    raise AssertionError("a request ends with its last attempt")


def _run(declared: Operation, view: Callable[..., Any], path: dict[str, Any]) -> Response:
    deps: Deps = current_app.extensions["redress"]
    if "\x00" in request.path:
        return problem_of(NotFound("A path with a NUL character was asked for; nothing has such a name."))
    for attempt in range(1, ATTEMPTS + 1):
        with deps.sessions() as session:
            may_be_overtaken(session, can_repeat=attempt < ATTEMPTS)
            try:
                if declared.permission is None:
                    return _open(declared, session, deps, view, path)
                return _guarded(declared, session, deps, view, path)
            except Exception as error:
                session.rollback()
                if may_repeat(error) and attempt < ATTEMPTS:
                    continue
                return problem_of(error)
    raise AssertionError("a request ends with its last attempt")


def _open(
    declared: Operation, session: Session, deps: Deps, view: Callable[..., Any], path: dict[str, Any]
) -> Response:
    try:
        response: Response = view(Call(session, deps, None), **path)  # type: ignore[arg-type]
    except COUNTED:
        session.commit()  # the refusal is an answer, its count stays
        raise
    if declared.changing or waiting(session):
        session.commit()
    return response


def _guarded(
    declared: Operation, session: Session, deps: Deps, view: Callable[..., Any], path: dict[str, Any]
) -> Response:
    key = request.headers.get("Idempotency-Key") if declared.changing and declared.repeatable else None
    scope = None if key is None else idempotency.scope_of(request.method, request.path, key)
    caller, found = identify(session, deps, scope)
    # Before anything else is looked at, and before an old answer is given again: this token may have become narrower,
    # or is a narrower one of the same caller.
    require(caller, declared.permission or "")
    if key is None or scope is None:
        response: Response = view(Call(session, deps, caller), **path)
        if declared.changing or waiting(session):  # some reads leave a line in the audit trail
            session.commit()
        return response

    idempotency.check_key(key)
    asked = _request_hash()
    if found is not None:
        return _replayed(found, asked)
    try:
        response = view(Call(session, deps, caller), **path)
        answer = idempotency.Answer(
            asked,
            response.status_code,
            response.content_type,
            response.headers.get("Location"),
            response.get_data(),
        )
        idempotency.store(session, caller.id, scope, answer, now=deps.clock.now())
        session.commit()
        return response
    except Exception as error:
        refusal = error
    # The twin of this call may have been faster: then its answer is the answer, whatever this one ran into.
    session.rollback()
    found = idempotency.look_up(session, caller.id, scope)
    if found is not None:
        return _replayed(found, asked)
    raise refusal


def _replayed(answer: idempotency.Answer, asked: bytes) -> Response:
    if answer.request_hash != asked:
        raise idempotency.KeyReused()
    response = Response(answer.body, status=answer.status, content_type=answer.content_type)
    if answer.location:
        response.headers["Location"] = answer.location
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _request_hash() -> bytes:
    query = request.query_string
    if request.mimetype != "multipart/form-data":
        return idempotency.hash_of([query, request.get_data(cache=True)])
    # The boundary changes with every attempt of the same upload; what is in between does not.
    parts: list[bytes] = [query]
    for name, value in sorted(request.form.items(multi=True)):
        parts += [b"field", name.encode(), value.encode()]
    for name, file in sorted(
        request.files.items(multi=True), key=lambda each: (each[0], each[1].filename or "")
    ):
        file.seek(0)
        digest = file_digest(file.stream, "sha256").digest()  # type: ignore[arg-type]
        file.seek(0)
        parts += [b"file", name.encode(), (file.filename or "").encode(), digest]
    return idempotency.hash_of(parts)


def _has_nul(value: Any) -> bool:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if "\x00" in item:
                return True
        elif isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def _documented(declared: Operation, summary: str, multipart: Any) -> dict[str, Any]:
    doc: dict[str, Any] = {
        "operationId": declared.id,
        "summary": summary,
        "responses": {"default": "Problem"},
    }
    if declared.permission is None:
        doc["security"] = []
    else:
        doc["x-permission"] = declared.permission
        doc["description"] = f"Needs the permission `{declared.permission}`."
        if declared.changing and declared.repeatable:
            doc["parameters"] = ["IdempotencyKey"]
    if multipart is not None:
        doc["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": multipart}}}
    return doc


__all__ = ["OPERATIONS", "ApiBlueprint", "Call", "Operation", "attempted", "operation"]
