"""A retry runs what failed and nothing else, wherever in a diagram an expression, a mapping or an operation stands."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.history import HistoryEvent
from engine.incidents import Incident
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process
from tests.engine.mirrors import check_mirrors

WAY = ("start s", "user a", "end e", "s -> a -> t -> e")


def mapped(side: str, name: str, text: str) -> str:
    inner = f'<camunda:{side}Parameter name="{name}">{text}</camunda:{side}Parameter>'
    return f"| <bpmn:extensionElements><camunda:inputOutput>{inner}</camunda:inputOutput></bpmn:extensionElements>"


PLACES = {
    "assignee": ["user t camunda:assignee==late()"],
    "due date": ["user t camunda:dueDate==late()"],
    "input mapping": [f"user t {mapped('input', 'x', '=late()')}"],
    "script": ["script t | x = late() + 1"],
    "collection": ["user t each==late()"],
    "cardinality": ["user t times=late()"],
    "timer": ["catch t timeDuration==late()"],
    "message payload": [f"send t message=m {mapped('input', 'x', '=late()')}"],
    "operation input": [
        f"service t camunda:type=external camunda:topic=work {mapped('input', 'x', '=late()')}"
    ],
    "condition": ["xor t", "user z", "end e2", "t -> z : late() = 1", "default t -> e2", "z -> e"],
}


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock, calls: list[str]) -> Harness:
    def work(call: Any) -> dict[str, Any]:
        calls.append(call.activity_id)
        if len(calls) < 3 and "late" not in harness.recorder.case:
            raise RuntimeError("not now")
        return {"ok": True}

    def late(_context: Any) -> Any:
        if "late" not in harness.recorder.case:
            raise RuntimeError("not known yet")
        return harness.recorder.case["late"]

    harness = Harness(sessions, clock, case={}, operations={"work": work}, functions={"late": late})
    return harness


def incidents(run: Harness) -> list[Any]:
    return run.rows(
        sa.select(Incident.id, Incident.activity_id, Incident.attempts).where(Incident.resolved_at.is_(None))
    )


def retry(run: Harness) -> None:
    with run.sessions.begin() as session:
        run.engine.retry(session, incidents(run)[0].id, actor=TESTER)
    run.settle()
    check_mirrors(run)


@pytest.mark.parametrize("place", PLACES)
def test_the_completion_stays_and_only_the_activity_with_the_mistake_waits(run: Harness, place: str) -> None:
    way = WAY if place != "condition" else (*WAY[:-1], "s -> a -> t")
    run.deploy(process("p", *way[:-1], *PLACES[place], way[-1]))
    run.start("p")
    run.complete("a", {"x": 1})
    check_mirrors(run)
    assert [i.activity_id for i in incidents(run)] == ["t"], place
    retry(run)
    assert [(i.activity_id, i.attempts) for i in incidents(run)] == [("t", 2)]
    run.recorder.case["late"] = {
        "collection": [1],
        "timer": "PT1H",
        "due date": "PT1H",
        "assignee": "li.na",
    }.get(place, 1)
    retry(run)
    assert incidents(run) == []
    done = run.rows(
        sa.select(HistoryEvent.kind).where(HistoryEvent.activity_id == "a").order_by(HistoryEvent.id)
    )
    assert [row.kind for row in done] == ["activity_entered", "activity_completed"]


def test_an_operation_stays_one_incident_until_it_is_done(run: Harness, calls: list[str]) -> None:
    run.deploy(process("p", *WAY[:-1], "service t camunda:type=external camunda:topic=work", WAY[-1]))
    run.start("p")
    run.complete("a")
    run.settle()
    check_mirrors(run)
    first = incidents(run)[0]
    retry(run)
    (again,) = incidents(run)
    assert (again.id, again.attempts) == (first.id, 2)
    retry(run)
    assert incidents(run) == [] and len(calls) == 3
    assert run.scalar(sa.select(sa.func.count()).select_from(Incident)) == 1


def test_a_message_whose_mapping_fails_is_not_asked_for_twice(run: Harness) -> None:
    run.deploy(
        process("p", "start s", f"receive t message=m {mapped('output', 'x', '=text + late()')}", "user z", "end e", "s -> t -> z -> e")
    )  # fmt: skip
    run.start("p")
    run.correlate("m", text="a")
    check_mirrors(run)
    assert [i.activity_id for i in incidents(run)] == ["t"]
    run.recorder.case["late"] = "b"
    retry(run)
    assert incidents(run) == [] and run.waiting() == ["z"]
    assert run.recorder.named("z")[0].variables["x"] == "ab"


def test_joins_on_a_common_way_back_do_not_wait_for_each_other_for_ever(run: Harness) -> None:
    run.recorder.case["n"] = 2
    run.deploy(
        process(
            "p",
            "start s", "or outer", "user a", "user b", "or meet", "xor back", "end e", "script c | n = n + 1",
            "script z | n = 0", "s -> z -> outer",
            "outer -> a : case.n >= 1", "outer -> b : case.n >= 2", "a -> meet", "b -> meet",
            "meet -> c -> back", "back -> outer : n < 2", "default back -> e",
        )
    )  # fmt: skip
    run.start("p")
    for _ in range(2):
        for name in ("b", "a"):
            run.complete(name)
            check_mirrors(run)
    assert run.scalar(sa.text("SELECT status FROM process_instance")) == "completed"


def test_of_joins_that_wait_for_each_other_the_one_that_waits_for_another_round_goes_first(
    run: Harness,
) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "or outer",
            "or inner",
            "user a",
            "xor again",
            "user b",
            "or both",
            "xor more",
            "user c",
            "end e",
            "s -> outer",
            "outer -> inner : true",
            "outer -> b : true",
            "inner -> a -> again",
            "again -> inner : form.a.again",
            "default again -> both",
            "b -> both -> more",
            "more -> outer : form.b.more",
            "default more -> c -> e",
        )
    )
    run.start("p")
    run.complete("a", {"again": True})
    run.complete(
        "b", {"more": False}
    )  # `both` was reached last, but what is missing there is still on its way
    assert run.waiting() == ["a"]
    run.complete("a", {"again": False})
    assert run.waiting() == ["c"]
    assert run.complete("c").ended
