"""A small office for tests: an organisation, a clock register, and a regime made only of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.orm import Session, sessionmaker

from engine.actor import SYSTEM
from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.process_engine import ProcessEngine
from engine.testing import run_jobs_until_idle
from redress.settings import Settings
from tasks import desk
from tasks.cases import filing
from tasks.deadlines.calendar.changed import RECOMPUTE
from tasks.deadlines.clocks.changing.recomputing import recompute
from tasks.deadlines.policies.loading import load_policies
from tasks.deadlines.supervision import work as supervision
from tasks.deps import Deps
from tasks.desk.deserted import sweep_barred
from tasks.notices import work as delivery
from tasks.organisation.assigning.rerouting import reroute
from tasks.organisation.changing.loading import load_organisation
from tasks.organisation.revision import REROUTE
from tasks.people.absence.settling import SETTLE, settle, sweep_absences
from tasks.people.caller import Caller
from tasks.people.identity import caller_by_login
from tasks.people.passwords import Passwords
from tasks.ports import build_ports
from tasks.processes.moving.batches import move_batch
from tasks.processes.moving.work import MOVE
from tasks.user_task import UserTask
from tests.tasks.drawings import request_files

PASSWORD = "correct horse"

ORGANISATION: dict[str, Any] = {
    "units": [
        {"code": "hq", "name": "总部", "name_en": "Headquarters", "kind": "headquarters"},
        {
            "code": "hq_service",
            "name": "总部客服",
            "parent": "hq",
            "kind": "department",
            "roles": ["headquarters"],
            "acts_for": "hq",
        },
        {"code": "henan", "name": "河南省分公司", "name_en": "Henan", "kind": "province", "parent": "hq"},
        {
            "code": "henan_hotline",
            "name": "河南热线",
            "parent": "henan",
            "kind": "channel",
            "roles": ["channel"],
        },
        {
            "code": "henan_centre",
            "name": "河南中心",
            "parent": "henan",
            "kind": "centre",
            "roles": ["provincial_centre", "archive"],
        },
        {
            "code": "henan_network",
            "name": "河南网络部",
            "parent": "henan",
            "kind": "department",
            "roles": ["department"],
        },
        {
            "code": "henan_billing",
            "name": "河南计费部",
            "parent": "henan",
            "kind": "department",
            "roles": ["department"],
        },
        {
            "code": "zhejiang",
            "name": "浙江省分公司",
            "name_en": "Zhejiang",
            "kind": "province",
            "parent": "hq",
        },
        {
            "code": "zhejiang_hotline",
            "name": "浙江热线",
            "parent": "zhejiang",
            "kind": "channel",
            "roles": ["channel"],
        },
        {
            "code": "zhejiang_centre",
            "name": "浙江中心",
            "parent": "zhejiang",
            "kind": "centre",
            "roles": ["provincial_centre"],
        },
    ],
    "people": [
        {"login": "li_na", "name": "李楠", "unit": "henan_hotline", "title": "受理员"},
        {"login": "he_jing", "name": "何菁", "unit": "henan_hotline", "title": "受理员"},
        {"login": "wang_lei", "name": "王磊", "unit": "henan_centre", "title": "复核员"},
        {
            "login": "sun_qiang",
            "name": "孙强",
            "unit": "henan_centre",
            "title": "主任",
            "also": [{"unit": "henan", "title": "副经理", "roles": ["supervisor"]}],
        },
        {"login": "gu_heng", "name": "顾衡", "unit": "hq", "title": "审计员", "roles": ["auditor"]},
        {"login": "shi_an", "name": "石安", "unit": "henan", "title": "审计员", "roles": ["auditor"]},
        {"login": "feng_bo", "name": "冯博", "unit": "henan_network", "title": "处理员"},
        {"login": "deng_li", "name": "邓莉", "unit": "henan_billing", "title": "处理员"},
        {"login": "chen_yu", "name": "陈屿", "unit": "zhejiang_hotline", "title": "受理员"},
        {"login": "xu_wen", "name": "徐雯", "unit": "zhejiang_centre", "title": "复核员"},
        {
            "login": "lin_hai",
            "name": "林海",
            "unit": "zhejiang",
            "title": "副经理",
            "roles": ["staff", "supervisor"],
        },
        {"login": "shen_yun", "name": "沈芸", "unit": "hq_service", "title": "督办"},
        {"login": "lu_jian", "name": "陆鉴", "unit": "hq", "title": "流程负责人", "roles": ["process_owner"]},
        {"login": "tang_wei", "name": "唐苇", "unit": "hq", "title": "运维", "roles": ["operator"]},
    ],
}

CLOCKS = [
    {
        "code": "T.check",
        "level": "",
        "customer_level": "",
        "limit": "4",
        "unit": "h",
        "rungs": "50% 100% +4h +24h",
        "pauses": "customer mass_event",
    },
    {
        "code": "T.check",
        "level": "",
        "customer_level": "vip",
        "limit": "1",
        "unit": "h",
        "rungs": "50% 100% +4h +24h",
        "pauses": "customer mass_event",
    },
    {"code": "T.days", "level": "", "customer_level": "", "limit": "7", "unit": "cd"},
    {
        "code": "T.working",
        "level": "",
        "customer_level": "",
        "limit": "3",
        "unit": "wd",
        "pauses": "customer mass_event",
    },
]

FACTS: dict[str, Any] = {
    "customer": {"name": "张三", "phone": "13800000000", "level": "normal"},
    "demand": "退费",
}


@dataclass
class TestOffice:
    """Deps over a real database, and short verbs that each commit."""

    __test__ = False

    deps: Deps
    clock: FrozenClock

    @contextmanager
    def acting(self, login: str) -> Iterator[tuple[Session, Caller]]:
        """A transaction and the caller; it commits at the end."""
        with self.deps.sessions.begin() as session:
            yield session, caller_by_login(session, self.deps, login)

    def file(
        self, login: str = "li_na", regime: str = "request", facts: Mapping[str, Any] = FACTS
    ) -> filing.Filed:
        with self.acting(login) as (session, caller):
            return filing.file_case(session, self.deps, caller, regime, facts)

    def claim(self, login: str, task_id: UUID) -> Any:
        with self.acting(login) as (session, caller):
            return desk.claim(session, self.deps, caller, task_id)

    def read(self, login: str, task_id: UUID) -> Any:
        with self.acting(login) as (session, caller):
            return desk.read_task(session, self.deps, caller, task_id)

    def release(self, login: str, task_id: UUID) -> Any:
        with self.acting(login) as (session, caller):
            return desk.release(session, self.deps, caller, task_id)

    def reassign(self, login: str, task_id: UUID, to: str | None, reason: str = "轮到您") -> Any:
        with self.acting(login) as (session, caller):
            return desk.reassign(session, self.deps, caller, task_id, to, reason)

    def delegate(self, login: str, task_id: UUID, to: str, note: str = "请代查") -> Any:
        with self.acting(login) as (session, caller):
            return desk.delegate(session, self.deps, caller, task_id, to, note)

    def resolve(self, login: str, task_id: UUID, note: str = "已查") -> Any:
        with self.acting(login) as (session, caller):
            return desk.resolve(session, self.deps, caller, task_id, note)

    def recall(self, login: str, task_id: UUID) -> Any:
        with self.acting(login) as (session, caller):
            return desk.recall(session, self.deps, caller, task_id)

    def prioritise(self, login: str, task_id: UUID, priority: int, reason: str = "媒体关注") -> Any:
        with self.acting(login) as (session, caller):
            return desk.prioritise(session, self.deps, caller, task_id, priority, reason)

    def follow_up(self, login: str, task_id: UUID, at: datetime | None) -> Any:
        with self.acting(login) as (session, caller):
            return desk.follow_up(session, self.deps, caller, task_id, at)

    def complete(self, login: str, task_id: UUID, answers: Mapping[str, Any]) -> desk.Completion:
        with self.acting(login) as (session, caller):
            return desk.complete(session, self.deps, caller, task_id, answers)

    def deploy(self, *files: SourceFile) -> None:
        with self.deps.sessions.begin() as session:
            self.deps.engine.deploy(session, files, actor=SYSTEM, name="test")

    def start(self, key: str, business_key: str = "K-1") -> None:
        with self.deps.sessions.begin() as session:
            self.deps.engine.start(session, key, business_key=business_key, actor=SYSTEM)

    def settle(self, *, failing: bool = False) -> int:
        """Run jobs until none is left. failing: some of this package's are expected to fail, and do not raise."""
        follow = {
            REROUTE: partial(reroute, deps=self.deps),
            RECOMPUTE: partial(recompute, deps=self.deps),
            SETTLE: partial(settle, deps=self.deps),
            MOVE: partial(move_batch, deps=self.deps),
            **supervision.performers(self.deps),
            **delivery.performers(self.deps),
        }
        return run_jobs_until_idle(
            self.deps.engine,
            self.deps.sessions,
            extra=follow,
            sweeps=(
                *supervision.SWEEPS,
                sweep_absences,
                sweep_barred(self.deps),
                *delivery.sweeps(self.deps),
            ),
            failing=failing,
        )

    def task(self, activity_id: str, number: str | None = None) -> Any:
        """The newest task row of an activity."""
        statement = sa.select(UserTask).where(UserTask.activity_id == activity_id)
        if number:
            statement = statement.where(UserTask.business_key == number)
        with self.deps.sessions() as session:
            return session.scalars(statement.order_by(UserTask.created_at.desc(), UserTask.id.desc())).first()

    def scalar(self, statement: Any) -> Any:
        with self.deps.sessions() as session:
            return session.scalar(statement)


def open_office(
    sessions: sessionmaker[Session], clock: FrozenClock, *, furnished: bool = False
) -> TestOffice:
    """An office with its organisation and clock register loaded and the regime `request` deployed.

    furnished: the database holds all that already.
    """
    ports = build_ports(clock)
    engine = ProcessEngine(
        clock=clock,
        listener=ports.listener,
        facts=ports.facts,
        operations=ports.operations,
        functions=ports.functions,
        host=ports.host,
    )
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    settings = Settings(home=Path("/nowhere"), secret_key="a key for tests that is long enough")
    deps = Deps(sessions, engine, clock, settings, ports.office, passwords)
    if not furnished:
        with sessions.begin() as session:
            load_organisation(session, ORGANISATION, now=clock.now(), passwords=passwords, password=PASSWORD)
            load_policies(session, CLOCKS, now=deps.clock.now())
            engine.deploy(session, request_files(), actor=SYSTEM, name="test")
    return TestOffice(deps, clock)
