"""A diagram with many mistakes names every one of them, with the place and in both languages."""

from __future__ import annotations

import pytest


def test_a_diagram_with_five_mistakes_reports_five(gate):
    content = gate.diagram(
        """<startEvent id="start"/>
        <userTask id="review" name="复核工单" camunda:candidateGroups="department" camunda:formKey="nowhere"/>
        <serviceTask id="notify" name="通知客户" camunda:topic="send_smoke_signal"/>
        <scriptTask id="compute" name="计算" scriptFormat="python"><script>import os</script></scriptTask>
        <intermediateCatchEvent id="wait" name="等待">
          <timerEventDefinition><timeDuration>4 hours</timeDuration></timerEventDefinition>
        </intermediateCatchEvent>
        <endEvent id="end"/>
        <sequenceFlow id="f1" sourceRef="start" targetRef="review"/>
        <sequenceFlow id="f2" sourceRef="review" targetRef="notify"/>
        <sequenceFlow id="f3" sourceRef="notify" targetRef="compute"/>
        <sequenceFlow id="f4" sourceRef="compute" targetRef="wait"/>
        <sequenceFlow id="f5" name="完成" sourceRef="wait" targetRef="nowhere_either"/>"""
    )
    errors = [f for f in gate(content).findings if f.severity != "note"]
    assert [(f.code, f.element_id, f.element_name) for f in errors] == [
        ("unknown-form", "review", "复核工单"),
        ("needs-operation", "notify", "通知客户"),
        ("unsupported-script-language", "compute", "计算"),
        ("bad-timer", "wait", "等待"),
        ("unreachable", "end", ""),
        ("flow-without-end", "f5", "完成"),
    ]
    lines = content.decode().split("\n")
    for finding in errors:
        assert finding.file == "file.bpmn"
        assert f'id="{finding.element_id}"' in lines[finding.line - 1]
        assert finding.element_id in finding.message
        assert finding.element_id in finding.message_zh
        assert any("\u4e00" <= character <= "\u9fff" for character in finding.message_zh)


def test_mistakes_in_several_files_are_reported_together(gate):
    outcome = gate(
        gate.chain('<task id="a" isForCompensation="true"/>'),
        gate.chain('<callActivity id="b"/>', key="q"),
        broken__form=b"{",
        broken__dmn=b"<definitions",
    )
    assert [(f.file, f.code) for f in outcome.errors] == [
        ("broken.dmn", "not-xml"),
        ("broken.form", "form-not-json"),
        ("file.bpmn", "unsupported-attribute"),
        ("file1.bpmn", "no-callee"),
    ]


FLOW = '<sequenceFlow id="{}" sourceRef="{}" targetRef="{}"/>'.format


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", [("empty-body", "p")]),
        ('<task id="t"/>', [("no-start", "p")]),
        (f'<startEvent id="s"/><task id="t"/>{FLOW("f", "t", "s")}', [("flow-into-start", "s")]),
        (f'<startEvent id="s"/><endEvent id="e"/>{FLOW("f", "e", "e")}', [("flow-out-of-end", "e")]),
        (f'<startEvent id="s"/>{FLOW("f", "s", "")}', [("flow-without-end", "f")]),
        (
            f'<startEvent id="s"/><subProcess id="sub"><startEvent id="in"/><task id="t"/></subProcess>'
            f"{FLOW('f', 's', 't')}",
            [("flow-without-end", "f")],
        ),
        ('<startEvent id="s"/><task id="s"/>', [("duplicate-id", "s")]),
        (
            f'<startEvent id="s"/><exclusiveGateway id="g"/><task id="a"/><task id="b"/>'
            f"{FLOW('f', 's', 'g')}{FLOW('fa', 'g', 'a')}{FLOW('fb', 'g', 'b')}",
            [("flow-without-condition", "fa"), ("flow-without-condition", "fb")],
        ),
        (
            '<startEvent id="s"/><boundaryEvent id="b" '
            'attachedToRef="gone"><errorEventDefinition/></boundaryEvent>',
            [("unresolved-reference", "b")],
        ),
        (
            '<startEvent id="s"/><boundaryEvent id="b" '
            'attachedToRef="s"><errorEventDefinition/></boundaryEvent>',
            [("boundary-on-wrong-element", "b")],
        ),
    ],
)
def test_a_diagram_that_is_not_connected_properly_is_refused_where_it_is_wrong(gate, body, expected):
    assert [(f.code, f.element_id) for f in gate(gate.diagram(body)).errors] == expected


def test_a_default_flow_that_leaves_another_node_is_none_and_told(gate):
    outcome = gate(
        gate.diagram(
            '<startEvent id="s"/><exclusiveGateway id="g" default="f"/><task id="a"/>'
            + FLOW("f", "s", "g")
            + FLOW("fa", "g", "a")
        )
    )
    assert [(f.severity, f.element_id) for f in outcome.findings if f.code == "bad-default-flow"] == [
        ("warning", "g")
    ]
    assert {node.id: node.default_flow for node in outcome.models[0].body.nodes}["g"] is None


def test_what_can_never_be_reached_is_a_warning(gate, codes_of):
    outcome = gate(gate.diagram('<startEvent id="s"/><task id="lonely"/>'))
    assert not outcome.errors
    assert codes_of(outcome, "warning") == ["unreachable"]


def test_a_task_nobody_may_do_is_a_warning(gate, codes_of):
    assert codes_of(gate(gate.chain('<userTask id="t"/>')), "warning") == ["nobody-may-do-it"]


def test_a_process_that_is_not_executable_is_kept_as_a_drawing_and_says_so(gate, codes_of):
    content = gate.chain('<serviceTask id="t"/>').replace(b'isExecutable="true"', b'isExecutable="false"')
    outcome = gate(content)
    assert (outcome.models, codes_of(outcome), codes_of(outcome, "warning")) == ((), [], ["not-executable"])


def test_two_processes_with_one_id_are_refused(gate, codes_of):
    content = gate.chain('<task id="t"/>')
    assert codes_of(gate(content, content)) == ["duplicate-process"]


def test_every_finding_says_what_to_do_in_both_languages(gate):
    outcome = gate(
        gate.diagram('<startEvent id="s"/><serviceTask id="a"/><callActivity id="b" calledElement="x"/>')
    )
    for finding in outcome.errors:
        assert ";" in finding.message
        assert "；" in finding.message_zh
