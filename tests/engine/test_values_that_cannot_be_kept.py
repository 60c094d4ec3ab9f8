"""Values no database or calendar can hold: refused with a sentence or resting as an incident, never a broken page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import InvalidInput
from engine.incidents import Incident
from engine.testing import TESTER, Harness
from engine.timers import Timer
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors

HALF = "\ud800"
PAYLOAD = (
    "<bpmn:extensionElements><camunda:inputOutput>"
    '<camunda:inputParameter name="x">${form.a.x}</camunda:inputParameter>'
    "</camunda:inputOutput></bpmn:extensionElements>"
)


def fail_with_odd_words(_call: Any) -> dict[str, Any]:
    raise RuntimeError("broken \x00 " + HALF + "!" * 5000)


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    operations: dict[str, Any] = {
        "big": lambda _call: {"x": 2**80},
        "odd": lambda _call: {"x": object()},
        "words": fail_with_odd_words,
    }
    return Harness(sessions, clock, operations=operations, case={})


def incidents(run: Harness) -> list[Any]:
    return run.rows(
        sa.select(Incident.activity_id, Incident.kind, Incident.message).where(Incident.resolved_at.is_(None))
    )


@pytest.mark.parametrize(
    "answers", [{"x": 2**90}, {"x": "\x00"}, {"x": HALF}, {"x\x00": 1}, {"x": [{"y": object()}]}]
)
def test_an_answer_that_cannot_be_kept_is_refused_and_the_task_stays(run: Harness, answers: Any) -> None:
    run.deploy(process("p", "start s", "user a", "user b", "end e", "s -> a -> b -> e"))
    run.start("p")
    with pytest.raises(InvalidInput, match="Completing 'a' was refused"):
        run.complete("a", answers)
    check_mirrors(run)
    assert run.waiting() == ["a"]


@pytest.mark.parametrize("payload", [{"x": 2**90}, {"x": "\x00"}, {"x": HALF}])
def test_a_message_that_cannot_be_kept_is_refused_and_still_awaited(run: Harness, payload: Any) -> None:
    run.deploy(process("p", "start s", "receive r message=m", "user b", "end e", "s -> r -> b -> e"))
    run.start("p")
    with pytest.raises(InvalidInput, match="Message 'm' was refused"):
        run.correlate("m", **payload)
    check_mirrors(run)
    run.correlate("m", x=1)
    assert run.waiting() == ["b"]


@pytest.mark.parametrize("operation", ["big", "odd", "words"])
def test_an_operation_whose_result_or_failure_cannot_be_kept_rests(run: Harness, operation: str) -> None:
    task = f"service r camunda:type=external camunda:topic={operation}"
    run.deploy(process("p", "start s", task, "end e", "s -> r -> e"))
    run.start("p")
    run.settle()
    check_mirrors(run)
    (found,) = incidents(run)
    assert (found.activity_id, found.kind) == ("r", "operation") and len(found.message) < 2100


@pytest.mark.parametrize("where", ["script t | x = form.a.x + {}", f"send t message=m | {PAYLOAD}"])
def test_a_text_with_an_impossible_character_rests_at_the_activity_that_made_it(
    run: Harness, where: str
) -> None:
    task = where.format('"\\u0000"') if "script" in where else where
    if "send" in where:
        task = where.replace("${form.a.x}", '="a\\u0000b"')
    run.deploy(process("p", "start s", "user a", task, "end e", "s -> a -> t -> e"))
    run.start("p")
    run.complete("a", {"x": "y"})
    check_mirrors(run)
    assert [(i.activity_id, i.kind) for i in incidents(run)] == [("t", "expression")]


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "P99999999D", "R/PT0S", "R/P0D", "R0/PT1H",
        "R/-PT1H", "2026-02-30T00:00:00", "R3/9999-12-31T23:59:59Z/PT1H", "24:00", "",
    ],
)  # fmt: skip
def test_a_computed_timer_that_is_no_time_rests_and_the_work_beside_it_goes_on(
    run: Harness, text: str
) -> None:
    run.recorder.case["t"] = text
    timer = 'boundary b at=a only_listens=1 timeCycle="=case.t"'
    run.deploy(process("p", "start s", "user a", timer, "end e", "end e2", "s -> a -> e", "b -> e2"))
    run.start("p")
    check_mirrors(run)
    assert [i.activity_id for i in incidents(run)] == ["b"]
    run.complete("a")
    check_mirrors(run)
    assert incidents(run) == []


def test_a_monthly_timer_keeps_its_day_after_a_long_stop(run: Harness) -> None:
    run.recorder.case["t"] = "R/2025-10-31T09:00:00+08:00/P1M"
    timer = 'boundary b at=a only_listens=1 timeCycle="=case.t"'
    run.deploy(process("p", "start s", "user a", timer, "end e", "end e2", "s -> a -> e", "b -> e2"))
    run.start("p")
    run.settle()
    check_mirrors(run)
    due = run.scalar(sa.select(Timer.due_at).where(Timer.fired_at.is_(None)))
    assert due.isoformat() == "2026-03-31T01:00:00+00:00"


def test_a_month_is_counted_on_the_calendar_of_the_office(run: Harness) -> None:
    run.clock.advance(timedelta(days=29, hours=22))  # Wednesday, 1 April 2026, 07:00 in Shanghai
    run.deploy(process("p", "start s", "catch c timeDuration=P1M", "end e", "s -> c -> e"))
    run.start("p")
    assert run.scalar(sa.select(Timer.due_at)).isoformat() == "2026-04-30T23:00:00+00:00"


def test_work_that_waits_behind_a_suspension_is_no_failure(run: Harness) -> None:
    run.engine.operations["big"] = lambda _call: {"x": 1}
    task = "service r camunda:type=external camunda:topic=big"
    run.deploy(process("p", "start s", task, "user b", "end e", "s -> r -> b -> e"))
    instance = run.start("p")
    with run.sessions.begin() as session:
        run.engine.suspend(session, instance, reason="检查", actor=TESTER)
    run.settle()
    check_mirrors(run)
    assert incidents(run) == []
    with run.sessions.begin() as session:
        run.engine.resume(session, instance, actor=TESTER)
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["b"]


def test_a_message_thrown_while_its_receiver_was_suspended_arrives_on_resume(run: Harness) -> None:
    run.deploy(
        process("q", "start s", "receive r message=m", "user b", "end e", "s -> r -> b -> e"),
        process("p", "start s", "send t message=m", "end e", "s -> t -> e"),
    )
    instance = run.start("q")
    with run.sessions.begin() as session:
        run.engine.suspend(session, instance, reason="检查", actor=TESTER)
    run.start("p")
    run.settle()
    assert run.waiting() == []
    with run.sessions.begin() as session:
        run.engine.resume(session, instance, actor=TESTER)
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["b"]
