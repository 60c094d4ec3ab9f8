"""The pages of the organisation: everybody of the company looks, operators change."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.admin.conftest import Desk, Website


def test_everybody_sees_the_tree_and_only_operators_see_how_to_change_it(website: Website) -> None:
    clerk = website.visitor("li_na").get("/organisation").text
    assert "河南省投诉处理中心" in clerk and "李楠" in clerk
    assert "保存" not in clerk and "/organisation/import" not in clerk
    assert "增加下级单位" in website.visitor("tang_wei").get("/organisation/units/henan").text
    assert website.visitor("li_na").get("/organisation/units/nowhere").status_code == 404
    assert website.visitor("li_na").get("/organisation/import").status_code == 403


def test_an_export_is_downloaded(website: Website) -> None:
    visitor = website.visitor("li_na")
    for wanted in ("xlsx", "zip"):
        assert visitor.get(f"/organisation/export/{wanted}").data[:2] == b"PK"
    assert visitor.get("/organisation/export/exe").status_code == 404


@pytest.mark.browser
def test_an_operator_adds_a_unit_and_a_person_and_is_told_what_is_wrong(website: Website, desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1366, "height": 800})
    desk.sign_in("tang_wei")
    desk.open("/organisation/units/henan")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.get_by_text("增加下级单位").click()
    form = page.locator("form[action$='/organisation/units']")
    form.get_by_label("代码 Code").fill("puyang")
    form.get_by_label("名称 Name", exact=True).fill("濮阳远端处理单元")
    form.get_by_label("候选组").fill("remote_unit")
    form.locator("button").click()
    expect(page.locator("#unit-title")).to_contain_text("濮阳远端处理单元")
    page.get_by_text("增加人员").click()
    form = page.locator("form[action$='/people']")
    form.get_by_label("账号 Login").fill("new_one")
    form.get_by_label("姓名 Name").fill("新人")
    form.get_by_label("岗位 Post").select_option("handler")
    form.locator("button").click()
    expect(page.locator(".seats")).to_contain_text("新人")
    page.get_by_text("修改、移动或关闭").click()
    page.locator("form[action$='/units/puyang']").get_by_label("候选组").fill("operator")
    page.locator("form[action$='/units/puyang'] button").click()
    expect(page.get_by_role("alert")).to_contain_text("权限随岗位授予")
    desk.complaints.clear()  # the browser's own line about the 422


@pytest.mark.browser
def test_an_import_is_read_before_it_is_confirmed(website: Website, desk: Desk) -> None:
    page = desk.page
    desk.sign_in("tang_wei")
    desk.open("/organisation/import")

    def choose(text: str) -> None:
        file: Any = {"name": "units.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}
        page.locator("input[name=files]").set_input_files(file)
        page.get_by_role("button", name=re.compile("核对")).click()

    choose("代码,名称,上级\npuyang,濮阳,nowhere\n")
    expect(page.locator("#report")).to_contain_text("没有代码为“nowhere”的单位")
    choose("代码,名称,上级\npuyang,濮阳,henan\n")
    expect(page.locator("#report")).to_contain_text("新增 added 1")
    page.get_by_role("button", name=re.compile("确认导入")).click()
    expect(page.get_by_text("已导入 1 处变动")).to_be_visible()
    expect(page.locator(".tree")).to_contain_text("濮阳")
