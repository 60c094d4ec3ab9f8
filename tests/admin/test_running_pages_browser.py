"""Somebody looks at what goes through a process and repairs an instance, at a real browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.admin.conftest import Desk, Website
from tests.admin.test_running_pages import of_case, stuck


def test_a_process_is_looked_at_and_an_instance_repaired(
    website: Website, desk: Desk, tmp_path: Path
) -> None:
    number = website.file_suggestion()
    website.file_suggestion(suggestion="建议延长营业时间。")
    address = stuck(website)
    page = desk.page
    desk.sign_in("tang_wei")
    desk.open("/processes/suggestion")
    desk.follow("a:has-text('流量与热力图')", "**/processes/suggestion/flow")
    expect(page.locator(".badge-heat").first).to_be_visible()
    volume = page.locator("#heat-legend").inner_text()
    assert page.locator(".djs-element[class*='heat-']").count() >= 1
    assert desk.barriers() == []
    page.screenshot(path=tmp_path / "flow.png")
    page.check("[name=measure][value=median]")
    expect(page.locator("#heat-legend")).not_to_have_text(volume)
    page.check("[name=measure][value=now]")
    expect(page.locator(".badge-heat").first).to_have_text("2")
    page.click("#figures [data-sort='5']")
    expect(page.locator("#figures th[aria-sort='descending']")).to_have_count(1)
    first = page.locator("#figures tbody tr").first
    expect(first.locator("td").nth(5)).to_contain_text("v1: 2")
    desk.follow(
        "#figures tbody tr:first-child td:nth-child(6) a", "**/instances?process=suggestion&element=*"
    )
    expect(page.locator("tbody")).to_contain_text(number)
    assert desk.barriers() == []
    page.screenshot(path=tmp_path / "instances.png")

    desk.open(address)
    expect(page.locator(".notice.refused mark")).to_have_text("a")
    page.fill("[name=name]", "amount")
    page.select_option("[name=as]", "number")
    page.fill("[name=value]", "6")
    page.fill(".correct [name=reason]", "核对过")
    assert desk.barriers() == []
    page.screenshot(path=tmp_path / "instance.png", full_page=True)
    page.click("text=设置并重试")
    expect(page.locator("p.notice.done")).to_contain_text("重新提交执行")

    desk.sign_in("li_na")
    desk.open(of_case(website, number))
    expect(page.locator("#clocks")).to_be_visible()
    page.select_option("[name=about]", "instance")
    page.click("text=筛选")
    expect(page.locator("#history tbody tr")).to_have_count(1)
    assert desk.barriers() == []
    page.screenshot(path=tmp_path / "of_case.png", full_page=True)
