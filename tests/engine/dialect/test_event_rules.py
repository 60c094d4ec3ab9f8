"""What events need around them: links both ends, event sub-processes one trigger, cancelled transactions a border."""

from __future__ import annotations

import pytest

from engine.dialect.model import EVENT_SUB_PROCESS, is_generated

ROOTS = (
    '<message id="m" name="withdraw"/><signal id="g" name="all"/>'
    '<interface id="i" name="i"><operation id="op" name="op"><inMessageRef>tns:m</inMessageRef></operation></interface>'
)


def throw(ident: str, name: str = "A") -> str:
    return (
        f'<intermediateThrowEvent id="{ident}"><linkEventDefinition name="{name}"/></intermediateThrowEvent>'
    )


def catch(ident: str, name: str = "A") -> str:
    return (
        f'<intermediateCatchEvent id="{ident}"><linkEventDefinition name="{name}"/></intermediateCatchEvent>'
    )


def on(inside: str, flags: str = "") -> str:
    return f'<subProcess id="n" triggeredByEvent="true" {flags}>{inside}</subProcess>'


START = '<startEvent id="s"/><task id="t"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
MESSAGE = '<startEvent id="b"><messageEventDefinition messageRef="m"/></startEvent>'
SIGNAL = '<startEvent id="c"><signalEventDefinition signalRef="g"/></startEvent>'
CANCELLED = """<transaction id="n"><startEvent id="i"/><sequenceFlow id="f2" sourceRef="i" targetRef="e"/>
<endEvent id="e"><cancelEventDefinition/></endEvent></transaction>
<sequenceFlow id="f1" sourceRef="t" targetRef="n"/>"""


@pytest.mark.parametrize(
    ("drawn", "code", "element"),
    [
        (throw("n") + '<sequenceFlow id="x" sourceRef="t" targetRef="n"/>', "link-without-target", "n"),
        (catch("n"), "link-without-source", "n"),
        (catch("n", ""), "missing-link", "n"),
        (catch("n") + throw("o", "B") + catch("q", "B"), "link-without-source", "n"),
        (throw("o") + catch("q") + catch("n"), "several-link-targets", "n"),
        (throw("n") + catch("q") + '<sequenceFlow id="x" sourceRef="n" targetRef="t"/>', "flow-at-link", "n"),
        (throw("o") + catch("n") + '<sequenceFlow id="x" sourceRef="t" targetRef="n"/>', "flow-at-link", "n"),
        (throw("n") + f'<subProcess id="sub"><startEvent id="i"/>{catch("o")}</subProcess>',
         "link-without-target", "n"),
        (on('<startEvent id="i"/>'), "event-without-definition", "i"),
        (on(MESSAGE + SIGNAL), "event-sub-process-start", "n"),
        (on('<task id="i"/>'), "event-sub-process-start", "n"),
        (on(MESSAGE) + '<sequenceFlow id="x" sourceRef="t" targetRef="n"/>', "flow-at-event-sub-process", "x"),
        (on(MESSAGE) + '<sequenceFlow id="x" sourceRef="n" targetRef="t"/>', "flow-at-event-sub-process", "x"),
        (on(MESSAGE + "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
            "</multiInstanceLoopCharacteristics>"), "event-sub-process-repeated", "n"),
        (on(MESSAGE) + '<boundaryEvent id="x" attachedToRef="n"><messageEventDefinition messageRef="m"/>'
         "</boundaryEvent>", "boundary-on-wrong-element", "x"),
        ('<boundaryEvent id="x" attachedToRef="t"><cancelEventDefinition/></boundaryEvent>',
         "unsupported-event", "x"),
        ('<endEvent id="x"><cancelEventDefinition/></endEvent>', "unsupported-event", "x"),
        ('<intermediateCatchEvent id="x"><conditionalEventDefinition/></intermediateCatchEvent>',
         "event-without-condition", "x"),
        ('<intermediateCatchEvent id="x"><conditionalEventDefinition><condition language="java">a</condition>'
         "</conditionalEventDefinition></intermediateCatchEvent>", "unsupported-expression-language", "x"),
        ('<intermediateCatchEvent id="x"><signalEventDefinition signalRef="nobody"/></intermediateCatchEvent>',
         "unresolved-reference", "x"),
        ('<intermediateCatchEvent id="x"><messageEventDefinition messageRef="nobody"/></intermediateCatchEvent>',
         "unresolved-reference", "x"),
    ],
)  # fmt: skip
def test_what_belongs_together_is_missed_by_name(gate, drawn, code, element):
    outcome = gate(gate.diagram(START + drawn, roots=ROOTS))
    found = [(finding.code, finding.element_id) for finding in outcome.errors]
    assert (code, element) in found, found
    [finding] = [one for one in outcome.errors if (one.code, one.element_id) == (code, element)]
    assert finding.message and finding.message_zh and "None" not in finding.message


def test_a_link_becomes_a_flow_nobody_sees_and_is_told(gate, by_id):
    drawn = START + throw("o") + catch("q") + '<sequenceFlow id="x" sourceRef="t" targetRef="o"/>'
    outcome = gate(gate.diagram(drawn))
    assert not outcome.errors
    [flow] = [flow for flow in outcome.models[0].body.flows if flow.source == "o"]
    assert flow.target == "q" and is_generated(flow.id)
    assert [f.element_id for f in outcome.findings if f.code == "link-converted"] == ["o"]


def test_an_event_sub_process_is_a_node_of_its_own_kind(gate, by_id):
    model = gate.model(gate.diagram(START + on(MESSAGE), roots=ROOTS))
    node = by_id(model.body.nodes)["n"]
    assert node.kind == EVENT_SUB_PROCESS
    assert node.body.nodes[0].event.name == "withdraw"
    assert type(model).from_plain(model.to_plain()) == model


def test_an_error_that_is_drawn_as_non_interrupting_interrupts(gate, codes_of, by_id):
    start = '<startEvent id="b" isInterrupting="false"><errorEventDefinition/></startEvent>'
    outcome = gate(gate.diagram(START + on(start)))
    assert codes_of(outcome, "warning") == ["error-interrupts"]
    assert by_id(outcome.models[0].body.nodes)["n"].body.nodes[0].interrupting


@pytest.mark.parametrize(
    ("reference", "name"), [("", "n"), ('messageRef="m"', "withdraw"), ('operationRef="op"', "withdraw")]
)
def test_a_message_that_is_waited_for_is_named_by_its_message_its_operation_or_its_element(
    gate, by_id, reference, name
):
    element = f'<intermediateCatchEvent id="n"><messageEventDefinition {reference}/></intermediateCatchEvent>'
    model = gate.model(gate.chain(element, roots=ROOTS))
    assert by_id(model.body.nodes)["n"].event.name == name
    model = gate.model(gate.chain(f'<receiveTask id="n" {reference}/>', roots=ROOTS))
    assert by_id(model.body.nodes)["n"].event.name == name


def test_what_throws_nothing_is_told_and_passed(gate, codes_of):
    for kind in ("message", "signal"):
        element = f'<intermediateThrowEvent id="n"><{kind}EventDefinition/></intermediateThrowEvent>'
        outcome = gate(gate.chain(element))
        assert not outcome.errors
        assert codes_of(outcome, "warning") == [f"missing-{kind}"]


def test_variables_that_keep_an_error_are_known_to_readers(gate, codes_of):
    drawn = START + (
        '<boundaryEvent id="x" attachedToRef="t"><errorEventDefinition camunda:errorCodeVariable="why"/></boundaryEvent>'
        '<sequenceFlow id="x1" sourceRef="x" targetRef="g"/><exclusiveGateway id="g" default="g2"/>'
        '<sequenceFlow id="g1" sourceRef="g" targetRef="e"><conditionExpression>why = "a"</conditionExpression>'
        '</sequenceFlow><sequenceFlow id="g2" sourceRef="g" targetRef="e"/><endEvent id="e"/>'
    )
    outcome = gate(gate.diagram(drawn))
    assert not outcome.errors
    assert "unknown-name" not in codes_of(outcome, "warning") + codes_of(outcome, "note")


def test_filters_of_a_condition_are_told_to_have_no_effect(gate, codes_of):
    element = (
        '<intermediateCatchEvent id="n"><conditionalEventDefinition camunda:variableName="a">'
        "<condition>${amount &gt; 3}</condition></conditionalEventDefinition></intermediateCatchEvent>"
    )
    outcome = gate(gate.chain(element))
    assert not outcome.errors
    assert "ignored-extension" in codes_of(outcome, "warning")
    assert outcome.models[0].body.nodes[1].event.condition == "amount > 3"


def test_a_transaction_that_is_cancelled_without_a_border_is_warned_of(gate, codes_of):
    outcome = gate(gate.diagram(START + CANCELLED, roots=ROOTS))
    assert not outcome.errors
    assert "cancel-not-caught" in codes_of(outcome, "warning")
