"""What SpiffWorkflow, jBPM, Flowable, Activiti and the modelers write is read, asked for, or said to have no effect."""

from __future__ import annotations

import pytest

from engine.dialect.model import EVERY_ENTRY, Binding, DecisionCall, Need, Value
from engine.dialect.read.nodes.machines import EVERYTHING

SPACES = (
    'xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core" xmlns:drools="http://www.jboss.org/drools" '
    'xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn" '
    'xmlns:signavio="http://www.signavio.com" xmlns:imixs="http://www.imixs.org/bpmn2"'
)


def element(kind: str, inside: str = "", attributes: str = "", more: str = "") -> str:
    holder = f"<extensionElements>{inside}</extensionElements>" if inside else ""
    return f'<{kind} id="n" {SPACES} {attributes}>{holder}{more}</{kind}>'


@pytest.mark.parametrize(
    ("written", "needs"),
    [
        (element("serviceTask", '<spiff:serviceTaskOperator id="http/Get" resultVariable="x"/>'),
         [Need("n", "operation", "topic http/Get")]),
        (element("manualTask", "<spiff:preScript>a = 1</spiff:preScript><spiff:postScript>b = 2</spiff:postScript>"),
         [Need("n", "listener", "script a = 1", "start"), Need("n", "listener", "script b = 2", "end")]),
        (element("task", attributes='drools:taskName="Email"'), [Need("n", "operation", "topic Email")]),
        (element("serviceTask", attributes='drools:serviceinterface="a.B" drools:serviceoperation="run"'),
         [Need("n", "operation", "operation a.B.run")]),
        (element("businessRuleTask", attributes='drools:ruleFlowGroup="prices"'), [Need("n", "decision", "rules prices")]),
        (element("userTask", '<drools:onEntry-script scriptFormat="java"><drools:script>x();</drools:script></drools:onEntry-script>',
                 'drools:taskName="Human Task"'), [Need("n", "listener", "script java x();", "start")]),
        (element("serviceTask", attributes='flowable:type="http"'), [Need("n", "operation", "type http")]),
        (element("serviceTask", attributes='activiti:expression="#{a.b()}"'), [Need("n", "operation", "expression #{a.b()}")]),
        (element("task", attributes='drools:selectable="true"'), []),
    ],
)  # fmt: skip
def test_code_of_another_engine_is_asked_for(gate, codes_of, written, needs):
    outcome = gate(gate.chain(written))
    assert codes_of(outcome) == []
    assert list(outcome.models[0].needs) == needs


def test_spiffworkflows_decision_properties_and_instructions_are_read(gate):
    rule = gate(
        gate.chain(element("businessRuleTask", "<spiff:calledDecisionId>level</spiff:calledDecisionId>"))
    )
    [asks] = [one for one in rule.models[0].body.nodes if one.id == "n"]
    assert asks.decision == DecisionCall("level", Binding(), "decision.n", "columns")
    assert asks.spread == EVERY_ENTRY
    node = gate.node(
        element(
            "userTask",
            '<spiff:properties><spiff:property name="formJsonSchemaFilename" value="a.json"/></spiff:properties>'
            "<spiff:instructionsForEndUser>Look twice.</spiff:instructionsForEndUser><spiff:unitTests/>",
        )
    )
    assert node.properties == {"formJsonSchemaFilename": "a.json"}
    assert node.documentation == "Look twice."


def test_a_flowable_call_may_pass_everything(gate):
    call = element("callActivity", attributes='calledElement="q" flowable:inheritVariables="true"')
    assert gate.model(gate.chain(call), gate.chain('<task id="t"/>', key="q")).body.nodes[1].call.inputs == (
        EVERYTHING,
    )


def test_a_flowable_loop_over_a_collection_is_read(gate):
    loop = (
        '<multiInstanceLoopCharacteristics flowable:collection="${items}" flowable:elementVariable="item"/>'
    )
    found = gate.node(element("userTask", attributes='flowable:assignee="${item}"', more=loop))
    assert (found.loop.collection, found.loop.element_variable) == ("items", "item")
    assert found.user.assignee == Value(feel="item")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (element("serviceTask", attributes='flowable:type="http" flowable:skipExpression="${skip}"'), "ignored-extension"),
        (element("serviceTask", attributes='activiti:class="a.B" activiti:async="true"'), "ignored-extension"),
        (element("serviceTask", "<activiti:field name='a' stringValue='b'/>", 'activiti:class="a.B"'), "ignored-extension"),
        (element("serviceTask", "<flowable:failedJobRetryTimeCycle>R3/PT1M</flowable:failedJobRetryTimeCycle>",
                 'flowable:class="a.B"'), "ignored-extension"),
        (element("task", attributes='flowable:zorp="1"'), "unknown-extension"),
        (element("task", '<imixs:item name="a"/>'), "foreign-extension"),
        (element("task", '<imixs:item name="a"/>', 'imixs:processid="1"'), "foreign-extension"),
    ],
)  # fmt: skip
def test_what_has_no_effect_is_a_warning(gate, codes_of, written, code):
    outcome = gate(gate.chain(written))
    assert codes_of(outcome) == []
    assert codes_of(outcome, "warning") == [code]


@pytest.mark.parametrize(
    "written",
    [
        element("task", '<signavio:signavioMetaData metaKey="bgcolor" metaValue="#fff"/>'),
        element("task", attributes='flowable:async="false" flowable:exclusive="true"'),
        element("task", '<drools:metaData name="x"><drools:metaValue>y</drools:metaValue></drools:metaData>'),
    ],
)
def test_drawing_and_metadata_are_not_worth_a_word(gate, written):
    assert [finding for finding in gate(gate.chain(written)).findings if finding.severity != "note"] == []


@pytest.mark.parametrize(
    "written",
    [
        element("receiveTask", "<flowable:eventType>paid</flowable:eventType>"),
        element("serviceTask", attributes='flowable:class="a.B" flowable:triggerable="true"'),
        element("userTask", more='<multiInstanceLoopCharacteristics><extensionElements><flowable:collection>'
                "<flowable:string>a</flowable:string></flowable:collection></extensionElements>"
                "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"),
    ],
)  # fmt: skip
def test_what_would_change_what_happens_is_refused_by_name(gate, written):
    [finding] = [
        finding for finding in gate(gate.chain(written)).errors if finding.code == "unsupported-extension"
    ]
    assert finding.element_id == "n"
    assert "flowable:" in finding.message


@pytest.mark.parametrize("written", ["PT1H", '"PT1H"', "'PT1H'", " PT1H "])
def test_a_duration_in_the_quotes_of_a_programming_language_is_the_duration(gate, written):
    event = f"<timerEventDefinition><timeDuration>{written}</timeDuration></timerEventDefinition>"
    node = gate.node(f'<intermediateCatchEvent id="n">{event}</intermediateCatchEvent>')
    assert node.event.timer == Value(literal="PT1H")


def test_a_second_callee_in_one_call_means_nothing(gate):
    space = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    inside = f'<zeebe:calledElement {space} processId="q"/>' * 2000
    call = element("callActivity", inside)
    assert (
        gate.model(gate.chain(call), gate.chain('<task id="t"/>', key="q")).body.nodes[1].call.process == "q"
    )


def test_spiffworkflows_python_conditions_and_timers_run_as_feel_and_are_told(gate):
    timer = "<timerEventDefinition><timeDuration>timedelta(minutes=5)</timeDuration></timerEventDefinition>"
    loop = "<standardLoopCharacteristics><loopCondition>x == 1</loopCondition></standardLoopCharacteristics>"
    written = f'<intermediateCatchEvent id="t">{timer}</intermediateCatchEvent><task id="n">{loop}</task>'
    body = (
        f'<startEvent id="s"/>{written}<sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" '
        'targetRef="n"><conditionExpression>ok == True</conditionExpression></sequenceFlow>'
    )
    plain = gate.diagram(body)
    outcome = gate(plain.replace(b"<definitions ", f"<definitions {SPACES} ".encode(), 1))
    assert outcome.errors == []
    told = {finding.element_id: finding for finding in outcome.findings if finding.code == "python-converted"}
    assert set(told) == {"t", "n", "g"}
    assert "ok == True, runs as FEEL: ok = true" in told["g"].message
    nodes = {node.id: node for node in outcome.models[0].body.nodes}
    assert nodes["t"].event.timer == Value(feel='duration("PT5M")')
    assert nodes["n"].again.condition == "x = 1"
    # Written for nobody in particular, the same text is a mistake in FEEL.
    assert {finding.code for finding in gate(plain).errors} == {"bad-expression", "bad-timer"}
