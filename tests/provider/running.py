"""The certified provider as a process, and somebody who signs in at it as a browser would."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import httpx

from tests.node import install

HERE = Path(__file__).resolve().parent
CLIENT_ID, CLIENT_SECRET = "redress", "a secret of the tests: 100% odd + long"
PUBLIC_URL = "http://redress.example"


class Running:
    """A provider that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.issuer = self._answer()

    def put(self, login: str, *groups: str) -> None:
        """Somebody is in these groups and in no other from now on."""
        tell(self._process, {login: groups})
        assert self._answer() == "ok"

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


def tell(process: subprocess.Popen[str], what: object) -> None:
    assert process.stdin
    process.stdin.write(json.dumps(what) + "\n")
    process.stdin.flush()


@contextmanager
def running_provider() -> Iterator[Running]:
    """A provider with one client, the installation of the tests."""
    client = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [f"{PUBLIC_URL}/sign-in/with/works/back"],
        "post_logout_redirect_uris": [f"{PUBLIC_URL}/sign-in"],
    }
    with subprocess.Popen(
        [install(HERE), str(HERE / "provider.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        tell(process, client)
        try:
            yield Running(process)
        finally:
            process.kill()


def sign_in_at(address: str, login: str, browser: httpx.Client | None = None) -> str:
    """Follow `address` to the provider, sign in and agree to everything; returns where it sends the browser back to.
    browser: one that may be signed in there already, instead of a new one.
    """
    with nullcontext(browser) if browser else httpx.Client(trust_env=False) as browser:
        answer = browser.get(address)
        for _ in range(12):
            if answer.is_redirect:
                target = str(answer.next_request.url) if answer.next_request else ""
                if target.startswith(PUBLIC_URL):
                    return target
                answer = browser.get(target)
                continue
            form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            assert form, answer.text
            prompt = "login" if 'value="login"' in answer.text else "consent"
            given = {"prompt": prompt, "login": login, "password": "any"}
            answer = browser.post(httpx.URL(str(answer.url)).join(form[1]), data=given)
    raise AssertionError(f"the provider does not come to an end: {answer.text[:500]}")
