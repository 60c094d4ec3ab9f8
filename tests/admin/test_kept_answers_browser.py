"""What somebody typed is still there when the answer is a refusal that nobody could foresee."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.admin.conftest import Desk, Website

pytestmark = pytest.mark.browser


def test_a_comment_survives_a_session_that_ended_in_another_tab(website: Website, desk: Desk) -> None:
    number = website.file_suggestion()
    desk.sign_in("li_na")
    desk.open(f"/cases/{number}")
    desk.page.get_by_label(re.compile("写备注")).fill("客户希望周末回电")
    other = desk.page.context.new_page()
    other.goto(f"{desk.address}/account")
    other.locator(".who form button").click()
    other.wait_for_url("**/sign-in")
    other.close()
    desk.page.get_by_role("button", name=re.compile("保存备注")).click()
    expect(desk.page.locator("#refusal")).to_contain_text("重新登录")
    expect(desk.page.get_by_label(re.compile("写备注"))).to_have_value("客户希望周末回电")
    desk.complaints.clear()  # the browser's own line about the refusal


@pytest.mark.parametrize("address", ["/account", "/organisation/units/henan", "/people/li_na/access"])
def test_pages_of_accounts_and_units_fit_a_telephone(website: Website, desk: Desk, address: str) -> None:
    desk.page.set_viewport_size({"width": 390, "height": 844})
    website.visitor("li_na")
    desk.sign_in("tang_wei")
    desk.open(address)
    for _ in range(2):
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= 390
        desk.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
