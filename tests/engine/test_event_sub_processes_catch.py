"""What event sub-processes catch, and what they write: errors and escalations from inside out, variables beside the rest."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.history import HistoryEvent
from engine.ports import BpmnError, OperationCall
from engine.testing import Harness
from tests.engine.diagrams import handler, process
from tests.engine.mirrors import check_mirrors


def refuse(call: OperationCall) -> dict[str, Any]:
    raise BpmnError("refused", "the other side says no")


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, operations={"refuse": refuse})


def test_an_error_end_event_triggers_it_before_any_boundary_outside(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "sub body {",
            "start s2",
            "user a",
            "user other",
            "and f",
            "end bad error=lost",
            "s2 -> f -> a -> bad",
            "f -> other",
            *handler('error=lost written="camunda:errorCodeVariable=&quot;why&quot;"'.replace("&quot;", "'")),
            "}",
            "boundary caught at=body error=lost",
            "user outside",
            "user after",
            "end e",
            "s -> body -> after -> e",
            "caught -> outside -> e",
        )
    )
    run.start("p")
    run.complete("a")
    check_mirrors(run)
    assert run.waiting() == ["h_u"]
    assert run.recorder.named("h_u")[0].variables["why"] == "lost"
    run.complete("h_u")
    assert run.waiting() == ["after"]  # the scope goes on as usual behind it


def test_an_error_of_an_operation_triggers_it_in_the_caller_too(run: Harness) -> None:
    callee = process(
        "callee",
        "start s",
        "user u",
        "service w camunda:type=external camunda:topic=refuse",
        "end e",
        "s -> u -> w -> e",
    )
    run.deploy(
        callee,
        process(
            "p", "start s", "call c calledElement=callee", "end e", "s -> c -> e", *handler("error=refused")
        ),
    )
    run.start("p")
    run.complete("u")
    run.settle()
    check_mirrors(run)
    assert run.waiting() == ["h_u"]
    assert run.complete("h_u").ended


def test_an_error_it_throws_itself_goes_further_out(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "sub body {",
            "start s2",
            "end bad error=lost",
            "s2 -> bad",
            "on h {",
            "start hs anyError=1",
            "user hu",
            "end he error=lost",
            "hs -> hu -> he",
            "}",
            "}",
            "boundary caught at=body error=lost",
            "user outside",
            "end e",
            "s -> body -> e",
            "caught -> outside -> e",
        )
    )
    run.start("p")
    run.complete("hu")
    check_mirrors(run)
    assert run.waiting() == ["outside"]


def test_an_escalation_runs_it_beside_what_escalates(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "throw up escalation=slow",
            "user b",
            "end e",
            "s -> a -> up -> b -> e",
            *handler("escalation=slow only_listens=1"),
        )
    )
    run.start("p")
    run.complete("a")
    check_mirrors(run)
    assert run.waiting() == ["b", "h_u"]
    run.complete("h_u")
    assert run.complete("b").ended


def test_an_escalation_it_throws_itself_is_not_caught_by_it_again(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "throw up escalation=slow",
            "end e",
            "s -> a -> up -> e",
            "on h {",
            "start hs escalation=slow only_listens=1",
            "throw again escalation=slow",
            "user hu",
            "end he",
            "hs -> again -> hu -> he",
            "}",
        )
    )
    run.start("p")
    run.complete("a")
    assert run.waiting() == ["hu"]
    assert run.complete("hu").ended


def test_what_it_writes_beside_the_rest_is_never_last_wins(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "script w | x = 1",
            "user b",
            "end e",
            "s -> a -> w -> b -> e",
            "on h {",
            "start hs message=m only_listens=1",
            "user hu",
            "script hw | x = 2",
            "user hz",
            "end he",
            "hs -> hu -> hw -> hz -> he",
            "}",
        )
    )
    run.start("p")
    run.correlate("m")
    run.complete("a")
    run.complete("hu")
    check_mirrors(run)
    assert run.waiting() == ["b"]
    kinds = [
        row.data["kind"]
        for row in run.rows(sa.select(HistoryEvent.data).where(HistoryEvent.kind == "incident_raised"))
    ]
    assert kinds == ["conflict"]


def test_what_was_written_before_it_began_is_no_conflict(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "and f",
            "script w | x = 1",
            "user a",
            "user b",
            "and j",
            "end e",
            "s -> f -> w -> a -> j",
            "f -> b -> j",
            "j -> e",
            "on h {",
            "start hs message=m only_listens=1",
            "script hw | x = 2",
            "user hz",
            "end he",
            "hs -> hw -> hz -> he",
            "}",
        )
    )
    run.start("p")
    run.correlate("m")
    check_mirrors(run)
    assert run.waiting() == ["a", "b", "hz"]
    run.complete("a")
    run.complete("b")
    assert run.complete("hz").ended


def test_an_inclusive_join_does_not_wait_for_it(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "or f",
            "user a",
            "user b",
            "or j",
            "user after",
            "end e",
            "s -> f",
            "f -> a -> j : true",
            "f -> b : true",
            "b -> j",
            "j -> after -> e",
            *handler("message=m only_listens=1"),
        )
    )
    run.start("p")
    run.correlate("m")
    run.complete("a")
    run.complete("b")
    assert run.waiting() == ["after", "h_u"]
