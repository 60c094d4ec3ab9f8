"""A sign-in at an identity provider that is under way. What binds its answer to this browser waits in the signed cookie and
is worth one answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, make_response, render_template, session

from engine.errors import RedressError, TooBusy
from tasks.people.oidc.provider import Attempt
from tasks.people.oidc.refusals import NoAccount, SignInRefused

KEY = "oidc"
SIGN_IN, LINK, CONFIRM = "sign_in", "link", "confirm"
"""What for: to come in; to link the account with whoever signs in there; to say once more who one is."""
_LONGEST_NEXT = 500
"""The cookie holds it: a longer address is not returned to."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """`session`: the id of the session it was begun in, where one comes back to it; `next`: where one wanted to go."""

    attempt: Attempt | None = None
    purpose: str = SIGN_IN
    session: str = ""
    next: str = ""


def keep(attempt: Attempt, purpose: str = SIGN_IN, *, session_id: object = "", next: str = "") -> None:
    """Put it into the cookie, in the place of one that was begun before."""
    session[KEY] = {
        "provider": attempt.provider,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "verifier": attempt.verifier,
        "at": attempt.at.timestamp(),
        "fresh": attempt.fresh,
        "for": purpose,
        "session": str(session_id),
        "next": next[:_LONGEST_NEXT],
    }


def take() -> UnderWay:
    """What was begun in this browser, and not again."""
    kept: dict[str, Any] = session.pop(KEY, None) or {}
    if not kept:
        return UnderWay()
    at = datetime.fromtimestamp(kept["at"], UTC)
    attempt = Attempt(kept["provider"], kept["state"], kept["nonce"], kept["verifier"], at, kept["fresh"])
    return UnderWay(attempt, kept["for"], kept["session"], kept["next"])


def away(address: str) -> Response:
    """The way to a provider after a form: a page, no redirect, because what a form leads to must be of this site
    (`form-action`).
    """
    return make_response(render_template("away.html", address=address))


def words(refusal: RedressError) -> tuple[str, str]:
    """What a page says of a refusal, in Chinese and in English; what exactly was wrong is for the log."""
    english = str(refusal)
    if isinstance(refusal, TooBusy):
        english = "The identity provider does not answer; try later or sign in with a local login."
    elif isinstance(refusal, NoAccount):
        english = "There is no open account for you here; ask the operators."
    elif isinstance(refusal, SignInRefused):
        english = "Signing in did not succeed; begin again."
    return str(refusal.facts.get("message_zh") or ""), english
