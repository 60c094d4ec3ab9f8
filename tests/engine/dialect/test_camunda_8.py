"""Camunda 8 diagrams mean here what they mean there, or ask for what only an installation has."""

from __future__ import annotations

import pytest

from engine.dialect.model import Assignment, Binding, Call, DecisionCall, Need, Value
from engine.dialect.read.nodes.machines import EVERYTHING

FORM = b'{"type": "default", "id": "review", "components": [{"type": "textfield", "key": "answer"}]}'
TABLE = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
    b'<decision id="level" name="level"><literalExpression><text>1</text></literalExpression></decision></definitions>'
)


def extended(kind: str, inside: str, more: str = "") -> str:
    return f'<{kind} id="n"><extensionElements>{inside}</extensionElements>{more}</{kind}>'


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "scriptTask", "businessRuleTask"])
def test_a_job_type_is_the_operation_of_that_name(gate, kind):
    node = gate.node(extended(kind, '<zeebe:taskDefinition type="send_notice" retries="3"/>'))
    assert node.operation == "send_notice"


@pytest.mark.parametrize(
    ("written", "asked"), [("pay", "topic pay"), ("=kind", "topic =kind"), ("", "topic ?")]
)
def test_a_job_type_that_is_not_offered_is_asked_for(gate, written, asked):
    model = gate.model(gate.chain(extended("serviceTask", f'<zeebe:taskDefinition type="{written}"/>')))
    assert model.needs == (Need("n", "operation", asked),)


def test_an_event_may_throw_its_message_by_a_job(gate):
    task = '<zeebe:taskDefinition type="send_notice"/>'
    node = gate.node(extended("intermediateThrowEvent", task, "<messageEventDefinition/>"))
    assert (node.operation, node.event.kind) == ("send_notice", "none")


def test_mappings_headers_and_properties_are_read(gate):
    node = gate.node(
        extended(
            "serviceTask",
            '<zeebe:taskDefinition type="send_notice"/><zeebe:ioMapping><zeebe:input source="=order.id" target="number"/>'
            '<zeebe:input source="plain" target="text"/><zeebe:output source="=receipt" target="order.receipt"/>'
            '</zeebe:ioMapping><zeebe:taskHeaders><zeebe:header key="channel" value="sms"/></zeebe:taskHeaders>'
            '<zeebe:properties><zeebe:property name="sla.policy" value="R01"/></zeebe:properties>',
        )
    )
    assert node.inputs == (
        Assignment("number", Value(feel="order.id")),
        Assignment("text", Value(literal="plain")),
    )
    assert node.outputs == (Assignment("order.receipt", Value(feel="receipt")),)
    assert node.properties == {"header.channel": "sms", "sla.policy": "R01"}


def test_a_user_task_knows_who_when_and_with_which_form(gate):
    node = gate.node(
        extended(
            "userTask",
            '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=boss" candidateGroups="a,b" candidateUsers="=[1]"/>'
            '<zeebe:taskSchedule dueDate="=due" followUpDate="2026-01-01T00:00:00Z"/>'
            '<zeebe:priorityDefinition priority="70"/><zeebe:formDefinition formId="review" bindingType="deployment"/>',
        ),
        review__form=FORM,
    )
    user = node.user
    assert (user.assignee, user.candidate_groups) == (Value(feel="boss"), Value(literal="a,b"))
    assert (user.due_date, user.priority) == (Value(feel="due"), Value(literal="70"))
    assert (user.form, user.form_binding) == ("review", Binding())


def test_a_form_without_a_word_on_its_version_is_the_latest(gate):
    task = extended("userTask", '<zeebe:formDefinition formId="review"/>')
    assert gate.node(task, review__form=FORM).user.form_binding == Binding("latest")


def test_a_decision_is_called_and_its_result_kept(gate):
    node = gate.node(
        extended("businessRuleTask", '<zeebe:calledDecision decisionId="level" resultVariable="grade"/>'),
        level__dmn=TABLE,
    )
    assert node.decision == DecisionCall("level", Binding("latest"), "grade")


@pytest.mark.parametrize(
    ("inside", "inputs", "outputs"),
    [
        ('<zeebe:calledElement processId="q"/>', (), ()),
        ('<zeebe:calledElement processId="q" propagateAllChildVariables="false"/>', (EVERYTHING,), ()),
        ('<zeebe:calledElement processId="q" propagateAllParentVariables="false"/><zeebe:ioMapping>'
         '<zeebe:input source="=a" target="b"/><zeebe:output source="=c" target="d"/></zeebe:ioMapping>',
         (Assignment("b", Value(feel="a")),), (Assignment("d", Value(feel="c")),)),
    ],
)  # fmt: skip
def test_a_called_process_gets_and_gives_what_is_written(gate, inside, inputs, outputs):
    callee = gate.chain('<task id="t"/>', key="q")
    node = gate.model(gate.chain(extended("callActivity", inside)), callee).body.nodes[1]
    assert node.call == Call("q", Binding("latest"), inputs, outputs)


def test_a_computed_callee_or_decision_is_asked_for(gate):
    model = gate.model(
        gate.chain(
            extended("callActivity", '<zeebe:calledElement processId="=which"/>'),
            extended("businessRuleTask", '<zeebe:calledDecision decisionId="=which"/>').replace('"n"', '"m"'),
        )
    )
    assert model.needs == (Need("n", "process", "=which"), Need("m", "decision", "=which"))


def test_a_script_and_a_loop_are_read(gate):
    script = gate.node(extended("scriptTask", '<zeebe:script expression="=a + 1" resultVariable="b"/>'))
    assert script.script == (Assignment("b", Value(feel="a + 1")),)
    loop = (
        "<multiInstanceLoopCharacteristics><extensionElements>"
        '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/>'
        "</extensionElements></multiInstanceLoopCharacteristics>"
    )
    node = gate.node(f'<userTask id="n">{loop}</userTask>')
    assert (node.loop.collection, node.loop.element_variable) == ("items", "item")


def test_a_version_tag_is_read(gate):
    tag = '<extensionElements><zeebe:versionTag value="v2"/></extensionElements>'
    assert gate.model(gate.diagram(f'{tag}<startEvent id="s"/>')).version_tag == "v2"


def test_listeners_are_asked_for_by_the_moments_all_dialects_share(gate):
    model = gate.model(
        gate.chain(
            extended(
                "userTask",
                '<zeebe:executionListeners><zeebe:executionListener eventType="end" type="audit"/>'
                '</zeebe:executionListeners><zeebe:taskListeners><zeebe:taskListener eventType="completing" type="check"/>'
                "</zeebe:taskListeners>",
            )
        )
    )
    assert [(need.key, need.asked) for need in model.needs] == [
        ("n#end", "type audit"),
        ("n#complete", "type check"),
    ]


def test_how_messages_correlate_here_is_said_once_for_each_message(gate, codes_of):
    roots = (
        '<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/>'
        "</extensionElements></message>"
    )
    outcome = gate(gate.chain('<receiveTask id="n" messageRef="m"/>', roots=roots))
    assert codes_of(outcome) == []
    [finding] = [finding for finding in outcome.findings if finding.code == "ignored-extension"]
    assert finding.element_id == "m"
    assert "business key" in finding.message
