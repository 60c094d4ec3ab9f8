"""An operator moves an instance in a real browser: what they see can be used by everybody."""

from __future__ import annotations

import os

from tests.admin.conftest import Desk, Website
from tests.admin.running.test_move_pages import drawn_again


def test_an_operator_tries_and_moves_at_the_browser(website: Website, desk: Desk) -> None:
    number = website.file_suggestion()
    drawn_again(website, "复核建议", "复核客户建议")
    desk.page.set_viewport_size({"width": 1366, "height": 768})
    desk.sign_in("tang_wei")
    desk.open("/processes/suggestion/move")
    desk.follow("form.filters button", "**/move?from=1&to=2")
    assert desk.barriers() == []
    if shots := os.environ.get("REDRESS_SHOTS"):
        desk.page.screenshot(path=f"{shots}/move.png", full_page=True)
    assert number in desk.page.inner_text("main")
    desk.page.click("button[value=chosen]")
    desk.page.wait_for_selector("#result-title")
    assert "已迁移 1 个" in desk.page.inner_text("main")
    assert desk.barriers() == []
    if shots:
        desk.page.screenshot(path=f"{shots}/moved.png", full_page=True)
