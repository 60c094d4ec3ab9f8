"""What happens when a node fails: the work before it is kept, the node rests, a retry runs only that node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.errors import NotFound, WrongState
from engine.history import HistoryEvent
from engine.ids import time_ordered
from engine.incidents import Incident
from engine.ports import BpmnError, OperationCall
from engine.testing import TESTER, Harness
from tests.engine.diagrams import process


class Office:
    """An operation that can be told to fail, and remembers how often and with what it was called."""

    def __init__(self) -> None:
        self.calls: list[OperationCall] = []
        self.error: Exception | None = None

    def __call__(self, call: OperationCall) -> Mapping[str, Any]:
        self.calls.append(call)
        if self.error is not None:
            raise self.error
        return {"receipt": f"R-{len(self.calls)}"}


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock, office: Office) -> Harness:
    return Harness(sessions, clock, operations={"send_receipt": office})


def open_incidents(run: Harness) -> list[Any]:
    return run.rows(
        sa.select(
            Incident.id,
            Incident.activity_id,
            Incident.kind,
            Incident.message,
            Incident.message_zh,
            Incident.attempts,
        ).where(Incident.resolved_at.is_(None))
    )


def retry(run: Harness) -> None:
    with run.sessions.begin() as session:
        run.engine.retry(session, open_incidents(run)[0].id, actor=TESTER)
    run.settle()


def test_a_service_task_is_worked_on_by_a_job_and_its_result_is_kept(run: Harness, office: Office) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "service r camunda:type=external camunda:topic=send_receipt | <bpmn:extensionElements><camunda:inputOutput>"
            '<camunda:inputParameter name="to">${form.a.phone}</camunda:inputParameter>'
            "</camunda:inputOutput></bpmn:extensionElements>",
            "xor g",
            "user yes",
            "user no",
            "end e",
            "s -> a -> r -> g",
            'g -> yes : result.r.receipt = "R-1"',
            "default g -> no",
            "yes -> e",
            "no -> e",
        )
    )
    run.start("p")
    run.complete("a", {"phone": "13800000000"})
    assert run.waiting() == [] and not office.calls
    run.settle()
    assert office.calls[0].inputs == {"to": "13800000000"}
    assert run.waiting() == ["yes"]


def test_a_failing_operation_keeps_the_completion_and_waits_for_a_retry(run: Harness, office: Office) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "service r camunda:type=external camunda:topic=send_receipt",
            "user b",
            "end e",
            "s -> a -> r -> b -> e",
        )
    )
    run.start("p")
    office.error = RuntimeError("短信网关没有回答")
    run.complete("a", {"x": 1})
    run.settle()
    row = open_incidents(run)[0]
    assert (row.activity_id, row.kind) == ("r", "operation") and "短信网关没有回答" in row.message
    assert row.message_zh.startswith("操作失败：短信网关没有回答")
    assert run.waiting() == []
    office.error = None
    retry(run)
    assert run.waiting() == ["b"] and not open_incidents(run)
    assert office.calls[0].key == office.calls[1].key
    kinds = [
        r.kind
        for r in run.rows(
            sa.select(HistoryEvent.kind).where(HistoryEvent.activity_id == "a").order_by(HistoryEvent.id)
        )
    ]
    assert kinds == ["activity_entered", "activity_completed"]


def test_a_failing_expression_rests_at_its_own_activity(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "script t | total = misspelt + 1",
            "user b",
            "end e",
            "s -> a -> t -> b -> e",
        )
    )
    run.start("p")
    run.complete("a", {"n": 1})
    row = open_incidents(run)[0]
    assert (row.activity_id, row.kind) == ("t", "expression") and "misspelt" in row.message
    retry(run)
    assert open_incidents(run)[0].attempts == 2


def test_a_condition_that_is_neither_true_nor_false_never_takes_the_default(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "user a",
            "xor g",
            "user yes",
            "user no",
            "end e",
            "s -> a -> g",
            "g -> yes : form.a.amount > 100",
            "default g -> no",
            "yes -> e",
            "no -> e",
        )
    )
    run.start("p")
    run.complete("a", {"amount": None})
    assert run.waiting() == []
    assert open_incidents(run)[0].activity_id == "g"


def test_a_failing_decision_rests_until_it_can_be_made(run: Harness) -> None:
    table = SourceFile("level.dmn", LEVEL.encode())
    run.deploy(
        table,
        process(
            "p",
            "start s",
            "user a",
            "rule level camunda:decisionRef=level",
            "user b",
            "end e",
            "s -> a -> level -> b -> e",
        ),
    )
    run.start("p")
    run.complete("a", {"amount": "viel"})
    row = open_incidents(run)[0]
    assert (row.activity_id, row.kind) == ("level", "decision")


def test_a_decision_is_kept_with_the_rules_that_fired(run: Harness) -> None:
    table = SourceFile("level.dmn", LEVEL.encode())
    run.deploy(
        table,
        process(
            "p",
            "start s",
            "user a",
            "rule level camunda:decisionRef=level",
            "xor g",
            "user high",
            "user low",
            "end e",
            "s -> a -> level -> g",
            'g -> high : decision.level = "high"',
            "default g -> low",
            "high -> e",
            "low -> e",
        ),
    )
    run.start("p")
    run.complete("a", {"amount": 500})
    assert run.waiting() == ["high"]
    data = run.scalar(sa.select(HistoryEvent.data).where(HistoryEvent.kind == "decision_evaluated"))
    assert data["result"] == "high" and data["rules"]


def test_an_operation_may_take_the_error_border_instead(run: Harness, office: Office) -> None:
    run.deploy(
        process(
            "p",
            "start s",
            "service r camunda:type=external camunda:topic=send_receipt",
            "boundary bad at=r error=no_route",
            "user mend",
            "end e",
            "s -> r -> e",
            "bad -> mend -> e",
        )
    )
    office.error = BpmnError("no_route")
    run.start("p")
    run.settle()
    assert run.waiting() == ["mend"] and not open_incidents(run)


def test_cancelling_the_instance_closes_its_incidents(run: Harness) -> None:
    run.deploy(process("p", "start s", "script t | total = misspelt", "end e", "s -> t -> e"))
    instance_id = run.start("p")
    assert len(open_incidents(run)) == 1
    with run.sessions.begin() as session:
        run.engine.cancel(session, instance_id, reason="误录", actor=TESTER)
    assert not open_incidents(run)


def test_retrying_what_is_not_there_or_done_is_refused(run: Harness) -> None:
    with run.sessions.begin() as session, pytest.raises(NotFound, match="there is none"):
        run.engine.retry(session, time_ordered(run.clock)(), actor=TESTER)
    run.deploy(process("p", "start s", "script t | total = misspelt", "end e", "s -> t -> e"))
    instance_id = run.start("p")
    incident_id = open_incidents(run)[0].id
    with run.sessions.begin() as session:
        run.engine.cancel(session, instance_id, reason="误录", actor=TESTER)
    with run.sessions.begin() as session, pytest.raises(WrongState, match="was resolved at"):
        run.engine.retry(session, incident_id, actor=TESTER)


LEVEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:t">
<decision id="level" name="level"><decisionTable id="t" hitPolicy="FIRST">
<input id="i"><inputExpression id="x" typeRef="number"><text>form.a.amount</text></inputExpression></input>
<output id="o" name="level" typeRef="string"/>
<rule id="r1"><inputEntry id="e1"><text>&gt; 100</text></inputEntry><outputEntry id="o1"><text>"high"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="e2"><text>&lt;= 100</text></inputEntry><outputEntry id="o2"><text>"low"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.mark.parametrize(
    ("node", "rest"),
    [
        ("rule r camunda:type=external camunda:topic=send_receipt", "end e\ns -> a -> r -> e"),
        (
            'throw r | <bpmn:messageEventDefinition camunda:type="external" camunda:topic="send_receipt"/>',
            "end e\ns -> a -> r -> e",
        ),
        (
            'end r | <bpmn:messageEventDefinition camunda:type="external" camunda:topic="send_receipt"/>',
            "s -> a -> r",
        ),
    ],
)
def test_whatever_names_an_operation_is_worked_on_by_a_job(
    run: Harness, office: Office, node: str, rest: str
) -> None:
    run.deploy(process("p", "start s", "user a", node, rest))
    run.start("p")
    run.complete("a")
    run.settle()
    assert [call.activity_id for call in office.calls] == ["r"]
    assert run.recorder.moves[-1].ended
