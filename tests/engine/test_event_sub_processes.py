"""Event sub-processes: what triggers them, what they cancel or run beside, and who waits for whom."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import MessageNotAwaited
from engine.history import HistoryEvent
from engine.instance import ProcessInstance
from engine.testing import TESTER, Harness
from tests.engine.diagrams import handler, process
from tests.engine.mirrors import check_mirrors


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, case={"items": [1, 2]})


def status(run: Harness) -> str:
    return str(run.scalar(sa.select(ProcessInstance.status)))


MAIN = ["start s", "user a", "user b", "end e", "s -> a -> b -> e"]


def trigger_message(run: Harness) -> None:
    run.correlate("m", text="hello")


def trigger_timer(run: Harness) -> None:
    run.advance(hours=1)


def trigger_signal(run: Harness) -> None:
    with run.sessions.begin() as session:
        run.engine.signal(session, "g", payload={"x": 1}, actor=TESTER)
    run.settle()


def trigger_condition(run: Harness) -> None:
    run.complete("a", {"stop": True})


TRIGGERS = {
    "message=m": trigger_message,
    "timeDuration=PT1H": trigger_timer,
    "signal=g": trigger_signal,
    'condition="form.a.stop = true"': trigger_condition,
}


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_an_interrupting_one_cancels_everything_else_and_the_process_ends_with_it(
    run: Harness, trigger: str
) -> None:
    run.deploy(process("p", *MAIN, *handler(trigger)))
    run.start("p")
    check_mirrors(run)
    TRIGGERS[trigger](run)
    check_mirrors(run)
    assert run.waiting() == ["h_u"]
    assert run.complete("h_u").ended
    check_mirrors(run)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_one_that_does_not_interrupt_runs_beside_the_rest_and_the_process_waits_for_it(
    run: Harness, trigger: str
) -> None:
    run.deploy(process("p", *MAIN, *handler(f"{trigger} only_listens=1")))
    run.start("p")
    TRIGGERS[trigger](run)
    check_mirrors(run)
    if "a" in run.waiting():
        run.complete("a")
    assert run.waiting() == ["b", "h_u"]
    assert not run.complete("b").ended
    check_mirrors(run)
    assert run.complete("h_u").ended
    check_mirrors(run)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_what_listens_is_withdrawn_when_the_process_ends_without_it(run: Harness, trigger: str) -> None:
    run.deploy(process("p", *MAIN, *handler(trigger)))
    run.start("p")
    run.complete("a", {"stop": False})
    assert run.complete("b").ended
    check_mirrors(run)
    assert status(run) == "completed"


def test_a_message_may_trigger_it_again_and_again(run: Harness) -> None:
    run.deploy(process("p", *MAIN, *handler("message=m only_listens=1")))
    run.start("p")
    for _ in range(3):
        run.correlate("m")
    check_mirrors(run)
    assert run.waiting() == ["a", "h_u", "h_u", "h_u"]
    for name in ("h_u", "a", "b", "h_u"):
        assert not run.complete(name).ended
    run.correlate("m")  # it listens as long as one of them is at work
    run.complete("h_u")
    assert run.complete("h_u").ended


def test_a_cyclic_timer_triggers_it_each_time_once(run: Harness) -> None:
    run.deploy(process("p", *MAIN, *handler("timeCycle=R3/PT1H only_listens=1")))
    run.start("p")
    run.advance(hours=1)
    run.advance(hours=1)
    assert run.waiting() == ["a", "h_u", "h_u"]
    run.advance(hours=9)
    check_mirrors(run)
    assert run.waiting() == ["a", "h_u", "h_u", "h_u"]


def test_its_timer_may_read_what_the_process_was_started_with(run: Harness) -> None:
    run.deploy(process("p", *MAIN, *handler("timeDuration==patience")))
    run.start("p", patience="PT3H")
    run.advance(hours=2)
    assert run.waiting() == ["a"]
    run.advance(hours=1)
    assert run.waiting() == ["h_u"]


def test_what_a_message_carries_is_kept_under_the_start_event(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            *MAIN,
            "on h {",
            "start hs message=m",
            "script k | got = message.hs.text",
            "user hu",
            "end he",
            "hs -> k -> hu -> he",
            "}",
        )
    )
    run.start("p")
    run.correlate("m", text="改主意")
    assert run.recorder.named("hu")[0].variables["got"] == "改主意"


def test_each_item_of_a_repeated_sub_process_listens_for_itself(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            'sub body each="=case.items as item" {',
            "start s2",
            "user a",
            "script k | mine = item",
            "end e2",
            "s2 -> a -> k -> e2",
            *handler("timeDuration=PT1H"),
            "}",
            "user after",
            "end e",
            "s -> body -> after -> e",
        )
    )
    run.start("p")
    assert run.waiting() == ["a", "a"]
    run.complete("a")
    run.advance(hours=1)
    check_mirrors(run)
    assert run.waiting() == ["h_u"]
    run.complete("h_u")
    assert run.waiting() == ["after"]


def test_one_inside_another_waits_for_its_own_trigger(run: Harness) -> None:
    inner = handler("message=deeper only_listens=1", name="i")
    run.deploy(process("p", *MAIN, *handler("message=m", *inner)))
    run.start("p")
    with pytest.raises(MessageNotAwaited):
        run.correlate("deeper")
    run.correlate("m")
    run.correlate("deeper")
    check_mirrors(run)
    assert run.waiting() == ["h_u", "i_u"]
    run.complete("h_u")
    assert run.complete("i_u").ended


def test_cancelling_withdraws_it_with_everything_else(run: Harness) -> None:
    run.deploy(
        process("p", *MAIN, *handler("message=m only_listens=1"), *handler("timeDuration=PT1H", name="t"))
    )
    instance = run.start("p")
    run.correlate("m")
    with run.sessions.begin() as session:
        run.engine.cancel(session, instance, reason="误录", actor=TESTER)
    check_mirrors(run)
    assert run.waiting() == []


def test_terminate_ends_it_with_the_scope(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "end stop terminate=1",
            "s -> a -> stop",
            *handler("message=m only_listens=1"),
        )
    )
    run.start("p")
    run.correlate("m")
    assert run.complete("a").ended
    check_mirrors(run)


def test_pages_and_history_show_the_drawn_ids_and_nothing_else(run: Harness) -> None:
    run.deploy(process("p", *MAIN, *handler("message=m")))
    run.start("p")
    run.correlate("m")
    run.complete("h_u")
    shown = {row.activity_id for row in run.rows(sa.select(HistoryEvent.activity_id).distinct())}
    assert shown - {None} == {"s", "a", "h", "h_s", "h_u", "h_e"}


def test_a_trigger_that_fails_rests_and_may_be_retried(run: Harness) -> None:
    run.deploy(process("p", *MAIN, *handler("timeDuration==patience")))
    run.start("p", patience="soon")
    check_mirrors(run)
    assert run.waiting() == ["a"]
    run.complete("a")
    assert run.complete("b").ended  # what rests at the border of a scope does not hold it open
    check_mirrors(run)
