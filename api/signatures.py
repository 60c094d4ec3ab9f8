"""Signed calls: HTTP Message Signatures (RFC 9421) with HMAC-SHA-256 and Content-Digest (RFC 9530), a strict part of them.

A call carries exactly one signature. It covers @method, @target-uri (or @path and @query), content-digest where there is a
body, idempotency-key where there is one, and whatever other headers its sender likes; it names created, expires, nonce,
keyid and alg. docs/signing.md says it with examples. Everything else is refused, always with the same words.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import http_sf

from tasks.people.identity import NotSignedIn

SKEW = timedelta(minutes=5)
"""How far the clocks of sender and server may differ, and how long a signature may be used."""
ALGORITHM = "hmac-sha256"
_PARAMETERS = {"created": int, "expires": int, "nonce": str, "keyid": str, "alg": str}
_KEY_ID = re.compile(r"rk_[A-Za-z0-9_-]{16}")
_NONCE = re.compile(r"[!-~]{8,100}")
_FIELD = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_MOST_COMPONENTS = 20


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it was sent. `origin`: scheme and authority in small letters; `target`: path and query, as sent;
    `field`: gives all values of a header, by its name in small letters.
    """

    method: str
    origin: str
    target: str
    field: Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a good signature says: whose key, its nonce, and the SHA-256 of the body it covers, or None."""

    key_id: str
    nonce: str
    body_sha256: bytes | None


def verified(message: Message, secret_of: Callable[[str], str], now: datetime) -> Signed:
    """Check the signature of a message. secret_of: gives the secret of a key id, for made-up ids too.

    Whether the key holds, whether the nonce is new and whether the body is what its digest says is not asked here.
    Raises NotSignedIn, whatever is wrong.
    """
    try:
        covered, parameters, signature = _read(message)
        _check(covered, parameters, message, now)
        base = signature_base(message, covered, parameters)
        digest = _digest(message) if "content-digest" in covered else None
    except (ValueError, KeyError, TypeError, IndexError):  # StructuredFieldError is a ValueError
        raise NotSignedIn() from None
    expected = hmac.new(secret_of(parameters["keyid"]).encode(), base.encode("ascii"), sha256).digest()
    if not hmac.compare_digest(expected, signature):
        raise NotSignedIn()
    return Signed(parameters["keyid"], parameters["nonce"], digest)


def signature_base(message: Message, covered: Sequence[str], parameters: dict[str, Any]) -> str:
    """The text that is signed (RFC 9421 §2.5). Raises ValueError for a component that is not there or not ASCII."""
    lines = [f'"{name}": {_component(message, name)}' for name in covered]
    inner: Any = ([(name, {}) for name in covered], parameters)
    lines.append(f'"@signature-params": {http_sf.ser([inner])}')
    base = "\n".join(lines)
    if not base.isascii():
        raise ValueError
    return base


def _read(message: Message) -> tuple[list[str], dict[str, Any], bytes]:
    """The covered components, the parameters and the signature itself."""
    inputs = _dictionary(message, "signature-input")
    signatures = _dictionary(message, "signature")
    if len(inputs) != 1 or inputs.keys() != signatures.keys():
        raise ValueError
    (items, parameters), (signature, extra) = *inputs.values(), *signatures.values()
    if not isinstance(items, list) or not isinstance(signature, bytes) or extra:
        raise ValueError
    if any(type(name) is not str or given for name, given in items) or len(items) > _MOST_COMPONENTS:
        raise ValueError
    return [name for name, _ in items], parameters, signature


def _dictionary(message: Message, name: str) -> dict[str, Any]:
    def twice(key: str, _context: str) -> None:
        raise ValueError(key)

    text = ", ".join(message.field(name))
    found: dict[str, Any] = http_sf.parse(text.encode("ascii"), tltype="dictionary", on_duplicate_key=twice)  # type: ignore[assignment]
    return found


def _check(covered: list[str], parameters: dict[str, Any], message: Message, now: datetime) -> None:
    if parameters.keys() != _PARAMETERS.keys():
        raise ValueError
    if any(type(parameters[name]) is not kind for name, kind in _PARAMETERS.items()):
        raise ValueError
    if parameters["alg"] != ALGORITHM or not _KEY_ID.fullmatch(parameters["keyid"]):
        raise ValueError
    if not _NONCE.fullmatch(parameters["nonce"]):
        raise ValueError
    at, skew = now.timestamp(), SKEW.total_seconds()
    created, expires = parameters["created"], parameters["expires"]
    if abs(at - created) > skew or not at < expires <= at + 2 * skew or expires <= created:
        raise ValueError
    names = set(covered)
    if len(names) != len(covered) or "@method" not in names:
        raise ValueError
    if "@target-uri" not in names and not {"@path", "@query"} <= names:
        raise ValueError
    if message.field("idempotency-key") and "idempotency-key" not in names:
        raise ValueError
    if message.field("content-digest") and "content-digest" not in names:
        raise ValueError


def _component(message: Message, name: str) -> str:
    path, _mark, query = message.target.partition("?")
    derived = {
        "@method": message.method,
        "@target-uri": message.origin + message.target,
        "@authority": message.origin.partition("://")[2],
        "@scheme": message.origin.partition("://")[0],
        "@request-target": message.target,
        "@path": path or "/",
        "@query": "?" + query,
    }
    if name in derived:
        return derived[name]
    values = [value.strip(" \t") for value in message.field(name)] if _FIELD.fullmatch(name) else []
    if not values or name in ("signature", "signature-input") or any(_breaks(value) for value in values):
        raise ValueError
    return ", ".join(values)


def _breaks(value: str) -> bool:
    return any((letter < " " and letter != "\t") or letter == "\x7f" for letter in value)


def _digest(message: Message) -> bytes:
    found, _ = _dictionary(message, "content-digest")["sha-256"]
    if not isinstance(found, bytes) or len(found) != 32:
        raise ValueError
    return found
