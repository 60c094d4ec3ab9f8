"""Comments under cases and tasks, the bell, and the page of notices, told without a browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tasks.cases.tables import Case
from tasks.people.identity import caller_by_login
from tasks.talk.comments import comment_case
from tests.admin.conftest import Visitor, Website

HTMX = {"HX-Request": "true"}


def once(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return found[1]


def bell(visitor: Visitor) -> str:
    found = re.search(r"data-unread>(\d+\+?)", visitor.get("/notices/count").text)
    return found[1] if found else ""


def said(page: str) -> list[str]:
    pieces = re.findall(r'<p class="said" dir="auto">(.*?)</p>', page, re.DOTALL)
    return [re.sub(r"</?mark[^>]*>", "", piece) for piece in pieces]


def test_a_comment_stands_under_the_case_with_who_wrote_it_and_twice_sent_is_there_once(
    website: Website,
) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("li_na")
    form = {"text": "请\r\n回电", "once": once(visitor.get(f"/cases/{number}").text)}
    for _ in range(2):
        answer = visitor.post(f"/cases/{number}/comments", form)
        assert (answer.status_code, answer.location) == (303, f"/cases/{number}#comments")
    page = visitor.get(f"/cases/{number}").text
    assert said(page) == ["请\n回电"]
    assert "<bdi>李楠</bdi>" in page
    assert "<bdi>河南客服热线</bdi>" in page


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7*7 }}{% raw %}",
        "@li_na<script>x</script>@<b>",
        "</p></li></ol><form action=//evil.example>",
    ],
)
def test_markup_in_a_comment_is_shown_and_does_nothing(website: Website, text: str) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("li_na")
    fragment = visitor.post(f"/cases/{number}/comments", {"text": text}, headers=HTMX).text
    shown = said(fragment)[0]
    assert "<" not in shown
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"') == text


def test_every_named_login_looks_the_same_whether_it_exists_or_not(website: Website) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("li_na")
    text = "@shen_yun @nobody_at_all @xu_wen, mail a@b.cn @shen_yun。"
    fragment = visitor.post(f"/cases/{number}/comments", {"text": text}, headers=HTMX).text
    assert re.findall(r'<mark class="mention">(.*?)</mark>', fragment) == [
        "@shen_yun",
        "@nobody_at_all",
        "@xu_wen",
        "@shen_yun",
    ]


def test_a_refused_comment_stays_in_the_form_with_the_reason(website: Website) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("li_na")
    answer = visitor.post(f"/cases/{number}/comments", {"text": "付款\u202e单 <b>"}, headers=HTMX)
    assert answer.status_code == 422
    assert "备注里有控制字符 U+202E，没有保存。" in answer.text
    assert "付款\u202e单 &lt;b&gt;</textarea>" in answer.text
    plain = visitor.post(f"/cases/{number}/comments", {"text": " "})
    assert plain.status_code == 422
    assert "备注是空的" in plain.text
    assert visitor.post(f"/cases/{number}/comments", {"text": "a\x00b"}).status_code == 400


def test_an_archived_case_shows_its_comments_and_takes_no_more(website: Website) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("li_na")
    visitor.post(f"/cases/{number}/comments", {"text": "结案前的备注"})
    with website.deps.sessions.begin() as session:
        session.execute(sa.update(Case).values(archived_at=website.clock.now()))
    page = visitor.get(f"/cases/{number}").text
    assert said(page) == ["结案前的备注"]
    assert "comment-text" not in page
    assert visitor.post(f"/cases/{number}/comments", {"text": "迟了"}).status_code == 409


def test_many_comments_come_in_pages_the_newest_last(website: Website) -> None:
    number = website.file_suggestion()
    with website.deps.sessions.begin() as session:
        caller = caller_by_login(session, website.deps, "li_na")
        for each in range(70):
            comment_case(session, website.deps, caller, number, f"第 {each:02} 条")
    visitor = website.visitor("li_na")
    page, shown = visitor.get(f"/cases/{number}").text, []
    for _ in range(3):
        shown = said(page) + shown
        earlier = re.search(r'hx-get="([^"]*comments\?cursor=[^"]*)"', page)
        page = visitor.get(earlier[1], headers=HTMX).text if earlier else ""
    assert len(shown) == len(set(shown)) == 70


def test_whom_a_comment_names_finds_it_under_the_bell_and_opening_it_is_reading_it(website: Website) -> None:
    number = website.file_suggestion()
    website.visitor("li_na").post(f"/cases/{number}/comments", {"text": "@zhou_ting 请关注"})
    visitor = website.visitor("zhou_ting")
    assert "data-unread>1<" in visitor.get("/cases").text
    assert bell(visitor) == "1"
    page = visitor.get("/notices").text
    assert f"李楠在案件 {number} 的备注里提到了您。" in page
    address = re.search(r'action="(/notices/[^"]+/open)"', page)
    assert address
    assert visitor.post(address[1]).location == f"/cases/{number}#comments"
    assert bell(visitor) == ""
    assert "没有未读的通知" in visitor.get("/notices?show=unread").text
    stranger = website.visitor("chen_yu")
    assert stranger.post(address[1]).status_code == 404


def test_all_notices_are_marked_as_read_up_to_the_newest_on_the_page(website: Website) -> None:
    numbers = [website.file_suggestion() for _ in range(3)]
    for number in numbers:
        website.visitor("li_na").post(f"/cases/{number}/comments", {"text": "@zhou_ting"})
    visitor = website.visitor("zhou_ting")
    up_to = re.search(r'name="up_to" value="([^"]+)"', visitor.get("/notices").text)
    assert up_to
    visitor.post("/notices/read", {"up_to": up_to[1]})
    assert bell(visitor) == ""
    assert visitor.post("/notices/read", {"up_to": "x"}).status_code == 422


def test_a_task_page_shows_the_talk_of_its_case_and_tells_whoever_holds_it(website: Website) -> None:
    number = website.file_suggestion()
    website.visitor("li_na").post(f"/cases/{number}/comments", {"text": "客户年纪大"})
    holder = website.visitor("wang_lei")
    task = holder.post("/queue/next").location
    assert said(holder.get(task).text) == ["客户年纪大"]
    answer = website.visitor("sun_qiang").post(f"{task}/comments", {"text": "今天办结"})
    assert answer.location == f"{task}#comments"
    assert said(holder.get(task).text) == ["客户年纪大", "今天办结"]
    assert bell(holder) == "1"


def test_the_bell_says_nothing_when_the_session_is_over(website: Website) -> None:
    answer = website.visitor().get("/notices/count", headers=HTMX, follow_redirects=True)
    assert "data-unread" not in answer.text


def test_a_page_that_is_only_left_open_does_not_keep_its_session_alive(website: Website) -> None:
    visitor = website.visitor("li_na")
    for _ in range(5):
        website.clock.advance(timedelta(minutes=11))
        assert visitor.get("/notices/count", headers=HTMX).status_code == 200
    website.clock.advance(timedelta(minutes=11))
    assert visitor.get("/inbox").status_code == 302


def test_a_looking_page_is_no_place_to_send_to_without_a_token(website: Website) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("li_na")
    for address in (f"/cases/{number}/comments", "/notices/read"):
        assert visitor.client.post(address, data={"text": "x"}).status_code == 400
