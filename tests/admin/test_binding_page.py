"""The page of a process lists what its diagram asks for; its owner binds it there, without any script."""

from __future__ import annotations

import re

import pytest

from tasks.operations import operations
from tests.admin.conftest import Website, uploaded
from tests.engine.diagrams import process

LISTENER = (
    '<bpmn:extensionElements><camunda:executionListener class="x.Told" event="end"/></bpmn:extensionElements>'
)


def deployed(website: Website, task: str = "look") -> str:
    """Deploy a process that asks for three things; returns what the page of the deployment said."""
    file = process(
        "asking",
        "start s",
        f"service w camunda:class=org.example.Check | {LISTENER}",
        "call c calledElement=missing",
        f"user {task} camunda:candidateGroups=channel",
        "end e",
        f"s -> w -> c -> {task} -> e",
        name="请求",
    )
    upload = {"name": "请求", "verb": "deploy", "files": [uploaded(file.name, file.content.decode())]}
    answer = website.visitor("lu_jian").post("/deploy", upload)
    assert answer.status_code == 200
    return str(answer.text)


def form(page: str) -> tuple[str, dict[str, list[str]]]:
    """The address the bindings are sent to, and the options of every select box by its name."""
    address = re.search(r'action="(/definitions/[^"]+/bindings)"', page)
    assert address
    boxes = re.findall(r'<select[^>]*name="(need:[^"]+)">(.*?)</select>', page, re.S)
    return address[1], {name: re.findall(r'<option value="([^"]*)"', inside) for name, inside in boxes}


def test_the_deployment_the_list_and_the_process_say_what_is_to_be_bound(website: Website) -> None:
    said = deployed(website)
    assert "待绑定 3 项" in said
    assert "绑定前不能启动" in said
    visitor = website.visitor("li_na")
    assert "待绑定 3 项" in visitor.get("/processes").text
    page = visitor.get("/processes/asking").text
    assert "class org.example.Check" in page
    assert "全部绑定后本版本才能启动" in page


def test_an_owner_binds_everything_at_once_with_real_choices(website: Website) -> None:
    deployed(website)
    owner = website.visitor("lu_jian")
    address, boxes = form(owner.get("/processes/asking").text)
    assert set(boxes) == {"need:w", "need:w#end", "need:c"}
    assert boxes["need:w"] == ["", "nothing", *operations(website.deps.office)]
    assert {"suggestion", "suggestion:1"} <= set(boxes["need:c"])
    assert "归档 Close the file" in owner.get("/processes/asking").text
    some = owner.post(address, {"need:w": "nothing", "need:w#end": "", "need:c": ""})
    assert some.status_code == 302
    page = owner.get(some.headers["Location"]).text
    assert "绑定已保存" in page
    assert "待绑定 2 项" in page
    owner.post(address, {"need:w": "nothing", "need:w#end": "nothing", "need:c": "answering"})
    page = owner.get("/processes/asking").text
    assert "全部已绑定" in page
    assert "陆鉴" in page
    again = owner.post(address, {"need:w": "notify_unit", "need:w#end": "nothing", "need:c": "answering"})
    page = owner.get(again.headers["Location"]).text
    assert "生成了 v2" in page
    assert "w: nothing → notify_unit" in page
    assert "待绑定" not in owner.get("/processes").text
    assert "启动使用" not in form_of_old(owner.get("/processes/asking?version=1").text)


def form_of_old(page: str) -> str:
    """The panel of needs of a version that starts do not use: shown, and not to be changed."""
    panel = re.search(r'<section class="panel" id="needs">.*?</section>', page, re.S)
    assert panel
    assert "<select" not in panel[0]
    return panel[0]


def test_a_wrong_choice_comes_back_with_its_reason_and_nothing_is_saved(website: Website) -> None:
    deployed(website)
    owner = website.visitor("lu_jian")
    address, _ = form(owner.get("/processes/asking").text)
    answer = owner.post(address, {"need:w": "archive_cas", "need:c": "answering", "need:<b>": "nothing"})
    assert answer.status_code == 422
    assert "没有保存：有 2 项" in answer.text
    assert "是否想写 archive_case？" in answer.text
    assert "<b>" not in answer.text
    assert "待绑定 3 项" in owner.get("/processes/asking").text


@pytest.mark.parametrize("login", ["li_na", "sun_qiang", "tang_wei"])
def test_others_see_what_is_asked_for_and_bind_nothing(website: Website, login: str) -> None:
    deployed(website)
    address, _ = form(website.visitor("lu_jian").get("/processes/asking").text)
    visitor = website.visitor(login)
    page = visitor.get("/processes/asking")
    assert page.status_code == 200
    assert "<select" not in page.text
    assert "保存绑定" not in page.text
    assert visitor.post(address, {"need:w": "nothing"}).status_code == 403


def test_a_form_without_the_pages_token_binds_nothing(website: Website) -> None:
    deployed(website)
    owner = website.visitor("lu_jian")
    address, _ = form(owner.get("/processes/asking").text)
    assert owner.client.post(address, data={"need:w": "nothing"}).status_code == 400
    assert "待绑定 3 项" in owner.get("/processes/asking").text


def test_a_version_still_to_be_bound_leaves_the_one_in_use(website: Website) -> None:
    owner = website.visitor("lu_jian")
    file = process("suggestion", "start s", "service w", "end e", "s -> w -> e", name="建议")
    upload = {"name": "x", "verb": "deploy", "files": [uploaded(file.name, file.content.decode())]}
    assert "绑定前，启动仍使用 v1" in owner.post("/deploy", upload).text
    page = owner.get("/processes/suggestion").text
    assert "在此之前，启动仍使用 v1" in page
    website.file_suggestion()


def test_a_regime_still_to_be_bound_is_shown_and_cannot_be_filed(website: Website) -> None:
    deployed(website)
    owner = website.visitor("lu_jian")
    start = '{"type": "default", "id": "asking_start", "components": []}'
    owner.post("/deploy", {"name": "x", "verb": "deploy", "files": [uploaded("asking_start.form", start)]})
    visitor = website.visitor("li_na")
    page = visitor.get("/file").text
    assert "请求" in page
    assert "待绑定" in page
    assert 'href="/file/asking"' not in page
    refused = visitor.get("/file/asking")
    assert refused.status_code == 409
    assert "还需要绑定" in refused.text


@pytest.mark.parametrize("address", ["/definitions/00000000-0000-4000-8000-000000000000/bindings"])
def test_an_unknown_version_is_not_found(website: Website, address: str) -> None:
    assert website.visitor("lu_jian").post(address, {"need:w": "nothing"}).status_code == 404
