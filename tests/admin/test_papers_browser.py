"""The file field of a form in a real browser: chosen with the keyboard, uploaded at once, refused beside the field."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.admin.conftest import Desk, Website
from tests.tasks.evidence import files

pytestmark = pytest.mark.browser


def test_photos_are_chosen_uploaded_and_filed_with_the_form(
    website: Website, desk: Desk, tmp_path: Path
) -> None:
    good, bad = tmp_path / "现场照片.jpg", tmp_path / "假照片.jpg"
    good.write_bytes(files.picture("JPEG", turned=6))
    bad.write_bytes(b"#!/bin/sh\n")
    page = desk.page
    desk.sign_in("li_na")
    desk.open("/file/suggestion")
    page.get_by_label("客户姓名").fill("王建国")
    page.get_by_label("联系电话").fill("13800001234")
    page.get_by_label("建议内容").fill("建议营业厅增加老年人专用窗口。")
    field = page.get_by_label("现场照片")
    field.focus()
    expect(field).to_be_focused()
    field.set_input_files([good, bad])
    expect(page.get_by_role("link", name="现场照片.jpg")).to_be_visible()
    expect(page.locator(".paper-refused")).to_contain_text("假照片.jpg：文件是脚本")
    _shot(page, "form")
    page.reload()  # what was uploaded is part of the draft
    desk.ready()
    expect(page.get_by_role("link", name="现场照片.jpg")).to_be_visible()
    desk.follow("button[data-submit]", "**/cases/*")
    expect(page.locator("#papers")).to_contain_text("现场照片.jpg")
    page.locator("#papers").scroll_into_view_if_needed()
    _shot(page, "case")

    desk.sign_in("wang_lei")
    desk.open("/queue")
    desk.follow("text=领取下一件", "**/tasks/*")
    page.get_by_role("tab", name="附件").click()
    page.get_by_label("种类 Kind").select_option("photo")
    page.locator("#paper-file").set_input_files(good)
    desk.follow("#papers button", "**/tasks/*")
    expect(page.locator("#papers tbody tr")).to_have_count(2)
    page.locator("#papers").scroll_into_view_if_needed()
    _shot(page, "task")


def _shot(page: object, name: str) -> None:
    if folder := os.environ.get("REDRESS_SHOTS"):
        page.screenshot(path=f"{folder}/papers-{name}.png", full_page=True)  # type: ignore[attr-defined]
