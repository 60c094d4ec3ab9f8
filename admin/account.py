"""My account: another password, the browsers I am signed in with, my tokens for scripts."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, request, session, url_for

from admin import identities, preferences
from admin.page import SECRET_KEY, Answer, Page, first_page, local_path
from admin.show.language import plain
from admin.sign_in import enter
from engine.errors import InvalidInput, RedressError, TooBusy
from tasks.people import language, sessions, sign_in, tokens
from tasks.people.choosing import PasswordRefused
from tasks.people.confirming import NotConfirmed, require_confirmed
from tasks.people.tokens import EVERYTHING, Issued
from tasks.permissions.matrix import VERBS, may

LIVES = (1, 7, 30, 90, 365)
"""Days a token may be asked for on a page."""


def asked_life() -> timedelta:
    """How long a token or key shall hold, as the form says it. Raises InvalidInput."""
    days = request.form.get("days", 0, type=int)
    if days not in LIVES:
        raise InvalidInput(
            f"A life of {str(days)[:20]} days was asked for; {', '.join(map(str, LIVES))} are offered.",
            message_zh="请从列出的有效期中选择。",
        )
    return timedelta(days=days)


def account(page: Page) -> Answer:
    """What lets me in: sessions and tokens that hold."""
    return _account(page)


def password(page: Page) -> Answer:
    """The form for another password; the only page for who must change it first."""
    return _password(page)


def change_password(page: Page) -> Answer:
    """Change the password. Everywhere else I am signed out; here a new session begins."""
    newcomer = page.caller.must_change_password
    old, new = request.form.get("password", ""), request.form.get("new_password", "")
    if new != request.form.get("repeated", ""):
        return _password(page, plain("两次输入的新密码不一致。", "The two new passwords differ."))
    try:
        caller = sign_in.change_password(page.session, page.deps, page.caller.login, old, new)
    except (*sign_in.COUNTED, PasswordRefused, TooBusy) as refusal:
        return _password(page, _both(refusal))
    enter(page.session, page.deps, caller)
    flash(plain("密码已修改，其他登录和令牌已全部失效。", "The password was changed."), "done")
    return redirect(first_page(caller) if newcomer else url_for("admin.account"))


def prefer_notices(page: Page) -> Answer:
    """Keep what I want to be told outside the pages, and when."""
    if problem := preferences.keep(page):
        return _account(page, problem=problem)
    flash(plain("通知偏好已保存。", "Your notice preferences were saved."), "done")
    return redirect(url_for("admin.account") + "#notice-preferences")


def choose_language(page: Page) -> Answer:
    """Have the pages speak another language to me, and go back to where I was."""
    language.choose_language(page.session, page.deps, page.caller, request.form.get("language", ""))
    return redirect(local_path(request.form.get("back")) or url_for("admin.account"), 303)


def end_session(page: Page, session_id: UUID) -> Answer:
    """Sign out one of my browsers."""
    sessions.end_session(page.session, page.deps, page.caller, session_id)
    flash(plain("该登录已失效。", "The session was ended."), "done")
    return redirect(url_for("admin.account"))


def end_sessions(page: Page) -> Answer:
    """Sign out everywhere, here too."""
    sessions.end_my_sessions(page.session, page.deps, page.caller)
    session.pop(SECRET_KEY, None)
    return redirect(url_for("admin.sign_in"))


def make_token(page: Page) -> Answer:
    """Make a token of my own, shown this once; I must be certain to be myself, because a token outlives this session."""
    chosen = request.form.getlist("scopes") or [EVERYTHING]
    label = request.form.get("label", "").strip()
    try:
        life = asked_life()
        tokens.check_order(chosen, life, label)
        require_confirmed(page.session, page.deps, page.caller, request.form.get("password", ""))
        issued = tokens.issue_token(
            page.session,
            page.deps,
            page.caller.id,
            actor=page.caller.actor,
            label=label,
            scopes=chosen,
            life=life,
        )
    except (*sign_in.COUNTED, InvalidInput, NotConfirmed, TooBusy) as refusal:
        return _account(page, problem=_both(refusal))
    return _account(page, issued=issued)


def revoke_token(page: Page, token_id: UUID) -> Answer:
    """End one of my tokens."""
    tokens.revoke_token(page.session, page.deps, page.caller, token_id)
    flash(plain("令牌已作废。", "The token was revoked."), "done")
    return redirect(url_for("admin.account"))


def _account(page: Page, *, issued: Issued | None = None, problem: str = "") -> Answer:
    response = page.render(
        "account.html",
        section="admin.account",
        sessions=sessions.my_sessions(page.session, page.deps, page.caller.id),
        here=page.caller.token_id,
        tokens=tokens.tokens_of(page.session, page.deps, page.caller.id),
        verbs={name: verb.zh for name, verb in VERBS.items() if may(page.caller, name)},
        lives=LIVES,
        notices=preferences.shown(page),
        identities=identities.shown(page),
        issued=issued,
        problem=problem,
        typed=request.form if problem else None,
    )
    response.status_code = 422 if problem else 200
    return response


def _password(page: Page, problem: str = "") -> Answer:
    response = page.render("password.html", section="admin.account", problem=problem)
    response.status_code = 422 if problem else 200
    return response


def _both(refusal: RedressError) -> str:
    return plain(str(refusal.facts.get("message_zh") or ""), str(refusal)).strip()
