"""Needs and bindings over the API: listed with their choices, bound all or none, hostile input refused."""

from __future__ import annotations

from typing import Any

import pytest

from engine.dialect import SourceFile
from tasks.operations import operations
from tests.api.test_deployments import upload
from tests.engine.diagrams import process


def asking(task: str = "u") -> SourceFile:
    return process(
        "hello",
        "start s",
        "service w camunda:class=x.Y",
        "call c calledElement=missing",
        f"user {task} camunda:candidateGroups=channel",
        "end e",
        f"s -> w -> c -> {task} -> e",
    )


@pytest.fixture
def asked(api: Any) -> str:
    """The id of a version that asks for an operation and a callee."""
    receipt = upload(api, ("hello.bpmn", asking().content))
    assert receipt.status_code == 201, receipt.text
    [made] = receipt.json["definitions"]
    assert (made["startable"], made["in_use"], made["dropped"]) == (False, None, {})
    assert [(one["key"], one["kind"], one["asked"], one["target"]) for one in made["needs"]] == [
        ("w", "operation", "class x.Y", None), ("c", "process", "missing", None)]  # fmt: skip
    return str(made["id"])


def test_needs_are_listed_with_what_each_can_be_bound_to(api: Any, asked: str) -> None:
    found = api("li_na", "GET", f"/process-definitions/{asked}/needs").json
    assert (found["key"], found["version"], found["startable"], found["in_use"]) == ("hello", 1, False, None)
    work, call = found["items"]
    assert (work["key"], work["state"], work["element"], work["element_name"]) == ("w", "open", "w", "w")
    assert work["line"] > 0
    targets = {choice["target"] for choice in work["choices"]}
    assert targets == {"nothing", *operations(api.office.deps.office)}
    assert [choice["versions"] for choice in call["choices"] if choice["target"] == "request"] == [[1]]


def test_all_or_some_are_bound_and_the_last_lets_it_start(api: Any, asked: str) -> None:
    path = f"/process-definitions/{asked}/bindings"
    filing = lambda: api("li_na", "POST", "/cases/hello", {"facts": {}})  # noqa: E731
    refused = filing()
    assert (refused.status_code, refused.json["code"]) == (409, "needs-binding")
    assert refused.json["missing"] == ["w", "c"]
    assert "还需要绑定" in refused.json["message_zh"]
    some = api("lu_jian", "PUT", path, {"bindings": {"w": "nothing"}})
    assert (some.status_code, some.json["startable"], some.json["is_new"]) == (200, False, False)
    assert [one["state"] for one in some.json["items"]] == ["bound", "open"]
    assert api("lu_jian", "PUT", path, {"bindings": {"w": "nothing"}}).json["version"] == 1
    upload(api, ("other.bpmn", process("other", "start s", "end e", "s -> e").content))
    done = api("lu_jian", "PUT", path, {"bindings": {"c": "other"}})
    assert (done.json["startable"], done.json["in_use"], done.json["version"]) == (True, 1, 1)
    assert done.json["items"][0]["bound_by_name"] == "陆鉴"
    assert filing().status_code == 201
    body = {"process_key": "hello", "business_key": "K-1"}
    assert api("tang_wei", "POST", "/process-instances", body).status_code == 201


def test_definitions_show_their_needs_and_a_new_deployment_what_it_took_over(api: Any, asked: str) -> None:
    api("lu_jian", "PUT", f"/process-definitions/{asked}/bindings", {"bindings": {"w": "nothing"}})
    [row] = api("li_na", "GET", "/process-definitions?key=hello").json["items"]
    assert (row["startable"], row["open_needs"]) == (False, 1)
    assert [(one["key"], one["target"]) for one in row["needs"]] == [("w", "nothing"), ("c", None)]
    [made] = upload(api, ("hello.bpmn", asking("v").content)).json["definitions"]
    assert [(one["target"], one["taken_over"]) for one in made["needs"]] == [("nothing", True), (None, False)]
    [request] = api("li_na", "GET", "/process-definitions?key=request").json["items"]
    assert (request["startable"], request["open_needs"], request["needs"]) == (True, 0, [])


@pytest.mark.parametrize(
    ("bindings", "status", "code"),
    [
        ({"x": "nothing"}, 422, "binding-refused"),
        ({"w": "nothing", "c": "nothing"}, 422, "binding-refused"),
        ({"w": "request"}, 422, "binding-refused"),
        ({"w": ""}, 422, "binding-refused"),
        ({"w": "archive_case\u0000"}, 400, "bad-request"),
        ({"w\u0000": "archive_case"}, 400, "bad-request"),
        ({"w": None}, 422, "unprocessable-entity"),
        ({"w": ["archive_case"]}, 422, "unprocessable-entity"),
        ({"w": {"a": 1}}, 422, "unprocessable-entity"),
        (["w"], 422, "unprocessable-entity"),
        ({"w": "x" * 501}, 422, "invalid-input"),
        ({f"n{number}": "nothing" for number in range(10_000)}, 422, "invalid-input"),
        ({f"n{number}": "nothing" for number in range(5_000)}, 422, "binding-refused"),
        ({"w": "__class__", "\U0001f600": "\u202e"}, 422, "binding-refused"),
    ],
)
def test_hostile_bindings_are_refused_and_nothing_is_bound(
    api: Any, asked: str, bindings: Any, status: int, code: str
) -> None:
    answer = api("lu_jian", "PUT", f"/process-definitions/{asked}/bindings", {"bindings": bindings})
    assert answer.status_code == status, answer.text
    assert answer.json["code"] in (code, "unprocessable-content")
    assert len(answer.data) < 100_000
    found = api("li_na", "GET", f"/process-definitions/{asked}/needs").json
    assert [one["target"] for one in found["items"]] == [None, None]


def test_a_refusal_names_every_wrong_choice_in_both_languages(api: Any, asked: str) -> None:
    path = f"/process-definitions/{asked}/bindings"
    answer = api("lu_jian", "PUT", path, {"bindings": {"w": "archive_cas", "c": "requst"}})
    assert [error["path"] for error in answer.json["errors"]] == ["w", "c"]
    assert "did you mean archive_case?" in answer.json["errors"][0]["message"]
    assert "是否想写 request？" in answer.json["errors"][1]["message_zh"]


@pytest.mark.parametrize("login", ["li_na", "sun_qiang", "tang_wei"])
def test_only_process_owners_bind(api: Any, asked: str, login: str) -> None:
    path = f"/process-definitions/{asked}/bindings"
    assert api(login, "PUT", path, {"bindings": {"w": "nothing"}}).status_code == 403
    assert api(login, "GET", f"/process-definitions/{asked}/needs").status_code == 200


def test_another_choice_is_another_version_whose_file_comes_back(api: Any, asked: str) -> None:
    upload(api, ("other.bpmn", process("other", "start s", "end e", "s -> e").content))
    path = f"/process-definitions/{asked}/bindings"
    api("lu_jian", "PUT", path, {"bindings": {"w": "nothing", "c": "other"}})
    again = api("lu_jian", "PUT", path, {"bindings": {"w": "archive_case"}}, key="once")
    assert (again.json["version"], again.json["is_new"], again.json["in_use"]) == (2, True, 2)
    assert api("lu_jian", "PUT", path, {"bindings": {"w": "archive_case"}}, key="once").data == again.data
    [row] = api("li_na", "GET", "/process-definitions?key=hello").json["items"]
    assert (row["version"], row["deployed_by_name"], row["note"]) == (2, "陆鉴", "w: nothing → archive_case")
    file = api("li_na", "GET", f"/deployments/{row['deployment_id']}/resources/hello.bpmn")
    assert file.data == asking().content
