"""The page of the working calendar: everybody of the company looks, headquarters imports, units keep days of their own."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import expect

from tasks.deadlines.calendar.loading import load_workdays
from tests.admin.conftest import Desk, Website
from tests.tasks.deadlines.calendar.calendars import FILE

NOTICE = """国务院办公厅关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。5月8日（周六）上班。
五、端午节：6月9日（周三）放假，共1天。
六、中秋节：9月15日（周三）放假，共1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
"""


@pytest.fixture(autouse=True)
def published(website: Website) -> None:
    """The office has the calendar that is shipped."""
    with website.deps.sessions.begin() as session, FILE.open(encoding="utf-8") as rows:
        load_workdays(session, csv.DictReader(rows), now=website.deps.clock.now())


def test_everybody_sees_the_year_with_marks_that_are_words(website: Website) -> None:
    page = website.visitor("li_na").get("/calendar?year=2026").text
    assert (
        "2026-02-14 上班 worked, 按通知 by the notice: 春节" in page
        and "<i>班</i>" in page
        and "<i>休</i>" in page
    )
    assert "导入放假通知" not in page and "登记停工或值班" not in page
    assert (
        '暂定 <span class="en" lang="en">provisional</span>'
        in website.visitor("li_na").get("/calendar?year=2027").text
    )
    assert website.visitor("li_na").get("/calendar?year=20x").status_code == 404
    assert website.visitor("li_na").get("/calendar?region=nowhere").status_code == 404
    assert website.visitor("li_na").get("/calendar?year=1999").status_code == 400


@pytest.mark.browser
def test_an_operator_imports_a_notice_after_seeing_what_it_changes(website: Website, desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.sign_in("tang_wei")
    desk.open("/calendar?year=2027")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    text = page.get_by_label("粘贴通知全文")
    text.fill(NOTICE.replace("2月20日（周六）", "2月20日（周日）").replace("共5天", "共8天"))
    page.get_by_role("button", name="核对 Report").click()
    expect(page.locator("#report .problems li")).to_have_count(2)
    expect(page.locator("#report")).to_contain_text("2027-02-20 是周六")
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
    text.fill(NOTICE)
    page.get_by_role("button", name="核对 Report").click()
    expect(page.locator("#report tbody tr").first).to_contain_text("2027-01-31")
    desk.follow("text=确认导入 2027 年", "**/calendar?year=2027")
    expect(page.get_by_text("已导入 2027 年的放假安排")).to_be_visible()
    expect(page.get_by_text("已公布 published")).to_be_visible()


@pytest.mark.browser
def test_a_typhoon_day_is_added_and_taken_back_on_a_narrow_screen(website: Website, desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 390, "height": 844})
    desk.sign_in("tang_wei")
    desk.open("/calendar?year=2026&region=henan")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_text("登记停工或值班").click()
    form = page.locator("form[action$='/calendar/days']").last
    form.get_by_label("日期 Day").fill("2026-08-12")
    form.get_by_label("原因 Reason").fill("台风停工")
    form.get_by_role("button", name="保存 Save").click()
    expect(page.get_by_text("已保存；有关时限将重新计算")).to_be_visible()
    expect(page.locator("td[title^='2026-08-12']")).to_have_text("12休")
    page.locator("summary", has_text="撤销").first.click()
    page.locator("form[action$='/calendar/days'] input[name=reason]").first.fill("台风未登陆")
    page.locator("form[action$='/calendar/days'] button.danger").click()
    expect(page.get_by_text("没有单位另有安排")).to_be_visible()
