"""Conditional events: looked at on arrival and whenever an action comes to rest, met when the condition becomes true."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.incidents import Incident
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, case={"amount": 120})


def beside(*lines: str) -> list[str]:
    """A branch with the given nodes, beside one in which somebody answers `u`, then `v`."""
    return ["start s", "and f", "user u", "user v", "end e", "s -> f -> u -> v -> e", *lines]


def test_a_catch_event_goes_on_at_once_where_its_condition_holds(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", 'catch c condition="case.amount > 100"', "user z", "end e", "s -> c -> z -> e"
        )
    )
    run.start("p")
    assert run.waiting() == ["z"]


def test_a_catch_event_waits_for_a_variable_that_is_not_there_yet(run: Harness) -> None:
    run.deploy(process("p", *beside('catch c condition="form.u.ok = true"', "user z", "f -> c -> z -> e")))
    run.start("p")
    check_mirrors(run)
    assert run.waiting() == ["u"]
    assert run.scalar(sa.select(sa.func.count()).select_from(Incident)) == 0
    run.complete("u", {"ok": True})
    check_mirrors(run)
    assert run.waiting() == ["v", "z"]


def test_a_condition_that_held_only_on_arrival_was_met(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "script one | x = 1",
            "sub body {",
            "start s2",
            "script two | x = 2",
            "user a",
            "end e2",
            "s2 -> two -> a -> e2",
            "}",
            'boundary c at=body condition="x = 1" only_listens=1',
            "user z",
            "end e",
            "end e3",
            "s -> one -> body -> e",
            "c -> z -> e3",
        )
    )
    run.start("p")
    assert run.waiting() == ["a", "z"]


def test_one_that_only_listens_is_met_each_time_it_becomes_true(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "xor g",
            "user u",
            "xor h",
            "user a",
            "and f",
            'boundary c at=a condition="form.u.n > 5" only_listens=1',
            "user z",
            "end e",
            "end e2",
            "s -> f -> a -> e",
            "f -> g -> u -> h",
            "h -> g : form.u.n < 100",
            "default h -> e",
            "c -> z -> e2",
        )
    )
    run.start("p")
    for number, met in ((3, 0), (6, 1), (7, 1), (2, 1), (9, 2)):
        run.complete("u", {"n": number})
        check_mirrors(run)
        assert run.waiting() == ["a", "u", *["z"] * met], number


def test_a_boundary_event_that_interrupts_cancels_its_activity(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            *beside(
                "user a", 'boundary c at=a condition="form.u.stop"', "user z", "f -> a -> e", "c -> z -> e"
            ),
        )
    )
    run.start("p")
    run.complete("u", {"stop": True})
    check_mirrors(run)
    assert run.waiting() == ["v", "z"]


def test_behind_an_event_based_gateway_the_first_that_comes_wins(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            *beside(
                "events g",
                'catch c condition="form.u.ok"',
                "catch m message=other",
                "user z",
                "f -> g -> c -> z -> e",
                "g -> m -> e",
            ),
        )
    )
    run.start("p")
    run.complete("u", {"ok": True})
    check_mirrors(run)
    assert run.waiting() == ["v", "z"]


def test_a_condition_that_is_neither_true_nor_false_rests_until_it_is_mended(run: Harness) -> None:
    run.deploy(process("p", *beside('catch c condition="form.u.n"', "user z", "f -> c -> z -> e")))
    run.start("p")
    run.complete("u", {"n": 3})
    check_mirrors(run)
    assert run.waiting() == ["v"]
    [incident] = run.rows(sa.select(Incident.id, Incident.activity_id, Incident.message))
    assert incident.activity_id == "c" and "neither true nor false" in incident.message
    with run.sessions.begin() as session:
        run.engine.retry(session, incident.id, actor=TESTER)
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["v"]
