"""A regime in which a centre dispatches work and a department may refuse it."""

from __future__ import annotations

import json
from datetime import timedelta

from engine.clock import FrozenClock
from engine.dialect import SourceFile
from tests.tasks.drawings import START_FORM, drawn
from tests.tasks.office import FACTS, TestOffice

_DISPATCH_FORM = {
    "type": "default",
    "id": "send_order",
    "components": [{"type": "textfield", "key": "unit", "label": "部门", "validate": {"required": True}}],
}
_SIGN_FORM = {
    "type": "default",
    "id": "sign",
    "components": [
        {
            "type": "radio",
            "key": "outcome",
            "label": "签收",
            "validate": {"required": True},
            "values": [{"label": "签收", "value": "signed"}, {"label": "退单", "value": "refused"}],
        }
    ],
}
_INSIDE = """
 <bpmn:startEvent id="arrived"/>
 <bpmn:exclusiveGateway id="ready"/>
 <bpmn:userTask id="send_order" name="派发" camunda:candidateGroups="provincial_centre" camunda:formRef="send_order"/>
 <bpmn:userTask id="sign" name="签收" camunda:candidateGroups="department" camunda:formRef="sign">
  <bpmn:extensionElements><camunda:properties>
   <camunda:property name="ball.refused" value='outcome = "refused"'/>
   <camunda:property name="route.unit" value="=form.send_order.unit"/>
  </camunda:properties></bpmn:extensionElements>
 </bpmn:userTask>
 <bpmn:exclusiveGateway id="signed" name="已签收?" default="f_signed"/>
 <bpmn:endEvent id="taken"/>
 <bpmn:sequenceFlow id="f1" sourceRef="arrived" targetRef="ready"/>
 <bpmn:sequenceFlow id="f2" sourceRef="ready" targetRef="send_order"/>
 <bpmn:sequenceFlow id="f3" sourceRef="send_order" targetRef="sign"/>
 <bpmn:sequenceFlow id="f4" sourceRef="sign" targetRef="signed"/>
 <bpmn:sequenceFlow id="f_signed" name="是" sourceRef="signed" targetRef="taken"/>
 <bpmn:sequenceFlow id="f_refused" name="否" sourceRef="signed" targetRef="ready">
  <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=form.sign.outcome = "refused"
  </bpmn:conditionExpression></bpmn:sequenceFlow>
"""


def order_files() -> list[SourceFile]:
    """The regime `order`: a diagram and three forms."""
    forms = ({**START_FORM, "id": "order_start"}, _DISPATCH_FORM, _SIGN_FORM)
    return [
        drawn("order", _INSIDE),
        *(SourceFile(f"{form['id']}.form", json.dumps(form).encode()) for form in forms),
    ]


def refused_twice(office: TestOffice, clock: FrozenClock) -> str:
    """A case that lies with network now: the centre needed 1 h, billing refused after 2 h, the centre needed 3 h, network
    refused after 4 h, the centre needed 5 h, and network has had it for 6 h. Its number.
    """
    office.deploy(*order_files())
    number = office.file(regime="order", facts=FACTS).number
    for hours, login, step, answers in (
        (1, "wang_lei", "send_order", {"unit": "henan_billing"}),
        (2, "deng_li", "sign", {"outcome": "refused"}),
        (3, "wang_lei", "send_order", {"unit": "henan_network"}),
        (4, "feng_bo", "sign", {"outcome": "refused"}),
        (5, "wang_lei", "send_order", {"unit": "henan_network"}),
    ):
        clock.advance(timedelta(hours=hours))
        task = office.task(step)
        office.claim(login, task.id)
        office.complete(login, task.id, answers)
    clock.advance(timedelta(hours=6))
    return number
