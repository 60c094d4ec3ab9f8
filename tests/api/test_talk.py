"""Comments and notices over HTTP, with texts meant to do harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.organisation.changing.loading import load_organisation
from tasks.talk.tables import Comment
from tests.tasks.office import FACTS, ORGANISATION, PASSWORD, TestOffice

ANY = "00000000-0000-4000-8000-000000000000"


def filed(api: Any) -> tuple[str, str]:
    case = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json
    return case["number"], case["tasks"][0]["id"]


def test_a_comment_is_written_read_and_told_of(api: Any) -> None:
    number, task = filed(api)
    api("he_jing", "POST", f"/tasks/{task}/claim")
    first = api("li_na", "POST", f"/cases/{number}/comments", {"text": "请看\r\n@shen_yun"})
    assert first.status_code == 201
    assert {key: first.json[key] for key in ("text", "task_id", "unit")} == {
        "text": "请看\n@shen_yun",
        "task_id": None,
        "unit": "河南热线",
    }
    assert first.json["author"]["name"] == "李楠"
    second = api("shen_yun", "POST", f"/tasks/{task}/comments", {"text": "今天办结"}).json
    about_task = api("li_na", "GET", f"/tasks/{task}/comments").json["items"]
    assert about_task == [second]
    both = api("li_na", "GET", f"/cases/{number}/comments?order=latest&limit=1").json
    assert both["next_cursor"]
    rest = api("li_na", "GET", f"/cases/{number}/comments?order=latest&cursor={both['next_cursor']}").json
    assert {each["id"] for each in both["items"] + rest["items"]} == {first.json["id"], second["id"]}
    assert api("he_jing", "GET", "/notices/count").json == {"unread": 2, "capped_at": 99}
    (told,) = api("shen_yun", "GET", "/notices").json["items"]
    assert (told["cause"], told["number"], told["read"]) == ("mention", number, False)
    assert api("shen_yun", "POST", f"/notices/{told['id']}/read").status_code == 204
    assert api("shen_yun", "GET", "/notices?unread=true").json["items"] == []
    last = api("he_jing", "GET", "/notices").json["items"][0]["id"]
    assert api("he_jing", "POST", "/notices/read", {"up_to": last}).json["read"] in (1, 2)


def test_the_same_key_writes_one_comment(api: Any) -> None:
    number, _ = filed(api)
    ids = {
        api("li_na", "POST", f"/cases/{number}/comments", {"text": "请回电"}, key="once").json["id"]
        for _ in range(3)
    }
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"text": "\\u202e\xe4\xbb\x98\xe6\xac\xbe"}', 422),
        (b'{"text": "a\\u0000b"}', 400),
        (b'{"text": "a\\ud800b"}', 400),
        (b'{"text": "a\xed\xa0\x80b"}', 400),
        (b'{"text": ""}', 422),
        (b'{"text": null}', 422),
        (b'{"text": ["x"]}', 422),
        (b'{"text": "x", "author_id": "somebody"}', 422),
        (b'{"text": "x", "once": "' + ANY.encode() + b'"}', 422),
        (json.dumps({"text": "字" * 1_000_000}, ensure_ascii=False).encode(), 422),
        (b"[]", 422),
    ],
)
def test_a_hostile_comment_is_refused_and_leaves_nothing(
    api: Any, office: TestOffice, raw: bytes, status: int
) -> None:
    number, _ = filed(api)
    headers = {"Content-Type": "application/json"}
    answer = api("li_na", "POST", f"/cases/{number}/comments", headers=headers, data=raw)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert len(answer.data) < 2000
    assert office.scalar(sa.select(sa.func.count()).select_from(Comment)) == 0


def test_markup_is_kept_as_it_is_and_is_no_markup(api: Any) -> None:
    number, _ = filed(api)
    text = "<script>alert(1)</script> {{ 7*7 }} %s ${x} @<b> '; DROP TABLE comment; --"
    api("li_na", "POST", f"/cases/{number}/comments", {"text": text})
    assert api("li_na", "GET", f"/cases/{number}/comments").json["items"][0]["text"] == text


def test_what_an_outsider_asks_about_does_not_exist(api: Any) -> None:
    number, task = filed(api)
    nowhere = "TS2026030200000500000099"
    api("li_na", "POST", f"/cases/{number}/comments", {"text": "@he_jing"})
    notice = api("he_jing", "GET", "/notices").json["items"][0]["id"]
    for method, real, made_up, body in (
        ("GET", f"/cases/{number}/comments", f"/cases/{nowhere}/comments", None),
        ("POST", f"/cases/{number}/comments", f"/cases/{nowhere}/comments", {"text": "x"}),
        ("GET", f"/tasks/{task}/comments", f"/tasks/{ANY}/comments", None),
        ("POST", f"/tasks/{task}/comments", f"/tasks/{ANY}/comments", {"text": "x"}),
        ("POST", f"/notices/{notice}/read", f"/notices/{ANY}/read", None),
    ):
        there, not_there = api("xu_wen", method, real, body), api("xu_wen", method, made_up, body)
        assert there.status_code == not_there.status_code == 404
        hidden, unknown = (
            answer.text.replace(number, "?")
            .replace(nowhere, "?")
            .replace(task, "?")
            .replace(ANY, "?")
            .replace(notice, "?")
            for answer in (there, not_there)
        )
        assert hidden == unknown


def test_a_body_outside_the_company_reads_and_writes_no_comments(api: Any, office: TestOffice) -> None:
    number, task = filed(api)
    outside = {
        "units": [
            *ORGANISATION["units"],
            {
                "code": "regulator",
                "name": "管理局",
                "parent": "henan_hotline",
                "kind": "regulator",
                "roles": ["channel"],
            },
        ],
        "people": [*ORGANISATION["people"], {"login": "gao_feng", "name": "高峰", "unit": "regulator"}],
    }
    with office.deps.sessions.begin() as session:
        load_organisation(
            session, outside, now=office.clock.now(), passwords=office.deps.passwords, password=PASSWORD
        )
    for path in (f"/cases/{number}/comments", "/cases/nothing/comments", f"/tasks/{task}/comments"):
        assert api("gao_feng", "GET", path).status_code == 403
        assert api("gao_feng", "POST", path, {"text": "x"}).status_code == 403
    api("li_na", "POST", f"/cases/{number}/comments", {"text": "@gao_feng 内部意见"})
    assert api("gao_feng", "GET", "/notices").json["items"] == []


def test_a_completion_that_causes_no_notice_does_not_touch_them(api: Any, office: TestOffice) -> None:
    _, task = filed(api)
    api("li_na", "POST", f"/tasks/{task}/claim")
    with office.deps.sessions.begin() as session:
        session.execute(sa.text("ALTER TABLE notice RENAME TO not_to_be_found"))
    done = api("li_na", "POST", f"/tasks/{task}/complete", {"answers": {"outcome": "close"}})
    assert done.status_code == 200, done.text
