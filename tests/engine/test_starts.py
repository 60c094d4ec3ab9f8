"""How a process begins: by its key, by a message, by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import InvalidInput
from engine.instance import ProcessInstance
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def started(run: Harness) -> int:
    return int(run.scalar(sa.select(sa.func.count()).select_from(ProcessInstance)))


def test_each_start_event_has_its_own_trigger(run: Harness) -> None:
    run.deploy(
        process("p", "start by_regulator message=regulator_case", "start by_clerk", "user check", "user note", "end e",
                "by_clerk -> note -> e", "by_regulator -> check -> e")
    )  # fmt: skip
    run.start("p")
    assert run.waiting() == ["note"]
    run.correlate("regulator_case", "SS-1", number="工信申2026-7")
    assert run.waiting() == ["check", "note"]
    assert run.recorder.named("check")[0].variables["message"] == {"by_regulator": {"number": "工信申2026-7"}}


def test_a_start_event_can_be_named_and_an_unknown_one_is_refused(run: Harness) -> None:
    run.deploy(process("p", "start s message=go", "user a", "end e", "s -> a -> e"))
    for name in ("nowhere", "a"):
        with run.sessions.begin() as session, pytest.raises(InvalidInput, match="has no such start event"):
            run.engine.start(session, "p", business_key="K", actor=TESTER, start_event=name)
    assert started(run) == 0


def test_a_timer_start_starts_the_process_by_itself_and_only_the_newest_version(run: Harness) -> None:
    run.deploy(process("monthly", "start s timeCycle=R/P1D", "user check", "end e", "s -> check -> e"))
    run.advance(hours=23)
    assert started(run) == 0
    run.advance(hours=1)
    assert run.waiting() == ["check"]
    run.deploy(
        process("monthly", "start s timeCycle=R2/PT1H", "user check_again", "end e", "s -> check_again -> e")
    )
    run.advance(hours=1)
    run.advance(hours=1)
    run.advance(days=9)
    assert run.waiting() == ["check", "check_again", "check_again"]
    assert (
        run.rows(sa.select(ProcessInstance.business_key).order_by(ProcessInstance.id))[0].business_key
        == "monthly-20260303T090000"
    )


def test_a_long_stop_is_caught_up_with_one_start(run: Harness) -> None:
    run.deploy(process("daily", "start s timeCycle=R/P1D", "user check", "end e", "s -> check -> e"))
    run.clock.advance(timedelta(days=30))
    run.settle()
    assert started(run) == 1


def test_a_timer_start_that_is_no_time_refuses_the_deployment(run: Harness) -> None:
    with pytest.raises(InvalidInput, match="timer start"):
        run.deploy(process("p", 'start s timeDate="=1 + 1"', "user a", "end e", "s -> a -> e"))
