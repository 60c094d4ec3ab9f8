"""My account and the identity providers: linking it, unlinking it, and saying there once more who I am."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import under_way
from admin.page import CHANGE_PASSWORD, SECRET_KEY, Answer, Page
from admin.show.language import plain
from admin.under_way import CONFIRM, LINK, UnderWay
from engine.errors import RedressError, TooBusy
from tasks.deps import Deps
from tasks.people.confirming import NotConfirmed, confirm, confirmed_until, require_confirmed
from tasks.people.identity import NotSignedIn
from tasks.people.oidc.linking import identities
from tasks.people.oidc.own import last_way_in, link_own, unlink_own
from tasks.people.oidc.provider import Provider
from tasks.people.oidc.refusals import refused
from tasks.people.sessions import caller_from_session
from tasks.people.sign_in import COUNTED, has_password
from tasks.permissions.matrix import require

log = logging.getLogger("redress.admin")

_DONE = {
    LINK: (link_own, "已关联，今后可以用它登录。", "It was linked: you can sign in with it from now on."),
    CONFIRM: (
        confirm,
        "已重新确认身份，五分钟内可办理一项操作。",
        "You have said who you are; that is good for one act within five minutes.",
    ),
}
"""What is done with the proven claims that somebody comes back with, and what is said then."""


def shown(page: Page) -> dict[str, Any]:
    """What the page of my account needs to know of my identities, and by what I can say once more who I am."""
    held = identities(page.session, page.deps, page.caller.id)
    password = has_password(page.session, page.deps, page.caller.id)
    linked = {one.provider for one in held}
    return {
        "held": held,
        "kept": {one.id for one in held if last_way_in(held, one.id, password=password)},
        "providers": [each.settings for each in page.deps.providers],
        "confirming": [each.settings for each in page.deps.providers if each.settings.name in linked],
        "password": password,
        "confirmed_until": confirmed_until(page.session, page.deps, page.caller),
    }


def link(page: Page) -> Answer:
    """Go to a provider to link my account with whoever signs in there: me, of whom it is certain."""
    provider = page.deps.providers.known(request.form.get("provider", ""))
    try:
        attempt, address = provider.begin(fresh=True)
    except RedressError as refusal:
        return _told(*under_way.words(refusal))
    try:
        require_confirmed(page.session, page.deps, page.caller, request.form.get("password", ""))
    except (*COUNTED, NotConfirmed, TooBusy) as refusal:
        return _told(str(refusal.facts["message_zh"]), str(refusal))
    under_way.keep(attempt, LINK, session_id=page.caller.token_id)
    return under_way.away(address)


def confirm_at(page: Page) -> Answer:
    """Go to a provider I am linked with to sign in there once more."""
    provider = page.deps.providers.known(request.form.get("provider", ""))
    try:
        attempt, address = provider.begin(fresh=True)
    except RedressError as refusal:
        return _told(*under_way.words(refusal))
    under_way.keep(attempt, CONFIRM, session_id=page.caller.token_id)
    return under_way.away(address)


def unlink(page: Page, identity_id: UUID) -> Answer:
    """Take one of my identities away."""
    unlink_own(page.session, page.deps, page.caller, identity_id)
    flash(plain("已取消关联。", "It was unlinked."), "done")
    return _account()


def came_back(deps: Deps, provider: Provider, kept: UnderWay) -> AnyResponse:
    """Do with what a provider has proved what it was asked for, in the very session in which it was."""
    try:
        # Nothing is held in the database while the provider is asked.
        claims = provider.finish(kept.attempt, request.args)
    except RedressError as refusal:
        log.warning("%s", refusal)
        return _told(*under_way.words(refusal))
    with deps.sessions() as opened:
        try:
            caller, _ = caller_from_session(opened, deps, session.get(SECRET_KEY, ""))
        except NotSignedIn:
            return redirect(url_for("admin.sign_in"))
        g.caller, g.language = caller, caller.language
        if caller.must_change_password:
            return redirect(url_for(CHANGE_PASSWORD))
        does, zh, en = _DONE[kept.purpose]
        try:
            require(caller, "self.manage")
            if kept.session != str(caller.token_id):
                raise refused(provider.settings.name, "what came back belongs to another session")
            does(opened, deps, caller, provider.settings, claims)
        except RedressError as refusal:
            log.warning("%s", refusal)
            return _told(*under_way.words(refusal))
        opened.commit()
    flash(plain(zh, en), "done")
    return _account()


def _told(zh: str, en: str) -> AnyResponse:
    """Back to the page of my account, which says why not. What is counted of wrong passwords is committed with it."""
    flash(plain(zh, en), "refused")
    return _account()


def _account() -> AnyResponse:
    return redirect(url_for("admin.account") + "#identities", 303)
