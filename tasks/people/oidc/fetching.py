"""Asking an identity provider over HTTP: bounded in time and size, no redirects followed, JSON or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tasks.outside import NoAnswer, ask
from tasks.people.oidc.refusals import unavailable
from tasks.people.oidc.settings import ProviderSettings

MOST = 512 * 1024
"""The most bytes of an answer."""


def fetch(
    provider: ProviderSettings,
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON object of an answer, which may be silent for `provider.seconds` and take twice that in all.
    Proxies of the environment are used, but not for this very machine.

    Raises ProviderUnavailable for no answer, a late or large one, a redirect, a 5xx, and one that is no JSON object.
    """
    name, patience = provider.name, provider.seconds
    try:
        answer = ask(
            method,
            url,
            headers={"Accept": "application/json", **(headers or {})},
            content=body.encode() if body is not None else None,
            silent=patience,
            seconds=2 * patience,
            most=MOST,
        )
    except NoAnswer as error:
        raise unavailable(name, str(error)) from error
    if answer.status >= 500:
        raise unavailable(name, f"answered with status {answer.status}")
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise unavailable(name, f"answered with status {answer.status} and no JSON") from error
    if not isinstance(found, dict):
        raise unavailable(name, "answered with something else than a JSON object")
    return answer.status, found
