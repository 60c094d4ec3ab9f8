"""What only an installation can name is listed, once for each thing, and refuses nothing."""

from __future__ import annotations

import pytest

from engine.dialect.listening import Moments
from engine.dialect.model import Need


def extended(kind: str, inside: str, attributes: str = "") -> str:
    return f'<{kind} id="n" {attributes}><extensionElements>{inside}</extensionElements></{kind}>'


@pytest.mark.parametrize(
    ("element", "asked"),
    [
        ('<serviceTask id="n"/>', ""),
        ('<sendTask id="n"/>', ""),
        ('<serviceTask id="n" implementation="##WebService"/>', ""),
        ('<serviceTask id="n" implementation="http://acme.example/pay"/>', "implementation http://acme.example/pay"),
        ('<serviceTask id="n" implementation="##WebService" operationRef="tns:pay"/>', "operation pay"),
        ('<serviceTask id="n" camunda:class="com.acme.Pay"/>', "class com.acme.Pay"),
        ('<serviceTask id="n" camunda:delegateExpression="${bean}"/>', "delegateExpression ${bean}"),
        ('<serviceTask id="n" camunda:expression="${bean.run(1)}" camunda:resultVariable="x"/>', "expression ${bean.run(1)}"),
        ('<serviceTask id="n" camunda:type="external" camunda:topic="pay"/>', "topic pay"),
        ('<serviceTask id="n" camunda:type="mail"/>', "type mail"),
        ('<businessRuleTask id="n" camunda:class="com.acme.Rule"/>', "class com.acme.Rule"),
        ('<sendTask id="n" messageRef="m" camunda:delegateExpression="${sender}"/>', "delegateExpression ${sender}"),
        (extended("serviceTask", "<camunda:connector><camunda:connectorId>http-connector</camunda:connectorId></camunda:connector>"),
         "connector http-connector"),
        (extended("serviceTask", '<camunda:field name="to" stringValue="x"/>', 'camunda:class="com.acme.Pay"'),
         "class com.acme.Pay"),
        ('<endEvent id="n"><messageEventDefinition camunda:class="com.acme.Throw"/></endEvent>', "class com.acme.Throw"),
        ('<intermediateThrowEvent id="n"><messageEventDefinition camunda:type="external" camunda:topic="pay"/>'
         "</intermediateThrowEvent>", "topic pay"),
    ],
)  # fmt: skip
def test_what_a_node_does_and_is_not_offered_here_is_asked_for_once(gate, codes_of, element, asked):
    outcome = gate(_drawn(gate, element))
    assert codes_of(outcome) == []
    assert codes_of(outcome, "binding") == ["needs-operation"]
    assert outcome.models[0].needs == (Need("n", "operation", asked),)
    [finding] = [finding for finding in outcome.findings if finding.severity == "binding"]
    assert finding.element_id == "n"
    assert "bind n to an operation" in finding.message
    assert "把 n 绑定到" in finding.message_zh


def _drawn(gate, element: str) -> bytes:
    roots = '<message id="m" name="paid"/>'
    if element.startswith("<endEvent"):
        flow = '<sequenceFlow id="f" sourceRef="s" targetRef="n"/>'
        return gate.diagram(f'<startEvent id="s"/>{element}{flow}', roots=roots)
    return gate.chain(element, roots=roots)


def test_a_misspelt_operation_is_answered_with_the_right_one(gate):
    outcome = gate(gate.chain('<serviceTask id="n" camunda:topic="send_notise"/>'))
    [finding] = [finding for finding in outcome.findings if finding.severity == "binding"]
    assert "did you mean send_notice?" in finding.message
    assert "是否想写 send_notice？" in finding.message_zh


def test_a_rule_task_that_names_nothing_asks_for_a_decision(gate):
    assert gate.model(gate.chain('<businessRuleTask id="n"/>')).needs == (Need("n", "decision"),)


@pytest.mark.parametrize("position", ["endEvent", "intermediateThrowEvent"])
def test_an_event_may_throw_its_message_by_an_operation_that_is_offered(gate, position):
    definition = '<messageEventDefinition camunda:type="external" camunda:topic="send_notice"/>'
    model = gate.model(_drawn(gate, f'<{position} id="n">{definition}</{position}>'))
    node = next(node for node in model.body.nodes if node.id == "n")
    assert (node.operation, model.needs) == ("send_notice", ())


@pytest.mark.parametrize(
    ("element", "needs"),
    [
        (extended("userTask", '<camunda:taskListener event="complete" class="x.Y"/>'),
         [("n", "class x.Y", "complete", "n#complete")]),
        (extended("userTask", '<camunda:taskListener event="all" delegateExpression="${l}"/>'),
         [("n", "delegateExpression ${l}", event, f"n#{event}") for event in ("create", "assignment", "complete", "delete")]),
        (extended("task", '<camunda:executionListener event="start" class="A"/><camunda:executionListener class="B"/>'
                  '<camunda:executionListener event="end" expression="${c.d()}"/>'),
         [("n", "class A", "start", "n#start"), ("n", "class B", "start", "n#start.1"),
          ("n", "expression ${c.d()}", "end", "n#end")]),
        (extended("exclusiveGateway", '<camunda:executionListener event="start"><camunda:script scriptFormat="groovy">a = 1'
                  "</camunda:script></camunda:executionListener>"), [("n", "script groovy a = 1", "start", "n#start")]),
    ],
)  # fmt: skip
def test_each_listener_is_asked_for_at_its_moment(gate, element, needs):
    model = gate.model(gate.chain(element))
    assert [(need.element, need.asked, need.event, need.key) for need in model.needs] == needs


def test_listeners_of_a_process_and_of_a_flow_without_id_are_asked_for(gate):
    listener = '<extensionElements><camunda:executionListener class="A" event="{}"/></extensionElements>'
    model = gate.model(
        gate.diagram(
            f'{listener.format("end")}<startEvent id="s"/><endEvent id="e"/>'
            f'<sequenceFlow sourceRef="s" targetRef="e">{listener.format("take")}</sequenceFlow>'
        )
    )
    assert {need.key for need in model.needs} == {"p#end", "s->e#take"}


@pytest.mark.parametrize("written", ['variableMappingClass="a.B"', 'variableMappingDelegateExpression="a.B"'])
def test_code_that_computes_what_a_call_passes_can_only_be_bound_to_nothing(gate, codes_of, written):
    callee = gate.chain('<task id="t"/>', key="q")
    outcome = gate(gate.chain(f'<callActivity id="n" calledElement="q" camunda:{written}/>'), callee)
    assert (codes_of(outcome), codes_of(outcome, "warning")) == ([], [])
    model = outcome.models[0]
    assert model.needs == (Need("n", "listener", "a.B", "mapping"),)
    assert not Moments(model).runs(model.needs[0])


def test_what_belongs_to_code_is_no_event_of_a_registry(gate, codes_of):
    outcome = gate(
        gate.chain(
            extended(
                "serviceTask", "<camunda:eventType>paid</camunda:eventType>", 'camunda:type="send-event"'
            )
        )
    )
    assert (codes_of(outcome), codes_of(outcome, "binding")) == ([], ["needs-operation"])
