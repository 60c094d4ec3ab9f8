"""The pages over a real database: the demo organisation, a small regime made of files, people who sign in."""

from __future__ import annotations

import io
import json
import re
import tempfile
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
from playwright.sync_api import Browser
from sqlalchemy.orm import Session, sessionmaker

from engine.actor import SYSTEM
from engine.clock import FrozenClock
from redress import bootstrap, content
from redress.settings import Settings
from tasks.cases.tables import Case
from tasks.deps import Deps
from tasks.organisation.changing.loading import load_organisation
from tasks.people.passwords import Passwords
from tests.browser import PASSWORD as PASSWORD
from tests.browser import Desk as Desk
from tests.browser import launched, seated, served
from tests.clients import TidyClient
from tests.conftest import SECRET_KEY, Furnishing
from tests.databases import Databases

REGIME = Path(__file__).parent / "regime"
ORGANISATION = Path(__file__).parents[2] / "bpmn" / "organisation" / "organisation.yaml"
SUGGESTION: dict[str, Any] = {
    "customer": {"name": "王建国", "phone": "13800001234"},
    "home_province": "henan",
    "suggestion": "建议营业厅增加老年人专用窗口，减少排队时间。",
    "made_at": None,
}


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
    with launched() as browser:
        yield browser


@pytest.fixture
def desk(website: Website, chromium: Browser) -> Iterator[Desk]:
    with served(website.app) as address, seated(chromium, address) as seat:
        yield seat


def uploaded(name: str, text: str) -> tuple[io.BytesIO, str]:
    """A file as a form sends it."""
    return io.BytesIO(text.encode()), name
