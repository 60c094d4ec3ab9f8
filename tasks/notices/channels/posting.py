"""What the channels that speak HTTP share: handing a body over, and reading what the status says of it."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from tasks.notices.channels.protocol import Outcome, Refused, Sent, TryAgain
from tasks.outside import LOOPBACK, Answer, NoAnswer, ask

SILENT, SECONDS = 10.0, 20.0
"""How long the other side may be silent, and take in all."""

MOST = 64 * 1024
"""The most bytes of an answer."""

LATER = frozenset({408, 425, 429})
"""Statuses that ask for another time."""

OURS = frozenset({401, 403, 404, 405, 410})
"""Statuses that say that the address or what lets in is wrong: no message gets through before that is set right."""

SECRET = "whsec_"
"""What a secret written in base64 begins with (Standard Webhooks)."""

_SEEN = 300
"""Characters of what a server says that are kept."""


def target_of(url: str) -> str:
    """A URL that notices may go to; raises ValueError with a sentence that does not show it."""
    try:
        parts = urlsplit(url)
        wrong = (
            not parts.hostname
            or parts.port == 0
            or "@" in parts.netloc
            or not url.isprintable()
            or " " in url
        )
        plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    except ValueError:
        wrong = plain = True
    if wrong or not (plain or parts.scheme == "https") or parts.fragment:
        raise ValueError("must be an https address, such as https://chat.example/hook?key=…")
    return url


def key_of(secret: str) -> bytes:
    """The bytes of a secret; raises ValueError with a sentence that does not show it."""
    if not secret.startswith(SECRET):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"is not base64 after {SECRET}.") from None


def signed(secret: str, key: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0: who receives the body can tell that it is ours, fresh, and not a second one.

    at: seconds since 1970. Without a secret there is no signature.
    """
    headers = {"webhook-id": key, "webhook-timestamp": str(at)}
    if secret:
        said = b".".join((key.encode(), str(at).encode(), body))
        made = base64.b64encode(hmac.digest(key_of(secret), said, sha256)).decode()
        headers["webhook-signature"] = f"v1,{made}"
    return headers


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    judged: Callable[[Any], Outcome],
    *,
    secrets: tuple[str, ...],
    kind: str = "application/json",
) -> Outcome:
    """Hand a body over. judged: what an answer with a status of success says, by its JSON (None where it is none).

    secrets: what is taken out of what the other side says, should it repeat it, besides the address and its parts.
    """
    sent = {"Accept": "application/json", "Content-Type": kind, "User-Agent": "Redress", **headers}
    try:
        answer = ask("POST", url, headers=sent, content=body, silent=SILENT, seconds=SECONDS, most=MOST)
    except NoAnswer as error:
        return TryAgain(f"The other side {error}.", whole=True)
    outcome = _judged(answer, judged)
    if isinstance(outcome, Sent):
        return outcome
    reason = outcome.reason
    for secret in sorted({*secrets, *_parts(url)} - {""}, key=len, reverse=True):
        reason = reason.replace(secret, "…")
    reason = "".join(sign if sign.isprintable() else " " for sign in reason)[:_SEEN]
    return Refused(reason) if isinstance(outcome, Refused) else TryAgain(reason, outcome.whole)


def _judged(answer: Answer, judged: Callable[[Any], Outcome]) -> Outcome:
    said = f"{answer.status} {answer.body.decode('utf-8', 'replace')}"
    if 200 <= answer.status < 300:
        return judged(json_of(answer.body))
    if answer.status in OURS or answer.status >= 500:
        return TryAgain(said, whole=True)
    return TryAgain(said) if answer.status in LATER else Refused(said)


def _parts(url: str) -> set[str]:
    """What of an address may let somebody in: all of it, the end of its path, and the values of its query."""
    parts = urlsplit(url)
    return {url, parts.path.rpartition("/")[2], *(value for _, value in parse_qsl(parts.query))}


def json_of(body: bytes) -> Any:
    """The JSON of an answer; None where it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
