"""A clerk's and a process owner's morning in a real browser. Any console error or foreign request fails the test."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.admin.conftest import REGIME, Desk, Website

pytestmark = pytest.mark.browser


def test_a_clerk_files_claims_fills_in_completes_and_gets_the_next(website: Website, desk: Desk) -> None:
    page = desk.page
    desk.sign_in("li_na")
    desk.open("/file/suggestion")
    page.get_by_label("客户姓名").fill("王建国")
    page.get_by_label("联系电话").fill("13800001234")
    page.get_by_label("建议内容").fill("建议营业厅增加老年人专用窗口。")
    desk.follow("button[data-submit]", "**/cases/*")
    expect(page.get_by_text("查询码")).to_be_visible()
    website.file_suggestion(suggestion="建议延长热线服务时间到晚上十点。")

    desk.sign_in("wang_lei")
    desk.open("/queue")
    desk.follow("text=领取下一件", "**/tasks/*")
    first = page.url
    page.click("button[data-submit]")
    expect(page.locator("#form-problems")).to_contain_text("复核结论：此项必填")
    page.get_by_label("不采纳").check()
    expect(page.get_by_label("不采纳的理由")).to_be_visible()
    page.get_by_label("采纳", exact=True).check()
    expect(page.get_by_label("不采纳的理由")).to_be_hidden()
    desk.follow("button[data-submit]", "**/tasks/*?done=yes")
    expect(page.get_by_text("“复核建议”已完成")).to_be_visible()

    desk.open("/archive")
    desk.follow("tbody td:nth-child(3)", "**/tasks/*")
    assert page.url == first
    expect(page.get_by_label("采纳", exact=True)).to_be_checked()
    expect(page.locator("button[data-submit]")).to_have_count(0)
    assert page.evaluate("[...redressForm.missing]") == []


def test_what_the_server_refuses_stands_beside_the_field_and_nothing_is_lost(
    website: Website, desk: Desk
) -> None:
    page = desk.page
    desk.sign_in("li_na")
    desk.open("/file/suggestion")
    page.get_by_label("客户姓名").fill("王建国")
    page.get_by_label("联系电话").fill("13800001234")
    page.get_by_label("建议内容").fill("建议营业厅增加老年人专用窗口。")
    # The browser's own check is a courtesy: without it the server says the same thing beside the same field.
    page.evaluate("redressForm.form.get('validator').validateFieldInstance = () => []")
    page.get_by_label("联系电话").fill("not a number")
    page.click("button[data-submit]")
    expect(page.locator("#form-problems")).to_contain_text("联系电话")
    expect(page.locator(".fjs-form-field-error")).to_have_count(1)
    expect(page.get_by_label("建议内容")).to_have_value("建议营业厅增加老年人专用窗口。")
    desk.open("/file/suggestion")
    expect(page.get_by_text("已恢复上次未提交的内容")).to_be_visible()
    expect(page.get_by_label("客户姓名")).to_have_value("王建国")


def test_an_answer_that_never_arrives_keeps_what_was_written_and_files_one_case(
    website: Website, desk: Desk
) -> None:
    page = desk.page
    desk.sign_in("li_na")
    desk.open("/file/suggestion")
    page.get_by_label("客户姓名").fill("王建国")
    page.get_by_label("联系电话").fill("13800001234")
    page.get_by_label("建议内容").fill("建议营业厅增加老年人专用窗口。")
    page.route("**/file/suggestion", _answered_but_lost)
    page.click("button[data-submit]")
    expect(page.locator("#form-problems")).to_contain_text("没有收到服务器的答复")
    desk.complaints.clear()  # the browser's own line about the aborted request
    page.unroute("**/file/suggestion")
    desk.follow("button[data-submit]", "**/cases/*")
    expect(page.get_by_text("此前已登记成功")).to_be_visible()
    desk.open("/cases")
    expect(page.locator("tbody tr")).to_have_count(1)


def _answered_but_lost(route: Route) -> None:
    route.fetch()
    route.abort()


def test_a_case_shows_its_live_token_its_elements_and_its_called_process(
    website: Website, desk: Desk
) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("wang_lei")
    task = visitor.post("/queue/next").location
    visitor.submit(f"{task}/complete", {"outcome": "adopt", "score": 8})
    page = desk.page
    desk.sign_in("wang_lei")
    desk.open(f"/cases/{number}")
    expect(page.locator(".djs-element.is-active[data-element-id=answering_call]")).to_have_count(1)
    expect(page.locator(".djs-element.was-visited[data-element-id=review_suggestion]")).to_have_count(1)
    expect(page.locator(".djs-element.was-taken[data-element-id=to_answer]")).to_have_count(1)
    page.locator("[data-element-id=review_suggestion] .djs-hit").first.click()
    panel = page.locator("#element-panel")
    expect(panel).to_contain_text("省中心复核建议")
    expect(panel).to_contain_text("王磊")
    page.get_by_label("关闭说明").click()
    expect(panel).to_be_hidden()
    page.click("button.drill")
    expect(page.locator(".djs-element.is-active[data-element-id=answer_customer]")).to_have_count(1)
    expect(page.locator("#diagram-path")).to_contain_text("答复客户")
    page.locator("#diagram-path button").click()
    expect(page.locator(".djs-element[data-element-id=answering_call]")).to_have_count(1)
    page.locator("button[data-element=answer_customer]").first.click()
    expect(panel).to_contain_text("受理渠道在两小时内答复客户")


def test_a_failing_step_is_red_in_the_diagram_with_its_sentence(website: Website, desk: Desk) -> None:
    number = website.file_suggestion()
    visitor = website.visitor("wang_lei")
    task = visitor.post("/queue/next").location
    visitor.submit(f"{task}/complete", {"outcome": "reject", "reason": "已有类似措施"})
    page = desk.page
    desk.sign_in("tang_wei")
    desk.open("/incidents")
    desk.follow(f"text={number}", "**/instances/*")
    expect(page.locator(".djs-element.has-incident[data-element-id=note_rejection]")).to_have_count(1)
    expect(page.locator(".badge-incident")).to_be_visible()
    page.click("text=重试")
    expect(page.get_by_text("已重新提交执行")).to_be_visible()


def test_a_process_owner_sees_every_mistake_of_a_bad_diagram_and_deploys_the_mended_one(desk: Desk) -> None:
    right = (REGIME / "suggestion.bpmn").read_text(encoding="utf-8")
    bad = right.replace('calledElement="answering"', 'calledElement="answring"')
    bad = bad.replace('scriptFormat="feel"', 'scriptFormat="python"')
    page = desk.page
    desk.sign_in("lu_jian")
    desk.open("/deploy")
    _upload(desk, bad)
    page.click("text=检查并部署")
    expect(page.locator("#findings .severity.error tbody tr")).to_have_count(1)
    expect(page.locator("#findings .severity.binding tbody tr")).to_have_count(1)
    expect(page.locator("#findings")).to_contain_text("answring")
    expect(page.locator("[name=name]")).to_have_value("建议流程修订")
    desk.ready()
    _upload(desk, right.replace("复核建议", "复核客户建议"))
    page.click("text=检查并部署")
    expect(page.get_by_text("建议 v2 新版本")).to_be_visible()
    desk.open("/processes/suggestion")
    expect(page.locator(".djs-element[data-element-id=review_suggestion]")).to_contain_text("复核客户建议")


def _upload(desk: Desk, diagram: str) -> None:
    file = {"name": "suggestion.bpmn", "mimeType": "application/xml", "buffer": diagram.encode()}
    desk.page.set_input_files("#files", [file])  # type: ignore[list-item]
    expect(desk.page.locator("#chosen")).to_contain_text("suggestion.bpmn")
    desk.page.fill("[name=name]", "建议流程修订")


@pytest.mark.parametrize(
    "path", ["/inbox", "/queue", "/cases", "/file/suggestion", "/deploy", "/processes/suggestion"]
)
def test_pages_fit_a_1366_pixel_screen_and_can_be_walked_by_keyboard(desk: Desk, path: str) -> None:
    page = desk.page
    desk.sign_in("lu_jian")
    desk.open(path)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    unnamed = page.evaluate(
        """[...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]
            .filter((one) => one.offsetParent && !one.closest('.bjs-powered-by, .fjs-powered-by'))
            .filter((one) => !(one.labels?.length || one.textContent.trim() || one.ariaLabel || one.title))
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert unnamed == []
