"""Who sent this request: a bearer token or a signature, read from the headers and looked up in one statement.

Whatever is wrong with them, absent or garbled, unknown, expired, revoked, used before, of somebody who has left: the answer
is the same `NotSignedIn`.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

from flask import g, request
from sqlalchemy.orm import Session

from api import idempotency, signatures
from engine.db import Statement
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.identity import NotSignedIn, bearer_select, caller_from_row, secret_hash
from tasks.people.keys import secret_of, signed_select

_BEARER = Statement.of(bearer_select())
_BEARER_WITH_ANSWER = Statement.of(idempotency.with_stored_answer(bearer_select()))
_SIGNED = Statement.of(signed_select())
_SIGNED_WITH_ANSWER = Statement.of(idempotency.with_stored_answer(signed_select()))


def identify(session: Session, deps: Deps, scope: bytes | None) -> tuple[Caller, idempotency.Answer | None]:
    """The caller of the present request, and the answer stored for caller and `scope`, if any.

    One statement. A signed call commits it at once, because its nonce stays used whatever becomes of the call. Raises
    NotSignedIn.
    """
    if request.headers.get("Authorization") is None and "Signature-Input" in request.headers:
        row = _signed(session, deps, scope)
    else:
        row = _by_token(session, scope)
    caller = caller_from_row(session, deps, row)
    return caller, None if scope is None else idempotency.stored_answer(row)


def _by_token(session: Session, scope: bytes | None) -> Any:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not 1 <= len(secret) <= 200 or "Signature-Input" in request.headers:
        raise NotSignedIn()
    known = {"secret_hash": secret_hash(secret)}
    if scope is None:
        return _BEARER.one(session, known)
    return _BEARER_WITH_ANSWER.one(session, {**known, "scope": scope})


def _signed(session: Session, deps: Deps, scope: bytes | None) -> Any:
    now = deps.clock.now()
    message = _as_sent(deps.settings.public_url)
    key = deps.settings.ensure_secret_key()
    signed = signatures.verified(message, lambda key_id: secret_of(key, key_id), now)
    # Only now, when it is known that a holder of a key sent it, is the body read.
    body = request.get_data(cache=True)
    if signed.body_sha256 is None:
        if body:
            raise NotSignedIn()
    elif not hmac.compare_digest(signed.body_sha256, sha256(body).digest()):
        raise NotSignedIn()
    known = {"key_id": signed.key_id, "nonce": signed.nonce, "now": now}
    if scope is None:
        row = _SIGNED.one(session, known)
    else:
        row = _SIGNED_WITH_ANSWER.one(session, {**known, "scope": scope})
    session.commit()
    # A call that lost a deadlock is run again, with the nonce it has used itself.
    if row is None or not (row.fresh or g.get("nonce_is_mine")):
        raise NotSignedIn()
    g.nonce_is_mine = True
    return row


def _as_sent(public_url: str) -> signatures.Message:
    """The request as its sender signed it: below `public_url`, or where it came in."""
    origin = public_url or f"{request.scheme}://{_authority()}"
    target = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path)
    if not target.startswith("/"):  # RFC 9112 §3.2.2: a proxy may send the whole address
        target = "/" + target.partition("://")[2].partition("/")[2]
    return signatures.Message(request.method, origin, target, request.headers.getlist)


def _authority() -> str:
    default = {"http": ":80", "https": ":443"}.get(request.scheme, "")
    return request.host.lower().removesuffix(default)
