"""Signing in with an identity provider: the way there, and what comes back."""

from __future__ import annotations

import logging

from flask import Response, abort, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from admin import identities, under_way
from admin.page import first_page, local_path
from admin.show.language import plain
from admin.sign_in import enter, refused_form
from engine.errors import RedressError, TooBusy
from tasks.deps import Deps
from tasks.people.oidc.entering import enter_by
from tasks.people.oidc.leaving import leave_by
from tasks.people.oidc.provider import Provider
from tasks.people.oidc.refusals import NoAccount

log = logging.getLogger("redress.admin")

_LONGEST_TOKEN = 16 * 1024


def begin(deps: Deps, name: str) -> AnyResponse:
    """Send the browser to the provider."""
    provider = _provider(deps, name)
    try:
        attempt, address = provider.begin()
    except RedressError as refusal:
        return _refused(deps, refusal)
    under_way.keep(attempt, next=local_path(request.args.get("next")) or "")
    return redirect(address)


def back(deps: Deps, name: str) -> AnyResponse:
    """Take what the provider sent the browser back with, and open a session for whom it proves; or do with it what somebody
    who is signed in has begun on the page of their account.
    """
    provider = _provider(deps, name)
    kept = under_way.take()
    if kept.purpose != under_way.SIGN_IN:
        return identities.came_back(deps, provider, kept)
    try:
        claims = provider.finish(kept.attempt, request.args)
        with deps.sessions() as opened:
            caller, vouched = enter_by(opened, deps, provider.settings, claims)
            enter(opened, deps, caller, vouched)
            opened.commit()
    except RedressError as refusal:
        return _refused(deps, refusal)
    return redirect(local_path(kept.next) or first_page(caller))


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


def _refused(deps: Deps, refusal: RedressError) -> Response:
    """The sign-in page with one sentence in both languages; what exactly was wrong is for the log."""
    log.warning("%s", refusal)
    status = 503 if isinstance(refusal, TooBusy) else 403 if isinstance(refusal, NoAccount) else 401
    return refused_form(deps, plain(*under_way.words(refusal)), status)
