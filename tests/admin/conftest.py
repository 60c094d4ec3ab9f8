"""The pages over a real database: the demo organisation, a small regime made of files, people who sign in."""

from __future__ import annotations

import io
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from engine.actor import SYSTEM
from engine.clock import FrozenClock
from redress import bootstrap, content
from redress.settings import Settings
from tasks.cases.tables import Case
from tasks.deps import Deps
from tasks.organisation.changing.loading import load_organisation
from tasks.people.passwords import Passwords
from tests.clients import TidyClient
from tests.conftest import SECRET_KEY, Furnishing
from tests.databases import Databases

PASSWORD = "redress-demo"
REGIME = Path(__file__).parent / "regime"
ORGANISATION = Path(__file__).parents[2] / "bpmn" / "organisation" / "organisation.yaml"
SUGGESTION: dict[str, Any] = {
    "customer": {"name": "王建国", "phone": "13800001234"},
    "home_province": "henan",
    "suggestion": "建议营业厅增加老年人专用窗口，减少排队时间。",
    "made_at": None,
}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Visitor:
    """Somebody at a browser without scripts: keeps cookies, sends the page's token along."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, address: str, **more: Any) -> Any:
        return self.client.get(address, **more)

    def token(self) -> str:
        """The token of the page being looked at."""
        page = self.client.get("/sign-in").text
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found
        return found[1]

    def sign_in(self, login: str, password: str = PASSWORD, **more: Any) -> Any:
        form = {"login": login, "password": password, "csrf_token": self.token(), **more}
        return self.client.post("/sign-in", data=form)

    def post(self, address: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.client.post(address, data={"csrf_token": self.token(), **(data or {})}, **more)

    def submit(self, address: str, answers: Any, **headers: str) -> Any:
        """Send a form the way the form island does."""
        headers = {"X-CSRFToken": self.token(), "Accept": "application/json", **headers}
        body = json.dumps({"answers": answers})
        return self.client.post(address, data=body, content_type="application/json", headers=headers)


@dataclass
class Website:
    """The whole web application on a fresh database."""

    app: Flask
    deps: Deps
    clock: FrozenClock

    def visitor(self, login: str | None = None) -> Visitor:
        visitor = Visitor(self.app.test_client())
        if login:
            assert visitor.sign_in(login).status_code == 302
        return visitor

    def file_suggestion(self, **changes: Any) -> str:
        """File a suggestion as the hotline's Li Nan; returns the case number."""
        answer = self.visitor("li_na").submit("/file/suggestion", {**SUGGESTION, **changes})
        assert answer.status_code == 200, answer.text
        return str(answer.json["next"]).rsplit("/", 1)[-1]

    def steering_of(self, number: str) -> str:
        """The address at which the instance of a case is suspended, resumed and cancelled."""
        with self.deps.sessions() as session:
            instance = session.scalar(sa.select(Case.instance_id).where(Case.number == number))
        return f"/instances/{instance}/operate"

    def task_of(self, login: str, name: str = "queue") -> str:
        """The address of the first task in somebody's list."""
        found = re.search(r'data-href="(/tasks/[^"]+)"', self.visitor(login).get(f"/{name}").text)
        assert found, f"{login} has nothing in the {name}"
        return found[1]


def _build(sessions: sessionmaker[Session], clock: FrozenClock, home: Path) -> Deps:
    settings = Settings(home=home, secret_key=SECRET_KEY)
    built = bootstrap.build(settings, "postgresql://", clock=clock)
    return replace(
        built, sessions=sessions, passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=1024))
    )


def _furnish(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    """The demo organisation and the regime."""
    with tempfile.TemporaryDirectory() as home:
        deps = _build(sessions, clock, Path(home))
        with sessions.begin() as session:
            people = yaml.safe_load(ORGANISATION.read_text(encoding="utf-8"))
            load_organisation(session, people, now=clock.now(), passwords=deps.passwords)
            deps.engine.deploy(session, content.source_files([REGIME]), actor=SYSTEM, name="建议流程")


@pytest.fixture
def lender(furnishing: Furnishing) -> Databases:
    return furnishing("website", _furnish)


@pytest.fixture
def website(sessions: sessionmaker[Session], clock: FrozenClock, tmp_path: Path) -> Website:
    deps = _build(sessions, clock, tmp_path)
    app = bootstrap.create_app(deps)
    app.test_client_class = TidyClient
    return Website(app, deps, clock)


@pytest.fixture(scope="module")  # not longer: Playwright keeps an event loop running in this thread
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


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


@pytest.fixture
def desk(website: Website, chromium: Browser) -> Iterator[Desk]:
    server = make_server("127.0.0.1", 0, website.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    context = chromium.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768}
    )
    context.set_default_timeout(15_000)
    seat = Desk(context.new_page(), f"http://127.0.0.1:{server.server_port}")
    yield seat
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert seat.complaints == []
    assert seat.strangers == []


def uploaded(name: str, text: str) -> tuple[io.BytesIO, str]:
    """A file as a form sends it."""
    return io.BytesIO(text.encode()), name
