"""Identity providers from the environment: `REDRESS_OIDC_<NAME>_<WHAT>`, any number of names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tasks.outside import LOOPBACK
from tasks.people.oidc.settings import ALGORITHMS, ProviderSettings

PREFIX = "REDRESS_OIDC_"
CLAIMS = ("login", "name", "groups")
_NAMED = re.compile(
    PREFIX + r"([A-Z0-9]{1,20})_(ISSUER|CLIENT_ID|CLIENT_SECRET|LABEL|SCOPES|ALGORITHMS|SECONDS|ACCOUNTS|"
    r"LOGIN_CLAIM|NAME_CLAIM|GROUPS_CLAIM)"
)


def providers_of(env: Mapping[str, str], public_url: str) -> tuple[ProviderSettings, ...]:
    """The providers an environment names, by name. Raises ValueError with a sentence naming the variable that is wrong."""
    found: dict[str, dict[str, str]] = {}
    for variable in sorted(env):
        if variable.startswith(PREFIX) and env[variable].strip():
            matched = _NAMED.fullmatch(variable)
            if matched is None:
                raise ValueError(
                    f"{variable} is no setting of an identity provider: see docs/single-sign-on.md."
                )
            found.setdefault(matched[1], {})[matched[2]] = env[variable].strip()
    if found and not public_url:
        raise ValueError(
            "REDRESS_PUBLIC_URL must be set for single sign-on: the provider sends people back there."
        )
    return tuple(_provider(name, given, public_url) for name, given in found.items())


def _provider(name: str, given: Mapping[str, str], public_url: str) -> ProviderSettings:
    for needed in ("ISSUER", "CLIENT_ID"):
        if needed not in given:
            raise ValueError(f"{PREFIX}{name}_{needed} must be set for the identity provider {name}.")
    parts = urlsplit(given["ISSUER"])
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not secure or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            f"{PREFIX}{name}_ISSUER must be an https address without a query, not {given['ISSUER']!r}."
        )
    algorithms = tuple(given.get("ALGORITHMS", "").split()) or ProviderSettings.algorithms
    if not set(algorithms) <= set(ALGORITHMS):
        raise ValueError(f"{PREFIX}{name}_ALGORITHMS must be among {' '.join(ALGORITHMS)}.")
    scopes = given.get("SCOPES") or ProviderSettings.scopes
    if "openid" not in scopes.split():
        raise ValueError(f"{PREFIX}{name}_SCOPES must contain openid, not only {scopes!r}.")
    accounts = given.get("ACCOUNTS", ProviderSettings.accounts)
    if accounts not in ("link", "create"):
        raise ValueError(f"{PREFIX}{name}_ACCOUNTS must be link or create, not {accounts!r}.")
    key = name.lower()
    more: dict[str, Any] = {
        "client_secret": given.get("CLIENT_SECRET", ""),
        "label": given.get("LABEL") or name,
        "scopes": scopes,
        "algorithms": algorithms,
        "accounts": accounts,
        **{
            f"{claim}_claim": given[f"{claim.upper()}_CLAIM"]
            for claim in CLAIMS
            if f"{claim.upper()}_CLAIM" in given
        },
        "seconds": _seconds(name, given.get("SECONDS", "")),
    }
    return ProviderSettings(
        key,
        given["ISSUER"],
        given["CLIENT_ID"],
        f"{public_url}/sign-in/with/{key}/back",
        f"{public_url}/sign-in",
        **more,
    )


def _seconds(name: str, text: str) -> float:
    try:
        seconds = float(text or ProviderSettings.seconds)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 30:
        raise ValueError(f"{PREFIX}{name}_SECONDS must be between 0.1 and 30, not {text!r}.")
    return seconds
