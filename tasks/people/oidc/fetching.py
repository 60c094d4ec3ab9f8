"""Asking an identity provider over HTTP: bounded in time and size, no redirects followed, JSON or a refusal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from tasks.people.oidc.refusals import unavailable
from tasks.people.oidc.settings import LOOPBACK, ProviderSettings

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
    """The status and the JSON object of an answer, which may be silent for `provider.seconds` and take twice that in all. Proxies of the environment are used, but not for this very machine.

    Raises ProviderUnavailable for no answer, a late or large one, a redirect, a 5xx, and one that is no JSON object.
    """
    name, patience = provider.name, provider.seconds
    deadline = time.monotonic() + 2 * patience
    outside = urlsplit(url).hostname not in LOOPBACK
    read = bytearray()
    try:
        with (
            httpx.Client(timeout=patience, follow_redirects=False, trust_env=outside) as client,
            client.stream(
                method, url, headers={"Accept": "application/json", **(headers or {})}, content=body
            ) as answer,
        ):
            for part in answer.iter_bytes():
                read += part
                if len(read) > MOST:
                    raise unavailable(name, f"sent more than {MOST} bytes")
                if time.monotonic() > deadline:
                    raise unavailable(name, f"took longer than {2 * patience:g} seconds to answer")
    except httpx.TimeoutException as error:
        raise unavailable(name, f"did not answer within {patience:g} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise unavailable(name, f"cannot be reached ({type(error).__name__})") from error
    if answer.is_redirect or answer.status_code >= 500:
        raise unavailable(name, f"answered with status {answer.status_code}")
    try:
        found = orjson.loads(bytes(read))
    except orjson.JSONDecodeError as error:
        raise unavailable(name, f"answered with status {answer.status_code} and no JSON") from error
    if not isinstance(found, dict):
        raise unavailable(name, "answered with something else than a JSON object")
    return answer.status_code, found
