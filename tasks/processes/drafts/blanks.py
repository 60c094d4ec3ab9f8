"""What a new file begins with: the smallest diagram, decision table and form that can be deployed."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import escape, quoteattr

from engine.errors import InvalidInput
from tasks.processes.drafts.texts import named

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}\Z")

_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" \
id="definitions_{key}" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="{key}" name={name} isExecutable="true">
    <bpmn:startEvent id="started" name="开始">
      <bpmn:outgoing>to_work</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="work" name="办理">
      <bpmn:incoming>to_work</bpmn:incoming>
      <bpmn:outgoing>to_end</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="ended" name="结束">
      <bpmn:incoming>to_end</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="to_work" sourceRef="started" targetRef="work" />
    <bpmn:sequenceFlow id="to_end" sourceRef="work" targetRef="ended" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_{key}">
    <bpmndi:BPMNPlane id="plane_{key}" bpmnElement="{key}">
      <bpmndi:BPMNShape id="started_di" bpmnElement="started">
        <dc:Bounds x="312" y="222" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="319" y="265" width="22" height="14" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="work_di" bpmnElement="work">
        <dc:Bounds x="410" y="200" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="ended_di" bpmnElement="ended">
        <dc:Bounds x="572" y="222" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="579" y="265" width="22" height="14" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="to_work_di" bpmnElement="to_work">
        <di:waypoint x="348" y="240" />
        <di:waypoint x="410" y="240" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="to_end_di" bpmnElement="to_end">
        <di:waypoint x="510" y="240" />
        <di:waypoint x="572" y="240" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""

_DECISION = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" \
xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" \
id="definitions_{key}" name={name} namespace="http://camunda.org/schema/1.0/dmn">
  <decision id="{key}" name={name}>
    <decisionTable id="table_{key}" hitPolicy="FIRST">
      <input id="input_{key}" label="条件">
        <inputExpression id="expression_{key}" typeRef="string">
          <text>input</text>
        </inputExpression>
      </input>
      <output id="output_{key}" label="结果" name="result" typeRef="string" />
      <rule id="rule_{key}">
        <inputEntry id="when_{key}">
          <text>-</text>
        </inputEntry>
        <outputEntry id="then_{key}">
          <text>"待定"</text>
        </outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="diagram_{key}">
      <dmndi:DMNShape id="shape_{key}" dmnElementRef="{key}">
        <dc:Bounds height="80" width="180" x="160" y="100" />
      </dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""

ENDINGS = {"bpmn": ".bpmn", "dmn": ".dmn", "form": ".form"}


def check_key(key: object) -> str:
    """Return what processes, decisions and forms can be called by. Raises InvalidInput."""
    if not isinstance(key, str) or _KEY.match(key) is None:
        raise InvalidInput(
            f"The key {named(str(key))!r} was given; a key begins with a Latin letter or _, goes on with those, digits, . and -, "
            "and has at most 100 characters.",
            message_zh=f"标识“{named(str(key))}”不可用：要以英文字母或下划线开头，后面可以是字母、数字、下划线、点和连字符，"
            "最多 100 个字符。",
        )
    return key


def blank(kind: str, key: str, name: str) -> str:
    """Return the text of a new file: of a process, decision or form that is called by `key`. Raises InvalidInput."""
    check_key(key)
    if kind == "form":
        return _form(key, "" if name == key else name)
    if kind not in ENDINGS:
        raise InvalidInput(
            f"A new file of the kind {named(kind)!r} was asked for; there are bpmn, dmn and form.",
            message_zh="只能新建流程图、决策表或表单。",
        )
    return (_DIAGRAM if kind == "bpmn" else _DECISION).format(key=escape(key), name=quoteattr(name))


def _form(key: str, name: str) -> str:
    heading = [{"type": "text", "text": f"### {' '.join(name.split())}"}] if name.strip() else []
    form = {
        "type": "default",
        "id": key,
        "schemaVersion": 18,
        "components": [
            *heading,
            {"type": "textarea", "key": "opinion", "label": "办理意见", "validate": {"required": True}},
        ],
    }
    return json.dumps(form, ensure_ascii=False, indent=2) + "\n"
