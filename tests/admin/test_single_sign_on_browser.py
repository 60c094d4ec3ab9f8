"""Signing in with a provider and out again in a real browser, whose policy lets no form lead to another site."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.admin.conftest import Website
from tests.admin.single_sign_on import linked, with_provider
from tests.provider.lying import lying_provider, signed
from tests.provider.running import CLIENT_ID

pytestmark = pytest.mark.browser


def test_signing_out_leads_from_here_to_the_provider(website: Website, chromium: Browser) -> None:
    with lying_provider() as liar:
        liar.says["/.well-known/openid-configuration"]["end_session_endpoint"] = f"{liar.issuer}/end"
        site = with_provider(website, liar.issuer, LABEL="统一认证")
        linked(site, "li_na", "wang")
        server = make_server("127.0.0.1", 0, site.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        here = f"http://127.0.0.1:{server.server_port}"
        complaints: list[str] = []
        page = chromium.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        try:
            page.goto(f"{here}/sign-in")
            page.click("text=用 统一认证 登录")
            page.wait_for_url(f"{liar.issuer}/auth**")
            asked = parse_qs(urlsplit(page.url).query)
            now = int(site.clock.now().timestamp())
            liar.hand_out(
                signed(
                    {
                        "iss": liar.issuer, "aud": CLIENT_ID, "sub": "wang", "nonce": asked["nonce"][0],
                        "iat": now, "exp": now + 300,
                    }
                )
            )  # fmt: skip
            page.goto(f"{here}/sign-in/with/works/back?code=c&state={asked['state'][0]}")
            assert page.url == f"{here}/inbox"
            page.locator("form[action='/sign-out'] button").first.click()
            page.wait_for_url(f"{liar.issuer}/end?client_id={CLIENT_ID}**")
            page.goto(f"{here}/cases")
            assert urlsplit(page.url).path == "/sign-in"
            assert not [each for each in complaints if "favicon" not in each]
        finally:
            page.close()
            server.shutdown()
            thread.join()
            server.server_close()
