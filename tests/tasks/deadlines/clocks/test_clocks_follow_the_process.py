"""Clocks of tasks begin with them, stop with them, and say when somebody is to be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from tasks.deadlines.clocks.around import read_limits
from tasks.deadlines.clocks.tables import Clock
from tasks.deadlines.policies.loading import load_policies
from tasks.listener import case_behind
from tasks.user_task import NEVER
from tests.tasks.drawings import one_task
from tests.tasks.office import CLOCKS, FACTS, TestOffice
from tests.tasks.test_organisation_checks import REGULATOR, data, load

ALARM = {"code": "R35.unassigned", "limit": "2", "unit": "h", "stops_on": "claim"}


def clocks(office: TestOffice, *which: Any) -> list[Any]:
    """Clock rows, oldest first."""
    with office.deps.sessions() as session:
        statement = sa.select(Clock).where(*which).order_by(Clock.started_at, Clock.code)
        return list(session.scalars(statement))


def register(office: TestOffice, *rows: dict[str, str]) -> None:
    """The office's register with more rows."""
    with office.deps.sessions.begin() as session:
        load_policies(session, [*CLOCKS, *rows], now=office.clock.now())


def policy(code: str, **more: str) -> str:
    """Properties of a diagram: `sla.policy` and others, `_` written for the point."""
    told = {"sla.policy": code, **{name.replace("_", ".", 1): value for name, value in more.items()}}
    return "".join(f'<camunda:property name="{name}" value="{value}"/>' for name, value in told.items())


def test_a_task_that_appears_starts_the_clock_its_diagram_names(office: TestOffice) -> None:
    filed = office.file()
    task = office.task("check_request")
    (clock,) = clocks(office)
    assert (clock.kind, clock.code, clock.token_id, clock.number) == (
        "task",
        "T.check",
        task.id,
        filed.number,
    )
    assert (clock.holder, clock.region) == (task.candidate_group, "/hq/henan/henan_hotline/")
    assert clock.due_at == task.due_at == office.clock.now() + timedelta(hours=4)
    assert clock.warn_at == task.warn_at == clock.next_at == office.clock.now() + timedelta(hours=2)
    assert (clock.next_rung, clock.revision, clock.stopped_at) == (0, 1, None)


def test_a_clock_stops_with_its_task_and_says_how(office: TestOffice) -> None:
    first, second = office.file(), office.file()
    task = office.task("check_request", first.number)
    office.claim("li_na", task.id)
    office.clock.advance(timedelta(minutes=5))
    office.complete("li_na", task.id, {"outcome": "close"})
    with office.deps.sessions.begin() as session:
        office.deps.engine.correlate(
            session, "withdraw", business_key=second.number, actor=office_actor(office)
        )
    stopped = {clock.number: clock for clock in clocks(office)}
    assert stopped[first.number].stop_reason == "done"
    assert stopped[second.number].stop_reason == "cancelled"
    assert {clock.stopped_at for clock in stopped.values()} == {office.clock.now()}
    assert all(clock.next_at is None and clock.due_at is not None for clock in stopped.values())


def test_an_instance_that_is_ended_from_outside_takes_its_clocks_along(office: TestOffice) -> None:
    filed = office.file()
    with office.deps.sessions.begin() as session:
        office.deps.engine.cancel(session, filed.instance_id, reason="test", actor=office_actor(office))
    assert [clock.stop_reason for clock in clocks(office)] == ["cancelled"]


@pytest.mark.parametrize(
    ("limit", "says"),
    [("=0", "above 0"), ("=-1", "above 0"), ("=&quot;x&quot;", "'x'"), ("=90000", "up to 87600 h")],
)
def test_a_limit_that_is_none_leaves_the_task_without_a_clock_and_says_so(
    office: TestOffice, limit: str, says: str
) -> None:
    office.deploy(one_task("bad", "", policy("T.check", sla_limit=limit)))
    office.start("bad")
    task = office.task("work")
    assert clocks(office) == []
    assert (task.due_at, task.sort_at) == (None, NEVER)
    assert says in task.properties["sla.problem"]


def test_where_a_decision_says_nothing_the_register_counts(office: TestOffice) -> None:
    office.deploy(one_task("own", "", policy("T.check", sla_limit="={hours: null}.hours")))
    office.start("own")
    (clock,) = clocks(office)
    assert clock.due_at == office.clock.now() + timedelta(hours=4)


def test_a_diagram_may_give_its_own_amount_and_its_own_warning(office: TestOffice) -> None:
    office.deploy(one_task("own", "", policy("T.check", sla_limit="=10", sla_warnRatio="0.75")))
    office.start("own")
    (clock,) = clocks(office)
    began = office.clock.now()
    assert clock.due_at == began + timedelta(hours=10)
    assert clock.warn_at == clock.next_at == began + timedelta(hours=7.5)
    assert clock.rungs == "75% 100% +4h +24h"


def test_a_due_date_in_the_diagram_is_a_clock_of_a_fixed_instant(office: TestOffice) -> None:
    until = "2026-03-02T19:00:00+08:00"
    office.deploy(one_task("fixed", f'camunda:dueDate="{until}"', policy("T.check")))
    office.start("fixed")
    (clock,) = clocks(office)
    assert clock.unit == "at"
    assert clock.due_at == clock.fixed_at == office.clock.now() + timedelta(hours=10)
    assert clock.warn_at == office.clock.now() + timedelta(hours=5)


def test_a_task_that_nobody_takes_has_a_clock_until_somebody_does(office: TestOffice) -> None:
    register(office, ALARM)
    filed = office.file()
    task = office.task("check_request", filed.number)
    assert [clock.code for clock in clocks(office)] == ["R35.unassigned", "T.check"]
    assert task.due_at == office.clock.now() + timedelta(hours=4), "the task's own limit stays its due date"
    office.claim("li_na", task.id)
    alarm, own = clocks(office)
    assert (alarm.stop_reason, own.stop_reason) == ("claim", "")


def test_a_task_that_is_given_back_waits_for_somebody_anew(office: TestOffice) -> None:
    register(office, ALARM)
    filed = office.file()
    task = office.task("check_request", filed.number)
    office.claim("li_na", task.id)
    office.clock.advance(timedelta(hours=1))
    office.release("li_na", task.id)
    *_, alarm = clocks(office, Clock.code == "R35.unassigned")
    assert (alarm.started_at, alarm.stopped_at) == (office.clock.now(), None)
    office.claim("he_jing", task.id)
    assert all(clock.stopped_at for clock in clocks(office, Clock.code == "R35.unassigned"))
    office.release("he_jing", task.id)
    office.clock.advance(timedelta(hours=2))
    office.claim("li_na", task.id)
    office.release("li_na", task.id)
    assert len(clocks(office, Clock.code == "R35.unassigned")) == 3, "its own limit ends sooner by now"


def test_a_limit_shorter_than_the_alarm_needs_none_and_none_means_none(office: TestOffice) -> None:
    register(office, ALARM)
    office.file(facts={**FACTS, "customer": {**FACTS["customer"], "level": "vip"}})
    office.deploy(one_task("silent", "", policy("none")))
    office.start("silent")
    assert [clock.code for clock in clocks(office)] == ["T.check"]


def office_actor(office: TestOffice) -> Any:
    with office.acting("li_na") as (_, caller):
        return caller.actor


def test_who_asks_when_a_regulators_case_is_due_is_told_by_the_companys_calendar(office: TestOffice) -> None:
    load(office, data(units=[REGULATOR]))
    number = office.file("li_na", facts=FACTS).number
    with office.deps.sessions.begin() as session:
        organisation = office.deps.office.current(session).organisation
        behind = case_behind(session, number)
        assert behind is not None
        for filed_at, counts_at in (("/regulator/", "/hq/"), (behind.org_path, behind.org_path)):
            assert organisation.by_path[filed_at]
            case = replace(behind, org_path=filed_at)
            assert read_limits(session, organisation, uuid4(), case).region == counts_at
