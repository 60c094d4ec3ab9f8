"""The page of a process says which version is in use and lets its owner decide; the comparison says what differs."""

from __future__ import annotations

from tests.admin.conftest import REGIME, Website, uploaded
from tests.engine.diagrams import process

SUGGESTION = (REGIME / "suggestion.bpmn").read_text(encoding="utf-8")


def deploy(website: Website, name: str, text: str, note: str = "") -> None:
    upload = {"name": name, "note": note, "verb": "deploy", "files": [uploaded(name, text)]}
    assert website.visitor("lu_jian").post("/deploy", upload).status_code == 200


def second_version(website: Website) -> None:
    changed = SUGGESTION.replace('isExecutable="true"', 'isExecutable="true" camunda:versionTag="二"', 1)
    assert changed != SUGGESTION
    deploy(website, "suggestion.bpmn", changed, "加了标签")


def test_two_versions_are_compared_with_who_runs_on_which(website: Website) -> None:
    second_version(website)
    page = website.visitor("li_na").get("/processes/suggestion/compare?from=1&to=2")
    assert page.status_code == 200
    assert "camunda:versionTag" in page.text
    assert "版本标签" in page.text
    assert "加了标签" in page.text
    assert "在办 0 件" in page.text
    assert "没有差别。" in website.visitor("li_na").get("/processes/suggestion/compare?from=1&to=1").text


def test_versions_that_are_not_there_are_refused(website: Website) -> None:
    visitor = website.visitor("li_na")
    assert visitor.get("/processes/suggestion/compare?from=1&to=9").status_code == 404
    assert visitor.get("/processes/nothing/compare").status_code == 404
    assert visitor.get("/processes/suggestion/compare?from=x").status_code == 422
    assert visitor.get("/processes/suggestion/compare?from=99999999999").status_code == 422
    assert visitor.get("/processes/suggestion/compare").status_code == 200


def test_an_owner_makes_the_version_before_current_again(website: Website) -> None:
    second_version(website)
    owner = website.visitor("lu_jian")
    assert 'name="note" required' in owner.get("/processes/suggestion").text
    assert (
        'action="/processes/suggestion/current"'
        not in website.visitor("li_na").get("/processes/suggestion").text
    )
    refused = owner.post("/processes/suggestion/current", {"version": "1", "note": ""})
    assert refused.status_code == 422
    done = owner.post("/processes/suggestion/current", {"version": "1", "note": "新版有误"})
    assert done.status_code == 303
    page = owner.get("/processes/suggestion").text
    assert "启动和调用使用 v1" in page
    assert "新版有误" in page
    assert "使用 v1" in owner.get("/processes").text


def test_a_retired_process_is_offered_to_nobody_until_it_is_restored(website: Website) -> None:
    owner, clerk = website.visitor("lu_jian"), website.visitor("li_na")
    assert "/file/suggestion" in clerk.get("/file").text
    assert owner.post("/processes/suggestion/retire", {"note": "由新流程代替"}).status_code == 303
    assert "/file/suggestion" not in clerk.get("/file").text
    assert clerk.get("/file/suggestion").status_code == 409
    assert "已停用" in owner.get("/processes").text
    assert "由新流程代替" in owner.get("/processes/suggestion").text
    assert owner.post("/processes/suggestion/restore", {}).status_code == 303
    assert "/file/suggestion" in clerk.get("/file").text


def test_an_owner_lets_the_callers_of_a_changed_part_call_it(website: Website) -> None:
    for task in ("one", "two"):
        part = process(
            "part", "start s", f"user {task} camunda:candidateGroups=channel", "end e", f"s -> {task} -> e"
        )
        deploy(website, "part.bpmn", part.content.decode())
        if task == "one":
            calling = process("whole", "start s", "call c calledElement=part", "end e", "s -> c -> e")
            deploy(website, "whole.bpmn", calling.content.decode())
    owner = website.visitor("lu_jian")
    assert "这些流程的当前版本仍调用旧版本" in owner.get("/processes/part").text
    assert 'action="/processes/part/callers"' not in website.visitor("li_na").get("/processes/part").text
    assert owner.post("/processes/part/callers", {"note": ""}).status_code == 422
    assert owner.post("/processes/part/callers", {"note": "复核改由中心办理"}).status_code == 303
    page = owner.get("/processes/part").text
    assert "调用者已有新版本：whole v2。" in page
    assert 'action="/processes/part/callers"' not in page
