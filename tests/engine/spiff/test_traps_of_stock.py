"""Where stock SpiffWorkflow 3.2.0 drops, skips or mistakes what a legal diagram says, and ours does it.

Each test shows the fault of the library as it comes first: when an upgrade mends it, the test says so.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import pytest
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.exceptions import WorkflowException

from engine.dialect import SourceFile, compile_files
from tests.engine.diagrams import process
from tests.engine.dialect.conftest import diagram
from tests.engine.spiff.memory import InMemory
from tests.engine.spiff.stock import Stock

USER = '<userTask id="u"/>'
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'


def flows(*pairs: str) -> str:
    """Sequence flows "a b", each with an id."""
    return "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{pair.split()[0]}" targetRef="{pair.split()[1]}"/>'
        for number, pair in enumerate(pairs)
    )


def ours(content: bytes, **variables: object) -> InMemory:
    return InMemory(SourceFile("p.bpmn", content), **variables)


def errors_of(content: bytes) -> list[tuple[str, str]]:
    """What our gate refuses: (element id, sentence)."""
    return [
        (finding.element_id, finding.message)
        for finding in compile_files([SourceFile("p.bpmn", content)], operations=()).errors
    ]


def test_flows_without_id_are_taken() -> None:
    content = diagram(
        START
        + USER
        + END
        + '<sequenceFlow sourceRef="s" targetRef="u"/><sequenceFlow sourceRef="u" targetRef="e"/>'
    )
    stock = Stock(content)
    assert stock.over
    assert stock.waiting() == []
    run = ours(content)
    assert run.waiting() == ["u"]
    run.complete("u")
    assert run.over


def test_a_boundary_event_without_id_is_heard() -> None:
    boundary = (
        '<boundaryEvent attachedToRef="u"><timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>'
        "</boundaryEvent>"
    )
    body = START + USER + END + flows("s u", "u e")
    stock = Stock(diagram(body + boundary.format('"PT1H"')))
    assert [task.task_spec.name for task in stock.workflow.get_tasks() if task.parent][1:2] == ["u"]
    assert not [task for task in stock.workflow.get_tasks() if "Timer" in type(task.task_spec).__name__]
    run = ours(diagram(body + boundary.format("PT1H")))
    (armed,) = run.instance.run.armed
    assert armed.due_at == run.clock.now() + timedelta(hours=1)


@pytest.mark.parametrize("identity", ["Start", "End", "Root", "p.EndJoin", "u.BoundaryEventSplit"])
@pytest.mark.parametrize("kind", ["startEvent", "userTask", "endEvent"])
def test_an_id_that_is_a_name_inside_the_library_means_nothing(kind: str, identity: str) -> None:
    names = {"startEvent": "s", "userTask": "u", "endEvent": "e", kind: identity}
    run = ours(
        diagram(
            "".join(f'<{element} id="{name}"/>' for element, name in names.items())
            + flows(f"{names['startEvent']} {names['userTask']}", f"{names['userTask']} {names['endEvent']}")
        )
    )
    assert run.waiting() == [names["userTask"]]
    run.complete(names["userTask"])
    assert run.over


def test_stock_skips_a_task_called_end_and_starts_nothing_called_start() -> None:
    skipped = Stock(diagram(START + '<userTask id="End"/>' + END + flows("s End", "End e")))
    assert skipped.over
    assert skipped.waiting() == []
    with pytest.raises(WorkflowException, match="No output task connected"):
        Stock(diagram('<startEvent id="Start"/>' + USER + END + flows("Start u", "u e")))


def test_a_condition_on_the_only_flow_of_a_task_counts() -> None:
    body = (
        START
        + '<intermediateThrowEvent id="t"/>'
        + USER
        + END
        + '<sequenceFlow id="a" sourceRef="s" targetRef="t"/><sequenceFlow id="b" sourceRef="t" targetRef="u">'
        '<conditionExpression xsi:type="tFormalExpression">{}</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="c" sourceRef="u" targetRef="e"/>'
    )
    assert Stock(diagram(body.format("n == 2")), n=1).waiting() == ["u"]
    assert ours(diagram(body.format("n = 2")), n=2).waiting() == ["u"]
    run = ours(diagram(body.format("n = 2")), n=1)
    assert run.waiting() == []
    assert [held.kind for held in run.instance.run.held] == ["condition"]


def test_a_task_with_several_ways_out_takes_them_all() -> None:
    body = (
        START
        + '<task id="t"/>'
        + USER
        + '<userTask id="v"/>'
        + END
        + flows("s t", "t u", "t v", "u e", "v e")
    )
    with pytest.raises(ValidationException, match="Multiple outgoing flows are not supported"):
        Stock(diagram(body))
    assert ours(diagram(body)).waiting() == ["u", "v"]


def test_an_iso_duration_needs_no_quotes() -> None:
    body = (
        START
        + '<intermediateCatchEvent id="c"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        + "</timerEventDefinition></intermediateCatchEvent>"
        + END
        + flows("s c", "c e")
    )
    with pytest.raises(WorkflowException, match="Error evaluating expression 'PT1H'"):
        Stock(diagram(body))
    run = ours(diagram(body))
    assert [armed.activity_id for armed in run.instance.run.armed] == ["c"]


def test_a_reference_may_carry_a_prefix() -> None:
    content = diagram(
        START
        + '<intermediateCatchEvent id="k"><messageEventDefinition messageRef="tns:m"/></intermediateCatchEvent>'
        + END
        + flows("s k", "k e"),
        roots='<message id="m" name="Paid"/>',
    )
    with pytest.raises(ValidationException, match="unexpected keyword argument"):
        Stock(content)
    run = ours(content)
    assert [awaited.name for awaited in run.instance.run.awaited] == ["Paid"]
    assert run.instance.deliver("message", "Paid", {})
    run.instance.run_to_rest()
    assert run.over


PYTHON = "__import__('sys').modules.setdefault('redress_trap', __import__('math')) is None"


@pytest.mark.parametrize(
    ("owner", "body"),
    [
        (
            "b",
            '<exclusiveGateway id="g" default="c"/>'
            + USER
            + END
            + '<sequenceFlow id="a" sourceRef="s" targetRef="g"/>'
            '<sequenceFlow id="b" sourceRef="g" targetRef="u"><conditionExpression xsi:type="tFormalExpression">'
            f"{PYTHON}</conditionExpression></sequenceFlow>"
            '<sequenceFlow id="c" sourceRef="g" targetRef="e"/><sequenceFlow id="d" sourceRef="u" targetRef="e"/>',
        ),
        (
            "k",
            '<intermediateCatchEvent id="k"><timerEventDefinition><timeDuration>'
            f'{PYTHON} or "PT1H"</timeDuration></timerEventDefinition></intermediateCatchEvent>'
            + END
            + flows("s k", "k e"),
        ),
        (
            "k",
            f'<scriptTask id="k"><script>x = {PYTHON}</script></scriptTask>' + END + flows("s k", "k e"),
        ),
    ],
    ids=["condition", "timer", "script"],
)
def test_what_a_diagram_says_is_never_run_as_python(owner: str, body: str) -> None:
    content = diagram(START + body)
    sys.modules.pop("redress_trap", None)
    Stock(content)
    assert sys.modules.pop("redress_trap", None) is not None
    assert owner in [element for element, _ in errors_of(content)]
    assert "redress_trap" not in sys.modules


def test_a_repeating_timer_catches_up_at_most_once() -> None:
    """Seven days of downtime are 168 hours; every one of them would be a task for somebody."""
    body = process(
        "p",
        "start s",
        "user u",
        'boundary b at=u only_listens=1 timeCycle="{}"',
        "user warn",
        "end e",
        "s -> u -> e",
        "b -> warn",
        "end x",
        "warn -> x",
    ).content.decode()
    stock = Stock(body.replace("{}", "&quot;R/PT1H&quot;").encode())
    (timer,) = [task for task in stock.workflow.get_tasks() if task.task_spec.name == "b"]
    planned = timer.internal_data["event_value"]
    past = datetime.fromisoformat(planned["next"]) - timedelta(
        days=1
    )  # a day shows it too, and is over sooner
    planned["next"] = past.isoformat()
    for _ in range(30):
        stock.workflow.refresh_timers()
        stock.workflow.do_engine_steps()
    assert stock.waiting().count("warn") >= 24

    run = ours(body.replace("{}", "R/PT1H").encode())
    run.clock.advance(timedelta(days=7, minutes=30))
    (first,) = run.instance.run.armed
    token = run.instance.token(first.token)
    assert token is not None
    token.task_spec.catch(token, None)
    run.instance.run_to_rest()
    assert run.waiting() == ["u", "warn"]
    (_, again) = run.instance.run.armed
    assert run.clock.now() < again.due_at <= run.clock.now() + timedelta(hours=1)
