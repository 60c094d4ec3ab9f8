"""Deploying through the API: all or nothing, every mistake named, files given back byte for byte."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from tests.engine.diagrams import process
from tests.tasks.drawings import REQUEST, one_task, request_files


def upload(
    api: Any, *files: tuple[str, bytes], login: str = "lu_jian", path: str = "/deployments", **more: Any
) -> Any:
    data = {"name": "test", "files": [(BytesIO(content), name) for name, content in files]}
    return api(login, "POST", path, data=data, content_type="multipart/form-data", **more)


def test_a_regime_made_of_files_is_deployed_and_filed_under(api: Any) -> None:
    start = {
        "type": "default",
        "id": "hello_start",
        "components": [{"type": "textfield", "key": "word", "validate": {"required": True}}],
    }
    diagram = one_task("hello", 'camunda:candidateGroups="channel"').content
    receipt = upload(api, ("hello.bpmn", diagram), ("hello_start.form", json.dumps(start).encode()))
    assert receipt.status_code == 201, receipt.text
    assert [(each["key"], each["version"]) for each in receipt.json["definitions"]] == [("hello", 1)]
    assert api("li_na", "POST", "/cases/hello", {"facts": {}}).status_code == 422
    filed = api("li_na", "POST", "/cases/hello", {"facts": {"word": "hi"}})
    assert filed.status_code == 201, filed.text
    task = filed.json["tasks"][0]["id"]
    api("li_na", "POST", f"/tasks/{task}/claim")
    done = api("li_na", "POST", f"/tasks/{task}/complete", {"answers": {}})
    assert done.json["instance"]["ended"] is True


def test_deploying_the_same_again_changes_nothing(api: Any) -> None:
    files = [(file.name, file.content) for file in request_files()]
    again = upload(api, *files)
    assert again.status_code == 200, again.text
    assert again.json["unchanged"] is True


def test_a_bad_diagram_reports_every_mistake_and_stores_nothing(api: Any) -> None:
    bad = REQUEST.replace('id="request"', 'id="bad"').replace(
        "<bpmn:serviceTask ", "<bpmn:serviceTask isForCompensation='true' "
    )
    bad = bad.replace("=form.check_request.outcome =", "=form.check_request.outcome ==")
    before = len(api("lu_jian", "GET", "/deployments").json["items"])
    refused = upload(api, ("bad.bpmn", bad.encode()))
    assert (refused.status_code, refused.json["code"]) == (422, "deployment-refused")
    errors = [each for each in refused.json["errors"] if each["severity"] == "error"]
    assert len(errors) >= 2
    assert all(each["message"] and each["message_zh"] and each["file"] == "bad.bpmn" for each in errors)
    assert len(api("lu_jian", "GET", "/deployments").json["items"]) == before
    checked = upload(api, ("bad.bpmn", bad.encode()), path="/deployments/check")
    assert (checked.status_code, checked.json["ok"]) == (200, False)


def test_a_deployed_file_comes_back_byte_for_byte(api: Any) -> None:
    definition = api("li_na", "GET", "/process-definitions").json["items"][0]
    listed = api("li_na", "GET", f"/deployments/{definition['deployment_id']}/resources").json["items"]
    assert {each["name"] for each in listed} == {"request.bpmn", "request_start.form", "check_request.form"}
    file = api("li_na", "GET", f"/deployments/{definition['deployment_id']}/resources/request.bpmn")
    assert file.data == REQUEST.encode()
    assert file.headers["Content-Disposition"] == "attachment"


def test_a_deployment_without_files_or_with_strange_fields_is_refused(api: Any) -> None:
    assert upload(api).status_code == 422
    data = {"colour": "red", "files": (BytesIO(b"x"), "x.bpmn")}
    strange = api("lu_jian", "POST", "/deployments", data=data, content_type="multipart/form-data")
    assert strange.status_code == 422
    assert api("lu_jian", "POST", "/deployments", {"files": []}).status_code == 422
    assert upload(api, ("notes.txt", b"hello")).status_code in (201, 422)
    assert upload(api, ("x.bpmn", b"<not xml")).status_code == 422


def test_an_upload_sent_again_with_its_key_is_one_deployment(api: Any) -> None:
    diagram = one_task("hello", 'camunda:candidateGroups="channel"').content
    first = upload(api, ("hello.bpmn", diagram), key="up-1")
    again = upload(api, ("hello.bpmn", diagram), key="up-1")
    assert first.status_code == 201
    assert first.data == again.data
    assert len(api("lu_jian", "GET", "/process-definitions?key=hello&latest=false").json["items"]) == 1


def test_an_operator_starts_a_process_without_a_case(api: Any) -> None:
    upload(api, ("hello.bpmn", one_task("hello", 'camunda:candidateGroups="channel"').content))
    body = {"process_key": "hello", "business_key": "K-7", "variables": {"local": {"a": 1}}}
    started = api("tang_wei", "POST", "/process-instances", body)
    assert started.status_code == 201, started.text
    view = api("tang_wei", "GET", f"/instances/{started.json['id']}").json
    assert (view["business_key"], view["number"]) == ("K-7", None)


def test_a_process_is_started_at_the_start_event_that_is_named(api: Any) -> None:
    tasks = (f"user {one} camunda:candidateGroups=channel" for one in "ab")
    upload(api, ("two.bpmn", process("two", "start s", "start 2nd", *tasks, "s -> a", "2nd -> b").content))
    body = {"process_key": "two", "business_key": "K-8", "start_event": "2nd"}
    started = api("tang_wei", "POST", "/process-instances", body)
    assert started.status_code == 201, started.text
    live = api("tang_wei", "GET", f"/instances/{started.json['id']}").json["activities"]
    assert [one["activity_id"] for one in live] == ["b"]
    refused = api("tang_wei", "POST", "/process-instances", {**body, "start_event": "third"})
    assert refused.status_code == 422
    assert "there are: s, " in refused.text


def test_a_code_is_looked_up_in_the_register_as_it_stands(api: Any) -> None:
    diagram = one_task(
        "late", 'camunda:candidateGroups="channel" camunda:dueDate="=due(&quot;T.new&quot;)"'
    ).content

    def told() -> list[str]:
        checked = upload(api, ("late.bpmn", diagram), path="/deployments/check")
        return [one["message_zh"] for one in checked.json["findings"] if one["code"] == "unknown-value"]

    (before,) = told()
    assert "“T.new”不是时限登记中的代码" in before
    row = {"code": "T.new", "limit": "4", "unit": "h"}
    assert api("lu_jian", "POST", "/clock-policies", row).status_code == 201
    assert told() == []
