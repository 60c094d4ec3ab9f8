"""A client of the public API that outlives the server: every call may be sent again, with the same key."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

PATIENCE_SECONDS = 180.0
"""How long a server may stay away before the demo gives up."""
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 3.0
_BACK_SOON = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to upload: the kind of attachment it is, its name and its bytes."""

    kind: str
    name: str
    content: bytes


class Refused(Exception):
    """The server said no: a problem document (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or f"status {status}"))
        self.status = status
        self.problem = problem

    @property
    def errors(self) -> list[Mapping[str, Any]]:
        """The single mistakes, where the problem lists them."""
        return list(self.problem.get("errors") or [])


class ServerGone(Exception):
    """No server answered for as long as the demo is willing to wait."""


class Client:
    """Calls the API at `address()`; asks for the address again when nobody answers, for it may have moved.

    `waiting(reason)` is told each time a call has to wait for the server.
    """

    def __init__(
        self,
        address: Callable[[], str],
        *,
        waiting: Callable[[str], None] = lambda _reason: None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address = address
        self._waiting = waiting
        self._pause = pause
        self._http = httpx.Client(timeout=30.0, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        key: str | None = None,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        paper: Paper | None = None,
    ) -> Any:
        """Send one call and return the answer's JSON; `key` is its Idempotency-Key, `paper` a file that is uploaded.

        A call that got no answer, or one that says to come back, is sent again with the same key until the
        patience is used up. Raises Refused for every other refusal, ServerGone in the end.
        """
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        give_up = time.monotonic() + PATIENCE_SECONDS
        pause = _FIRST_PAUSE
        while True:
            try:
                answer = self._http.request(
                    method,
                    self._address() + "/api/v1" + path,
                    json=json,
                    params=params,
                    headers=headers,
                    data={"kind": paper.kind} if paper else None,
                    files={"file": (paper.name, paper.content)} if paper else None,
                )
                if answer.is_success:
                    return answer.json() if answer.content else None
                refusal = Refused(answer.status_code, _problem(answer))
                if answer.status_code not in _BACK_SOON or time.monotonic() > give_up:
                    raise refusal
                reason = str(refusal)
            except httpx.TransportError as error:
                reason = str(error) or type(error).__name__
                if time.monotonic() > give_up:
                    raise ServerGone(f"No server answered for {PATIENCE_SECONDS:g} s: {reason}") from error
            self._waiting(reason)
            self._pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"title": answer.reason_phrase, "status": answer.status_code}
