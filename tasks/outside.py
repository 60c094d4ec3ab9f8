"""Asking another server over HTTP: bounded in time as a whole and in size, and no redirects followed.

Addresses come from settings alone. Some hold a secret, so nothing here says or logs one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this very machine, which alone may be asked without TLS."""

# At INFO it writes every address, with what is secret in it.
logging.getLogger("httpx").setLevel(logging.WARNING)


class NoAnswer(Exception):
    """The other side has not answered as it should. The sentence names no address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes | None = None,
    silent: float,
    seconds: float,
    most: int,
) -> Answer:
    """The answer of a server, which may be `silent` for so many seconds at a time and take `seconds` in all, however slowly
    it drips; `most`: the most bytes. Proxies of the environment are used, but not for this very machine.

    Raises NoAnswer for none, a late or large one, and a redirect.
    """
    return asyncio.run(_ask(method, url, dict(headers), content, silent, seconds, most))


async def _ask(
    method: str,
    url: str,
    headers: dict[str, str],
    content: bytes | None,
    silent: float,
    seconds: float,
    most: int,
) -> Answer:
    import httpx  # a third of what a command loads, and most commands read the settings and ask nobody

    outside = urlsplit(url).hostname not in LOOPBACK
    read = bytearray()
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(timeout=silent, follow_redirects=False, trust_env=outside) as client,
            client.stream(method, url, headers=headers, content=content) as answer,
        ):
            async for part in answer.aiter_bytes():
                read += part
                if len(read) > most:
                    raise NoAnswer(f"sent more than {most} bytes")
    except TimeoutError as error:
        raise NoAnswer(f"took longer than {seconds:g} seconds to answer") from error
    except httpx.TimeoutException as error:
        raise NoAnswer(f"did not answer within {silent:g} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswer(f"cannot be reached ({type(error).__name__})") from error
    if answer.is_redirect:
        raise NoAnswer(f"answered with status {answer.status_code}, which sends elsewhere")
    return Answer(answer.status_code, bytes(read))
