"""Signing in with an identity provider: the way there, and what comes back.

What binds the answer to this browser waits in the signed cookie and is worth one answer.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from flask import Response, abort, jsonify, make_response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from admin.page import first_page, local_path
from admin.sign_in import enter, refused_form
from engine.errors import RedressError, TooBusy
from tasks.deps import Deps
from tasks.people.oidc.entering import enter_by
from tasks.people.oidc.leaving import leave_by
from tasks.people.oidc.provider import Attempt, Provider
from tasks.people.oidc.refusals import NoAccount

log = logging.getLogger("redress.admin")

ATTEMPT_KEY = "oidc"
_LONGEST_TOKEN = 16 * 1024
_LONGEST_NEXT = 500
"""The cookie holds it: a longer address is not returned to."""


def begin(deps: Deps, name: str) -> AnyResponse:
    """Send the browser to the provider."""
    provider = _provider(deps, name)
    try:
        attempt, address = provider.begin()
    except RedressError as refusal:
        return _refused(deps, refusal)
    session[ATTEMPT_KEY] = {
        "provider": attempt.provider,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "verifier": attempt.verifier,
        "at": attempt.at.timestamp(),
        "next": (local_path(request.args.get("next")) or "")[:_LONGEST_NEXT],
    }
    return redirect(address)


def back(deps: Deps, name: str) -> AnyResponse:
    """Take what the provider sent the browser back with, and open a session for whom it proves."""
    provider = _provider(deps, name)
    kept: dict[str, Any] = session.pop(ATTEMPT_KEY, None) or {}
    try:
        claims = provider.finish(_attempt(kept), request.args)
        with deps.sessions() as opened:
            caller, vouched = enter_by(opened, deps, provider.settings, claims)
            enter(opened, deps, caller, vouched)
            opened.commit()
    except RedressError as refusal:
        return _refused(deps, refusal)
    return redirect(local_path(kept.get("next")) or first_page(caller))


def signed_out_there(deps: Deps, name: str) -> AnyResponse:
    """The provider itself says that somebody has signed out (OpenID Connect Back-Channel Logout); no browser is involved."""
    provider = _provider(deps, name)
    try:
        claims = provider.logged_out(request.form.get("logout_token", "")[:_LONGEST_TOKEN])
    except RedressError as refusal:
        log.warning("%s", refusal)
        if isinstance(refusal, TooBusy):
            return make_response(jsonify(error="temporarily_unavailable"), 503)
        return make_response(jsonify(error="invalid_request"), 400)
    with deps.sessions() as opened:
        leave_by(opened, deps, provider.settings, claims)
        opened.commit()
    return Response(status=200)


def _provider(deps: Deps, name: str) -> Provider:
    found = deps.providers.named(name)
    if found is None:
        abort(404)
    return found


def _attempt(kept: dict[str, Any]) -> Attempt | None:
    if not kept:
        return None
    at = datetime.fromtimestamp(kept["at"], UTC)
    return Attempt(kept["provider"], kept["state"], kept["nonce"], kept["verifier"], at)


def _refused(deps: Deps, refusal: RedressError) -> Response:
    """The sign-in page with one sentence in both languages; what exactly was wrong is for the log."""
    log.warning("%s", refusal)
    english = "Signing in did not succeed; begin again."
    status = 401
    if isinstance(refusal, TooBusy):
        english, status = (
            "The identity provider does not answer; try later or sign in with a local login.",
            503,
        )
    elif isinstance(refusal, NoAccount):
        english, status = "There is no open account for you here; ask the operators.", 403
    return refused_form(deps, f"{refusal.facts['message_zh']} {english}", status)
