"""The small office behind its HTTP API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from api import register_api
from engine.clock import FrozenClock
from tasks.deps import Deps
from tasks.people.identity import secret_hash
from tasks.people.tables import ApiToken
from tasks.people.tokens import issue_token
from tests.clients import TidyClient
from tests.conftest import Furnishing
from tests.databases import Databases
from tests.redress.running import REPOSITORY, port_of_its_own, until
from tests.tasks.office import TestOffice, open_office


def _app(deps: Deps) -> Flask:
    app = Flask("test")
    register_api(app, deps)
    app.test_client_class = TidyClient
    return app


_kept: list[Flask] = []


def _shared_app(deps: Deps) -> Flask:
    """The application of all tests of a worker: compiling routes and describing them takes a tenth of a second."""
    if not _kept:
        _kept.append(_app(deps))
    _kept[0].extensions["redress"] = deps
    return _kept[0]


class Api:
    """Calls the API as somebody; tokens are made as they are needed."""

    def __init__(self, office: TestOffice) -> None:
        self.office = office
        self.app = _shared_app(office.deps)
        self._tokens: dict[str, str] = {}

    def own_app(self) -> Flask:
        """Go on with an application of its own, for a test that hooks into it."""
        self.app = _app(self.office.deps)
        return self.app

    def token(self, login: str, **more: Any) -> str:
        with self.office.acting(login) as (session, caller):
            return issue_token(session, self.office.deps, caller.id, actor=caller.actor, **more).secret

    def lasting(self, login: str) -> str:
        """A token for processes of their own, which know nothing of the frozen clock."""
        secret = self.token(login)
        with self.office.deps.sessions.begin() as session:
            held = sa.update(ApiToken).where(ApiToken.hash == secret_hash(secret))
            session.execute(held.values(expires_at=datetime(9000, 1, 1, tzinfo=UTC)))
        return secret

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def __call__(
        self,
        login: str | None,
        method: str,
        path: str,
        json: Any = None,
        *,
        key: str | None = None,
        **more: Any,
    ) -> Any:
        headers = dict(more.pop("headers", {}))
        if login is not None:
            if login not in self._tokens:
                self._tokens[login] = self.token(login)
            headers["Authorization"] = f"Bearer {self._tokens[login]}"
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.client().open("/api/v1" + path, method=method, json=json, headers=headers, **more)


@pytest.fixture
def lender(request: pytest.FixtureRequest, databases: Databases, furnishing: Furnishing) -> Databases:
    """Who works in the office gets a database with the office in it."""
    return furnishing("office", open_office) if "office" in request.fixturenames else databases


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: FrozenClock) -> TestOffice:
    return open_office(sessions, clock, furnished=True)


@pytest.fixture
def api(office: TestOffice) -> Api:
    return Api(office)


class Served:
    """The API behind the production web server: one worker process, its requests in threads."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.process: subprocess.Popen[bytes] | None = None

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)


@pytest.fixture
def served(api: Api, database_url: str, tmp_path: Path) -> Iterator[Served]:
    port = port_of_its_own()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REDRESS_")} | {
        "DATABASE_URL": database_url,
        "REDRESS_HOME": str(tmp_path),
        "REDRESS_WEB_WORKERS": "1",
        "REDRESS_WEB_THREADS": "4",
    }
    command = [sys.executable, "-m", "redress", "web", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=REPOSITORY, stdin=subprocess.DEVNULL)
    made = Served(f"http://127.0.0.1:{port}", api.lasting("li_na"))
    made.process = process
    try:
        until(lambda: _answers(made), lambda: "the web server does not answer")
        yield made
    finally:
        process.terminate()
        process.wait(60)


def _answers(served: Served) -> bool:
    try:
        status, told = served("GET", "/tasks")
    except OSError:
        return False
    assert status == 200, told
    return True
