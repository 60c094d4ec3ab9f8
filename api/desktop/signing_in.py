"""Who calls: a bearer token, or login and password by HTTP Basic, which only this door takes. No cookie, no signature.

Passwords are counted like those of the sign-in page, and the count is committed at once: it outlives whatever is refused
afterwards.
"""

from __future__ import annotations

import binascii
from base64 import b64decode

from flask import request
from sqlalchemy.orm import Session

from engine.db import Statement
from tasks.deps import Deps
from tasks.people.caller import Caller
from tasks.people.identity import NotSignedIn, bearer_select, caller_from_row, secret_hash
from tasks.people.sign_in import authenticate, require_own_password
from tasks.people.tokens import PREFIX

_BEARER = Statement.of(bearer_select())
_LONGEST = 4096
"""Characters of the header that are looked at."""


def signed_in(session: Session, deps: Deps) -> Caller:
    """The caller of the present request. Raises NotSignedIn, TooManyAttempts, PasswordChangeRequired, TooBusy."""
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    shown = shown.strip()
    if not shown or len(shown) > _LONGEST:
        raise NotSignedIn()
    if kind.lower() == "bearer":
        return _by_token(session, deps, shown)
    if kind.lower() != "basic":
        raise NotSignedIn()
    login, password = _of_basic(shown)
    if password.startswith(PREFIX):
        try:
            caller = _by_token(session, deps, password)
        except NotSignedIn:
            pass
        else:
            if caller.login == login:
                return caller
    caller = authenticate(session, deps, login, password)
    session.commit()
    require_own_password(caller)
    return caller


def _by_token(session: Session, deps: Deps, secret: str) -> Caller:
    if len(secret) > 200:
        raise NotSignedIn()
    return caller_from_row(session, deps, _BEARER.one(session, {"secret_hash": secret_hash(secret)}))


def _of_basic(shown: str) -> tuple[str, str]:
    try:
        raw = b64decode(shown, validate=True)
    except (binascii.Error, ValueError):
        raise NotSignedIn() from None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # what `btoa` of a browser makes of ä
    login, colon, password = text.partition(":")
    if not colon:
        raise NotSignedIn()
    return login, password
