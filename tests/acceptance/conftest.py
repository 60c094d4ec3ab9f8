"""The whole product in one process, on a fresh database with the office's own content."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.testing import run_jobs_until_idle
from redress import content
from redress.bootstrap import audit_keys, build, create_app, performers_of, sweeps_of
from redress.places import packaged
from redress.settings import Settings
from tasks.audit.verifying import Wanted, verify_on
from tasks.deadlines.calendar.arithmetic import SHANGHAI
from tasks.deps import Deps
from tests.acceptance.people import HENAN, USUAL
from tests.clients import TidyClient
from tests.conftest import SECRET_KEY, Furnishing
from tests.databases import Databases
from tests.tasks.evidence.files import pdf

_MADE_UP = {len(one): one for one in ("TS2026010100001400000011", "00000000-0000-7000-8000-000000000000")}


class Office:
    """Speaks to the public API as the people of the demo organisation, who sign in with their password."""

    def __init__(self, deps: Deps, client: FlaskClient, clock: FrozenClock) -> None:
        self.deps = deps
        self.clock = clock
        self.supervisor = "qiao_mu"
        """Who looks at cases where nobody else is named: headquarters sees all."""
        self.staff = dict(HENAN)
        """Who does what in the case that is told of."""
        self._client = client
        self._tokens: dict[str, str] = {}
        self._sessions: set[str] = set()

    def call(self, login: str, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """One call; returns the answer's JSON, or fails with the problem document."""
        answer = self.ask(login, method, path, json, **more)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json()

    def ask(self, login: str, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """One call; returns the response whatever it is."""
        answer = self._try(login, method, path, json, **more)
        if answer.status_code == 401 and login in self._sessions:  # stories last longer than a session
            del self._tokens[login]
            answer = self._try(login, method, path, json, **more)
        return answer

    def _try(self, login: str, method: str, path: str, json: Any, **more: Any) -> Any:
        if login not in self._tokens:
            secret = {"login": login, "password": self.deps.settings.demo_password}
            signed_in = self._client.post("/api/v1/tokens", json=secret)
            assert signed_in.status_code == 201, signed_in.get_data(as_text=True)
            self._tokens[login] = signed_in.get_json()["token"]
            self._sessions.add(login)
        headers = {"Authorization": f"Bearer {self._tokens[login]}"}
        return self._client.open(f"/api/v1{path}", method=method, json=json, headers=headers, **more)

    def work(self, login: str, number: str, activity: str, answers: Mapping[str, Any] | None = None) -> Any:
        """Claim and complete the open task of a case, as somebody who finds it in their queue a minute
        later.
        """
        self.clock.advance(timedelta(minutes=1))
        path = self.finds(login, number, activity)
        self.call(login, "POST", f"{path}/claim")
        done = self.call(login, "POST", f"{path}/complete", {"answers": dict(answers or {})})
        self.settle()
        return done

    def does(self, number: str, *activities: str, **changed: Any) -> None:
        """Who usually does it answers these activities in turn, as usual except for what is `changed`."""
        for activity in activities:
            self.work(self.staff[activity], number, activity, {**USUAL.get(activity, {}), **changed})

    def finds(self, login: str, number: str, activity: str) -> str:
        """The path of the one open task of this activity in somebody's queue."""
        found = self.call(login, "GET", f"/tasks?list=queue&number={number}&activity_id={activity}")["items"]
        assert [task["activity_id"] for task in found] == [activity], self.waiting(number)
        return f"/tasks/{found[0]['id']}"

    def refused(self, login: str, number: str, activity: str, answers: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong with answers that are not taken: field → sentence. The task stays with whoever tried."""
        path = self.finds(login, number, activity)
        self.call(login, "POST", f"{path}/claim")
        answer = self.ask(login, "POST", f"{path}/complete", {"answers": dict(answers)})
        self.call(login, "POST", f"{path}/release")
        return self.mistakes(answer)

    @staticmethod
    def mistakes(answer: Any) -> dict[str, str]:
        """Field → sentence of a response that names what is wrong with what was sent."""
        assert answer.status_code == 422, answer.get_data(as_text=True)
        return {error["path"]: error["message_zh"] for error in answer.get_json()["errors"]}

    def learns_nothing(self, login: str, number: str) -> None:
        """To somebody the case, its work and its clocks do not exist: each answer is word for word the one for a made-up id."""
        urged = {"name": "urge", "payload": {"reason": "催办"}}
        ids = [str(task["id"]) for task in self.case(number)["tasks"] if task["state"] == "created"][:1]
        asked: list[tuple[str, str, str, Any]] = [
            *(("GET", f"/cases/{{}}{path}", number, None) for path in ("", "/clocks", "/court", "/letters")),
            ("POST", "/cases/{}/messages", number, urged),
            *(("POST", "/tasks/{}/claim", task, None) for task in ids),
            ("GET", "/clocks/{}", str(self.clocks(number)[-1]["id"]), None),
        ]
        for method, path, real, body in asked:
            made_up = _MADE_UP[len(real)]
            told = [self.ask(login, method, path.format(it), body) for it in (real, made_up)]
            assert [answer.status_code for answer in told] == [404, 404], (login, path)
            one, other = (answer.get_data(as_text=True) for answer in told)
            assert one.replace(real, made_up) == other
        assert number not in [one["number"] for one in self.call(login, "GET", "/cases")["items"]]

    def files(self, login: str, regime: str, facts: Mapping[str, Any]) -> str:
        """File a case; returns its number."""
        filed = self.call(login, "POST", f"/cases/{regime}", {"facts": dict(facts)})
        self.settle()
        return str(filed["number"])

    def send(self, login: str, number: str, message: str, **payload: Any) -> Any:
        """Give a case a message, such as what the customer or a regulator has written; returns the response."""
        sent = self.ask(login, "POST", f"/cases/{number}/messages", {"name": message, "payload": payload})
        self.settle()
        return sent

    def upload(self, login: str, name: str, kind: str = "original") -> str:
        """Upload a paper that no case has yet; returns its id."""
        data = {"file": (BytesIO(pdf(name.encode())), name), "kind": kind}
        kept = self.call(login, "POST", "/attachments", data=data, content_type="multipart/form-data")
        return str(kept["id"])

    def at(self, day: str, time: str = "09:00", *, step: timedelta | None = None) -> None:
        """Let time pass until this instant in Shanghai (2026 where no year is said), sweeping on the way every `step`."""
        until = datetime.fromisoformat(f"{day if len(day) > 5 else '2026-' + day}T{time}").replace(
            tzinfo=SHANGHAI
        )
        assert until >= self.clock.now(), "time does not run backwards"
        while step is not None and self.clock.now() + step < until:
            self.clock.advance(step)
            self.settle()
        self.clock.advance(until - self.clock.now())
        self.settle()

    def case(self, number: str, login: str = "") -> Any:
        """The case as somebody sees it."""
        return self.call(login or self.supervisor, "GET", f"/cases/{number}")

    def waiting(self, number: str, *, supervision: bool = False) -> list[str]:
        """What has to be done in a case now, by activity: of its own, or to answer those who supervise it."""
        return [
            task["activity_id"]
            for task in self.case(number)["tasks"]
            if task["state"] in ("created", "assigned")
            and supervision == (task["process_key"] == "supervision")
        ]

    def rung(self, number: str, code: str) -> list[tuple[str, list[str]]]:
        """Which rungs of the clocks of a code have rung, and who got a work order for it."""
        rings = self.call(self.supervisor, "GET", f"/cases/{number}/supervisions")["rings"]
        ordered = sorted((one for one in rings if one["code"] == code), key=lambda one: one["rung"])
        return [(one["step"], [told["name"] for told in one["told"] if told["order"]]) for one in ordered]

    def clocks(self, number: str, code: str = "") -> list[dict[str, Any]]:
        """The clocks of a case, or those of a code, in the order in which they began."""
        items = self.call(self.supervisor, "GET", f"/cases/{number}/clocks")["items"]
        return sorted(
            (one for one in items if code in ("", one["code"])), key=lambda one: str(one["started_at"])
        )

    def clock_of(self, number: str, code: str) -> dict[str, Any]:
        """The latest clock of a code."""
        return self.clocks(number, code)[-1]

    def told(self, number: str, audience: str = "customer") -> list[tuple[str, str, str]]:
        """What was told, and when: (time, template, text)."""
        notices = self.case(number)["notices"]
        said = [one for one in notices if one["audience"] == audience]
        return [(when(one["created_at"]), one["template"], one["text"]) for one in said]

    def letters(self, number: str) -> list[dict[str, Any]]:
        """The letters of a case, oldest first."""
        return list(self.call(self.supervisor, "GET", f"/cases/{number}/letters")["items"])

    def trail(self, number: str) -> list[tuple[str, str, str]]:
        """The audit trail of a case as the auditor reads it: (time, who, verb)."""
        page = self.call("gu_heng", "GET", f"/cases/{number}/audit?limit=200")
        return [(when(line["at"]), line["actor"]["name"], line["verb"]) for line in page["items"]]

    def court(self, number: str) -> Any:
        """Whose every minute of the case was."""
        return self.call(self.supervisor, "GET", f"/cases/{number}/court")

    def minutes(self, number: str) -> dict[tuple[str, str], int]:
        """How many minutes of a case were whose, by unit and reason, where each belongs to exactly one."""
        court = self.court(number)
        edges = [one["to"] for one in court["segments"]]
        assert [court["from"], *edges[:-1]] == [one["from"] for one in court["segments"]]
        assert edges[-1] == court["to"]
        shared = {
            (unit["unit"]["code"], reason["reason"]): reason["minutes"]
            for unit in court["by_unit"]
            for reason in unit["reasons"]
        }
        assert sum(shared.values()) == sum(one["minutes"] for one in court["segments"]) == court["minutes"]
        return shared

    def gives_token(self, login: str) -> None:
        """Let the operator give a token to a system outside, which has no password."""
        wanted = {
            "label": "转办接口",
            "scopes": ["case.file", "case.read", "message.send", "attachment.add", "attachment.read"],
            "days": 365,
        }
        given = self.call("tang_wei", "POST", f"/people/{login}/tokens", wanted)
        self._tokens[login] = given["secret"]

    def chain_holds(self, number: str) -> None:
        """Nobody has touched what is written down of the case."""
        with self.deps.sessions() as session:
            connection: Any = session.connection().connection.driver_connection
            report = verify_on(connection, audit_keys(self.deps.settings), Wanted(number, contents=True))
        assert report.findings == [] and report.rows == report.sealed > 0

    def settle(self) -> None:
        """Let the jobs run that are waiting, those that time has made due among them."""
        run_jobs_until_idle(
            self.deps.engine,
            self.deps.sessions,
            extra=performers_of(self.deps),
            sweeps=sweeps_of(self.deps),
        )


def when(instant: str | None) -> str:
    """An instant of an answer as people say it: 03-02 09:00 in Shanghai."""
    if instant is None:
        return ""
    return datetime.fromisoformat(instant).astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def _whole(sessions: sessionmaker[Session], clock: FrozenClock, home: Path, **settings: Any) -> Deps:
    built = build(Settings(home=home, secret_key=SECRET_KEY, **settings), "postgresql://", clock=clock)
    return replace(built, sessions=sessions)


def opened(sessions: sessionmaker[Session], clock: FrozenClock, home: Path, **settings: Any) -> Office:
    """The product on a database with the office's content in it, and these settings besides."""
    deps = _whole(sessions, clock, home, **settings)
    app = create_app(deps)
    app.test_client_class = TidyClient
    return Office(deps, app.test_client(), clock)


def _furnish(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    """The office's own content."""
    with tempfile.TemporaryDirectory() as home, sessions.begin() as session:
        content.load(session, _whole(sessions, clock, Path(home)), packaged("bpmn"))


@pytest.fixture
def lender(request: pytest.FixtureRequest, databases: Databases, furnishing: Furnishing) -> Databases:
    """The office finds its content loaded; who starts the product for real finds nothing."""
    return furnishing("shipped", _furnish) if "office" in request.fixturenames else databases


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: FrozenClock, tmp_path: Path) -> Office:
    return opened(sessions, clock, tmp_path)
