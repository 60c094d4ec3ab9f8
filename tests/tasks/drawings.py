"""The regime `request` of the tests' office, made only of files, and diagrams of a line or two."""

from __future__ import annotations

import json

from engine.dialect import SourceFile

START_FORM = {
    "type": "default",
    "id": "request_start",
    "components": [
        {"type": "textfield", "key": "customer.name", "label": "姓名", "validate": {"required": True}},
        {
            "type": "textfield",
            "key": "customer.phone",
            "label": "电话",
            "validate": {"required": True, "pattern": r"^1\d{10}$"},
        },
        {
            "type": "select",
            "key": "customer.level",
            "label": "级别",
            "values": [{"label": "普通", "value": "normal"}, {"label": "VIP", "value": "vip"}],
        },
        {"type": "textfield", "key": "customer.home_province", "label": "归属地"},
        {"type": "textarea", "key": "demand", "label": "诉求", "validate": {"maxLength": 100}},
    ],
}
CHECK_FORM = {
    "type": "default",
    "id": "check_request",
    "components": [
        {
            "type": "radio",
            "key": "outcome",
            "label": "结论",
            "validate": {"required": True},
            "values": [{"label": "转办", "value": "forward"}, {"label": "办结", "value": "close"}],
        },
        {"type": "number", "key": "amount", "label": "金额", "validate": {"min": 0, "max": 1000}},
        {
            "type": "textfield",
            "key": "unit",
            "label": "部门",
            "conditional": {"hide": '=outcome != "forward"'},
            "validate": {"required": True},
        },
    ],
}

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions id="d" targetNamespace="urn:test"'
    ' xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)

REQUEST = (
    _HEAD
    + """
<bpmn:message id="m1" name="withdraw"/>
<bpmn:process id="request" name="诉求办理" isExecutable="true">
 <bpmn:startEvent id="arrived"/>
 <bpmn:subProcess id="working" name="办理">
  <bpmn:startEvent id="begun"/>
  <bpmn:userTask id="check_request" name="核实诉求"
    camunda:candidateGroups="channel" camunda:formRef="check_request">
   <bpmn:extensionElements><camunda:properties>
    <camunda:property name="sla.policy" value="T.check"/>
   </camunda:properties></bpmn:extensionElements>
  </bpmn:userTask>
  <bpmn:exclusiveGateway id="forwarded" name="转办?" default="f_close"/>
  <bpmn:userTask id="handle_request" name="处理诉求" camunda:candidateGroups="department">
   <bpmn:extensionElements><camunda:properties>
    <camunda:property name="route.unit" value="=form.check_request.unit"/>
   </camunda:properties></bpmn:extensionElements>
  </bpmn:userTask>
  <bpmn:endEvent id="done"/>
  <bpmn:sequenceFlow id="f1" sourceRef="begun" targetRef="check_request"/>
  <bpmn:sequenceFlow id="f2" sourceRef="check_request" targetRef="forwarded"/>
  <bpmn:sequenceFlow id="f_forward" name="是" sourceRef="forwarded" targetRef="handle_request">
   <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=form.check_request.outcome = "forward"
   </bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="f_close" name="否" sourceRef="forwarded" targetRef="done"/>
  <bpmn:sequenceFlow id="f3" sourceRef="handle_request" targetRef="done"/>
 </bpmn:subProcess>
 <bpmn:boundaryEvent id="withdrawn" attachedToRef="working">
  <bpmn:messageEventDefinition id="w1" messageRef="m1"/></bpmn:boundaryEvent>
 <bpmn:endEvent id="given_up"/>
 <bpmn:serviceTask id="archive" name="归档" camunda:type="external" camunda:topic="archive_case"/>
 <bpmn:endEvent id="archived"/>
 <bpmn:sequenceFlow id="g1" sourceRef="arrived" targetRef="working"/>
 <bpmn:sequenceFlow id="g2" sourceRef="working" targetRef="archive"/>
 <bpmn:sequenceFlow id="g3" sourceRef="archive" targetRef="archived"/>
 <bpmn:sequenceFlow id="g4" sourceRef="withdrawn" targetRef="given_up"/>
</bpmn:process></bpmn:definitions>"""
)


def one_task(key: str, attributes: str, properties: str = "") -> SourceFile:
    """A process `key` with one user task `work` that has these camunda attributes and properties."""
    extra = (
        f"<bpmn:extensionElements><camunda:properties>{properties}</camunda:properties></bpmn:extensionElements>"
        if properties
        else ""
    )
    return drawn(
        key,
        f'<bpmn:startEvent id="s"/><bpmn:userTask id="work" name="办理" {attributes}>{extra}</bpmn:userTask>'
        '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="work"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="work" targetRef="e"/>',
    )


def drawn(key: str, inside: str, *, beside: str = "") -> SourceFile:
    """A diagram with one executable process `key` that has these elements inside, and messages and the like beside it."""
    process = f'<bpmn:process id="{key}" isExecutable="true">{inside}</bpmn:process>'
    text = f"{_HEAD}{beside}{process}</bpmn:definitions>"
    return SourceFile(f"{key}.bpmn", text.encode())


def request_files() -> list[SourceFile]:
    """The regime `request`: a diagram and two forms."""
    return [
        SourceFile("request.bpmn", REQUEST.encode()),
        SourceFile("request_start.form", json.dumps(START_FORM).encode()),
        SourceFile("check_request.form", json.dumps(CHECK_FORM).encode()),
    ]
