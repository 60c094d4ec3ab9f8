"""The pages of process drafts: begun, edited, checked, deployed, looked at by a second process owner."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.deployment import Deployment, ProcessDefinition
from engine.dialect.safe_xml import MAX_BYTES
from tasks.processes.drafts.blanks import blank
from tests.admin.conftest import Visitor, Website, _furnish, uploaded
from tests.conftest import Furnishing
from tests.databases import Databases

ASKED = {"Accept": "application/json"}


def _with_owners(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    """Two more process owners: every other installation has several."""
    _furnish(sessions, clock)
    with sessions.begin() as session:
        for login in ("fan_shu", "ding_yi"):
            session.execute(
                sa.text(
                    "UPDATE membership SET roles = roles || '{process_owner}' WHERE person_id = (SELECT id FROM person WHERE login = :login)"
                ),
                {"login": login},
            )
        session.execute(sa.text("UPDATE office_revision SET revision = revision + 1"))


@pytest.fixture
def lender(furnishing: Furnishing) -> Databases:
    return furnishing("website_owners", _with_owners)


def ask(visitor: Visitor, address: str, body: Any, **headers: str) -> Any:
    """POST JSON as an editor does."""
    return visitor.client.post(
        address,
        data=body if isinstance(body, (str, bytes)) else json.dumps(body, ensure_ascii=False),
        content_type="application/json",
        headers={"X-CSRFToken": visitor.token(), **ASKED, **headers},
    )


def begun(visitor: Visitor, key: str = "revisit", name: str = "回访") -> str:
    """A blank draft; returns its address."""
    answer = visitor.post("/modeling", {"key": key, "name": name})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def version(website: Website, key: str) -> int:
    with website.deps.sessions() as session:
        found = session.scalar(
            sa.select(sa.func.max(ProcessDefinition.version)).where(ProcessDefinition.key == key)
        )
    return int(found or 0)


def test_a_version_is_opened_edited_checked_and_deployed_with_a_reason(website: Website) -> None:
    owner = website.visitor("lu_jian")
    website.file_suggestion()
    page = owner.get("/modeling").text
    wanted = re.search(r'<optgroup label="建议[^"]*"><option value="([^"]+)"', page)
    assert wanted
    answer = owner.post("/modeling", {"definition_id": wanted[1]})
    home = answer.headers["Location"]
    page = owner.get(home).text
    for name in ("suggestion.bpmn", "suggestion_start.form", "review_suggestion.form"):
        assert f'href="{home}/edit/{name}"' in page
    boot = re.search(
        r'<script type="application/json" id="boot">(.*?)</script>',
        owner.get(f"{home}/edit/suggestion.bpmn").text,
        re.DOTALL,
    )
    assert boot
    told = json.loads(boot[1])
    assert told["draft"]["url"] == home and told["file"]["revision"] == 1
    assert told["urls"]["content"] == f"{home}/content/suggestion.bpmn"
    given = owner.get(told["urls"]["content"]).json
    assert given["text"] == told["file"]["text"] and given["saved_by"] == "陆鉴"
    broken = given["text"].replace('id="suggestion"', 'id="suggestion" isExecutable="yes"', 1)
    found = ask(owner, told["urls"]["check"], {"files": {"suggestion.bpmn": broken}}).json
    assert not found["ok"] and found["findings"][0]["file"] == "suggestion.bpmn"
    assert {"walk", "row", "column", "example", "message_zh"} <= found["findings"][0].keys()
    edited = given["text"].replace("复核建议", "再次复核建议")
    assert edited != given["text"]
    saved = ask(owner, told["urls"]["content"], {"text": edited, "revision": 1})
    assert saved.json["revision"] == 2
    answer = owner.post(f"{home}/deploy", {"note": ""})
    assert answer.status_code == 422 and "改了什么" in answer.text
    assert "检查通过" in owner.post(f"{home}/findings").text
    answer = owner.post(f"{home}/deploy", {"note": "审核改为复审"})
    assert answer.status_code == 200 and "已部署" in answer.text
    assert "建议 v1" in answer.text and "1 件" in answer.text, "what runs stays where it is, and is told"
    assert 'href="/processes/suggestion/move"' in answer.text
    assert version(website, "suggestion") == 2
    page = owner.get(home).text
    assert "已部署" in page and "suggestion v2" not in page
    assert 'href="/processes/suggestion?version=2"' in page


def test_a_conflict_is_told_with_what_stands_there_and_the_loser_keeps_a_copy(website: Website) -> None:
    mine, theirs = website.visitor("lu_jian"), website.visitor("fan_shu")
    home = begun(mine)
    file = f"{home}/content/revisit.bpmn"
    text = mine.get(file).json["text"]
    assert ask(theirs, file, {"text": text.replace("办理", "回电"), "revision": 1}).status_code == 200
    refused = ask(mine, file, {"text": text.replace("办理", "回访"), "revision": 1})
    assert refused.status_code == 409
    assert refused.json["revision"] == 2 and refused.json["saved_by"] == "范述"
    assert refused.json["saved_at"] and "范述" in refused.json["detail_zh"]
    copy = ask(
        mine, f"{home}/copy", {"name": "我的修改", "files": {"revisit.bpmn": text.replace("办理", "回访")}}
    )
    assert "回访" in mine.get(f"{copy.json['url']}/content/revisit.bpmn").json["text"]
    assert "回电" in mine.get(file).json["text"]
    assert mine.get(f"{file}?revision=1").json["text"] == text
    page = mine.get("/modeling").text
    assert "我的修改" in page
    assert "他人的草稿" in theirs.get("/modeling").text


def test_another_owner_looks_and_approves(website: Website) -> None:
    owner, second, third = (website.visitor(login) for login in ("lu_jian", "fan_shu", "ding_yi"))
    home = begun(owner)
    assert owner.post(f"{home}/submit", {"note": "新的回访流程"}).status_code == 303
    page = owner.get(home).text
    assert "提交人不能复核" in page and "通过并部署" not in page
    assert owner.post(f"{home}/approve", {"submission": "1"}).status_code == 403
    assert "修改任何内容都会撤回提交" in second.get(f"{home}/edit/revisit.bpmn").text
    assert "请您复核" in second.get("/notices").text
    assert "待复核" in second.get("/modeling").text
    assert "通过并部署" in second.get(home).text
    assert third.post(f"{home}/reject", {"submission": "1", "reason": "缺少表单"}).status_code == 303
    assert "缺少表单" in owner.get(home).text
    assert owner.post(f"{home}/submit", {"note": "新的回访流程"}).status_code == 303
    assert second.post(f"{home}/approve", {"submission": "1"}).status_code == 409
    answer = second.post(f"{home}/approve", {"submission": "2"})
    assert answer.status_code == 200 and "已部署" in answer.text
    with website.deps.sessions() as session:
        kept = session.scalars(sa.select(Deployment).where(Deployment.note == "新的回访流程")).one()
        assert (kept.deployed_by_name, kept.approved_by_name) == ("陆鉴", "范述")
    page = owner.get(f"/deployments/{kept.id}").text
    assert "范述" in page and "陆鉴" in page


def test_a_newer_version_is_named_and_replaced_only_when_confirmed(website: Website) -> None:
    owner, other = website.visitor("lu_jian"), website.visitor("fan_shu")
    home = begun(owner)
    owner.post(f"{home}/deploy", {"note": "第一版"})
    text = owner.get(f"{home}/content/revisit.bpmn").json["text"]
    answer = other.post(
        "/deploy",
        {"files": uploaded("revisit.bpmn", text.replace("办理", "回电"))},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 200 and version(website, "revisit") == 2
    ask(owner, f"{home}/content/revisit.bpmn", {"text": text.replace("办理", "回访"), "revision": 1})
    answer = owner.post(f"{home}/deploy", {"note": "改为回访"})
    assert answer.status_code == 409 and "范述" in answer.text and "第 2 版" in answer.text
    assert "改为回访</textarea>" in answer.text, "nothing of the form is lost"
    for seen in ("yes", "revisit 1", "revisit 3", "other 2"):
        assert owner.post(f"{home}/deploy", {"note": "改为回访", "over": seen}).status_code == 409
    assert 'name="over" value="revisit 2"' in answer.text
    assert "/processes/revisit/compare?from=1&amp;to=2" in answer.text
    assert owner.post(f"{home}/deploy", {"note": "改为回访", "over": "revisit 2"}).status_code == 200
    assert version(website, "revisit") == 3


def test_files_are_begun_uploaded_downloaded_taken_out_and_taken_back(website: Website) -> None:
    owner = website.visitor("lu_jian")
    home = begun(owner)
    answer = owner.post(f"{home}/files", {"kind": "form", "key": "opinion"})
    assert answer.headers["Location"] == f"{home}/edit/opinion.form"
    assert owner.get(f"{home}/edit/opinion.form").status_code == 200
    answer = owner.post(f"{home}/files", {"kind": "dmn", "key": "level", "name": '等级"<'})
    assert owner.get(answer.headers["Location"]).status_code == 200
    assert owner.post(f"{home}/files", {"kind": "dmn", "key": "level", "name": "别的"}).status_code == 422
    assert "检查通过" in owner.post(f"{home}/findings").text
    owner.post(
        f"{home}/files",
        {"files": [uploaded("说明.txt", "说明"), uploaded("opinion.form", "{}")]},
        content_type="multipart/form-data",
    )
    assert owner.get(f"{home}/content/opinion.form").json["revision"] == 2
    assert owner.get(f"{home}/edit/说明.txt").status_code == 409
    kept = owner.get(f"{home}/files/说明.txt")
    assert kept.data.decode() == "说明" and "attachment" in kept.headers["Content-Disposition"]
    packed = zipfile.ZipFile(io.BytesIO(owner.get(f"{home}/archive").data))
    assert sorted(packed.namelist()) == ["level.dmn", "opinion.form", "revisit.bpmn", "说明.txt"]
    owner.post(f"{home}/remove", {"name": "opinion.form", "revision": "2"})
    assert owner.get(f"{home}/content/opinion.form").status_code == 404
    assert "已移出" in owner.get(home).text
    owner.post(f"{home}/take-back", {"name": "opinion.form", "revision": "1"})
    assert "opinion" in owner.get(f"{home}/content/opinion.form").json["text"]


def test_five_megabytes_pass_and_six_are_refused_in_a_sentence(website: Website) -> None:
    owner = website.visitor("lu_jian")
    home = begun(owner)
    file = f"{home}/content/revisit.bpmn"
    head, _, tail = blank("bpmn", "revisit", "回访").partition("  <bpmndi")
    line = '<bpmn:category id="c{0}"/>\n'
    room = MAX_BYTES - len((head + tail).encode()) - 60
    large = head + "".join(line.format(n) for n in range(room // 31)) + "  <bpmndi" + tail
    assert 4_500_000 < len(large.encode()) <= MAX_BYTES
    assert ask(owner, file, {"text": large, "revision": 1}).json["revision"] == 2
    assert owner.get(file).json["text"] == large
    assert owner.get(f"{home}/edit/revisit.bpmn").status_code == 200
    refused = ask(owner, file, {"text": large + " " * 1_000_000, "revision": 2})
    assert refused.status_code == 422 and "最多 5242880 字节" in refused.json["detail_zh"]
    refused = ask(owner, file, {"text": "x" * 11_000_000, "revision": 2})
    assert refused.status_code == 413
    assert owner.get(file).json["revision"] == 2


def test_hostile_input_is_refused_and_never_breaks_a_page(website: Website) -> None:
    owner = website.visitor("lu_jian")
    home = begun(owner)
    file = f"{home}/content/revisit.bpmn"
    for body in (b"\xff", b"[]", b"{", "null", {"text": 1, "revision": 1}, {"text": "x"}, {"text": "x", "revision": True},
                 {"text": "x", "revision": -1}, {"text": "x", "revision": 2**40}, '{"text": "\\ud800", "revision": 1}'):  # fmt: skip
        assert ask(owner, file, body).status_code == 422, body
    for name in ("..%2Fx.bpmn", "%2e%2e/x.bpmn", "a%0Ab.form", "x" * 300, "%E2%80%AEx.form", "x.zip"):
        answer = ask(owner, f"{home}/content/{name}", {"text": "{}", "revision": 0})
        assert answer.status_code in (404, 422), name
    assert ask(owner, f"{home}/content/a%00b.form", {"text": "{}", "revision": 0}).status_code == 400
    for files in ([], {"x": 1}, {"../x": "y"}, "x"):
        assert ask(owner, f"{home}/check", {"files": files}).status_code == 422
    for wanted in ("0", "99", "999999999"):
        assert owner.get(f"{file}?revision={wanted}", headers=ASKED).status_code == 404
    assert owner.get(f"{file}?revision=x").status_code == 422
    bomb = '<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    assert ask(owner, file, {"text": bomb, "revision": 1}).json["revision"] == 2
    assert owner.get(f"{home}/edit/revisit.bpmn").status_code == 200
    assert "doctype" in owner.post(f"{home}/findings").text
    assert owner.post(f"{home}/deploy", {"note": "x"}).status_code == 422
    owner.post(
        f"{home}/files",
        {"files": [(io.BytesIO(b'<?xml version="1.0"?><a>\xff\xfe</a>'), "broken.bpmn")]},
        content_type="multipart/form-data",
    )
    page = owner.get(f"{home}/edit/broken.bpmn")
    assert page.status_code == 200 and "不符合该编码" in page.text
    token = owner.client.post(file, data="{}", content_type="application/json", headers=ASKED)
    assert token.status_code == 400, "no token, no change"
    assert website.visitor("li_na").get(home).status_code == 403
    assert owner.get("/modeling/00000000-0000-4000-8000-000000000000").status_code == 404
    assert owner.get(home).status_code == 200


def test_the_way_into_the_modeler_stands_where_processes_are_looked_at(website: Website) -> None:
    owner, clerk = website.visitor("lu_jian"), website.visitor("li_na")
    page = owner.get("/processes/suggestion").text
    assert "在设计器中打开" in page
    assert "在设计器中打开" not in clerk.get("/processes/suggestion").text
    with website.deps.sessions() as session:
        deployment = session.scalar(sa.select(Deployment.id))
    page = owner.get(f"/deployments/{deployment}").text
    found = re.search(r'name="deployment_id" value="([^"]+)"', page)
    assert found
    assert owner.post("/modeling", {"deployment_id": found[1]}).status_code == 303
    assert 'href="/modeling"' in page and 'href="/modeling"' not in clerk.get("/processes").text
