"""A changed part reaches those who call it when their callers, and theirs, are deployed again: in one call, as they are."""

from __future__ import annotations

from typing import Any

from engine.dialect import SourceFile
from tests.api.conftest import Api
from tests.api.test_deployments import upload
from tests.engine.diagrams import process


def part(task: str) -> SourceFile:
    return process(
        "part", "start s", f"user {task} camunda:candidateGroups=channel", "end e", f"s -> {task} -> e"
    )


def calling(key: str, callee: str) -> SourceFile:
    return process(key, "start s", f"call c calledElement={callee}", "end e", "s -> c -> e")


def deploy(api: Api, *files: SourceFile) -> None:
    answer = upload(api, *((file.name, file.content) for file in files))
    assert answer.status_code == 201, answer.text


def begun(api: Api, key: str) -> list[str]:
    """Where a new instance waits."""
    answer = api(
        "lu_jian", "POST", "/process-instances", {"process_key": key, "business_key": "K", "variables": {}}
    )
    assert answer.status_code == 201, answer.text
    found = api("lu_jian", "GET", f"/instances/{answer.json['id']}").json["activities"]
    return [one["activity_id"] for one in found if one["activity_type"] == "userTask"]


def behind(api: Api) -> list[tuple[str, int]]:
    items = api("lu_jian", "GET", "/process-definitions/part/callers").json["items"]
    return [(one["key"], one["version"]) for one in items]


def follow(api: Api, login: str = "lu_jian", note: str = "复核改由中心办理") -> Any:
    return api(login, "POST", "/process-definitions/part/callers", {"note": note})


def test_callers_and_their_callers_call_the_current_version_from_one_call_on(api: Api) -> None:
    deploy(
        api,
        part("one"),
        calling("middle", "part"),
        calling("outer", "middle"),
        calling("aside", "hello"),
        process("hello", "start s", "end e", "s -> e"),
    )
    assert behind(api) == []
    deploy(api, part("two"))
    assert behind(api) == [("middle", 1), ("outer", 1)]
    assert begun(api, "outer") == ["one"], "a call is fixed when its caller is deployed"

    made = follow(api)
    assert made.status_code == 201, made.text
    assert {one["key"]: one["version"] for one in made.json["definitions"]} == {"middle": 2, "outer": 2}
    assert begun(api, "outer") == ["two"] and behind(api) == []

    # After the part is rolled back its callers follow it back in the same way.
    api("lu_jian", "POST", "/process-definitions/part/current", {"version": 1, "note": "回退"})
    assert behind(api) == [("middle", 2), ("outer", 2)]
    assert follow(api, note="随之回退").status_code == 201
    assert begun(api, "outer") == ["one"]


def test_nothing_is_deployed_where_nothing_is_behind_or_the_caller_may_not(api: Api) -> None:
    deploy(api, part("one"), calling("middle", "part"))
    refused = follow(api)
    assert refused.status_code == 409 and "calls its current version already" in refused.json["detail"]
    deploy(api, part("two"))
    assert follow(api, "li_na").status_code == 403
    assert follow(api, note="  ").status_code == 422
    missing = api("lu_jian", "POST", "/process-definitions/nobody/callers", {"note": "x"})
    assert missing.status_code == 404
    assert behind(api) == [("middle", 1)], "refusals leave everything as it was"


def test_a_caller_keeps_the_form_it_was_deployed_with(api: Api) -> None:
    form = b'{"type": "default", "id": "asked", "components": [{"type": "textfield", "key": "%s", "label": "x"}]}'
    asking = process(
        "asking",
        "start s",
        "user ask camunda:candidateGroups=channel camunda:formRef=asked",
        "call c calledElement=part",
        "end e",
        "s -> ask -> c -> e",
    )
    deploy(api, part("one"), asking, SourceFile("asked.form", form % b"before"))
    deploy(
        api,
        SourceFile("asked.form", form % b"after"),
        process(
            "other",
            "start s",
            "user ask camunda:candidateGroups=channel camunda:formRef=asked",
            "end e",
            "s -> ask -> e",
        ),
    )
    deploy(api, part("two"))
    made = follow(api)
    assert made.status_code == 201, made.text
    files = api("lu_jian", "GET", f"/deployments/{made.json['deployment_id']}/resources").json["items"]
    assert sorted(one["name"] for one in files) == ["asked.form", "asking.bpmn"]
