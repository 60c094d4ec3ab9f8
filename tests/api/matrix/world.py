"""A small office with one person of each role, in one transaction that never ends: every call of the walk is taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from engine.actor import SYSTEM
from engine.clock import FrozenClock
from redress import bootstrap
from redress.settings import Settings
from tasks.audit.writing import keep_trail
from tasks.deadlines.policies.loading import load_policies
from tasks.deps import Deps
from tasks.organisation.changing.loading import load_organisation
from tasks.people.caller import Caller
from tasks.people.identity import caller_by_login
from tasks.people.passwords import Passwords
from tasks.people.sessions import open_session
from tasks.people.tokens import issue_token
from tests.clients import TidyClient
from tests.tasks.drawings import drawn, one_task, request_files
from tests.tasks.office import CLOCKS, PASSWORD

PEOPLE = ("clerk", "chief", "owner", "operator", "auditor", "regulator")
"""Who walks: one person for each role, most of them in Henan."""

ORGANISATION: dict[str, Any] = {
    "units": [
        {"code": "hq", "name": "总部", "kind": "headquarters"},
        {"code": "henan", "name": "河南", "name_en": "Henan", "kind": "province", "parent": "hq"},
        {
            "code": "henan_hotline", "name": "河南热线", "kind": "channel", "parent": "henan",
            "roles": ["channel", "department"],
        },
        {"code": "zhejiang", "name": "浙江", "name_en": "Zhejiang", "kind": "province", "parent": "hq"},
        {
            "code": "zhejiang_hotline", "name": "浙江热线", "kind": "channel", "parent": "zhejiang",
            "roles": ["channel", "department"],
        },
        {"code": "bureau", "name": "通信管理局", "kind": "regulator"},
        {"code": "council", "name": "消费者协会", "kind": "regulator"},
    ],
    "people": [
        {"login": "clerk", "name": "李楠", "unit": "henan_hotline"},
        {"login": "chief", "name": "周婷", "unit": "henan_hotline", "roles": ["supervisor"]},
        {"login": "owner", "name": "陆鉴", "unit": "hq", "roles": ["process_owner"]},
        {"login": "co_owner", "name": "白鹤", "unit": "hq", "roles": ["process_owner"]},
        {"login": "operator", "name": "唐苇", "unit": "henan", "roles": ["operator"]},
        {"login": "auditor", "name": "严审", "unit": "henan", "roles": ["auditor"]},
        {"login": "regulator", "name": "管理局", "unit": "bureau"},
        {"login": "stranger", "name": "陈屿", "unit": "zhejiang_hotline"},
        {"login": "far_chief", "name": "林海", "unit": "zhejiang", "roles": ["staff", "supervisor"]},
        {"login": "far_operator", "name": "吴运", "unit": "zhejiang", "roles": ["operator"]},
        {"login": "far_auditor", "name": "郑审", "unit": "zhejiang", "roles": ["auditor"]},
        {"login": "gateway", "name": "接口", "kind": "system", "unit": "henan_hotline"},
        {"login": "consumers", "name": "消协", "unit": "council"},
    ],
}  # fmt: skip

STUCK = drawn(
    "stuck",
    '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="which"/><bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="which"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="which" targetRef="e"><bpmn:conditionExpression'
    ' xsi:type="bpmn:tFormalExpression">=1 = 2</bpmn:conditionExpression></bpmn:sequenceFlow>'
    '<bpmn:sequenceFlow id="f3" sourceRef="which" targetRef="e"><bpmn:conditionExpression'
    ' xsi:type="bpmn:tFormalExpression">=2 = 3</bpmn:conditionExpression></bpmn:sequenceFlow>',
)
"""A process that rests at its first gateway with an incident."""


REGIMES = ("complaint", "upgrade_complaint", "appeal")
"""Those with an address of their own."""


class Counting(psycopg.Cursor[Any]):
    """Counts what is sent on its connection, whoever sends it."""

    sent = 0

    def execute(self, *arguments: Any, **options: Any) -> Any:
        Counting.sent += 1
        return super().execute(*arguments, **options)


@dataclass
class Answered:
    """One answer: status, body, headers, and how many statements it took."""

    status: int
    text: str
    headers: dict[str, str]
    statements: int
    json: Any = None

    def without(self, thing: Mapping[str, Any]) -> tuple[int, str, dict[str, str], int]:
        """All of it but what was asked for, to compare a refusal with another one."""

        def blank(text: str) -> str:
            for value in sorted((str(value) for value in thing.values()), key=len, reverse=True):
                text = re.sub(rf"(?<![\w.-]){re.escape(value)}(?![\w.-])", "…", text)
            # Page tokens differ between two browsers, not between two answers.
            return re.sub(r'(name="csrf[-_]token" (?:content|value)=")[^"]*', r"\1", text)

        kept = {name: blank(value) for name, value in self.headers.items() if name not in _OF_THE_BODY}
        return self.status, blank(self.text), kept, self.statements


_OF_THE_BODY = ("Content-Length", "Set-Cookie")


@dataclass
class World:
    """The office, and how to call it as somebody."""

    deps: Deps
    app: Flask
    connection: sa.Connection
    clock: FrozenClock
    tokens: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    """What the rooms keep of what they made once, by name of theirs."""

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Whatever happens inside never was."""
        point = self.connection.begin_nested()
        try:
            yield
        finally:
            point.rollback()

    @contextmanager
    def acting(self, login: str) -> Iterator[tuple[Session, Caller]]:
        """A transaction and the caller, as tests of verbs have it."""
        with self.deps.sessions.begin() as session:
            yield session, caller_by_login(session, self.deps, login)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.deps.sessions.begin() as session:
            yield session

    def roles(self, login: str) -> frozenset[str]:
        with self.acting(login) as (_, caller):
            return caller.roles

    def id_of(self, login: str) -> UUID:
        with self.acting(login) as (_, caller):
            return caller.id

    def token(self, login: str, **more: Any) -> str:
        """A new bearer token; `more` as `issue_token` takes it."""
        with self.acting(login) as (session, caller):
            return issue_token(session, self.deps, caller.id, actor=caller.actor, **more).secret

    def call(
        self, login: str | None, method: str, path: str, *, token: str | None = None, **more: Any
    ) -> Answered:
        """Call the API as somebody, or with a token."""
        headers = dict(more.pop("headers", {}))
        secret = token or (self.tokens[login] if login else None)
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        return self._answer("/api/v1" + path, method, headers=headers, **more)

    def open(self, login: str | None, method: str, path: str, **more: Any) -> Answered:
        """Ask for a page as somebody: their session in the cookie, its token with what they send."""
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["csrf"] = "token"
            if login:
                cookie["sid"] = self.cookies[login]
        headers = {"X-CSRFToken": "token", **more.pop("headers", {})}
        return self._answer(path, method, client=client, headers=headers, **more)

    def _answer(self, path: str, method: str, *, client: Any = None, **more: Any) -> Answered:
        before = Counting.sent
        answer = (client or self.app.test_client()).open(path, method=method, **more)
        return Answered(
            answer.status_code,
            answer.get_data().decode("utf-8", "replace"),
            dict(answer.headers),
            Counting.sent - before,
            answer.json if answer.is_json and answer.data else None,
        )


def open_world(sessions: sessionmaker[Session], clock: FrozenClock, home: Path) -> World:
    """Furnish a database with the office of the walk, in one transaction that is never committed."""
    bind = sessions.kw["bind"]
    sa.event.listen(bind, "connect", lambda raw, _record: setattr(raw, "cursor_factory", Counting))
    bind.dispose()
    connection = bind.connect()
    connection.begin()
    settings = Settings(home=home, secret_key="a key for tests that is long enough")
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    built = bootstrap.build(settings, bind.url.render_as_string(hide_password=False), clock=clock)
    bootstrap.bind(built).dispose()
    inside = sessionmaker(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
    keep_trail(inside, bootstrap.audit_keys(settings))
    deps = replace(built, sessions=inside, passwords=cheap)
    with inside.begin() as session:
        # Seats are known by numbers: large ones, which stand nowhere else in an answer.
        session.execute(sa.text("ALTER TABLE membership ALTER COLUMN id RESTART WITH 700001"))
        load_organisation(session, ORGANISATION, now=clock.now(), passwords=cheap, password=PASSWORD)
        load_policies(session, CLOCKS, now=deps.clock.now())
        simple = [one_task(key, 'camunda:candidateGroups="channel"') for key in ("bare", *REGIMES)]
        files = [*request_files(), *simple, STUCK]
        deps.engine.deploy(session, files, actor=SYSTEM, name="walk")
    app = bootstrap.create_app(deps)
    app.test_client_class = TidyClient
    world = World(deps, app, connection, clock)
    for person in ORGANISATION["people"]:
        login = person["login"]
        world.tokens[login] = world.token(login, life=timedelta(days=365))
        with world.acting(login) as (session, caller):
            world.cookies[login] = open_session(session, deps, caller).secret
    return world
