"""What an instance holds is read scope by scope; an incident keeps the expression that failed and the place in it."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.incidents import Incident
from engine.reading import InstanceData
from engine.testing import Harness
from tests.engine.diagrams import process

OWN = '<bpmn:extensionElements><camunda:in source="a" target="b"/></bpmn:extensionElements>'


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


def read(run: Harness, instance: UUID) -> InstanceData:
    with run.sessions() as session:
        found = session.scalars(sa.select(Incident).where(Incident.resolved_at.is_(None))).all()
        return run.engine.data(session, instance, found)


def test_a_called_process_and_each_item_have_variables_of_their_own(run: Harness) -> None:
    run.deploy(
        process("p", "start s", f"call c calledElement=q | {OWN}", "s -> c"),
        process(
            "q",
            "start s2",
            'user each | <bpmn:multiInstanceLoopCharacteristics camunda:collection="${b}" camunda:elementVariable="one"/>',
            "s2 -> each",
        ),
    )
    instance = run.start("p", a=["x", "y"])
    scopes = read(run, instance).scopes
    assert [(one.kind, one.process, one.activity_id) for one in scopes[:2]] == [
        ("process", "p", ""),
        ("call", "q", "c"),
    ]
    assert scopes[0].variables["a"] == ["x", "y"] and "b" not in scopes[0].variables
    assert scopes[1].variables["b"] == ["x", "y"]
    items = [one for one in scopes if one.kind == "item"]
    assert [(one.activity_id, one.variables["one"]) for one in items] == [("each", "x"), ("each", "y")]


def test_an_incident_keeps_what_failed_and_what_it_reads_now(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s", "xor g", "user paid", "user refused", "default g -> refused", "s -> g",
            "g -> paid : ${a.b > 1 and amount > 100}",
        )
    )  # fmt: skip
    instance = run.start("p", a={"b": 2, "c": 3})
    [incident] = run.rows(sa.select(Incident.token_id, Incident.expression, Incident.position))
    assert "amount" in incident.expression
    assert incident.expression[incident.position - 1 :].startswith("amount")
    [failed] = read(run, instance).failing[incident.token_id]
    assert (failed.values, failed.missing) == ({"a.b": 2}, ("amount",))


def test_a_gateway_without_a_way_out_says_what_its_conditions_read(run: Harness) -> None:
    run.deploy(
        process("p", "start s", "xor g", "user paid", "user free", "s -> g", "g -> paid : ${a == 1}", "g -> free : ${a == 2}")
    )  # fmt: skip
    instance = run.start("p", a=3)
    [reads] = read(run, instance).failing.values()
    assert [one.values for one in reads] == [{"a": 3}, {"a": 3}]
    assert all(one.of for one in reads)


def test_an_instance_that_is_over_or_is_none_is_read_without_complaint(run: Harness) -> None:
    run.deploy(process("p", "start s", "end e", "s -> e"))
    instance = run.start("p", a=1)
    assert read(run, instance).scopes[0].variables == {"a": 1}
    assert read(run, UUID(int=0)) == InstanceData()
