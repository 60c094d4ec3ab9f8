"""A process drawn for another engine, uploaded as it is and walked to its end over HTTP."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from engine.dialect import SourceFile
from tests.engine.diagrams import process

OWNER, OPERATOR, STAFF = "lu_jian", "tang_wei", "li_na"
CLAIM = process(
    "claim",
    "start s camunda:formKey=camunda-forms:deployment:claim.form camunda:initiator=starter",
    "xor g",
    "user decide camunda:assignee=${starter} camunda:formKey=camunda-forms:deployment:decide.form",
    "xor h",
    "end paid",
    "end refused",
    "s -> g",
    "g -> decide : ${amount > 100}",
    "default g -> paid",
    "decide -> h",
    "h -> paid : ${approved == true}",
    "default h -> refused",
)


def form(key: str, kind: str, name: str) -> SourceFile:
    content = {"type": "default", "id": key, "components": [{"type": kind, "key": name}]}
    return SourceFile(f"{key}.form", json.dumps(content).encode())


def deployed(api: Any) -> None:
    files = [CLAIM, form("claim", "number", "amount"), form("decide", "checkbox", "approved")]
    answer = api(
        OWNER,
        "POST",
        "/deployments",
        data={"name": "claim", "files": [(BytesIO(one.content), one.name) for one in files]},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 201, answer.text
    assert [one["element_id"] for one in answer.json["findings"] if one["code"] == "own-names"] == [
        "s",
        "decide",
    ]


def left(api: Any, instance: str) -> list[str]:
    lines = api(OPERATOR, "GET", f"/instances/{instance}/history").json["items"]
    return [one["activity_id"] for one in lines if one["kind"] == "activity_completed"]


def test_a_case_is_filed_with_the_form_its_start_event_names_and_runs_on_its_answers(api: Any) -> None:
    deployed(api)
    wrong = api(STAFF, "POST", "/cases/claim", {"facts": {"amount": "much"}})
    assert wrong.status_code == 422, wrong.text
    filed = api(STAFF, "POST", "/cases/claim", {"facts": {"amount": 250}})
    assert filed.status_code == 201, filed.text
    [task] = api(STAFF, "GET", "/tasks").json["items"]  # whoever filed it is the initiator, and has it to do
    assert task["activity_id"] == "decide"
    done = api(STAFF, "POST", f"/tasks/{task['id']}/complete", {"answers": {"approved": True}})
    assert done.status_code == 200, done.text
    assert left(api, filed.json["instance_id"]) == ["s", "g", "decide", "h", "paid"]


def test_a_start_without_a_case_brings_its_variables_along(api: Any) -> None:
    deployed(api)
    for amount, expected in ((50, ["s", "g", "paid"]), (101, ["s", "g"])):
        body = {"process_key": "claim", "business_key": f"K-{amount}", "variables": {"amount": amount}}
        started = api(OPERATOR, "POST", "/process-instances", body)
        assert started.status_code == 201, started.text
        assert left(api, started.json["id"]) == expected


def test_what_nobody_gave_is_set_by_operators_and_owners_only_and_is_in_the_history(api: Any) -> None:
    deployed(api)
    started = api(OPERATOR, "POST", "/process-instances", {"process_key": "claim", "business_key": "K-1"})
    path = f"/instances/{started.json['id']}"
    assert [one["activity_id"] for one in api(OPERATOR, "GET", path).json["incidents"]] == ["g"]
    body = {"variables": {"amount": 10}, "reason": "said on the telephone"}
    assert api(STAFF, "POST", f"{path}/variables", body).status_code == 403
    assert api(OPERATOR, "POST", f"{path}/variables", body | {"reason": ""}).status_code == 422
    assert api(OPERATOR, "POST", f"{path}/variables", body | {"variables": {"form": 1}}).status_code == 422
    for _ in range(2):
        answer = api(OWNER, "POST", f"{path}/variables", body, key="once")
        assert answer.status_code == 200, answer.text
    [incident] = api(OPERATOR, "GET", "/incidents").json["items"]
    assert api(OPERATOR, "POST", f"/incidents/{incident['id']}/retry").status_code == 202
    api.office.settle()
    assert left(api, started.json["id"]) == ["s", "g", "paid"]
    lines = api(OPERATOR, "GET", f"{path}/history").json["items"]
    [line] = [one for one in lines if one["kind"] == "variables_set"]
    assert line["data"]["reason"] == "said on the telephone"
