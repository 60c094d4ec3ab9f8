"""What protects the pages: the CSRF token, the content security policy and the other response headers.

Sign-in itself is `tasks.people`' business; a page only keeps the id of a revocable server-side session in the
signed cookie.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from typing import Any

from flask import abort, request, session
from werkzeug.wrappers import Response

CSRF_KEY = "csrf"

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}

ISLAND_POLICY = POLICY | {"style-src-attr": "'unsafe-inline'"}
"""The form and the diagram set style attributes on their own elements; nothing else is opened for them."""

EDITOR_POLICY = ISLAND_POLICY | {"img-src": "'self' data:"}
"""The form editor draws the signs of its fields from within its own style sheet."""

POLICIES = {"": POLICY, "yes": ISLAND_POLICY, "editor": EDITOR_POLICY}
"""What a page says with `X-Redress-Island` → its policy."""


def cookie(*, https: bool) -> dict[str, Any]:
    """The settings of Flask's cookie. Over https a browser takes it from this very host only, and sends it over https only:
    no neighbour under the same domain can plant one.
    """
    return {
        "SESSION_COOKIE_NAME": "__Host-redress" if https else "redress",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
    }


def insist_on_https(response: Response) -> Response:
    """Tell browsers to come over https only for a year from now, whatever the link says."""
    response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def csrf_token() -> str:
    """Return this session's token, making one on first use. Every changing form and request carries it."""
    token = session.get(CSRF_KEY)
    if not isinstance(token, str):
        token = session[CSRF_KEY] = secrets.token_urlsafe(32)
    return token


def check_csrf() -> None:
    """Refuse a changing request that does not carry this session's token (form field or `X-CSRFToken`
    header), or that the browser says another site has sent.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(400, "csrf")
    expected = session.get(CSRF_KEY)
    given = request.headers.get("X-CSRFToken") or request.form.get("csrf_token", "")
    if not isinstance(expected, str) or not hmac.compare_digest(expected.encode(), given.encode()):
        abort(400, "csrf")


def check_text(uploads: Collection[str] = ()) -> None:
    """Refuse what no database text can hold, wherever in an address or a form it stands.

    uploads: endpoints that are sent a file, whose bodies are read, and looked at, when it is known who sends it
    (`admin/papers.py`).
    """
    texts = [
        request.path,
        *request.args.values(),
        *(() if request.endpoint in uploads else request.form.values()),
        *(request.view_args or {}).values(),
    ]
    if not all(storable(text) for text in texts if isinstance(text, str)):
        abort(400, "characters")


def storable(text: str) -> bool:
    """Tell whether a text can be stored and sent: no zero character, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def protect(response: Response) -> Response:
    """Add the security headers; a page that holds an island says so with `X-Redress-Island`, which is removed
    here.
    """
    policy = POLICIES[response.headers.pop("X-Redress-Island", "")]
    headers = response.headers
    own = headers.get("Content-Security-Policy", "")
    if not own.startswith(("sandbox", "default-src 'none'")):  # a download, a letter: shut in further
        headers["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if response.mimetype == "text/html" or response.mimetype == "application/json":
        # Personal data: neither a proxy nor the back button of the next person on this machine may keep it.
        headers["Cache-Control"] = "no-store"
    return response
