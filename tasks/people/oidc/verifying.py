"""The ID token: signed by the provider, by an allowed algorithm, for this installation, for this very sign-in, and not
over (OpenID Connect Core §3.1.3.7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from authlib.oauth2.claims import JWTClaims
from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key
from joserfc.jwt import decode

from tasks.core import storable
from tasks.people.oidc.refusals import refused
from tasks.people.oidc.settings import ProviderSettings

LEEWAY = 60
"""Seconds by which two clocks may differ."""
LONGEST_SUBJECT = 255
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
LATEST = 300
"""So many seconds after it was made a logout token is still taken."""
_KINDS: dict[str, type[Key]] = {"RS": RSAKey, "PS": RSAKey, "ES": ECKey, "Ed": OKPKey}


class UnknownKey(Exception):
    """None of the keys that are known has signed it: the provider may have begun to sign with another."""


def signing_keys(published: Mapping[str, Any]) -> list[Key]:
    """The keys of a JWK set that may have signed a token: public ones, not for encryption. What is not understood is
    left out (RFC 7517 §5).
    """
    found = []
    listed = published.get("keys")
    for each in listed if isinstance(listed, list) else ():
        if (
            isinstance(each, dict)
            and each.get("use", "sig") == "sig"
            and each.get("kty") in ("RSA", "EC", "OKP")
        ):
            try:
                found.append(import_key(each))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
    return found


def verified(
    provider: ProviderSettings,
    keys: Sequence[Key],
    id_token: str,
    *,
    nonce: str,
    access_token: str,
    now: datetime,
    since: datetime | None = None,
) -> dict[str, Any]:
    """The claims of a token that holds; since: whoever it names must have signed in there after this (`auth_time`).

    Raises UnknownKey, and SignInRefused for everything else that is wrong.
    """
    claims, header = _signed(provider, keys, id_token)
    options: Any = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
    try:
        CodeIDToken(claims, header, options, params).validate(now=int(now.timestamp()), leeway=LEEWAY)
    except JoseError as error:
        raise refused(provider.name, f"its ID token does not hold ({_said(error)})") from error
    subject = claims["sub"]
    if not subject or len(subject) > LONGEST_SUBJECT or not storable(subject):
        raise refused(provider.name, "its ID token names nobody")
    if since is not None and not _signed_in(claims.get("auth_time"), since, now):
        raise refused(provider.name, "its ID token does not say that somebody has signed in there just now")
    return claims


def _signed_in(at: Any, since: datetime, now: datetime) -> bool:
    if isinstance(at, bool) or not isinstance(at, int | float):
        return False
    return since.timestamp() - LEEWAY <= at <= now.timestamp() + LEEWAY


def logged_out(
    provider: ProviderSettings, keys: Sequence[Key], logout_token: str, *, now: datetime
) -> dict[str, Any]:
    """The claims of a logout token that holds (OpenID Connect Back-Channel Logout §2.6). Raises as `verified` does."""
    claims, header = _signed(provider, keys, logout_token)
    options: Any = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "iat": {"essential": True},
        "jti": {"essential": True},
    }
    try:
        JWTClaims(claims, header, options).validate(now=int(now.timestamp()), leeway=LEEWAY)
    except JoseError as error:
        raise refused(provider.name, f"its logout token does not hold ({_said(error)})") from error
    events = claims.get("events")
    told = isinstance(events, dict) and isinstance(events.get(LOGOUT), dict)
    whom = [claims.get(name) for name in ("sub", "sid") if claims.get(name) is not None]
    named = bool(whom) and all(isinstance(each, str) and each and storable(each) for each in whom)
    old = claims["iat"] < now.timestamp() - LATEST
    if not told or not named or old or "nonce" in claims:
        raise refused(provider.name, "its logout token says nobody has signed out now")
    return claims


def _signed(
    provider: ProviderSettings, keys: Sequence[Key], token: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Claims and header of a token with a good signature."""
    try:
        header = dict(jws.extract_compact(token.encode("ascii")).headers())
    except (JoseError, ValueError) as error:
        raise refused(provider.name, "its ID token is no signed token") from error
    algorithm, named = header.get("alg"), header.get("kid")
    if algorithm not in provider.algorithms:
        raise refused(
            provider.name, f"its ID token is signed by {str(algorithm)[:20]!r}, which is not allowed"
        )
    fitting = [
        key for key in keys if isinstance(key, _KINDS[algorithm[:2]]) and (named is None or key.kid == named)
    ]
    for key in fitting:
        try:
            return dict(decode(token, key, algorithms=[algorithm]).claims), header
        except (JoseError, ValueError):
            continue
    raise UnknownKey


def _said(error: JoseError) -> str:
    return " ".join(str(error).split())[:120]
