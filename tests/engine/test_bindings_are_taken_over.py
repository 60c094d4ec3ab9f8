"""A new deployment keeps what was bound wherever the diagram still asks the same, and says what it kept and dropped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.deployment import DefinitionBinding, ProcessDefinition
from engine.dialect import SourceFile
from engine.errors import NeedsBinding
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process

OPERATIONS = {"add": lambda call: {"sum": 1}, "send": lambda call: None}


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, operations=OPERATIONS)


def asking(*elements: str, task: str = "u") -> SourceFile:
    """A process with the given elements in a row, then a person."""
    ids = [element.split()[1] for element in elements]
    return process("p", "start s", *elements, f"user {task}", "end e", " -> ".join(["s", *ids, task, "e"]))


def bind(run: Harness, key: str = "p", **targets: str) -> Any:
    newest = (
        sa.select(ProcessDefinition.id)
        .where(ProcessDefinition.key == key)
        .order_by(ProcessDefinition.version.desc())
    )
    with run.sessions.begin() as session:
        return run.engine.bind(session, session.scalars(newest).first(), targets, actor=TESTER)


def version(receipt: Any, key: str = "p") -> Any:
    return next(made for made in receipt.definitions if made.key == key)


A, B = "service a camunda:class=x.A", "service b camunda:class=x.B"


def test_an_unchanged_need_keeps_its_binding_and_who_chose_it(run: Harness) -> None:
    run.deploy(asking(A))
    bind(run, a="add")
    run.clock.advance(timedelta(days=1))
    made = version(run.deploy(asking(A, task="v")))
    assert (made.version, made.startable, made.in_use) == (2, True, 2)
    assert [(need.need.key, need.target, need.taken_over) for need in made.needs] == [("a", "add", True)]
    first, second = run.rows(sa.select(DefinitionBinding.bound_at, DefinitionBinding.bound_by_name))
    assert first == second
    run.start("p")
    run.settle()
    assert run.waiting() == ["v"]


@pytest.mark.parametrize(
    "changed",
    ["service a camunda:class=x.Other", "service a2 camunda:class=x.A", "rule a camunda:decisionRef=x"],
)
def test_a_changed_need_is_asked_for_again(run: Harness, changed: str) -> None:
    run.deploy(asking(A))
    bind(run, a="add")
    made = version(run.deploy(asking(changed)))
    assert (made.version, made.startable, made.in_use) == (2, False, 1)
    assert [need.target for need in made.needs] == [None]


def test_only_what_is_new_is_left_to_bind(run: Harness) -> None:
    run.deploy(asking(A))
    bind(run, a="add")
    made = version(run.deploy(asking(A, B)))
    assert [(need.need.key, need.target) for need in made.needs] == [("a", "add"), ("b", None)]
    assert not made.startable
    bind(run, b="nothing")
    run.start("p")


def test_a_binding_nobody_asks_for_any_more_is_dropped_and_said(run: Harness) -> None:
    run.deploy(process("callee", "start s", "user t", "end e", "s -> t -> e"))
    run.deploy(asking("call c calledElement=missing"))
    bind(run, c="callee")
    run.deploy(process("missing", "start s", "user n", "end e", "s -> n -> e"))
    made = version(run.deploy(asking("call c calledElement=missing")))
    assert (made.startable, dict(made.dropped)) == (True, {"c": "callee"})
    run.start("p")
    assert run.waiting() == ["n"]


def test_the_same_files_again_store_nothing_bound_or_not(run: Harness) -> None:
    run.deploy(asking(A))
    assert run.deploy(asking(A)).unchanged
    bind(run, a="add")
    again = run.deploy(asking(A))
    assert again.unchanged
    assert version(again).startable
    bind(run, a="send")
    again = run.deploy(asking(A))
    assert (again.unchanged, version(again).version, version(again).needs[0].target) == (True, 2, "send")


def test_a_roll_back_finds_the_binding_of_the_version_it_goes_back_to(run: Harness) -> None:
    run.deploy(asking(A))
    bind(run, a="add")
    run.deploy(asking(B))
    made = version(run.deploy(asking(A)))
    assert (made.version, made.startable) == (3, True)


def test_what_is_not_offered_any_more_is_not_taken_over_and_stays_where_nothing_changed(
    run: Harness,
) -> None:
    run.deploy(asking(A, B))
    bind(run, a="add", b="nothing")
    run.clock.advance(timedelta(minutes=1))  # ids of two engines have no order within a millisecond
    fewer = Harness(run.sessions, run.clock, operations={"send": OPERATIONS["send"]})
    assert fewer.deploy(asking(A, B)).unchanged
    run.clock.advance(timedelta(minutes=1))
    made = version(fewer.deploy(asking(A, B, task="v")))
    assert [(need.need.key, need.target) for need in made.needs] == [("a", None), ("b", "nothing")]
    assert (made.startable, made.in_use) == (False, 1)
    assert fewer.deploy(asking(A, B, task="v")).unchanged


def test_a_bound_callee_makes_a_new_version_of_its_callers_only_where_it_has_one(run: Harness) -> None:
    caller = process("caller", "start s", "call c calledElement=p", "end e", "s -> c -> e")
    run.deploy(caller, asking(A))
    bind(run, a="nothing")
    assert run.deploy(caller, asking(A)).unchanged
    bound = bind(run, a="add")
    assert (bound.version, bound.callers_unchanged) == (2, ("caller",))
    receipt = run.deploy(caller, asking(A))
    assert version(receipt, "caller").version == 2
    assert version(receipt).version == 2
    run.start("caller")
    run.settle()
    assert run.recorder.named("u")[0].variables["result"] == {"a": {"sum": 1}}


def test_processes_that_call_each_other_stay_as_they_are(run: Harness) -> None:
    def turn(key: str, other: str) -> SourceFile:
        return process(key, "start s", "user t", f"call c calledElement={other}", "end e", "s -> t -> c -> e")

    run.deploy(turn("x", "y"), turn("y", "x"))
    assert run.deploy(turn("x", "y"), turn("y", "x")).unchanged


def test_a_changed_decision_makes_a_new_version_of_what_is_bound_to_it(run: Harness) -> None:
    def table(answer: str) -> SourceFile:
        text = f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
            <decision id="level" name="level"><variable name="level"/><literalExpression><text>"{answer}"</text>
            </literalExpression></decision></definitions>"""
        return SourceFile("level.dmn", text.encode())

    run.deploy(table("low"))
    run.deploy(asking("rule r camunda:decisionRef=absent"))
    with pytest.raises(NeedsBinding, match=r"r \(decision: absent\)"):
        run.start("p")
    bind(run, r="level")
    run.clock.advance(timedelta(seconds=1))
    run.deploy(table("high"))
    run.start("p")
    assert run.recorder.named("u")[0].variables["decision"] == {"r": "low"}
    made = version(run.deploy(asking("rule r camunda:decisionRef=absent")))
    assert (made.version, made.startable) == (2, True)
    run.start("p", "K-2")
    assert run.recorder.named("u")[1].variables["decision"] == {"r": "high"}
