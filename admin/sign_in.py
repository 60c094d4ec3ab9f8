"""Signing in and out. The cookie holds only the secret of a session row that can be revoked at once."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin.page import SECRET_KEY, Answer, Page, local_path
from admin.queries import people
from admin.security import check_csrf
from engine.errors import TooBusy
from tasks.deps import Deps
from tasks.people.accounts import NotSignedIn, authenticate, close_session, open_session

WRONG = "账号或密码不正确。 The login or the password is wrong."
BUSY = "登录的人太多，请过几秒再试。 Too many people are signing in; try again in a few seconds."


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
        except NotSignedIn:
            return _form(deps, problem=WRONG, login=login, status=401)
        except TooBusy:
            return _form(deps, problem=BUSY, login=login, status=503)
        issued = open_session(opened, deps, caller, agent=request.headers.get("User-Agent", ""))
        opened.commit()
    # A new cookie with a new token: what somebody planted before signing in is worth nothing afterwards.
    session.clear()
    session[SECRET_KEY] = issued.secret
    return redirect(local_path(request.form.get("next")) or url_for("admin.inbox"))


def sign_out(page: Page) -> Answer:
    """End the session here and on the server."""
    close_session(page.session, page.deps, session.get(SECRET_KEY, ""))
    session.clear()
    return redirect(url_for("admin.sign_in"))


def _form(deps: Deps, *, problem: str | None, login: str, status: int) -> Response:
    response = make_response(
        render_template(
            "signin.html",
            problem=problem,
            login=login,
            next=local_path(request.values.get("next")) or "",
            demo=_demo_people(deps),
            demo_password=deps.settings.demo_password,
        )
    )
    response.status_code = status
    return response


def _demo_people(deps: Deps) -> list[Any]:
    """The demo logins, on an installation that runs on its own embedded database and listens to this machine
    only.
    """
    if not deps.settings.embedded or deps.settings.host not in ("127.0.0.1", "::1", "localhost"):
        return []
    with deps.sessions() as opened:
        return list(people(opened))
