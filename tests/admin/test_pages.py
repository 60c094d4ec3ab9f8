"""What people meet on the pages, told without a browser: doors, refusals, lists, filing, completing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from admin.blueprint import PAGES, UPLOADS
from tasks.permissions.matrix import VERBS
from tests.admin.conftest import SUGGESTION, Website, uploaded


def test_every_page_names_a_permission_that_exists() -> None:
    assert {permission for *_, permission in PAGES + UPLOADS} <= set(VERBS)


@pytest.mark.parametrize(
    "address", ["/", "/inbox", "/queue", "/archive", "/cases", "/file", "/processes", "/deploy"]
)
def test_a_stranger_is_sent_to_the_sign_in_page_and_back_afterwards(website: Website, address: str) -> None:
    visitor = website.visitor()
    answer = visitor.get(address, follow_redirects=True)
    assert answer.request.path == "/sign-in"
    assert f'name="next" value="{address}"' in answer.text
    assert visitor.sign_in("lu_jian", next=address).location == address


def test_a_wrong_password_says_no_more_than_a_wrong_login(website: Website) -> None:
    visitor = website.visitor()
    wrong = visitor.sign_in("li_na", "wrong password")
    unknown = visitor.sign_in("nobody", "wrong password")
    assert wrong.status_code == unknown.status_code == 401
    assert "账号或密码不正确" in wrong.text
    assert "账号或密码不正确" in unknown.text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"]
)
def test_signing_in_never_leads_to_another_site(website: Website, target: str) -> None:
    assert website.visitor().sign_in("li_na", next=target).location == "/inbox"


def test_signing_out_ends_the_session_on_the_server_too(website: Website) -> None:
    visitor = website.visitor("li_na")
    kept = visitor.client.get_cookie("redress")
    assert kept is not None
    visitor.post("/sign-out")
    thief = website.app.test_client()
    thief.set_cookie("redress", kept.value)
    assert thief.get("/inbox").status_code == 302


def test_a_session_ends_after_twelve_hours(website: Website) -> None:
    visitor = website.visitor("li_na")
    website.clock.advance(timedelta(hours=12))
    assert visitor.get("/inbox").status_code == 302


def test_a_request_without_the_pages_token_changes_nothing(website: Website) -> None:
    visitor = website.visitor("li_na")
    answer = visitor.client.post("/file/suggestion", json={"answers": SUGGESTION})
    assert answer.status_code == 400
    assert "token" in answer.json["detail"]
    assert "没有符合条件的案件" in visitor.get("/cases").text


def test_pages_allow_no_inline_script_and_are_kept_by_nobody(website: Website) -> None:
    answer = website.visitor("li_na").get("/inbox")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Redress-Island" not in answer.headers
    cookie = website.visitor().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_an_unknown_address_is_a_friendly_page_and_in_the_api_a_problem_document(website: Website) -> None:
    page = website.visitor("li_na").get("/no/such/page")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "没有这个页面" in page.text
    problem = website.visitor().get("/api/v1/no-such-thing")
    assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")


def test_a_case_that_is_not_mine_is_not_found_rather_than_forbidden(website: Website) -> None:
    number = website.file_suggestion()
    answer = website.visitor("chen_yu").get(f"/cases/{number}")
    assert answer.status_code == 404
    assert "与您的单位无关" in answer.text
    assert "王建国" not in answer.text


def test_only_process_owners_deploy(website: Website) -> None:
    visitor = website.visitor("li_na")
    assert "部署 <span" not in visitor.get("/inbox").text
    answer = visitor.get("/deploy")
    assert answer.status_code == 403
    assert "您的岗位没有这项权限" in answer.text


def test_a_filed_case_shows_its_query_code_once(website: Website) -> None:
    visitor = website.visitor("li_na")
    address = visitor.submit("/file/suggestion", SUGGESTION).json["next"]
    first, second = visitor.get(address).text, visitor.get(address).text
    assert "查询码" in first
    assert "查询码" not in second
    assert "王建国" in second


def test_a_form_sent_again_after_a_lost_answer_files_one_case(website: Website) -> None:
    visitor = website.visitor("li_na")
    first = visitor.submit("/file/suggestion", SUGGESTION).json["next"]
    assert visitor.submit("/file/suggestion", SUGGESTION, **{"X-Repeat": "yes"}).json["next"] == first
    assert "此前已登记成功" in visitor.get(first).text
    other = {**SUGGESTION, "suggestion": "另一件建议，内容不同。"}
    assert visitor.submit("/file/suggestion", other, **{"X-Repeat": "yes"}).json["next"] != first
    assert visitor.submit("/file/suggestion", SUGGESTION).json["next"] != first


def test_every_mistake_in_a_filed_case_comes_back_with_its_field(website: Website) -> None:
    wrong = {
        "customer": {"name": "王建国", "phone": "abc"},
        "home_province": "mars",
        "suggestion": "短",
        "extra": 1,
    }
    answer = website.visitor("li_na").submit("/file/suggestion", wrong)
    assert answer.status_code == 422
    assert {error["path"] for error in answer.json["errors"]} == {
        "customer.phone",
        "home_province",
        "suggestion",
        "extra",
    }
    assert all(re.search("[\u4e00-\u9fff]", error["message_zh"]) for error in answer.json["errors"])
    assert "没有符合条件的案件" in website.visitor("li_na").get("/cases").text


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"answers": []}', b'{"answers": null}', b"\xff\xfe"])
def test_a_body_that_is_no_form_is_refused_with_a_sentence(website: Website, body: bytes) -> None:
    visitor = website.visitor("li_na")
    headers = {"X-CSRFToken": visitor.token(), "Content-Type": "application/json"}
    answer = visitor.client.post("/file/suggestion", data=body, headers=headers)
    assert answer.status_code == 422
    assert "JSON object" in answer.json["detail"]


def test_a_lost_claim_names_who_was_faster(website: Website) -> None:
    website.file_suggestion()
    task = website.task_of("wang_lei")
    assert website.visitor("zhao_min").post(f"{task}/claim").location == task
    lost = website.visitor("wang_lei").post(f"{task}/claim")
    assert lost.status_code == 409
    assert "已由赵敏认领" in lost.text


def test_taking_the_next_takes_the_most_urgent_until_nothing_is_left(website: Website) -> None:
    website.file_suggestion()
    visitor = website.visitor("wang_lei")
    assert visitor.post("/queue/next").location.startswith("/tasks/")
    answer = visitor.post("/queue/next", follow_redirects=True)
    assert "队列中没有可以领取的工单" in answer.text


def test_completing_leads_to_the_next_task_and_a_repeat_is_answered_alike(website: Website) -> None:
    website.file_suggestion()
    website.file_suggestion(suggestion="建议延长热线服务时间到晚上十点。")
    visitor = website.visitor("wang_lei")
    first = visitor.post("/queue/next").location
    second = visitor.post("/queue/next").location
    done = visitor.submit(f"{first}/complete", {"outcome": "adopt", "score": 8})
    assert done.json == {"next": f"{first}?done=yes"}
    page = visitor.get(done.json["next"]).text
    assert "“复核建议”已完成" in page and f'href="{second}"' in page
    assert "“复核建议”已完成" not in visitor.get(first).text and "您已办结" in visitor.get(first).text
    assert visitor.submit(f"{first}/complete", {"outcome": "adopt", "score": 8}).json == done.json
    other = visitor.submit(f"{first}/complete", {"outcome": "adopt", "score": 9})
    assert other.status_code == 409
    assert "已经办结" in other.json["detail_zh"]


def test_whoever_wants_so_has_the_next_task_opened_at_once_and_nobody_else_does(website: Website) -> None:
    for number in range(3):
        website.file_suggestion(suggestion=f"建议延长热线服务时间到晚上 {number} 点。")
    visitor = website.visitor("wang_lei")
    first = visitor.post("/queue/next").location
    assert visitor.post("/account/next", {"at_once": "yes", "back": "//evil.example"}).location == "/inbox"
    visitor = website.visitor("wang_lei")  # in another browser: it is kept with the account
    opened = visitor.submit(f"{first}/complete", {"outcome": "adopt", "score": 8}).json["next"]
    assert opened != first and "?" not in opened
    assert "data-submit" in visitor.get(opened).text  # it was taken
    visitor.post("/account/next", {"at_once": "no"})
    asked = visitor.submit(f"{opened}/complete", {"outcome": "adopt", "score": 8}).json["next"]
    assert asked == f"{opened}?done=yes"
    third = re.search(r'action="(/tasks/[^"]+)/claim"', visitor.get(asked).text)
    assert third and "data-submit" not in visitor.get(third[1]).text  # offered, not taken


def test_what_was_answered_stands_in_the_story_under_the_forms_own_labels(website: Website) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("wang_lei")
    task = visitor.post("/queue/next").location
    visitor.submit(f"{task}/complete", {"outcome": "adopt", "score": 8})
    page = visitor.get(f"/cases/{number}").text
    for text in ("复核结论", "采纳", "评分", "王磊", "客户姓名", "答复客户"):
        assert text in page
    assert 'type="application/json" id="boot"' in page


def test_a_released_task_goes_back_to_its_queue(website: Website) -> None:
    website.file_suggestion()
    visitor = website.visitor("wang_lei")
    task = visitor.post("/queue/next").location
    assert "已退回队列" in visitor.post(f"{task}/release", follow_redirects=True).text
    assert website.task_of("zhao_min") == task


def test_a_suspended_case_keeps_its_task_visible_and_says_why_it_waits(website: Website) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("wang_lei")
    task = visitor.post("/queue/next").location
    boss = website.visitor("sun_qiang")
    operate = website.steering_of(number)
    assert boss.post(operate, {"verb": "suspend", "reason": ""}).status_code == 422
    boss.post(operate, {"verb": "suspend", "reason": "等待第三方检测"})
    assert "流程已挂起" in visitor.get(task).text
    refused = visitor.submit(f"{task}/complete", {"outcome": "adopt"})
    assert refused.status_code == 409
    assert "已挂起" in refused.json["detail_zh"]
    assert "等待第三方检测" in visitor.get(f"/cases/{number}").text
    assert boss.post(operate, {"verb": "resume", "reason": "检测完成"}).location == f"/cases/{number}"
    assert visitor.submit(f"{task}/complete", {"outcome": "adopt"}).status_code == 200


def test_a_failing_step_is_shown_with_its_sentence_and_an_operator_may_retry_it(website: Website) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("wang_lei")
    task = visitor.post("/queue/next").location
    assert (
        visitor.submit(f"{task}/complete", {"outcome": "reject", "reason": "已有类似措施"}).status_code == 200
    )
    page = visitor.get(f"/cases/{number}").text
    assert '异常 <span class="en" lang="en">Incident</span>: 记录不采纳' in page
    assert "表达式异常" in page
    assert 'class="tag incident"' in visitor.get("/cases").text
    assert "/retry" not in page
    operator = website.visitor("tang_wei")
    assert operator.get(f"/cases/{number}").status_code == 403
    listed = operator.get("/incidents").text
    assert number in listed and "记录不采纳" in listed and "建议营业厅" not in listed
    address = re.search(r'action="(/incidents/[^"]+/retry)"', listed)
    assert address
    assert "已重新提交执行" in operator.post(address[1], follow_redirects=True).text
    assert visitor.post(address[1]).status_code == 403


def test_a_number_in_the_search_box_opens_its_case(website: Website) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("li_na")
    assert visitor.get(f"/cases?q={number}").location == f"/cases/{number}"
    assert number in visitor.get(f"/cases?q={number[:10]}&status=active&regime=suggestion").text
    assert "没有符合条件的案件" in visitor.get("/cases?q=TS1999").text


def test_a_long_queue_comes_in_pages(website: Website) -> None:
    for index in range(52):
        website.file_suggestion(suggestion=f"第 {index} 条建议，内容各不相同。")
    visitor = website.visitor("wang_lei")
    page = visitor.get("/queue").text
    assert page.count('data-href="/tasks/') == 50
    more = re.search(r'hx-get="(/queue[^"]+)"', page)
    assert more
    rest = visitor.get(more[1].replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert rest.count('data-href="/tasks/') == 2
    assert "<html" not in rest


def test_a_crooked_cursor_or_filter_is_refused_with_a_sentence(website: Website) -> None:
    visitor = website.visitor("wang_lei")
    assert visitor.get("/queue?cursor=nonsense").status_code == 422
    assert visitor.get("/tasks/00000000-0000-0000-0000-000000000000").status_code == 404
    assert visitor.get("/tasks/nonsense").status_code == 404
    assert visitor.get("/processes/suggestion?version=99").status_code == 404
    assert visitor.get("/file/nonsense").status_code == 404


def test_a_shared_piece_is_not_something_to_file_under(website: Website) -> None:
    refused = website.visitor("li_na").submit("/file/answering", {})
    assert refused.status_code == 404
    assert "a part of suggestion" in refused.json["detail"]
    processes = website.visitor("lu_jian").get("/processes").text
    assert processes.index("可登记") < processes.index("被调用")


def test_an_urging_customer_is_passed_on_to_the_step_that_waits_and_to_nobody_else(website: Website) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("li_na")
    assert "转达消息" not in visitor.get(f"/cases/{number}").text
    refused = visitor.post(f"/cases/{number}/messages", {"message": "withdraw", "text": "不要了"})
    assert refused.status_code == 409
    task = website.visitor("wang_lei").post("/queue/next").location
    website.visitor("wang_lei").submit(f"{task}/complete", {"outcome": "adopt"})
    page = visitor.get(f"/cases/{number}").text
    assert "转达消息" in page
    assert "客户已撤回 withdraw" in page
    answer = visitor.post(
        f"/cases/{number}/messages", {"message": "withdraw", "text": "不要了"}, follow_redirects=True
    )
    assert "消息已送达流程" in answer.text
    assert "收到消息" in answer.text
    assert "已归档" in answer.text


@pytest.mark.parametrize("odd", ["%00", "%EF%BF%BF", "%F0%9F%98%80", "%27%3B--", "a" * 5000, "%C3%28"])
def test_odd_characters_in_addresses_never_break_a_page(website: Website, odd: str) -> None:
    visitor = website.visitor("lu_jian")
    for address in (
        f"/cases?q={odd}&regime={odd}&status={odd}&cursor={odd}",
        f"/queue?number={odd}&process={odd}&clock={odd}",
        f"/cases/{odd}",
        f"/file/{odd}",
        f"/processes/{odd}?version={odd}",
        f"/sign-in?next={odd}",
        f"/{odd}",
    ):
        assert visitor.get(address).status_code < 500, address


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "😀", "';--", "x" * 100_000])
def test_odd_characters_in_forms_are_taken_or_refused_but_never_break(website: Website, odd: str) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("lu_jian")
    boss = website.visitor("sun_qiang")
    answers = [
        visitor.submit("/file/suggestion", {**SUGGESTION, "suggestion": f"建议内容{odd}"}),
        visitor.submit("/file/suggestion", {odd: odd}),
    ]
    if odd != "\ud800":  # a lone surrogate has no form encoding
        answers += [
            boss.post(website.steering_of(number), {"verb": "suspend", "reason": odd}),
            boss.post(f"/cases/{number}/messages", {"message": odd, "text": odd}),
            visitor.post(
                "/deploy", {"name": odd, "note": odd, "verb": "deploy", "files": [uploaded("a.bpmn", odd)]}
            ),
            website.visitor().sign_in(odd, odd),
        ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
