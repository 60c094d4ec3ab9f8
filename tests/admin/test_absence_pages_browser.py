"""Absences and the duty roster in a real browser, with mouse and keyboard. Any console error or foreign request fails the test."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tasks.people.duty.reading import local
from tests.admin.conftest import Desk, Website


@pytest.mark.browser
def test_a_lead_enters_an_absence_hands_over_and_reads_the_roster_also_on_a_narrow_screen(
    website: Website, desk: Desk
) -> None:
    page = desk.page
    website.file_suggestion()
    task = website.task_of("wang_lei")
    website.visitor("wang_lei").post(f"{task}/claim")
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.sign_in("sun_qiang")
    desk.open("/absences")
    page.get_by_label("休假人账号").fill("wang_lei")
    page.get_by_label("回来（结束）").fill(local(website.clock.now() + timedelta(days=3)).replace(" ", "T"))
    page.get_by_label("代理人账号；可空").fill("zhao_min")
    page.get_by_label("事由").press("Enter")
    row = page.locator("table.away tbody tr").first
    expect(row).to_contain_text("王磊")
    expect(row).to_contain_text("赵敏")
    row.get_by_role("button", name="立即交接").click()
    expect(page.locator("#handed")).to_contain_text("赵敏")
    expect(page.locator("table.away tbody tr").first.get_by_role("button", name="立即交接")).to_have_count(0)

    now = website.clock.now()
    turns = "".join(
        f"henan_centre,{login},{local(now + timedelta(hours=12 * at))},{local(now + timedelta(hours=12 * at + 12))},\n"
        for at, login in enumerate(("zhao_min", "wang_lei", "zhao_min", "wang_lei"))
    )
    desk.open("/duty?unit=henan_centre")
    page.get_by_label("CSV 或 XLSX").set_input_files(
        {
            "name": "duty.csv",
            "mimeType": "text/csv",
            "buffer": f"unit,login,from,until,note\n{turns}".encode(),
        }
    )
    page.get_by_role("button", name="导入 Import").click()
    expect(page.get_by_text("值班表已导入：4 个班次")).to_be_visible()
    expect(page.locator(".on-duty")).to_contain_text("赵敏")
    for address in ("/absences", "/account/absences", "/duty?unit=henan_centre"):
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 844})
            desk.open(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
