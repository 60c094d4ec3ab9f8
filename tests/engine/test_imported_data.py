"""Diagrams of other engines find their data where their authors expect it: under its own names, in the process's variables."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.actor import SYSTEM
from engine.clock import FrozenClock
from engine.dialect import SourceFile
from engine.incidents import Incident
from engine.testing import Harness
from tests.engine.diagrams import process

DESK = "camunda:candidateGroups=desk"
ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
LEFT = sa.text("SELECT activity_id FROM history_event WHERE kind = 'activity_completed' ORDER BY id")
CHOICE = ("xor g", "end paid", "end refused", "default g -> refused")


def rated(_call: Any) -> dict[str, Any]:
    """Rate somebody."""
    return {"rating": 4, "total": 12}


def counted(_call: Any) -> dict[str, Any]:
    """Count something."""
    return {"result": 7}


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock, operations={"rate": rated, "count": counted})


def form(key: str, *components: dict[str, Any]) -> SourceFile:
    content = {"type": "default", "id": key, "components": components}
    return SourceFile(f"{key}.form", json.dumps(content).encode())


APPROVAL = form("approval", {"type": "checkbox", "key": "approved"}, {"type": "number", "key": "amount"})


def told(run: Harness, *files: SourceFile) -> list[tuple[str, str]]:
    """Deploy what can start at once; return (code, element) of what is told of names."""
    receipt = run.deploy(*files)
    assert all(item.startable for item in receipt.definitions)
    return [(f.code, f.element_id) for f in receipt.findings if f.code in ("own-names", "unknown-variable")]


def end(run: Harness) -> str:
    """Let everything happen and return the element that was left last."""
    run.settle()
    return str(run.rows(LEFT)[-1][0])


@pytest.mark.parametrize(
    ("answers", "reached"),
    [({"approved": True, "amount": 200}, "paid"), ({"approved": True, "amount": 1}, "refused")],
)
def test_answers_are_variables_where_conditions_read_them_so(
    run: Harness, answers: dict[str, Any], reached: str
) -> None:
    drawn = process(
        "p", "start s", f"user ask {DESK} camunda:formKey=approval", *CHOICE,
        "s -> ask -> g", "g -> paid : ${approved and amount > 100}",
    )  # fmt: skip
    assert told(run, drawn, APPROVAL) == [("own-names", "ask")]
    run.start("p")
    run.complete("ask", answers)
    assert end(run) == reached


def test_a_form_deployed_before_gives_its_answers_too(run: Harness) -> None:
    run.deploy(APPROVAL)
    run.deploy(
        process(
            "p", "start s", f"user ask {DESK} camunda:formKey=camunda-forms:deployment:approval.form", *CHOICE,
            "s -> ask -> g", "g -> paid : ${approved}",
        )
    )  # fmt: skip
    run.start("p")
    run.complete("ask", {"approved": True, "amount": None})
    assert end(run) == "paid"


def test_a_diagram_that_reads_the_task_itself_keeps_its_answers_there(run: Harness) -> None:
    drawn = process(
        "p", "start s", f"user ask {DESK} camunda:formKey=approval", *CHOICE,
        "s -> ask -> g", "g -> paid : form.ask.approved and amount > 100",
    )  # fmt: skip
    assert told(run, drawn, APPROVAL) == [("unknown-variable", "flow_4")]
    run.start("p", amount=200)
    run.complete("ask", {"approved": True, "amount": 1})
    assert end(run) == "paid"


def test_what_a_called_process_reads_its_caller_may_ask_for(run: Harness) -> None:
    caller = process(
        "p", "start s", f"user ask {DESK} camunda:formKey=approval", "call c calledElement=q", "end e",
        "s -> ask -> c -> e",
    )  # fmt: skip
    called = process("q", "start s2", *CHOICE, "s2 -> g", "g -> paid : ${approved}")
    assert told(run, caller, called, APPROVAL) == [("own-names", "ask")]
    run.start("p")
    run.complete("ask", {"approved": True})
    assert "paid" in [row[0] for row in run.rows(LEFT)]


@pytest.mark.parametrize("name", ["decision", "result", "message"])
def test_an_author_may_call_a_variable_like_a_home_of_ours(run: Harness, name: str) -> None:
    asked = form("chosen", {"type": "textfield", "key": name})
    drawn = process(
        "p", "start s", f"user ask {DESK} camunda:formKey=chosen", "service t camunda:topic=rate", *CHOICE,
        "s -> ask -> t -> g", f'g -> paid : ${{{name} == "approve"}}',
    )  # fmt: skip
    run.deploy(drawn, asked)
    run.start("p")
    run.complete("ask", {name: "approve"})
    assert end(run) == "paid"


def test_an_item_of_a_repeated_task_may_end_the_repetition(run: Harness) -> None:
    drawn = process(
        "p", "start s", f'user ask {DESK} camunda:formKey=approval times=3 until="${{approved}}"', "end e",
        "s -> ask -> e",
    )  # fmt: skip
    run.deploy(drawn, APPROVAL)
    run.start("p")
    run.complete("ask", {"approved": False})
    assert run.waiting() == ["ask", "ask"]
    run.complete("ask", {"approved": True})
    assert end(run) == "e"


def test_answers_to_the_start_form_are_variables_as_what_an_api_gives_is(run: Harness) -> None:
    drawn = process(
        "p", "start s camunda:formKey=approval", *CHOICE, "s -> g", "g -> paid : ${amount > 100}",
    )  # fmt: skip
    assert told(run, drawn, APPROVAL) == [("own-names", "s")]
    run.start("p", answers={"amount": 101})
    assert end(run) == "paid"
    run.start("p", amount=102)
    assert end(run) == "paid"


def test_what_a_message_carries_is_in_variables_whether_it_starts_or_is_waited_for(run: Harness) -> None:
    run.deploy(
        process(
            "p", "start s message=ordered", "catch c message=paid", *CHOICE,
            "s -> c -> g", "g -> paid : ${amount > 100 and sum >= amount}",
        )
    )  # fmt: skip
    run.correlate("ordered", amount=200)
    run.correlate("paid", sum=200)
    assert end(run) == "paid"


@pytest.mark.parametrize(
    ("service", "condition"),
    [
        ("service t camunda:type=external camunda:topic=rate", "${rating > 3}"),
        (f'service t | <bpmn:extensionElements {ZEEBE}><zeebe:taskDefinition type="rate"/></bpmn:extensionElements>',
         "=total = 12"),
        (f'service t | <bpmn:extensionElements {ZEEBE}><zeebe:taskDefinition type="rate"/><zeebe:ioMapping>'
         '<zeebe:output source="=rating * 2" target="points"/></zeebe:ioMapping></bpmn:extensionElements>',
         "=points = 8"),
        ("service t camunda:topic=count camunda:resultVariable=n", "${n == 7}"),
        ("service t camunda:topic=rate camunda:resultVariable=rating", "${rating == 4}"),
        ("service t camunda:topic=rate camunda:resultVariable=r", "${r.total == 12}"),
        ("service t camunda:topic=rate", "result.t.rating = 4"),
    ],
)  # fmt: skip
def test_what_an_operation_returns_goes_where_its_author_looks_for_it(
    run: Harness, service: str, condition: str
) -> None:
    run.deploy(process("p", "start s", service, *CHOICE, "s -> t -> g", f"g -> paid : {condition}"))
    run.start("p")
    assert end(run) == "paid"


def test_the_initiator_is_the_login_of_who_started_and_of_machines_system(run: Harness) -> None:
    run.deploy(
        process(
            "p",
            "start s camunda:initiator=starter",
            "user u camunda:assignee=${starter}",
            "end e",
            "s -> u -> e",
        )
    )
    run.start("p")
    with run.sessions.begin() as session:
        run.engine.start(session, "p", business_key="K-2", actor=SYSTEM)
    assert [one.assignee for one in run.recorder.named("u")] == ["tester", "system"]


@pytest.mark.parametrize(
    ("element", "knows"),
    [
        ('processId="q" propagateAllParentVariables="false" propagateAllChildVariables="false"', False),
        ('processId="q" propagateAllChildVariables="false"', False),
        ('processId="q"', True),
    ],
)
def test_a_callee_passes_nothing_where_both_ways_are_shut(run: Harness, element: str, knows: bool) -> None:
    call = f"<bpmn:extensionElements {ZEEBE}><zeebe:calledElement {element}/></bpmn:extensionElements>"
    shut = "Parent" in element
    caller = process(
        "p", "start s", f"call c | {call}", *CHOICE, "s -> c -> g", 'g -> paid : get value({a: a}, "a") = 2'
    )
    # What the callee reads of its caller is nothing where nothing is passed in.
    script = "a = if 1 = 1 then 2 else x" if shut else "a = x + 1"
    called = process("q", "start s2", f"script w | {script}", "end e2", "s2 -> w -> e2")
    run.deploy(caller, called)
    run.start("p", a=1, x=1)
    assert end(run) == ("paid" if knows else "refused")


def test_answers_of_one_name_side_by_side_are_told_and_the_second_rests_until_it_is_retried(
    run: Harness,
) -> None:
    drawn = process(
        "p", "start s", "and f", "and j", f"user a {DESK} camunda:formKey=approval", f"user b {DESK} camunda:formKey=approval",
        *CHOICE, "s -> f -> a -> j -> g", "f -> b -> j", "g -> paid : ${approved}",
    )  # fmt: skip
    receipt = run.deploy(drawn, APPROVAL)
    [warning] = [one for one in receipt.findings if one.code == "written-side-by-side"]
    assert warning.element_id == "a"
    assert 'both write "approved"' in warning.message
    run.start("p")
    run.complete("a", {"approved": False})
    run.complete("b", {"approved": True})
    [incident] = run.rows(sa.select(Incident.id, Incident.activity_id, Incident.kind))
    assert (incident.activity_id, incident.kind) == ("b", "conflict")
    with run.sessions.begin() as session:
        run.engine.retry(session, incident.id, actor=SYSTEM)
    assert end(run) == "paid"
