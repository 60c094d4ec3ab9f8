"""One identity provider as this process knows it: what it published, and the two halves of a sign-in.

Nothing is asked before somebody signs in: an installation starts, and local sign-in works, while its provider is down.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import quote_plus, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import Key

from engine.clock import Clock
from engine.errors import NotFound, TooBusy
from tasks.core import storable
from tasks.outside import LOOPBACK
from tasks.people.oidc.fetching import fetch
from tasks.people.oidc.refusals import refused, unavailable
from tasks.people.oidc.settings import ProviderSettings
from tasks.people.oidc.verifying import UnknownKey, logged_out, signing_keys, verified
from tasks.turns import Turns

FRESH = timedelta(minutes=10)
"""How long what a provider has published is believed without asking again."""
ATTEMPT_LIFE = timedelta(minutes=10)
"""How long somebody may take at the provider."""
KEYS_EVERY = timedelta(seconds=5)
"""How often it is asked for its keys at most."""
_METHODS = ("client_secret_basic", "client_secret_post")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that has begun: the secrets that bind what comes back to the browser it began in. `fresh`: only who signs in
    there after it began is taken, not who was signed in already.
    """

    provider: str
    state: str
    nonce: str
    verifier: str
    at: datetime
    fresh: bool = False


class Provider:
    """A provider and what it has published lately. Shared by the threads of a process."""

    def __init__(self, settings: ProviderSettings, clock: Clock, turns: Turns) -> None:
        self.settings = settings
        self._clock = clock
        self._turns = turns
        self._lock = Lock()
        self._published: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, list[Key]] | None = None

    def begin(self, *, fresh: bool = False) -> tuple[Attempt, str]:
        """A new attempt and the address to send the browser to; fresh: the provider is to ask for the password again.

        Raises ProviderUnavailable, TooBusy.
        """
        with self._turns.one(f"Signing in with {self.settings.name}"):
            endpoint = self._endpoint("authorization_endpoint")
        attempt = Attempt(
            self.settings.name,
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(48),
            self._clock.now(),
            fresh,
        )
        again = {"prompt": "login", "max_age": "0"} if fresh else {}
        address = prepare_grant_uri(
            endpoint,
            client_id=self.settings.client_id,
            response_type="code",
            redirect_uri=self.settings.redirect_uri,
            scope=self.settings.scopes,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
            **again,
        )
        return attempt, str(address)

    def finish(self, attempt: Attempt | None, answer: Mapping[str, str]) -> dict[str, Any]:
        """The proven claims behind what the browser brought back: those of the ID token, and of userinfo besides.

        Raises SignInRefused where anything is missing, forged, old or another's; ProviderUnavailable; TooBusy.
        """
        code = self._code(attempt, answer)
        assert attempt is not None
        with self._turns.one(f"Signing in with {self.settings.name}"):
            tokens = self._exchange(code, attempt.verifier)
            id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
            if not isinstance(id_token, str) or not isinstance(access_token, str):
                raise refused(self.settings.name, "the provider sent no ID token")
            claims = self._verified(id_token, attempt, access_token)
            return {**self._more(access_token, str(claims["sub"])), **claims}

    def logged_out(self, logout_token: str) -> dict[str, Any]:
        """The claims of a logout token that the provider itself has sent here. Raises SignInRefused, ProviderUnavailable,
        TooBusy.
        """
        with self._turns.one(f"Signing out by {self.settings.name}"):
            return self._by_any_key(lambda keys, now: logged_out(self.settings, keys, logout_token, now=now))

    def signed_out(self) -> str | None:
        """Where a browser is sent that signs out here, so that the provider ends its own session too (OpenID Connect
        RP-Initiated Logout); None where it offers none, or cannot be asked now.
        """
        try:
            with self._turns.one(f"Signing out of {self.settings.name}"):
                endpoint = self._metadata().get("end_session_endpoint")
        except TooBusy:  # whom nobody answers is signed out here all the same
            return None
        if not isinstance(endpoint, str) or not self._believable(endpoint):
            return None
        asked = {
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": self.settings.signed_out_uri,
        }
        return str(add_params_to_uri(endpoint, [(key, value) for key, value in asked.items() if value]))

    def _code(self, attempt: Attempt | None, answer: Mapping[str, str]) -> str:
        """The code of an answer to this very attempt."""
        name, now = self.settings.name, self._clock.now()
        if attempt is None or attempt.provider != name or not attempt.at <= now < attempt.at + ATTEMPT_LIFE:
            raise refused(name, "no sign-in with it is under way in this browser")
        if not hmac.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            raise refused(name, "what came back belongs to another sign-in")
        # Who answers says so (RFC 9207): a code of one provider is not shown to another.
        said = answer.get("iss")
        required = self._metadata().get("authorization_response_iss_parameter_supported") is True
        if said != self.settings.issuer and (said is not None or required):
            raise refused(name, "what came back is another provider's")
        if answer.get("error"):
            raise refused(name, f"the provider answered {answer['error'][:60]!r}")
        if not answer.get("code"):
            raise refused(name, "what came back holds no code")
        return answer["code"]

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        endpoint = self._endpoint("token_endpoint")
        offered = self._metadata().get("token_endpoint_auth_methods_supported") or _METHODS[:1]
        way = next((each for each in _METHODS if each in offered), _METHODS[0])
        client, secret = self.settings.client_id, self.settings.client_secret
        if (
            way == "client_secret_basic"
        ):  # which takes them as a form would (RFC 6749 §2.3.1), before it joins them
            client, secret = quote_plus(client), quote_plus(secret)
        auth = ClientAuth(client, secret, way if secret else "none")
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=self.settings.redirect_uri,
            code_verifier=verifier,
        )
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        url, headers, body = auth.prepare("POST", endpoint, form, body)
        status, tokens = fetch(self.settings, url, method="POST", headers=headers, body=body)
        if status != 200:
            raise refused(
                self.settings.name, f"the provider refused the code ({str(tokens.get('error'))[:60]!r})"
            )
        return tokens

    def _verified(self, id_token: str, attempt: Attempt, access_token: str) -> dict[str, Any]:
        since = attempt.at if attempt.fresh else None
        return self._by_any_key(
            lambda keys, now: verified(
                self.settings,
                keys,
                id_token,
                nonce=attempt.nonce,
                access_token=access_token,
                now=now,
                since=since,
            )
        )

    def _by_any_key(self, verify: Callable[[list[Key], datetime], dict[str, Any]]) -> dict[str, Any]:
        """What `verify` says by the known keys; where none of them has signed, the provider is asked for its keys once
        more, but not more often than every few seconds: anybody may send a token.
        """
        for afresh in (False, True):
            try:
                return verify(self._signing_keys(afresh=afresh), self._clock.now())
            except UnknownKey:
                continue
        raise refused(self.settings.name, "its token is signed by none of the provider's keys")

    def _more(self, access_token: str, subject: str) -> dict[str, Any]:
        """What userinfo adds, of the same subject."""
        endpoint = self._metadata().get("userinfo_endpoint")
        if not isinstance(endpoint, str) or not self._believable(endpoint):
            return {}
        status, found = fetch(self.settings, endpoint, headers={"Authorization": f"Bearer {access_token}"})
        if status != 200 or found.get("sub") != subject:
            raise refused(self.settings.name, "the provider's userinfo is not that of the ID token")
        return found

    def _endpoint(self, kind: str) -> str:
        found = self._metadata().get(kind)
        if not isinstance(found, str) or not self._believable(found):
            raise unavailable(self.settings.name, f"publishes no usable {kind}")
        return found

    def _metadata(self) -> dict[str, Any]:
        """What the provider publishes about itself (OpenID Connect Discovery), asked for when it is no longer fresh."""
        with self._lock:
            if self._published is None or self._published[0] + FRESH <= self._clock.now():
                address = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
                status, found = fetch(self.settings, address)
                if status != 200 or found.get("issuer") != self.settings.issuer:
                    raise unavailable(self.settings.name, "publishes no configuration of that issuer")
                self._published = self._clock.now(), found
            return self._published[1]

    def _signing_keys(self, *, afresh: bool) -> list[Key]:
        with self._lock:
            held = self._keys
        afresh = afresh and held is not None and held[0] + KEYS_EVERY <= self._clock.now()
        if held is None or afresh or held[0] + FRESH <= self._clock.now():
            status, found = fetch(self.settings, self._endpoint("jwks_uri"))
            if status != 200:
                raise unavailable(self.settings.name, "publishes no keys")
            held = self._clock.now(), signing_keys(found)
            with self._lock:
                self._keys = held
        return held[1]

    def _believable(self, address: str) -> bool:
        """Whether an address a provider names may be used: https, or of this very machine as its issuer is."""
        parts = urlsplit(address)
        local = urlsplit(self.settings.issuer).hostname in LOOPBACK and parts.hostname in LOOPBACK
        return storable(address) and (parts.scheme == "https" or (parts.scheme == "http" and local))


class Providers:
    """The providers of an installation, by name; none is the usual case."""

    def __init__(self, providers: Iterable[Provider] = ()) -> None:
        self._by_name = {each.settings.name: each for each in providers}

    def __iter__(self) -> Iterator[Provider]:
        return iter(self._by_name.values())

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def named(self, name: str) -> Provider | None:
        return self._by_name.get(name)

    def of(self, issuer: str | None) -> Provider | None:
        """The provider whose tokens carry this issuer."""
        return next((each for each in self if each.settings.issuer == issuer), None)

    def known(self, name: str) -> Provider:
        """The provider of a name. Raises NotFound naming those there are."""
        found = self.named(name)
        if found is None:
            raise NotFound(
                f"The identity provider {name[:60]} was asked for; the settings name "
                f"{', '.join(sorted(self._by_name)) or 'none'}.",
                message_zh="没有这个统一认证。",
            )
        return found
