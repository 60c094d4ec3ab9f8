"""How a process moves: every kind of node, saved to and restored from the database between any two steps."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.instance import ProcessInstance
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, case={"amount": 120, "departments": ["network", "billing", "market"]})


def status(run: Harness) -> str:
    return str(run.scalar(sa.select(ProcessInstance.status)))


def test_a_straight_process_waits_at_each_task_and_ends(run: Harness) -> None:
    run.deploy(process("p", "start s", "user a", "manual b", "end e", "s -> a -> b -> e"))
    run.start("p")
    assert run.waiting() == ["a"]
    run.complete("a")
    assert run.waiting() == ["b"]
    assert run.complete("b").ended
    assert status(run) == "completed"


def test_the_exclusive_gateway_takes_the_first_flow_that_holds_and_else_the_default(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "xor g",
            "user big",
            "user small",
            "user other",
            "end e",
            "s -> a -> g",
            "g -> big : case.amount > form.a.limit",
            "g -> small : form.a.limit > 1000",
            "default g -> other",
            "big -> e",
            "small -> e",
            "other -> e",
        )
    )
    for limit, expected in ((100, "big"), (5000, "small"), (200, "other")):
        run.recorder.open.clear()
        run.start("p", f"K-{limit}")
        run.complete("a", {"limit": limit})
        assert run.waiting() == [expected]


def test_the_parallel_gateway_waits_for_every_branch(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "and f",
            "user a",
            "user b",
            "user c",
            "and j",
            "user z",
            "end e",
            "s -> f -> a -> j",
            "f -> b -> j",
            "f -> c -> j",
            "j -> z -> e",
        )
    )
    run.start("p")
    assert run.waiting() == ["a", "b", "c"]
    run.complete("b")
    run.complete("a")
    assert run.waiting() == ["c"]
    run.complete("c")
    assert run.waiting() == ["z"]


def test_a_parallel_block_inside_a_loop_waits_for_both_branches_every_round(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "xor m",
            "and f",
            "user a",
            "user b",
            "and j",
            "user again",
            "xor g",
            "end e",
            "s -> m -> f -> a -> j",
            "f -> b -> j",
            "j -> again -> g",
            "g -> m : form.again.more",
            "default g -> e",
        )
    )
    run.start("p")
    for round_number in range(3):
        run.complete("a")
        assert run.waiting() == ["b"]
        run.complete("b")
        run.complete("again", {"more": round_number < 2})
    assert status(run) == "completed"


def test_the_inclusive_gateway_joins_exactly_the_branches_that_were_taken(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user q",
            "or f",
            "user a",
            "user b",
            "user c",
            "or j",
            "user z",
            "end e",
            "s -> q -> f",
            "f -> a : form.q.n >= 1",
            "f -> b : form.q.n >= 2",
            "default f -> c",
            "a -> j",
            "b -> j",
            "c -> j",
            "j -> z -> e",
        )
    )
    for n, branches in ((0, ["c"]), (1, ["a"]), (2, ["a", "b"])):
        run.recorder.open.clear()
        run.start("p", f"K-{n}")
        run.complete("q", {"n": n})
        assert run.waiting() == branches
        for name in branches:
            assert run.waiting() != ["z"]
            run.complete(name)
        assert run.waiting() == ["z"]


def test_a_sub_process_shares_the_variables_around_it(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "script x | y = 1",
            "sub inner {",
            "start s2",
            "user a",
            "script t | y = y + form.a.n",
            "end e2",
            "s2 -> a -> t -> e2",
            "}",
            "xor g",
            "user yes",
            "user no",
            "end e",
            "s -> x -> inner -> g",
            "g -> yes : y = 42",
            "default g -> no",
            "yes -> e",
            "no -> e",
        )
    )
    run.start("p")
    run.complete("a", {"n": 41})
    assert run.waiting() == ["yes"]


def test_a_call_activity_hands_over_everything_unless_it_maps(run: Harness) -> None:
    callee = process(
        "callee", "start s", "user a", "script t | total = form.a.n * factor", "end e", "s -> a -> t -> e"
    )
    run.deploy(
        callee,
        process(
            "shares",
            "start s",
            "script x | factor = 2",
            "call c calledElement=callee",
            "xor g",
            "user yes",
            "user no",
            "end e",
            "s -> x -> c -> g",
            "g -> yes : total = 10",
            "default g -> no",
            "yes -> e",
            "no -> e",
        ),
        process(
            "maps",
            "start s",
            "script x | factor = 2",
            'call c calledElement=callee | <bpmn:extensionElements><camunda:in sourceExpression="${factor + 1}" target="factor"/>'
            '<camunda:out source="total" target="result_total"/></bpmn:extensionElements>',
            "xor g",
            "user yes",
            "user no",
            "end e",
            "s -> x -> c -> g",
            "g -> yes : result_total = 15 and factor = 2",
            "default g -> no",
            "yes -> e",
            "no -> e",
        ),
    )
    for key in ("shares", "maps"):
        run.recorder.open.clear()
        run.start(key, key)
        run.complete("a", {"n": 5})
        assert run.waiting() == ["yes"], key


def test_ids_that_collide_with_library_names_are_ordinary_ids(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start Start", "user Root", "user End", "end p.EndJoin", "Start -> Root -> End -> p.EndJoin"
        )
    )
    run.start("p")
    run.complete("Root")
    assert run.waiting() == ["End"]
    assert run.complete("End").ended


def test_many_parallel_blocks_in_a_row_cost_what_is_live_not_what_might_come(run: Harness) -> None:
    lines = ["start s"]
    chain = "s"
    for n in range(20):
        lines += [
            f"and f{n}",
            f"task a{n}",
            f"task b{n}",
            f"and j{n}",
            f"{chain} -> f{n} -> a{n} -> j{n}",
            f"f{n} -> b{n} -> j{n}",
        ]
        chain = f"j{n}"
    run.deploy(process("p", *lines, "user z", "end e", f"{chain} -> z -> e"))
    run.start("p")
    assert run.waiting() == ["z"]


def test_the_state_of_a_long_loop_does_not_grow(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "xor m",
            "user a",
            "xor g",
            "end e",
            "s -> m -> a -> g",
            "g -> m : form.a.more",
            "default g -> e",
        )
    )
    run.start("p")
    size = sa.select(sa.func.length(ProcessInstance.state))
    run.complete("a", {"more": True})
    first = run.scalar(size)
    for _ in range(30):
        run.complete("a", {"more": True})
    assert abs(run.scalar(size) - first) < 20


def test_a_loop_without_a_wait_state_becomes_an_incident_instead_of_hanging(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "xor m",
            "task a",
            "xor g",
            "user z",
            "s -> m -> a -> g",
            "g -> m : 1 = 1",
            "default g -> z",
        )
    )
    run.start("p")
    assert status(run) == "active"
    assert run.rows(sa.text("SELECT kind FROM incident"))[0].kind == "loop"


def test_branches_that_write_the_same_path_make_an_incident_and_the_operator_decides(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "and f",
            "user a",
            "user b",
            "script wa | result.x = 1",
            "script wb | result.x = 2",
            "and j",
            "xor g",
            "user one",
            "user two",
            "end e",
            "s -> f -> a -> wa -> j",
            "f -> b -> wb -> j",
            "j -> g",
            "g -> one : result.x = 1",
            "default g -> two",
            "one -> e",
            "two -> e",
        )
    )
    run.start("p")
    run.complete("a")
    run.complete("b")
    assert run.waiting() == []
    incident = run.rows(sa.text("SELECT id, kind, activity_id FROM incident WHERE resolved_at IS NULL"))
    assert [(row.kind, row.activity_id) for row in incident] == [("conflict", "wb")]
    with run.sessions.begin() as session:
        run.engine.retry(session, incident[0].id, actor=TESTER)
    run.settle()
    assert run.waiting() == ["two"]


def test_what_fails_behind_an_activity_without_a_gateway_rests_at_the_activity(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "user u", "user a", "end e", "s -> u", "u -> a : amount > 5", "u -> e", "a -> e"
        )
    )
    run.start("p")
    run.complete("u")
    assert [row.activity_id for row in run.rows(sa.text("SELECT activity_id FROM incident"))] == ["u"]
