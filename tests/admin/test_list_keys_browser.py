"""A clerk's and a lead's list in a real browser, by keyboard and by mouse. Any console error fails the test."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.admin.conftest import Desk, Website

pytestmark = pytest.mark.browser


def filed(website: Website, many: int) -> None:
    for index in range(many):
        website.file_suggestion(suggestion=f"第 {index} 条建议，内容各不相同。")


def here(page: Page) -> str | None:
    """The task on which the keyboard stands."""
    found = page.evaluate("document.activeElement?.dataset?.task ?? null")
    return None if found is None else str(found)


def top_of_the_rows(page: Page) -> float:
    return float(
        page.evaluate("document.querySelector('#rows').getBoundingClientRect().top + window.scrollY")
    )


def chosen(page: Page) -> int:
    return page.locator('#rows tr[aria-selected="true"]').count()


def test_a_clerk_works_a_list_without_a_mouse(website: Website, desk: Desk) -> None:
    filed(website, 6)
    page, press = desk.page, desk.page.keyboard.press
    desk.sign_in("wang_lei")
    press("g")
    press("q")
    page.wait_for_url("**/queue")
    desk.ready()
    tasks = page.locator("#rows tr").evaluate_all("rows => rows.map(row => row.dataset.task)")

    press("j")
    assert here(page) == tasks[0]
    press("ArrowDown")
    press("k")
    assert here(page) == tasks[0]
    press("x")
    press("j")
    press("j")
    press("Shift+X")
    expect(page.locator(".bulk .how-many")).to_have_text("已选 3 件")
    expect(page.locator("#told")).to_have_text("已选 3 件")
    press("Escape")
    assert chosen(page) == 0
    press("a")
    assert chosen(page) == 6
    press("a")
    assert chosen(page) == 0

    # Where somebody types, composes, or means the browser, no key does anything.
    press("/")
    page.keyboard.type("jxa 建议 ?")
    expect(page.locator("[data-search]")).to_have_value("jxa 建议 ?")
    assert chosen(page) == 0
    page.locator("[data-search]").fill("")
    page.locator(f"#t-{tasks[2]}").focus()
    press("Control+a")
    press("Alt+x")
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'x', isComposing: true, bubbles: true}))"
    )
    assert chosen(page) == 0

    press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    press("x")
    press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    assert (here(page), chosen(page)) == (tasks[2], 0)

    # One comes back to the task one has opened, and where that is gone, to its place.
    press("Enter")
    page.wait_for_url(f"**/tasks/{tasks[2]}")
    page.go_back()
    page.wait_for_url("**/queue")
    desk.ready()
    page.wait_for_function(f"document.activeElement?.dataset?.task === '{tasks[2]}'")
    press("c")
    expect(page.locator("#rows tr")).to_have_count(5)
    page.wait_for_function(f"document.activeElement?.dataset?.task === '{tasks[3]}'")
    press("n")
    page.wait_for_url("**/tasks/*")


def test_a_task_is_given_back_put_off_and_delegated_in_dialogs(website: Website, desk: Desk) -> None:
    filed(website, 4)
    page, press = desk.page, desk.page.keyboard.press
    visitor = website.visitor("wang_lei")
    for _ in range(4):
        visitor.post("/queue/next")
    desk.sign_in("wang_lei")
    desk.open("/inbox")
    press("j")
    press("f")
    dialog = page.get_by_role("dialog", name="搁置")
    dialog.locator("[name=at]").fill("2026-03-01T09:00")
    dialog.get_by_role("button", name="搁置").click()
    expect(dialog.get_by_role("alert")).to_contain_text("跟进时间必须晚于现在")
    desk.complaints.clear()
    dialog.locator("[name=at]").fill("2026-03-05T09:00")
    dialog.get_by_role("button", name="搁置").click()
    expect(page.locator("#rows tr")).to_have_count(3)
    press("r")
    dialog = page.get_by_role("dialog", name="退回队列")
    dialog.get_by_role("textbox").fill("不属于本组")
    dialog.get_by_role("button", name="退回").click()
    expect(page.locator("#rows tr")).to_have_count(2)
    press("d")
    dialog = page.get_by_role("dialog", name="委托")
    dialog.get_by_role("combobox").select_option("zhao_min")
    dialog.get_by_role("textbox").fill("请代查话单")
    dialog.get_by_role("button", name="委托").click()
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.locator(".tabs a", has_text="委托").locator(".count")).to_have_text("1")
    expect(page.locator(".tabs a", has_text="搁置").locator(".count")).to_have_text("1")


def test_a_lead_chooses_filters_and_reassigns_with_the_mouse_and_hears_of_each_refusal(
    website: Website, desk: Desk
) -> None:
    filed(website, 53)
    page = desk.page
    desk.sign_in("sun_qiang")
    desk.open("/team")
    expect(page.locator("#rows tr[data-task]")).to_have_count(50)
    page.locator("tr.more a").click()
    expect(page.locator("#rows tr[data-task]")).to_have_count(53)
    # Whoever asked for more goes on with the first of what has come.
    page.wait_for_function("document.activeElement === document.querySelectorAll('#rows tr')[50]")
    before = top_of_the_rows(page)
    page.locator("#rows td.pick").nth(50).click()
    page.locator("#rows td.pick").nth(52).click(modifiers=["Shift"])
    expect(page.locator(".bulk .how-many")).to_have_text("已选 3 件")
    assert top_of_the_rows(page) == before, "nothing moves when something is chosen"
    page.get_by_role("button", name="改派").click()
    dialog = page.get_by_role("dialog", name="改派")
    dialog.get_by_label("王磊").check()
    dialog.get_by_label("赵敏").check()
    dialog.get_by_role("textbox").fill("均衡工作量")
    dialog.get_by_role("button", name="改派").click()
    expect(page.locator(".toast")).to_have_text("3 件已完成操作")
    page.get_by_label("办理人", exact=False).first.select_option("wang_lei")
    page.wait_for_url("**/team?assignee=wang_lei")
    desk.ready()
    held = page.locator("#rows tr[data-task]").count()
    assert held in (1, 2)
    expect(page.locator(".chips li").first).to_contain_text("王磊")

    # What somebody has completed meanwhile is told with its name, and stays nobody's mistake.
    address = page.locator("#rows tr").first.get_attribute("data-href")
    answer = website.visitor("wang_lei").submit(f"{address}/complete", {"outcome": "adopt", "score": 8})
    assert answer.status_code == 200
    page.locator("#pick-all").check()
    page.get_by_role("button", name="优先级").click()
    dialog = page.get_by_role("dialog", name="优先级")
    dialog.get_by_role("textbox").fill("媒体关注")
    dialog.get_by_role("button", name="优先级").click()
    expect(page.locator("#answered h2")).to_have_text(f"{held - 1} 件已完成操作 · 1 件未能操作")
    expect(page.locator("#answered li")).to_contain_text("复核建议")
    expect(page.locator("#answered li")).to_contain_text("已经办结")
