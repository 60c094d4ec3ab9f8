"""Signing in and out. The cookie holds only the secret of a session row that can be revoked at once."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from admin.page import CHANGE_PASSWORD, SECRET_KEY, first_page, local_path
from admin.queries import people
from admin.security import check_csrf
from admin.show.language import plain
from engine.errors import TooBusy
from tasks.deps import Deps
from tasks.people.attempts import TooManyAttempts
from tasks.people.caller import Caller
from tasks.people.identity import NotSignedIn
from tasks.people.oidc.linking import issuer_of
from tasks.people.sessions import Vouched, close_session, open_session
from tasks.people.sign_in import authenticate

WRONG = ("账号或密码不正确。", "The login or the password is wrong.")
LOCKED = (
    "密码连续输错次数过多，请一刻钟后再试，或请系统运维解锁。",
    "Too many wrong passwords; wait a quarter of an hour.",
)
BUSY = ("登录的人太多，请过几秒再试。", "Too many people are signing in; try again in a few seconds.")


def sign_in_page(deps: Deps) -> Response:
    """Show the form."""
    return _form(deps, problem=None, login="", status=200)


def sign_in(deps: Deps) -> AnyResponse:
    """Check login and password and open a session; a wrong login says no more than a wrong password."""
    check_csrf()
    login, password = request.form.get("login", "")[:200], request.form.get("password", "")
    with deps.sessions() as opened:
        try:
            caller = authenticate(opened, deps, login, password)
        except (NotSignedIn, TooManyAttempts) as refusal:
            opened.commit()  # the refusal is an answer, its count stays
            if isinstance(refusal, TooManyAttempts):
                return _form(deps, problem=plain(*LOCKED), login=login, status=429)
            return _form(deps, problem=plain(*WRONG), login=login, status=401)
        except TooBusy:
            return _form(deps, problem=plain(*BUSY), login=login, status=503)
        enter(opened, deps, caller)
        opened.commit()
    if caller.must_change_password:
        return redirect(url_for(CHANGE_PASSWORD))
    return redirect(local_path(request.form.get("next")) or first_page(caller))


def enter(opened: Session, deps: Deps, caller: Caller, vouched: Vouched | None = None) -> None:
    """Open a session and put it into a new cookie with a new token: what somebody planted in this browser before, and the
    session that was in it, are worth nothing afterwards.
    """
    close_session(opened, deps, session.get(SECRET_KEY, ""))
    agent = request.headers.get("User-Agent", "")
    issued = open_session(opened, deps, caller, agent=agent, vouched=vouched)
    session.clear()
    session[SECRET_KEY] = issued.secret


def sign_out(deps: Deps) -> AnyResponse:
    """End the session here and on the server; whoever has none, or must change the password, may do so too."""
    check_csrf()
    with deps.sessions() as opened:
        identity = close_session(opened, deps, session.get(SECRET_KEY, ""))
        issuer = issuer_of(opened, identity) if identity else None
        opened.commit()
    session.clear()
    provider = deps.providers.of(issuer)
    address = provider.signed_out() if provider else None
    if address is None:
        return redirect(url_for("admin.sign_in"))
    # A page, no redirect: what a form leads to must be of this site (`form-action`).
    return make_response(render_template("signed_out.html", address=address))


def refused_form(deps: Deps, problem: str, status: int) -> Response:
    """The form with a sentence that says why a sign-in at a provider has not led in."""
    return _form(deps, problem=problem, login="", status=status)


def _form(deps: Deps, *, problem: str | None, login: str, status: int) -> Response:
    response = make_response(
        render_template(
            "signin.html",
            problem=problem,
            login=login,
            next=local_path(request.values.get("next")) or "",
            providers=[each.settings for each in deps.providers],
            emergency=bool(deps.settings.local_sign_in),
            demo=_demo_people(deps),
            demo_password=deps.settings.demo_password,
        )
    )
    response.status_code = status
    return response


def _demo_people(deps: Deps) -> list[Any]:
    """The demo logins, where the password everybody knows is enough."""
    if not deps.settings.keeps_demo_passwords or deps.settings.local_sign_in:
        return []
    with deps.sessions() as opened:
        return list(people(opened))
