"""A sub-process without one plain start event begins as BPMN means it, and ends when everything in it has ended."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import InvalidInput
from engine.incidents import Incident
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process
from tests.engine.spiff.memory import InMemory


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def wrapped(*inside: str) -> InMemory:
    return InMemory(
        process(
            "p", "start s", "sub q {", *inside, "}", "user after", "end e", "s -> q -> after", "after -> e"
        )
    )


def test_without_a_start_event_everything_nothing_leads_to_begins_at_once() -> None:
    run = wrapped("user a", "user b", "user c", "end o", "b -> c -> o")
    assert run.waiting() == ["a", "b"]
    run.complete("a")
    assert run.waiting() == ["b"]
    run.complete("b")
    run.complete("c")
    assert run.waiting() == ["after"]
    run.complete("after")
    assert run.over


def test_several_start_events_of_a_sub_process_all_begin_and_meet_at_a_join() -> None:
    run = wrapped(
        "start x", "start y", "user a", "user b", "and j", "user c", "x -> a -> j", "y -> b -> j -> c"
    )
    assert run.waiting() == ["a", "b"]
    run.complete("b")
    run.complete("a")
    assert run.waiting() == ["c"]
    run.complete("c")
    assert run.waiting() == ["after"]


def test_an_empty_sub_process_is_passed_even_where_it_is_repeated() -> None:
    assert wrapped().waiting() == ["after"]
    run = InMemory(process("p", "start s", "sub q times=3 {", "}", "user after", "s -> q -> after"))
    assert run.waiting() == ["after"]


def test_a_repeated_sub_process_without_start_begins_everywhere_each_time() -> None:
    run = InMemory(
        process("p", "start s", "sub q times=2 sequential=true {", "user a", "user b", "}", "user after", "s -> q -> after")
    )  # fmt: skip
    for _ in range(2):
        assert run.waiting() == ["a", "b"]
        run.complete("a")
        run.complete("b")
    assert run.waiting() == ["after"]


def test_side_by_side_beginnings_that_write_one_name_are_an_incident_not_last_wins(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "sub q {", "user a", "user b", "script x | note = form.a.n", "script y | note = form.b.n",
            "a -> x", "b -> y", "}", "end e", "s -> q -> e",
        )
    )  # fmt: skip
    run.start("p")
    run.complete("a", {"n": 1})
    run.complete("b", {"n": 2})
    # The first branch is over, so nothing is beside the second one any more.
    assert run.scalar(sa.select(sa.func.count()).select_from(Incident)) == 0


def test_a_timer_on_the_start_of_a_sub_process_is_waited_for_inside(run: Harness) -> None:
    run.deploy(
        process("p", "start s", "sub q {", "start w timeDuration=PT2H", "user a", "w -> a", "}", "end e", "s -> q -> e")
    )  # fmt: skip
    run.start("p")
    assert run.waiting() == []
    run.advance(hours=2)
    assert run.waiting() == ["a"]


def test_a_message_on_the_start_of_a_sub_process_is_waited_for_inside(run: Harness) -> None:
    run.deploy(
        process("p", "start s", "sub q {", "start w message=go", "user a", "w -> a", "}", "end e", "s -> q -> e")
    )  # fmt: skip
    run.start("p")
    run.correlate("go")
    assert run.waiting() == ["a"]


def test_of_several_plain_starts_the_first_drawn_begins_unless_another_is_named(run: Harness) -> None:
    run.deploy(process("p", "start s", "start t", "user a", "user b", "s -> a", "t -> b"))
    run.start("p")
    assert run.waiting() == ["a"]
    with run.sessions.begin() as session:
        run.engine.start(session, "p", business_key="K-2", actor=TESTER, start_event="t")
    assert run.waiting() == ["a", "b"]
    with run.sessions.begin() as session, pytest.raises(InvalidInput, match="there are: s, t"):
        run.engine.start(session, "p", business_key="K-3", actor=TESTER, start_event="u")
