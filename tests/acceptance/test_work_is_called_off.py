"""A withdrawal at the caller of processing and reply takes all of it away: tasks, waits, side work and every clock."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from tests.acceptance.conftest import Office
from tests.bpmn.complaint_case import FACTS
from tests.bpmn.drawing import CONTENT
from tests.bpmn.work_case import ANSWERED
from tests.tasks.drawings import drawn

CALLER = drawn(
    "withdrawable",
    '<bpmn:extensionElements><camunda:properties><camunda:property name="sla.policy" value="R01.all"/>'
    '<camunda:property name="form.start" value="complaint_start"/>'
    "</camunda:properties></bpmn:extensionElements>"
    '<bpmn:startEvent id="begin"/>'
    '<bpmn:callActivity id="grade" calledElement="grading" camunda:calledElementBinding="latest"/>'
    '<bpmn:callActivity id="resolve" calledElement="resolution" camunda:calledElementBinding="latest"/>'
    '<bpmn:boundaryEvent id="taken_back" attachedToRef="resolve">'
    '<bpmn:messageEventDefinition messageRef="withdraw"/></bpmn:boundaryEvent>'
    '<bpmn:userTask id="note_withdrawal" camunda:candidateGroups="provincial_centre"/>'
    '<bpmn:endEvent id="done"/><bpmn:endEvent id="withdrawn"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="grade"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="grade" targetRef="resolve"/>'
    '<bpmn:sequenceFlow id="f3" sourceRef="resolve" targetRef="done"/>'
    '<bpmn:sequenceFlow id="f4" sourceRef="taken_back" targetRef="note_withdrawal"/>'
    '<bpmn:sequenceFlow id="f5" sourceRef="note_withdrawal" targetRef="withdrawn"/>',
).content.replace(
    b'<bpmn:process id="withdrawable"',
    b'<bpmn:message id="withdraw" name="withdraw"/><bpmn:process id="withdrawable"',
)


@pytest.fixture
def number(office: Office) -> str:
    form = (CONTENT / "forms" / "complaint_start.form").read_bytes()
    files = [(BytesIO(CALLER), "withdrawable.bpmn"), (BytesIO(form), "complaint_start.form")]
    upload = {"name": "撤诉", "files": files}
    office.call("lu_jian", "POST", "/deployments", data=upload, content_type="multipart/form-data")
    own = ("number", "regime", "org", "province")
    facts = {key: value for key, value in FACTS.items() if key not in own and value is not None}
    facts["customer"] = {key: value for key, value in FACTS["customer"].items() if value is not None}
    filed = office.call("li_na", "POST", "/cases/withdrawable", {"facts": facts})
    return str(filed["number"])


def running(office: Office, number: str) -> dict[str, Any]:
    found = office.call("qiao_mu", "GET", f"/cases/{number}/clocks")
    return {clock["code"]: clock for clock in found["items"] if clock["stopped_at"] is None}


def send(office: Office, login: str, number: str, message: str, **payload: Any) -> None:
    sent = {"name": message, "payload": payload}
    office.call(login, "POST", f"/cases/{number}/messages", sent)
    office.settle()


def test_withdrawing_ends_work_waiting_side_work_and_clocks(office: Office, number: str) -> None:
    office.work("wang_lei", number, "review_work_order", ANSWERED["review_work_order"])
    office.work("wang_lei", number, "dispatch_order", {"target": "business_department"})
    office.work("han_xue", number, "sign_order", ANSWERED["sign_order"])
    office.work(
        "han_xue",
        number,
        "judge_order",
        {
            "next_step": "assist",
            "analysis": "涉及覆盖与计费。",
            "assisting_departments": ["network", "billing"],
            "help_request": "请核对覆盖与账单。",
        },
    )
    send(office, "wang_lei", number, "progress_due")
    send(office, "wang_lei", number, "supplement_needed", missing="请提供停机保号凭证。")
    clocks = running(office, number)
    assert {"R01.all", "R01.stage", "R01.assist", "R01.progress", "R01.supplement"} <= clocks.keys()
    assert {code for code in clocks if clocks[code]["state"] == "paused"} == {
        "R01.all",
        "R01.stage",
        "R01.assist",
    }

    send(office, "wang_lei", number, "withdraw", reason="问题已解决")
    case = office.call("qiao_mu", "GET", f"/cases/{number}")
    assert [t["activity_id"] for t in case["tasks"] if t["state"] in ("created", "assigned")] == [
        "note_withdrawal"
    ]
    left = running(office, number)
    assert left.keys() <= {"R01.all", "R35.unassigned"}  # the case's own, and the new task's
    assert left["R01.all"]["state"] == "running", "nothing waits for the customer any more"
