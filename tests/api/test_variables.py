"""Who sees the case sees what its instance holds; who runs the installation sees names and kinds, and not one value."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.incidents import Incident
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

STUCK = drawn(
    "stuck",
    '<bpmn:startEvent id="s"/><bpmn:scriptTask id="sum" scriptFormat="feel"><bpmn:script>note = "机密内容"</bpmn:script>'
    '</bpmn:scriptTask><bpmn:scriptTask id="fails" name="合计" scriptFormat="feel"><bpmn:script>total = note + amuont</bpmn:script>'
    '</bpmn:scriptTask><bpmn:endEvent id="e"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="sum"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="sum" targetRef="fails"/>'
    '<bpmn:sequenceFlow id="f3" sourceRef="fails" targetRef="e"/>',
)


def asked(api: Any, login: str, instance: Any) -> Any:
    answer = api(login, "GET", f"/instances/{instance}/variables")
    assert answer.status_code == 200, answer.text
    return answer


def test_values_for_who_sees_the_case_names_and_kinds_for_operators(api: Any, office: TestOffice) -> None:
    filed = office.file()
    task = office.task("check_request")
    office.claim("li_na", task.id)
    office.complete("li_na", task.id, {"outcome": "forward", "unit": "henan_network", "amount": 20})
    mine = asked(api, "li_na", filed.instance_id).json
    assert mine["contents"] and mine["scopes"][0]["kind"] == "process"
    form = mine["scopes"][0]["variables"]["form"]["check_request"]
    assert (form["outcome"], form["amount"]) == ("forward", 20)
    blind = asked(api, "tang_wei", filed.instance_id)
    assert not blind.json["contents"]
    assert blind.json["scopes"][0]["variables"] is None
    assert {"path": "form.check_request.amount", "kind": "number"} in blind.json["scopes"][0]["names"]
    assert "henan_network" not in blind.text and "forward" not in blind.text
    for stranger in ("chen_yu", "xu_wen"):
        answer = api(stranger, "GET", f"/instances/{filed.instance_id}/variables")
        assert answer.status_code == 404


def test_a_failed_expression_is_shown_with_what_it_reads(api: Any, office: TestOffice) -> None:
    office.deploy(STUCK)
    number = office.file("li_na", "stuck", {}).instance_id
    mine, blind = asked(api, "li_na", number), asked(api, "tang_wei", number)
    [failed] = mine.json["failing"]
    assert failed["expression"] == "note + amuont" and failed["position"] == 8
    assert failed["values"] == {"note": "机密内容"} and failed["missing"] == ["amuont"]
    [failed] = blind.json["failing"]
    assert failed["values"] is None and failed["reads"] == ["note"]
    assert "机密内容" not in blind.text
    shown = api("tang_wei", "GET", f"/instances/{number}").json["incidents"]
    assert shown[0]["expression"] == "note + amuont"
    assert office.scalar(sa.select(Incident.position)) == 8


def test_reading_the_variables_of_a_confidential_case_is_recorded(api: Any, office: TestOffice) -> None:
    filed = office.file()
    sealed = api(
        "sun_qiang", "PUT", f"/cases/{filed.number}/confidential", {"confidential": True, "reason": "涉密"}
    )
    assert sealed.status_code == 204, sealed.text
    asked(api, "sun_qiang", filed.instance_id)
    read = "SELECT count(*) FROM audit_event WHERE verb = 'case.read' AND chain = :number"
    assert office.scalar(sa.text(read).bindparams(number=filed.number)) >= 1
