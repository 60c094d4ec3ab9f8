"""One task at a real browser: what is typed is kept, steps are taken in dialogs, and two who want it never both have it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.admin.conftest import Desk, Website

pytestmark = pytest.mark.browser


def _claimed(website: Website, login: str) -> str:
    return str(website.visitor(login).post("/queue/next").location)


def _saved(page: Page) -> None:
    expect(page.locator("#draft-state")).to_have_attribute("data-state", "saved")


def test_what_is_typed_is_kept_on_the_server_and_two_windows_that_part_are_asked(
    website: Website, desk: Desk
) -> None:
    website.file_suggestion()
    task, page = _claimed(website, "wang_lei"), desk.page
    desk.sign_in("wang_lei")
    desk.open(task)
    page.get_by_label("不采纳").check()
    page.get_by_label("不采纳的理由").fill("已有类似窗口")
    _saved(page)
    expect(page.locator("#draft-state")).to_contain_text("草稿已保存 09:00")

    elsewhere = page.context.new_page()
    elsewhere.goto(desk.address + task)
    expect(elsewhere.locator("#form-notice")).to_contain_text("已恢复 09:00 保存的草稿")
    expect(elsewhere.get_by_label("不采纳的理由")).to_have_value("已有类似窗口")
    website.clock.advance(timedelta(minutes=5))
    elsewhere.get_by_label("不采纳的理由").fill("已有类似窗口，见附件")
    _saved(elsewhere)

    page.get_by_label("不采纳的理由").fill("不属于本省")
    expect(page.locator("#draft-choice")).to_contain_text("于 09:05 在别的窗口或浏览器保存过")
    page.get_by_role("button", name="保留这里的").click()
    _saved(page)
    elsewhere.get_by_label("不采纳的理由").fill("另一种写法")
    elsewhere.get_by_role("button", name="用那一份").click()
    expect(elsewhere.get_by_label("不采纳的理由")).to_have_value("不属于本省")
    elsewhere.close()
    desk.complaints.clear()  # the browser's own lines about the two refusals


def test_neither_a_lost_connection_nor_an_ended_session_costs_what_was_typed(
    website: Website, desk: Desk
) -> None:
    website.file_suggestion()
    task, page = _claimed(website, "wang_lei"), desk.page
    desk.sign_in("wang_lei")
    desk.open(task)
    page.context.set_offline(True)
    page.get_by_label("不采纳").check()
    page.get_by_label("不采纳的理由").fill("断网时写的理由")
    expect(page.locator("#draft-state")).to_contain_text("连接中断")
    page.context.set_offline(False)
    _saved(page)
    website.visitor("wang_lei").post("/account/sessions/end")
    page.get_by_label("不采纳的理由").fill("登录过期时写的理由")
    expect(page.locator("#draft-state")).to_contain_text("登录已过期")
    other = page.context.new_page()
    other.goto(f"{desk.address}/sign-in")
    other.fill("[name=login]", "wang_lei")
    other.fill("[name=password]", "redress-demo")
    other.click("main button.main")
    other.wait_for_url("**/inbox")
    other.close()
    page.evaluate("redressForm.draft.save()")
    _saved(page)
    page.once("dialog", lambda dialog: dialog.accept())
    desk.open(task)
    expect(page.get_by_label("不采纳的理由")).to_have_value("登录过期时写的理由")
    desk.complaints.clear()  # the browser's own lines about the lost and refused requests


def test_of_two_who_want_a_task_one_has_it_and_the_other_loses_nothing_of_what_was_typed(
    website: Website, desk: Desk
) -> None:
    website.file_suggestion()
    task, page = website.task_of("wang_lei"), desk.page
    desk.sign_in("wang_lei")
    desk.open(task)
    website.visitor("zhao_min").post(f"{task}/claim")
    page.get_by_role("button", name="认领后办理").click()
    expect(page.locator("#bar-problems")).to_contain_text("已由赵敏认领，自 03-02 09:00 起办理")

    website.visitor("zhao_min").post(f"{task}/release")
    page.get_by_role("button", name="认领后办理").click()
    page.get_by_label("不采纳").check()
    page.get_by_label("不采纳的理由").fill("写到一半的理由")
    _saved(page)
    website.visitor("wang_lei").post(f"{task}/release")
    website.visitor("zhao_min").post(f"{task}/claim")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#form-problems")).to_contain_text("已由赵敏认领")
    expect(page.get_by_label("不采纳的理由")).to_have_value("写到一半的理由")
    expect(page.get_by_label("不采纳的理由")).not_to_be_editable()
    page.get_by_role("link", name=re.compile("看现在的情况")).click()
    expect(page.locator("#held")).to_contain_text("赵敏")
    desk.complaints.clear()  # the browser's own lines about the refusals


def test_the_way_back_shows_what_was_done_and_a_second_submit_does_no_harm(
    website: Website, desk: Desk
) -> None:
    website.file_suggestion()
    task, page = _claimed(website, "wang_lei"), desk.page
    desk.sign_in("wang_lei")
    desk.open(task)
    page.get_by_label("采纳", exact=True).check()
    _saved(page)
    second = page.context.new_page()
    second.goto(desk.address + task)
    second.wait_for_selector("html[data-ready]", state="attached")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: not url.endswith(task))
    page.go_back()
    expect(page.locator("#over")).to_contain_text("您已办结")
    expect(page.locator("[data-submit]")).to_have_count(0)
    second.click("[data-submit]")
    second.wait_for_url(lambda url: not url.endswith(task))
    second.close()


def test_steps_are_taken_by_keyboard_in_dialogs_and_refusals_stand_in_them(
    website: Website, desk: Desk
) -> None:
    website.file_suggestion()
    task, page = _claimed(website, "wang_lei"), desk.page
    desk.sign_in("wang_lei")
    desk.open(task)
    page.keyboard.press("r")
    dialog = page.locator("#step-release")
    expect(dialog).to_be_visible()
    dialog.locator("textarea").fill("……")
    page.keyboard.press("Control+Enter")
    expect(dialog.locator(".problems")).to_contain_text("请写明理由")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.keyboard.press("d")
    dialog = page.locator("#step-delegate")
    dialog.get_by_label("找人").fill("赵")
    expect(dialog.locator("select")).to_have_value("zhao_min")
    dialog.get_by_label("请对方做什么").fill("请代核对")
    dialog.get_by_role("button", name="委托").last.click()
    page.wait_for_url("**/inbox")
    desk.open(task)
    expect(page.locator("#delegated")).to_contain_text("赵敏")
    page.get_by_role("button", name="收回委托").click()
    page.locator("#step-recall").get_by_role("button", name="收回").last.click()
    expect(page.locator("[data-submit]")).to_be_visible()
    desk.complaints.clear()  # the browser's own line about the refusal


def test_a_delegate_fills_in_the_form_and_its_owner_finds_it_there(website: Website, desk: Desk) -> None:
    website.file_suggestion()
    task, page = _claimed(website, "wang_lei"), desk.page
    website.visitor("wang_lei").post(f"{task}/delegate", {"to": "zhao_min", "note": "请代核对"})
    desk.sign_in("zhao_min")
    desk.open(task)
    page.get_by_label("不采纳").check()
    page.get_by_label("不采纳的理由").fill("已有类似窗口")
    _saved(page)
    page.get_by_label("不采纳的理由").fill("已有类似窗口，请核对")
    page.keyboard.press("Control+Enter")
    dialog = page.locator("#step-resolve")
    dialog.get_by_label("办理情况").fill("已核对")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/inbox")
    desk.sign_in("wang_lei")
    desk.open(task)
    expect(page.locator("#resolved")).to_contain_text("已核对")
    expect(page.get_by_label("不采纳的理由")).to_have_value("已有类似窗口，请核对")
    page.locator("[data-submit]").click()
    expect(page.locator("#after, #over").first).to_be_visible()


def test_the_case_stands_beside_the_form_in_tabs_and_below_it_on_a_telephone(
    website: Website, desk: Desk
) -> None:
    website.file_suggestion()
    task, page = _claimed(website, "wang_lei"), desk.page
    desk.sign_in("wang_lei")
    desk.open(task)
    expect(page.locator("#facts")).to_contain_text("王建国")
    page.get_by_role("tab", name="流程").click()
    expect(page.locator("#facts")).to_be_hidden()
    expect(page.locator(".djs-element.is-active[data-element-id=review_suggestion]")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="经过")).to_be_focused()
    desk.open(f"{task}#comments")
    expect(page.get_by_label("写备注")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("#facts")).to_be_visible()
    expect(page.locator("#clocks")).to_be_visible()
    expect(page.locator(".side, .bar, .case-tabs").first).to_be_hidden()
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("[data-submit]")).to_be_in_viewport()
