"""Writing and hearing of comments in a real browser. Any console error or foreign request fails the test."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.admin.conftest import Desk, Website

pytestmark = pytest.mark.browser


def test_a_comment_is_saved_without_leaving_the_page_and_what_is_refused_stays(
    website: Website, desk: Desk
) -> None:
    number = website.file_suggestion()
    page = desk.page
    desk.sign_in("li_na")
    desk.open(f"/cases/{number}")
    page.get_by_label("写备注").fill("@zhou_ting 客户年纪大，<b>请先回电</b>\n下午再办")
    page.get_by_role("button", name="保存备注").dblclick()
    expect(page.locator(".comments .said")).to_have_count(1)
    expect(page.locator(".comments .said")).to_have_text("@zhou_ting 客户年纪大，<b>请先回电</b>\n下午再办")
    expect(page.locator(".comments mark")).to_have_text("@zhou_ting")
    expect(page.get_by_label("写备注")).to_have_value("")
    page.get_by_label("写备注").fill("付款\u202e001")
    page.get_by_role("button", name="保存备注").click()
    expect(page.locator("#comments .problems")).to_contain_text("备注里有控制字符 U+202E")
    expect(page.get_by_label("写备注")).to_have_value("付款\u202e001")
    desk.complaints.clear()  # htmx's own line about the refusal
    page.get_by_label("写备注").fill("付款 001")
    page.get_by_role("button", name="保存备注").click()
    expect(page.locator(".comments .said")).to_have_count(2)


def test_the_bell_of_an_open_page_counts_by_itself_and_leads_to_the_comment(
    website: Website, desk: Desk
) -> None:
    number = website.file_suggestion()
    page = desk.page
    page.clock.install()
    desk.sign_in("zhou_ting")
    expect(page.locator(".bell .count")).to_have_count(0)
    website.visitor("li_na").post(f"/cases/{number}/comments", {"text": "@zhou_ting 请关注"})
    page.clock.fast_forward(61_000)
    expect(page.locator(".bell .count")).to_contain_text("1")
    desk.follow(".bell", "**/notices")
    desk.follow(".told button", f"**/cases/{number}#comments")
    expect(page.locator(".bell .count")).to_have_count(0)
    expect(page.locator("#comments")).to_be_in_viewport()
