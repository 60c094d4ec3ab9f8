"""What a diagram reads and nobody gave, an operator sets: the case goes on, and the history keeps what was before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import InvalidInput, RedressError, WrongState
from engine.incidents import Incident
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process

CHOICE = ("xor g", "user paid", "user refused", "default g -> refused")
LINES = sa.text("SELECT data, actor_id FROM history_event WHERE kind = 'variables_set' ORDER BY id")


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def put(run: Harness, instance: UUID, at: str | None = None, **variables: Any) -> None:
    with run.sessions.begin() as session:
        run.engine.set_variables(session, instance, variables, reason="asked them", at=at, actor=TESTER)


def retried(run: Harness) -> str:
    """Retry the open incident and return where it was."""
    [incident] = run.rows(sa.select(Incident.id, Incident.activity_id).where(Incident.resolved_at.is_(None)))
    with run.sessions.begin() as session:
        run.engine.retry(session, incident.id, actor=TESTER)
    run.settle()
    return str(incident.activity_id)


def test_a_missing_name_is_set_and_the_gateway_asked_again(run: Harness) -> None:
    run.deploy(process("p", "start s", *CHOICE, "s -> g", "g -> paid : ${amount > 100}"))
    instance = run.start("p")
    put(run, instance, amount=200)
    assert retried(run) == "g"
    assert run.waiting() == ["paid"]
    put(run, instance, amount=3)
    [first, second] = run.rows(LINES)
    assert first == ({"variables": {"amount": 200}, "before": {}, "reason": "asked them"}, "tester")
    assert second.data["before"] == {"amount": 200}


def test_in_a_callee_with_variables_of_its_own_the_activity_says_whose(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", 'call c calledElement=q | <bpmn:extensionElements><camunda:in source="a" target="b"/>'
            "</bpmn:extensionElements>", "s -> c",
        ),
        process("q", "start s2", *CHOICE, "s2 -> g", "g -> paid : ${amount > b}"),
    )  # fmt: skip
    instance = run.start("p", a=1)
    put(run, instance, amount=2)
    assert retried(run) == "g"
    assert run.waiting() == []
    put(run, instance, at="g", amount=2)
    retried(run)
    assert run.waiting() == ["paid"]


def test_what_waits_for_a_condition_goes_on_when_it_becomes_true(run: Harness) -> None:
    run.deploy(process("p", "start s", 'catch c condition="=ready"', "user u", "s -> c -> u"))
    instance = run.start("p")
    put(run, instance, ready=True)
    assert run.waiting() == ["u"]


@pytest.mark.parametrize(
    ("variables", "at", "meant"),
    [
        ({"case": 1}, None, "what has happened"),
        ({"form": {"u": {}}}, None, "what has happened"),
        ({"result": 1}, None, "what has happened"),
        ({"__builtins__": 1}, None, "no name of a variable"),
        ({"a.b": 1}, None, "no name of a variable"),
        ({"": 1}, None, "no name of a variable"),
        ({}, None, "none is named"),
        ({"a": "\x00"}, None, "U+0000"),
        ({"a": 1}, "elsewhere", "it is at u"),
    ],
)
def test_what_is_refused_leaves_everything_as_it_is(
    run: Harness, variables: dict[str, Any], at: str | None, meant: str
) -> None:
    run.deploy(process("p", "start s", "user u", "s -> u"))
    instance = run.start("p")
    with pytest.raises(InvalidInput, match=meant.replace("+", r"\+")):
        put(run, instance, at, **variables)
    assert run.rows(LINES) == []


def test_an_instance_that_does_not_move_is_not_corrected(run: Harness) -> None:
    run.deploy(process("p", "start s", "user u", "s -> u"))
    instance = run.start("p")
    run.complete("u")
    with pytest.raises((WrongState, RedressError)):
        put(run, instance, a=1)
