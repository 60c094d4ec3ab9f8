"""The whole product in one process, on a fresh database with the office's own content."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.clock import FrozenClock
from engine.testing import run_jobs_until_idle
from redress import content
from redress.bootstrap import bind, build, create_app
from redress.places import packaged
from redress.settings import Settings
from tasks.deps import Deps
from tests.clients import TidyClient


class Office:
    """Speaks to the public API as the people of the demo organisation, who sign in with their password."""

    def __init__(self, deps: Deps, client: FlaskClient, clock: FrozenClock) -> None:
        self.deps = deps
        self.clock = clock
        self._client = client
        self._tokens: dict[str, str] = {}

    def call(self, login: str, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """One call; returns the answer's JSON, or fails with the problem document."""
        answer = self.ask(login, method, path, json, **more)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json()

    def ask(self, login: str, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """One call; returns the response whatever it is."""
        if login not in self._tokens:
            secret = {"login": login, "password": self.deps.settings.demo_password}
            signed_in = self._client.post("/api/v1/tokens", json=secret)
            assert signed_in.status_code == 201, signed_in.get_data(as_text=True)
            self._tokens[login] = signed_in.get_json()["token"]
        headers = {"Authorization": f"Bearer {self._tokens[login]}"}
        return self._client.open(f"/api/v1{path}", method=method, json=json, headers=headers, **more)

    def work(self, login: str, number: str, activity: str, answers: dict[str, Any]) -> Any:
        """Claim and complete the open task of a case, as somebody who finds it in their queue a minute
        later.
        """
        self.clock.advance(timedelta(minutes=1))
        found = self.call(login, "GET", f"/tasks?list=queue&number={number}&activity_id={activity}")["items"]
        assert [task["activity_id"] for task in found] == [activity]
        path = f"/tasks/{found[0]['id']}"
        self.call(login, "POST", f"{path}/claim")
        return self.call(login, "POST", f"{path}/complete", {"answers": answers})

    def settle(self) -> None:
        """Let the jobs run that are waiting."""
        run_jobs_until_idle(self.deps.engine, self.deps.sessions)


@pytest.fixture
def office(database_url: str, clock: FrozenClock, tmp_path: Path) -> Any:
    deps = build(Settings(home=tmp_path), database_url, clock=clock)
    with deps.sessions.begin() as session:
        content.load(session, deps, packaged("bpmn"))
    app = create_app(deps)
    app.test_client_class = TidyClient
    yield Office(deps, app.test_client(), clock)
    bind(deps).dispose()
