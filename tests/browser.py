"""People at real browsers: what they share is one Chromium and the product behind a real port."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

PASSWORD = "redress-demo"
PATIENCE = 15_000  # milliseconds
ACCESSIBLE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
"""What every page has to keep: WCAG 2.1, levels A and AA."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator[Browser]:
    """One Chromium. A machine on which other tests run, too, is waited for as long as a page is."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of the product."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Desk:
    """A person at a real browser. What the browser complains about is collected and must be nothing."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "the server responded with a status of 4" not in text:
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.strangers.append(url)

    def barriers(self) -> list[str]:
        """What keeps somebody from using the page as it stands now, by axe: rule, help and the element, a line each."""
        found = Axe().run(self.page, options=ACCESSIBLE).response["violations"]
        return [f"{one['id']}: {one['help']}: {node['target']}" for one in found for node in one["nodes"]]

    def ready(self) -> None:
        self.page.wait_for_selector("html[data-ready]", state="attached")

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)
        self.ready()

    def sign_in(self, login: str) -> None:
        self.page.context.clear_cookies()
        self.open("/sign-in")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button.main")
        self.page.wait_for_url(lambda url: not url.endswith("/sign-in"))
        self.ready()

    def follow(self, selector: str, address: str) -> None:
        """Click, and wait until the page at the address pattern has come up."""
        self.page.click(selector)
        self.page.wait_for_url(address)
        self.ready()


@contextmanager
def seated(browser: Browser, address: str) -> Iterator[Desk]:
    """One more person with cookies of their own, on the screen of an office."""
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768}
    )
    context.set_default_timeout(PATIENCE)
    seat = Desk(context.new_page(), address)
    yield seat
    context.close()
    assert seat.complaints == []
    assert seat.strangers == []
