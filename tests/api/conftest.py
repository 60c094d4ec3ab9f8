"""The small office behind its HTTP API."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from api import register_api
from engine.clock import FrozenClock
from tasks.people.accounts import issue_token
from tests.tasks.office import TestOffice, open_office


class Api:
    """Calls the API as somebody; tokens are made as they are needed."""

    def __init__(self, office: TestOffice) -> None:
        self.office = office
        self.app = Flask("test")
        register_api(self.app, office.deps)
        self._tokens: dict[str, str] = {}

    def token(self, login: str, **more: Any) -> str:
        with self.office.acting(login) as (session, caller):
            return issue_token(session, self.office.deps, caller.id, **more).secret

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
def office(sessions: sessionmaker[Session], clock: FrozenClock) -> TestOffice:
    return open_office(sessions, clock)


@pytest.fixture
def api(office: TestOffice) -> Api:
    return Api(office)
