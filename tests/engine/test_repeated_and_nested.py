"""Repeated, nested and called activities: what each of them writes stays its own, and nothing outlives its end."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.incidents import Incident
from engine.instance import ProcessInstance, locked
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(
        sessions,
        clock,
        case={"units": ["henan", "hubei", "hunan"], "departments": ["network", "billing", "market"], "n": 2},
    )


def incidents(run: Harness) -> list[Any]:
    return run.rows(
        sa.select(Incident.activity_id, Incident.kind, Incident.message, Incident.id).where(
            Incident.resolved_at.is_(None)
        )
    )


def retry(run: Harness) -> None:
    with run.sessions.begin() as session:
        run.engine.retry(session, incidents(run)[0].id, actor=TESTER)
    run.settle()
    check_mirrors(run)


def variables(run: Harness) -> dict[str, Any]:
    with run.sessions() as session:
        row = session.scalars(sa.select(ProcessInstance)).one()
        return dict(run.engine.acting.restore(session, locked(session, row.id)).store.values)


def io(*pairs: tuple[str, str, str]) -> str:
    inner = "".join(
        f'<camunda:{kind}Parameter name="{name}">{text}</camunda:{kind}Parameter>'
        for kind, name, text in pairs
    )
    return (
        f"<bpmn:extensionElements><camunda:inputOutput>{inner}</camunda:inputOutput></bpmn:extensionElements>"
    )


def test_each_repeated_sub_process_keeps_its_own_answers_after_an_earlier_form(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user first",
            'sub each each="=case.units as unit" {',
            "start s2",
            "user visit",
            "script note | seen = form.visit.n",
            "end e2",
            "s2 -> visit -> note -> e2",
            "}",
            "user last",
            "end e",
            "s -> first -> each -> last -> e",
        )
    )
    run.start("p")
    run.complete("first", {"a": 1})
    for _ in range(3):
        found = run.recorder.named("visit")
        run.complete("visit", {"n": found[0].variables["unit"]})
        check_mirrors(run)
    kept = variables(run)
    assert kept["form"] == {"first": {"a": 1}}
    assert [item["seen"] for item in kept["loop"]["each"]] == ["henan", "hubei", "hunan"]
    assert [item["form"]["visit"]["n"] for item in kept["loop"]["each"]] == ["henan", "hubei", "hunan"]
    run.complete("last")
    check_mirrors(run)


@pytest.mark.parametrize("sequential", ["", "sequential=1"])
def test_a_completion_condition_that_fails_is_decided_again_on_retry(run: Harness, sequential: str) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            f'user vote each="=case.units as unit" {sequential} until="limit = 1"',
            "user z",
            "end e",
            "s -> vote -> z -> e",
        )
    )
    run.start("p")
    run.complete("vote", {"ok": True})
    check_mirrors(run)
    assert incidents(run)[0].activity_id == "vote"
    retry(run)
    assert incidents(run)[0].activity_id == "vote"
    assert run.waiting() == ([] if sequential else ["vote", "vote"])


def test_voting_ends_with_the_first_no(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            'user vote each="=case.units as unit" until="form.vote.ok = false"',
            "user z",
            "end e",
            "s -> vote -> z -> e",
        )
    )
    run.start("p")
    run.complete("vote", {"ok": True})
    check_mirrors(run)
    assert run.waiting() == ["vote", "vote"]
    run.complete("vote", {"ok": False})
    check_mirrors(run)
    assert run.waiting() == ["z"]
    assert variables(run)["form"]["vote"] == [{"ok": True}, {"ok": False}, None]


def test_a_callee_with_mappings_sees_what_is_mapped_and_nothing_else(run: Harness) -> None:
    run.deploy(
        process("callee", "start s", "script t | answer = unit", "user a", "end e", "s -> t -> a -> e"),
        process(
            "p",
            "start s",
            'call c calledElement=callee each="=case.units as unit" | <bpmn:extensionElements>'
            '<camunda:in sourceExpression="upper case(unit)" target="unit"/>'
            '<camunda:out source="answer" target="answers"/></bpmn:extensionElements>',
            "user z",
            "end e",
            "s -> c -> z -> e",
        ),
    )
    run.start("p")
    for _ in range(3):
        run.complete("a")
        check_mirrors(run)
    assert variables(run)["answers"] == ["HENAN", "HUBEI", "HUNAN"]


def test_an_output_mapping_of_a_call_that_fails_is_evaluated_again_on_retry(run: Harness) -> None:
    run.deploy(
        process("callee", "start s", "user a", "end e", "s -> a -> e"),
        process(
            "p",
            "start s",
            'call c calledElement=callee | <bpmn:extensionElements><camunda:out source="missing" target="x"/></bpmn:extensionElements>',
            "user z",
            "end e",
            "s -> c -> z -> e",
        ),
    )
    run.start("p")
    run.complete("a")
    check_mirrors(run)
    assert [(i.activity_id, i.kind) for i in incidents(run)] == [("c", "expression")]
    retry(run)
    assert [(i.activity_id, i.kind) for i in incidents(run)] == [("c", "expression")]
    with run.sessions.begin() as session:
        run.engine.cancel(session, run.recorder.moves[0].instance.id, reason="x", actor=TESTER)
    check_mirrors(run)


def test_branches_inside_sub_processes_that_write_the_same_name_make_an_incident(run: Harness) -> None:
    sub = 'sub {0} {{\nstart s{0}\nuser u{0}\nscript w{0} | total = "{0}"\nend e{0}\ns{0} -> u{0} -> w{0} -> e{0}\n}}'
    run.deploy(
        process(
            "p",
            "start s", "and g", sub.format("a"), sub.format("b"), "and j", "end e",
            "s -> g -> a -> j -> e", "g -> b -> j",
        )
    )  # fmt: skip
    run.start("p")
    run.complete("ua")
    check_mirrors(run)
    run.complete("ub")
    check_mirrors(run)
    assert [(i.activity_id, i.kind) for i in incidents(run)] == [("wb", "conflict")]
    retry(run)
    assert run.scalar(sa.select(ProcessInstance.status)) == "completed"


def test_one_branch_may_write_again_what_it_wrote_before_its_sub_process_split(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s", "and g", "user other", "script w | total = 1",
            "sub a {", "start sa", "and ga", "user ua", "script wa | total = 2", "user ub", "and ja", "end ea",
            "sa -> ga -> ua -> ja -> ea", "ga -> wa -> ub -> ja", "}",
            "and j", "end e",
            "s -> g -> w -> a -> j -> e", "g -> other -> j",
        )
    )  # fmt: skip
    run.start("p")
    check_mirrors(run)
    assert not incidents(run)
    for step in ("ua", "ub", "other"):
        run.complete(step)
        check_mirrors(run)
    assert run.scalar(sa.select(ProcessInstance.status)) == "completed"


def test_decisions_scripts_calls_and_messages_read_their_own_input_mapping(run: Harness) -> None:
    run.deploy(
        process("callee", "start s", "script t | called = doubled", "end e", "s -> t -> e"),
        process(
            "p",
            "start s",
            "script a camunda:resultVariable=r scriptFormat=feel | "
            + io(("input", "doubled", "=case.n * 2"), ("output", "out", "=r + 1"))
            + "<bpmn:script>doubled + 1</bpmn:script>",
            f"call c calledElement=callee | {io(('input', 'doubled', '=case.n * 10'))}",
            "sub q {",
            "start s2",
            "script b | inside = called",
            "end e2",
            "s2 -> b -> e2",
            "}",
            "user z",
            "end e",
            "s -> a -> c -> q -> z -> e",
        ),
    )
    run.start("p")
    check_mirrors(run)
    assert incidents(run) == []
    kept = variables(run)
    assert (kept["r"], kept["out"], kept["called"], kept["inside"]) == (5, 6, 20, 20)


def test_a_process_that_calls_itself_for_ever_rests_as_one_incident(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "xor g", "call c calledElement=p", "user never", "end e",
            "s -> g", "g -> c : case.n = 2", "default g -> never", "c -> e", "never -> e",
        )
    )  # fmt: skip
    run.start("p")
    check_mirrors(run)
    assert [(i.activity_id, i.kind) for i in incidents(run)] == [("c", "call")]
    with run.sessions.begin() as session:
        run.engine.cancel(session, run.recorder.moves[0].instance.id, reason="x", actor=TESTER)
    check_mirrors(run)


def test_a_fork_that_loops_back_on_itself_rests_as_one_incident(run: Harness) -> None:
    run.deploy(process("p", "start s", "xor m", "and g", "task t", "s -> m -> g -> t -> m", "g -> m"))
    run.start("p")
    assert len(incidents(run)) == 1
    assert run.scalar(sa.text("SELECT length(state) FROM process_instance")) < 5_000_000
    with run.sessions.begin() as session:
        run.engine.cancel(session, run.recorder.moves[0].instance.id, reason="x", actor=TESTER)
    check_mirrors(run)


def test_parallel_items_each_get_their_own_and_the_answers_become_a_list_in_order(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            'user assist each="=case.departments as department" camunda:candidateGroups="=department"',
            "xor g",
            "user yes",
            "user no",
            "end e",
            "s -> assist -> g",
            "g -> yes : form.assist[1].n = 0 and form.assist[3].n = 2",
            "default g -> no",
            "yes -> e",
            "no -> e",
        )
    )
    run.start("p")
    tasks = run.recorder.named("assist")
    assert [task.candidate_groups for task in tasks] == [("network",), ("billing",), ("market",)]
    assert [task.variables["department"] for task in tasks] == ["network", "billing", "market"]
    for n, which in ((2, 2), (0, 0), (1, 0)):
        assert run.waiting().count("assist") > 0
        run.complete("assist", {"n": n}, which=which)
    assert run.waiting() == ["yes"]


def test_sequential_items_come_one_after_the_other_until_the_condition_holds(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            'user ask each="=case.departments as d" sequential=1 until="nrOfCompletedInstances >= 2"',
            "user z",
            "end e",
            "s -> ask -> z -> e",
        )
    )
    run.start("p")
    assert run.recorder.named("ask")[0].variables["d"] == "network"
    run.complete("ask")
    assert run.recorder.named("ask")[0].variables["d"] == "billing"
    run.complete("ask")
    assert run.waiting() == ["z"]


def test_called_processes_can_be_repeated_for_each_item(run: Harness) -> None:
    run.deploy(
        process("callee", "start s", "user a", "script t | answer = d", "end e", "s -> a -> t -> e"),
        process(
            "p",
            "start s",
            'call c calledElement=callee each="=case.departments as d"',
            "xor g",
            "user yes",
            "user no",
            "end e",
            "s -> c -> g",
            'g -> yes : loop.c[2].answer = "billing" and count(loop.c) = 3',
            "default g -> no",
            "yes -> e",
            "no -> e",
        ),
    )
    run.start("p")
    assert run.waiting() == ["a", "a", "a"]
    for _ in range(3):
        run.complete("a")
    assert run.waiting() == ["yes"]
