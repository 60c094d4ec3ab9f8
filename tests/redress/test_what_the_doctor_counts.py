"""The doctor counts what a worker would do now and has not done, and what waits for people for too long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.instance import ProcessInstance
from engine.timers import Timer
from redress.cli import main
from redress.doctor import Check, due_work
from tasks.core import table
from tasks.deadlines.clocks.tables import ClockRequest
from tasks.notices.tables import Delivery
from tasks.talk.tables import Notice
from tasks.talk.telling import tell
from tests.tasks.deadlines.supervision import hung
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice, open_office

Examined = Callable[[], dict[str, Check]]


@pytest.fixture
def office(sessions: sessionmaker[Session], clock: FrozenClock) -> TestOffice:
    return open_office(sessions, clock)


@pytest.fixture
def examined(office: TestOffice, database_url: str) -> Examined:
    """What the doctor finds at the instant of the office's clock, by name."""

    def examine() -> dict[str, Check]:
        with psycopg.connect(database_url) as connection:
            return {one.name: one for one in due_work(connection, office.clock.now())}

    return examine


def write(office: TestOffice, statement: Any) -> None:
    with office.deps.sessions.begin() as session:
        session.execute(statement)


def test_timers_count_that_a_worker_would_fire_now(office: TestOffice, examined: Examined) -> None:
    filed = hung.quiet_case(office)
    timer = {
        "id": uuid4(), "instance_id": filed.instance_id, "token_id": uuid4(), "activity_id": "x", "kind": "date",
        "due_at": office.clock.now(), "held": False, "attempts": 0,
    }  # fmt: skip
    write(office, sa.insert(table(Timer)).values(timer))
    assert examined()["timers"].ok
    office.clock.advance(timedelta(minutes=2))
    assert examined()["timers"].seen == "1 overdue by more than a minute"
    write(office, sa.update(table(Timer)).values(again_at=office.clock.now() + timedelta(hours=1)))
    assert examined()["timers"].ok  # it rests after a failure
    write(office, sa.update(table(Timer)).values(again_at=None))
    write(office, sa.update(table(ProcessInstance)).values(status="suspended"))
    assert examined()["timers"].ok


def test_clocks_count_that_should_have_rung(office: TestOffice, examined: Examined) -> None:
    hung.hang(office, hung.quiet_case(office), hours=10)
    office.clock.advance(timedelta(hours=9))
    assert examined()["clocks"].ok  # the sweep has a minute
    office.clock.advance(timedelta(minutes=2))
    assert not examined()["clocks"].ok
    assert examined()["clocks"].seen.startswith("1 with a rung")


def test_clocks_that_stand_still_for_a_month_are_told_by_reason(
    office: TestOffice, examined: Examined
) -> None:
    filed = hung.quiet_case(office)
    for reason in ("customer", "customer", "regulator"):
        clock = hung.hang(office, filed)
        hung.pause(office, clock)
        hung.change(office, clock, pause_reason=reason)
    office.clock.advance(timedelta(days=29))
    assert examined()["paused clocks"].ok
    office.clock.advance(timedelta(days=2))
    assert examined()["paused clocks"].seen == "2 for customer, 1 for regulator for longer than 30 days"


def test_requests_that_nobody_decides_on_are_counted(office: TestOffice, examined: Examined) -> None:
    clock = hung.hang(office, hung.quiet_case(office))
    asked = {
        "id": uuid4(), "clock_id": clock, "kind": "extension", "amount": 2, "reason": "why", "state": "requested",
        "asked_at": office.clock.now(), "asked_by": "x", "asked_by_name": "x", "decided_by": "",
        "decided_by_name": "", "note": "",
    }  # fmt: skip
    write(office, sa.insert(table(ClockRequest)).values(asked))
    office.clock.advance(timedelta(hours=47))
    assert examined()["requests for time"].ok
    office.clock.advance(timedelta(hours=2))
    assert examined()["requests for time"].seen.startswith("1 wait")
    write(office, sa.update(table(ClockRequest)).values(state="refused"))
    assert examined()["requests for time"].ok


def test_work_that_waits_for_nobody_is_told(office: TestOffice, database_url: str, place: Any) -> None:
    office.deploy(one_task("lost", 'camunda:candidateGroups="nobody_at_all"'))
    office.start("lost")
    told = CliRunner(env={"DATABASE_URL": database_url, "REDRESS_HOME": str(place)}).invoke(main, ["doctor"])
    assert "waits for nobody: 1 tasks that nobody answers for" in told.output


def test_notices_that_were_given_up_or_wait_for_long_are_a_problem(
    office: TestOffice, examined: Examined
) -> None:
    now = office.clock.now()
    with office.acting("li_na") as (session, caller):
        tell(session, office.clock, "mention", "1", people=[caller.id], fields={})
        person = caller.id
    notice = office.scalar(sa.select(Notice.id))
    row = {
        "id": uuid4(), "batch_id": uuid4(), "notice_id": notice, "person_id": person, "channel": "email", "state": "queued",
        "attempts": 1,
        "created_at": now, "since": now, "next_at": now, "error": "452 full",
    }  # fmt: skip
    write(office, sa.insert(table(Delivery)).values(row))
    assert examined()["notices sent"].ok
    office.clock.advance(timedelta(minutes=31))
    assert (
        examined()["notices sent"].seen
        == "0 given up, 1 waiting for longer than 30 minutes; last: email: 452 full"
    )
    write(office, sa.update(table(Delivery)).values(state="failed"))
    assert examined()["notices sent"].seen.startswith("1 given up, 0 waiting")
    write(office, sa.update(table(Delivery)).values(state="sent"))
    assert examined()["notices sent"].ok
