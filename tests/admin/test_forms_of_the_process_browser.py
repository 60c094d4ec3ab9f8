"""In a real browser: a form that reads what the process has found, a table's mistakes at their fields, a message with its form."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from tests.admin.conftest import Desk, Website
from tests.api.test_messages_with_forms import ASKED, HOW_MANY, OF_CASE, listening
from tests.tasks.filling.forms import FIELD, PICK, asking, form, table

pytestmark = pytest.mark.browser

TWO = '[{"value": "a", "label": "甲案"}, {"value": "b", "label": "乙案"}]'


def deploy(website: Website, *files: SourceFile) -> None:
    with website.deps.sessions.begin() as session:
        website.deps.engine.deploy(session, files, actor=SYSTEM, name="test")


def filed(website: Website, regime: str) -> str:
    answer = website.visitor("li_na").submit(f"/file/{regime}", {})
    assert answer.status_code == 200, answer.text
    return str(answer.json["next"]).rsplit("/", 1)[-1]


def test_a_select_offers_what_was_found_and_a_table_s_mistake_stands_at_its_field(
    website: Website, desk: Desk
) -> None:
    by_default = {**FIELD, "label": "说明", "defaultValue": '="共 " + string(count(loop.options)) + " 件"'}
    rules = table("lawful", ('"b"', '"picked"', '"乙案尚未答复"', '"not answered yet"'))
    deploy(website, asking(check="lawful", options=TWO), form("answer", PICK, by_default), rules)
    filed(website, "asking")
    page = desk.page
    desk.sign_in("li_na")
    desk.open("/queue")
    desk.follow("text=领取下一件", "**/tasks/*")
    assert "内部" not in page.content(), "what the form does not read stays on the server"
    expect(page.locator("#form").get_by_label("说明")).to_have_value("共 2 件")
    page.locator(".fjs-form-field-select .fjs-input-group").click()
    page.get_by_text("乙案", exact=True).click()
    page.locator("button[data-submit]").click()
    expect(page.locator(".fjs-form-field-error")).to_contain_text("乙案尚未答复")
    expect(page.locator("#form-problems")).to_contain_text("选择：乙案尚未答复")
    _shot(page, "refused")
    page.locator("#form-problems a").click()
    expect(page.locator(".fjs-form-field-select input")).to_be_focused()
    page.get_by_text("甲案", exact=True).click()
    desk.complaints.clear()  # the browser's own line about the refusal
    desk.follow("button[data-submit]", "**/tasks/*?done=yes")


def test_a_message_with_a_form_is_passed_on_without_typing_json(website: Website, desk: Desk) -> None:
    open_to_all = SourceFile(
        "listening.bpmn", listening().content.decode().replace('value="external"', 'value="staff"').encode()
    )
    deploy(website, open_to_all, form("more_info", ASKED, HOW_MANY, OF_CASE))
    number = filed(website, "listening")
    page = desk.page
    desk.sign_in("li_na")
    desk.open(f"/cases/{number}")
    page.get_by_role("link", name="收到more").scroll_into_view_if_needed()
    _shot(page, "case")
    desk.follow("a.button:has-text('收到more')", "**/message?*")
    expect(page.locator("#form")).to_contain_text(number)
    expect(page.get_by_label("天数")).to_have_value("5")
    page.get_by_label("要求补充").fill("请补充合同原件")
    _shot(page, "message")
    desk.follow("button[data-submit]", f"**/cases/{number}")
    expect(page.locator("body")).to_contain_text("消息已送达流程")
    expect(page.locator("#story")).to_contain_text("收到more")


def _shot(page: object, name: str) -> None:
    if folder := os.environ.get("REDRESS_SHOTS"):
        page.screenshot(path=f"{folder}/forms-{name}.png", full_page=True)  # type: ignore[attr-defined]
