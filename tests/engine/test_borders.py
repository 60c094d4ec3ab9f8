"""What happens at an activity's border and at the end of a scope: messages, escalations, errors, terminate."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import WrongState
from engine.testing import Harness
from tests.engine.diagrams import process


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, case={"amount": 120, "departments": ["network", "billing", "market"]})


def test_an_interrupting_message_at_a_sub_process_cancels_what_is_inside(run: Harness) -> None:
    run.deploy(
        process("callee", "start s", "user deep", "end e", "s -> deep -> e"),
        process(
            "p",
            "start s",
            "sub body {",
            "start s2",
            "and f",
            "user a",
            "call c calledElement=callee",
            "and j",
            "end e2",
            "s2 -> f -> a -> j",
            "f -> c -> j",
            "j -> e2",
            "}",
            "boundary withdrawn at=body message=withdraw",
            "user close",
            "user usual",
            "end e",
            "s -> body -> usual -> e",
            "withdrawn -> close -> e",
        ),
    )
    run.start("p")
    assert run.waiting() == ["a", "deep"]
    move = run.correlate("withdraw", reason="改主意")
    assert len(move.cancelled) == 2
    assert run.waiting() == ["close"]
    assert run.complete("close").ended


def test_a_message_that_only_listens_lets_the_work_go_on_and_may_come_again(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "boundary urged at=a message=urge only_listens=1",
            "user note",
            "end e",
            "end e2",
            "s -> a -> e",
            "urged -> note -> e2",
        )
    )
    run.start("p")
    run.correlate("urge")
    run.correlate("urge")
    assert run.waiting() == ["a", "note", "note"]
    run.complete("note")
    run.complete("a")
    with pytest.raises(WrongState, match="no activity of case K-1 waits for it"):
        run.correlate("urge")
    assert run.complete("note").ended


def test_an_escalation_inside_is_caught_at_the_border_and_the_inside_goes_on(run: Harness) -> None:
    run.deploy(
        process(
            "callee",
            "start s",
            "user a",
            "throw up escalation=need_upper",
            "user b",
            "end e",
            "s -> a -> up -> b -> e",
        ),
        process(
            "p",
            "start s",
            "call c calledElement=callee",
            "boundary helped at=c escalation=need_upper only_listens=1",
            "user help",
            "end e",
            "end e2",
            "s -> c -> e",
            "helped -> help -> e2",
        ),
    )
    run.start("p")
    run.complete("a")
    assert run.waiting() == ["b", "help"]
    run.complete("b")
    assert run.complete("help").ended


def test_an_error_end_takes_the_border_and_cancels_the_rest_inside(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "sub body {",
            "start s2",
            "and f",
            "user a",
            "user b",
            "end bad error=route_missing",
            "end e2",
            "s2 -> f -> a -> bad",
            "f -> b -> e2",
            "}",
            "boundary caught at=body error=route_missing",
            "user mend",
            "end e",
            "s -> body -> e",
            "caught -> mend -> e",
        )
    )
    run.start("p")
    run.complete("a")
    assert run.waiting() == ["mend"]


def test_terminate_ends_its_own_scope_and_nothing_around_it(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "sub body {",
            "start s2",
            "and f",
            "user a",
            "user b",
            "end stop terminate=1",
            "end e2",
            "s2 -> f -> a -> stop",
            "f -> b -> e2",
            "}",
            "user after",
            "end e",
            "s -> body -> after -> e",
        )
    )
    run.start("p")
    run.complete("a")
    assert run.waiting() == ["after"]
