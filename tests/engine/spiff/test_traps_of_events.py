"""What stock SpiffWorkflow offers too early, never sends or loses on the way: event sub-processes, signals, links, starts."""

from __future__ import annotations

import pytest

from engine.dialect import SourceFile, compile_files
from tests.engine.dialect.conftest import diagram
from tests.engine.spiff.memory import InMemory
from tests.engine.spiff.stock import Stock

START, USER, END = '<startEvent id="s"/>', '<userTask id="u"/>', '<endEvent id="e"/>'
ROOTS = '<error id="r" errorCode="E1"/><escalation id="c" escalationCode="L1"/><signal id="g" name="Alarm"/>'


def flows(prefix: str, *pairs: str) -> str:
    return "".join(
        f'<sequenceFlow id="{prefix}{number}" sourceRef="{pair.split()[0]}" targetRef="{pair.split()[1]}"/>'
        for number, pair in enumerate(pairs)
    )


def with_handler(definition: str, *, interrupting: bool = True) -> bytes:
    """A user task, and an event sub-process with another one."""
    flag = "" if interrupting else ' isInterrupting="false"'
    return diagram(
        START
        + USER
        + END
        + flows("f", "s u", "u e")
        + f'<subProcess id="h" triggeredByEvent="true"><startEvent id="hs"{flag}>{definition}</startEvent><userTask id="hu"/>'
        + f'<endEvent id="he"/>{flows("h", "hs hu", "hu he")}</subProcess>',
        roots=ROOTS,
    )


def ours(content: bytes) -> InMemory:
    return InMemory(SourceFile("p.bpmn", content))


@pytest.mark.parametrize(
    "definition",
    ['<errorEventDefinition errorRef="r"/>', '<escalationEventDefinition escalationRef="c"/>'],
    ids=["error", "escalation"],
)
def test_the_handler_of_an_error_is_not_offered_before_there_is_one(definition: str) -> None:
    content = with_handler(definition)
    assert Stock(content).waiting() == ["hu", "u"]
    run = ours(content)
    assert run.waiting() == ["u"]
    run.complete("u")
    assert run.over


def test_a_case_does_not_wait_for_a_timer_nobody_needs_any_more() -> None:
    timer = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"
    stock = Stock(with_handler(timer.format('"PT1H"')))
    stock.complete("u")
    assert not stock.over
    run = ours(with_handler(timer.format("PT1H")))
    (armed,) = run.instance.run.armed
    run.complete("u")
    assert run.over
    assert run.instance.run.disarmed == [armed.token]


def test_an_interrupting_handler_interrupts() -> None:
    content = with_handler('<signalEventDefinition signalRef="g"/>')
    run = ours(content)
    assert run.instance.deliver("signal", "Alarm", {})
    run.instance.run_to_rest()
    assert run.waiting() == ["hu"]
    run.complete("hu")
    assert run.over


def test_a_signal_at_the_end_is_sent() -> None:
    content = diagram(
        START
        + '<parallelGateway id="f"/><endEvent id="x"><signalEventDefinition signalRef="g"/></endEvent>'
        + '<intermediateCatchEvent id="k"><signalEventDefinition signalRef="g"/></intermediateCatchEvent>'
        + USER
        + END
        + flows("f", "s f", "f k", "f x", "k u", "u e"),
        roots=ROOTS,
    )
    stock = Stock(content)
    assert stock.waiting() == []
    assert not stock.over
    assert [(thrown.kind, thrown.name) for thrown in ours(content).instance.run.thrown] == [
        ("signal", "Alarm")
    ]


def test_a_token_comes_out_of_a_link_where_the_link_leads() -> None:
    link = '<linkEventDefinition name="there"/>'
    content = diagram(
        START
        + f'<intermediateThrowEvent id="a">{link}</intermediateThrowEvent><intermediateCatchEvent id="b">{link}</intermediateCatchEvent>'
        + USER
        + END
        + flows("f", "s a", "b u", "u e")
    )
    lost = Stock(content)
    assert lost.over
    assert lost.waiting() == []
    run = ours(content)
    assert run.waiting() == ["u"]
    run.complete("u")
    assert run.over


def test_a_process_with_two_plain_starts_begins_where_it_is_told() -> None:
    content = diagram(
        START
        + '<startEvent id="s2"/>'
        + USER
        + '<userTask id="v"/>'
        + END
        + flows("f", "s u", "s2 v", "u e", "v e")
    )
    assert Stock(content).waiting() == ["u"]
    compiled = compile_files([SourceFile("p.bpmn", content)], operations=())
    told = [(found.severity, found.code, found.element_id) for found in compiled.findings]
    assert ("warning", "several-starts", "s2") in told
    run = ours(content)
    assert run.waiting() == ["u"]
    other = type(run.instance)(run.specs["p"], "p", run.new_run())
    other.begin("s2")
    other.run_to_rest()
    assert [token.task_spec.name for token in other.live_tokens()] == ["v"]
