"""The accounts of others, for operators: unlock, one-time passwords, ending access, tokens and keys for systems."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import flash, redirect, request, url_for

from admin.account import LIVES, asked_life
from admin.page import Answer, Page
from admin.show.language import plain
from engine.errors import InvalidInput
from tasks.organisation import browsing
from tasks.people import accounts
from tasks.people.accounts import Account, Credential
from tasks.people.oidc import linking
from tasks.people.tokens import Issued
from tasks.permissions.matrix import VERBS


def access(page: Page, login: str) -> Answer:
    """By what somebody gets in, and what an operator may do about it."""
    return _shown(page, _found(page, login, "session.revoke"))


def unlock(page: Page, login: str) -> Answer:
    """Forget somebody's wrong passwords."""
    accounts.unlock(page.session, page.deps, _found(page, login, "organisation.manage"))
    flash(plain("账号已解锁。", "The login was unlocked."), "done")
    return redirect(url_for("admin.access", login=login))


def reset_password(page: Page, login: str) -> Answer:
    """Give somebody a one-time password, shown this once."""
    account = _found(page, login, "organisation.manage")
    return _shown(page, account, one_time=accounts.reset_password(page.session, page.deps, account))


def end_access(page: Page, login: str) -> Answer:
    """End all sessions, tokens and keys of somebody."""
    ended = accounts.end_access(page.session, page.deps, _found(page, login, "session.revoke"))
    flash(plain(f"已作废 {ended} 项登录、令牌和密钥。", f"{ended} were ended."), "done")
    return redirect(url_for("admin.access", login=login))


def issue(page: Page, login: str) -> Answer:
    """Make a token or signing key for a system, shown this once."""
    account = _found(page, login, "token.issue")
    kind = request.form.get("kind", "")
    if kind not in ("token", "key"):
        raise InvalidInput("A token or a key can be issued; the form named neither.")
    try:
        issued = accounts.issue(
            page.session,
            page.deps,
            account,
            cast(Credential, kind),
            scopes=request.form.getlist("scopes"),
            life=asked_life(),
            label=request.form.get("label", "").strip(),
        )
    except InvalidInput as refusal:
        return _shown(
            page, account, problem=plain(str(refusal.facts.get("message_zh") or ""), str(refusal)).strip()
        )
    return _shown(page, account, issued=issued)


def revoke_token(page: Page, login: str, token_id: UUID) -> Answer:
    """End a token of somebody."""
    return _revoked(page, login, "token", token_id)


def revoke_key(page: Page, login: str, key_id: str) -> Answer:
    """End a signing key of somebody."""
    return _revoked(page, login, "key", key_id)


def unlink(page: Page, login: str, identity_id: UUID) -> Answer:
    """Take an identity of somebody away; sessions opened by it end."""
    linking.unlink_one(page.session, page.deps, _found(page, login, "organisation.manage"), identity_id)
    flash(
        plain("已取消关联，由它打开的登录已失效。", "It was unlinked; sessions opened by it have ended."),
        "done",
    )
    return redirect(url_for("admin.access", login=login))


def _revoked(page: Page, login: str, kind: Credential, credential_id: Any) -> Answer:
    account = _found(page, login, "session.revoke")
    accounts.revoke(page.session, page.deps, account, kind, credential_id)
    flash(plain("已作废。", "It was revoked."), "done")
    return redirect(url_for("admin.access", login=login))


def _found(page: Page, login: str, permission: str) -> Account:
    return accounts.within_reach(page.session, page.deps, page.caller, login, permission)


def _shown(
    page: Page,
    account: Account,
    *,
    issued: Issued | None = None,
    one_time: str | None = None,
    problem: str = "",
) -> Answer:
    roles = page.deps.office.standing(page.session, account.id, account.login).roles
    response = page.render(
        "access.html",
        section="admin.organisation",
        seats=browsing.person(page.session, page.deps, page.caller, account.login).seats,
        office=page.deps.office.current(page.session).organisation,
        typed=request.form if problem else None,
        account=account,
        held=accounts.access(page.session, page.deps, account),
        identities=linking.identities(page.session, page.deps, account.id),
        verbs={name: verb.zh for name, verb in VERBS.items() if not verb.roles.isdisjoint(roles)},
        lives=LIVES,
        issued=issued,
        one_time=one_time,
        problem=problem,
    )
    response.status_code = 422 if problem else 200
    return response
