"""What expressions warned of is part of an instance, for those who may see the instance and nobody else."""

from __future__ import annotations

import json
from typing import Any

from engine.dialect import SourceFile
from tests.tasks.drawings import drawn
from tests.tasks.office import TestOffice

START = {
    "type": "default",
    "id": "inquiry_start",
    "components": [
        {"type": "textfield", "key": "word", "conditional": {"hide": "=number(kind) > 3"}},
        {"type": "textfield", "key": "kind"},
        {"type": "textfield", "key": "amount", "conditional": {"hide": "=amount > 3 and false"}},
    ],
}
INQUIRY = drawn(
    "inquiry",
    '<bpmn:startEvent id="s"/>'
    '<bpmn:scriptTask id="sum" name="合计" scriptFormat="feel"><bpmn:script>total = case.word + 1</bpmn:script>'
    '</bpmn:scriptTask><bpmn:userTask id="work" name="办理"/><bpmn:endEvent id="e"/>'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="sum"/>'
    '<bpmn:sequenceFlow id="f2" sourceRef="sum" targetRef="work"/>'
    '<bpmn:sequenceFlow id="f3" sourceRef="work" targetRef="e"/>',
)


def filed(api: Any, office: TestOffice, **facts: Any) -> str:
    office.deploy(INQUIRY, SourceFile("inquiry_start.form", json.dumps(START).encode()))
    answer = api("li_na", "POST", "/cases/inquiry", {"facts": facts})
    assert answer.status_code == 201, answer.text
    return str(answer.json["instance_id"])


def warnings(api: Any, login: str, instance: str) -> Any:
    answer = api(login, "GET", f"/instances/{instance}")
    assert answer.status_code == 200, answer.text
    return answer.json["warnings"]


def test_an_instance_shows_its_warnings_latest_first_in_both_languages(api: Any, office: TestOffice) -> None:
    instance = filed(api, office, kind="vip")
    latest, first = warnings(api, "li_na", instance)
    assert (latest["activity_id"], latest["activity_name"], latest["what"]) == ("sum", "合计", "script")
    assert (latest["code"], latest["expression"], latest["count"]) == ("null-operand", "case.word + 1", 1)
    assert latest["message"] == "Addition met null." and "加法" in latest["message_zh"]
    assert first["what"] == "form" and first["activity_id"] == "s"
    assert (first["expression"], first["code"]) == ("number(kind) > 3", "function-error")
    assert (first["message"], first["message_zh"]) == (
        'number(): "vip" is not a number.',
        "number()：“vip”不是数字。",
    )


def test_what_is_simply_not_filled_in_yet_is_no_warning_of_a_form(api: Any, office: TestOffice) -> None:
    instance = filed(api, office, word="x", kind="2")
    assert [one["what"] for one in warnings(api, "li_na", instance)] == []


def test_who_may_not_see_the_case_sees_no_warning_of_it(api: Any, office: TestOffice) -> None:
    instance = filed(api, office, kind="秘密")
    for login in ("chen_yu", "xu_wen", "feng_bo"):
        answer = api(login, "GET", f"/instances/{instance}")
        assert answer.status_code == 404 and "秘密" not in answer.text
        history = api(login, "GET", f"/instances/{instance}/history")
        assert history.status_code == 404 and "秘密" not in history.text
    assert len(warnings(api, "tang_wei", instance)) == 2


def test_the_openapi_document_describes_a_warning(api: Any) -> None:
    document = api(None, "GET", "/openapi.json").json
    described = document["components"]["schemas"]["Warning"]["properties"]
    assert {"message", "message_zh", "position", "expression", "what", "of", "row", "column", "count"} <= set(
        described
    )
