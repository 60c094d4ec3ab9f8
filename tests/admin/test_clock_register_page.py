"""The pages of the clock register: everybody of the company looks, the process owner changes."""

from __future__ import annotations

import csv
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from redress.content import register_rows
from tasks.clauses.keeping import load_register
from tasks.deadlines.policies.loading import load_policies
from tests.admin.conftest import Desk, Website

CLOCKS = Path(__file__).parents[2] / "bpmn"
OWNER, CLERK = "lu_jian", "li_na"


@pytest.fixture
def registered(website: Website) -> Website:
    """The website with the register of the domain."""
    with website.deps.sessions.begin() as session:
        load_policies(session, register_rows(CLOCKS), now=website.deps.clock.now())
        load_register(session, (CLOCKS / "clauses.yaml").read_text("utf-8"), now=website.deps.clock.now())
    return website


def address(visitor: Any, code: str) -> str:
    """The page of the row that the table lists first for a code."""
    found = re.search(rf'href="([^"]+)">{re.escape(code)}<', visitor.get(f"/clock-policies?code={code}").text)
    assert found
    return found[1]


def test_everybody_sees_every_row_by_regime_and_what_is_missing(registered: Website) -> None:
    page = registered.visitor(CLERK).get("/clock-policies").text
    with (CLOCKS / "organisation" / "clocks.csv").open(encoding="utf-8") as file:
        assert all(row["code"] in page for row in csv.DictReader(file))
    assert "附录C" in page and "本项目规定" in page and "对客户承诺" in page
    assert "/clock-policies/new" not in page
    assert registered.visitor(CLERK).get("/clock-policies/new").status_code == 403
    only = registered.visitor(CLERK).get("/clock-policies?code=R29").text
    assert "R29.gap" in only and "R01.audit" not in only
    assert "2026-02-30" in registered.visitor(CLERK).get("/clock-policies?day=2026-02-30").text


def test_a_refused_edit_keeps_what_was_typed_and_names_every_mistake(registered: Website) -> None:
    visitor = registered.visitor(OWNER)
    row = address(visitor, "R01.audit")
    answer = visitor.post(
        row, {"limit": "0", "unit": "h", "rungs": "soon", "note": "试一试", "promised": "yes"}
    )
    assert answer.status_code == 422
    assert "时限必须大于 0" in answer.text and "预警梯级“soon”不对" in answer.text
    assert 'value="soon"' in answer.text and 'value="试一试"' in answer.text
    assert re.search(r'name="promised" value="yes" checked', answer.text)
    assert not re.search(r'name="pauses" value="customer" checked', answer.text)


def test_a_planned_change_is_seen_and_taken_back_and_the_history_tells_who(registered: Website) -> None:
    visitor = registered.visitor(OWNER)
    row = address(visitor, "R01.audit")
    form = {"limit": "6", "unit": "h", "effective_from": "2026-04-01", "note": "会议决定", "rolls": "yes"}
    saved = visitor.post(row, form)
    assert saved.status_code == 302
    table = visitor.get("/clock-policies?code=R01.audit").text
    assert "2026-04-01 起" in table and "6 小时" in table
    planned = visitor.get(saved.location).text
    assert "已排定" in planned and "会议决定" in planned and "陆鉴" in planned
    assert visitor.post(row, form).status_code == 409
    assert "取代已排定的版本" in visitor.post(saved.location, form | {"limit": "7"}).text
    kept = visitor.post(f"{saved.location}/keep", {"note": "不改了"})
    assert "已排定" not in visitor.get(kept.location).text
    ended = visitor.post(f"{kept.location}/end", {})
    assert "停用" in visitor.get(ended.location).text
    assert "R01.audit" not in re.findall(r">(R01\.\w+)<", visitor.get("/clock-policies").text)
    assert "R01.audit" in visitor.get("/clock-policies?ended=yes").text


def test_a_file_is_exported_and_imported_after_a_report(registered: Website) -> None:
    visitor = registered.visitor(OWNER)
    assert visitor.get("/clock-policies/export/xlsx").data[:2] == b"PK"
    assert visitor.get("/clock-policies/export/exe").status_code == 404
    exported = visitor.get("/clock-policies/export/csv").data
    same = visitor.post("/clock-policies/import", {"file": (BytesIO(exported), "clocks.csv")})
    assert "没有变动" in same.text
    content = b"code,limit,unit\nR01.audit,6,h\n"
    report = visitor.post("/clock-policies/import", {"file": (BytesIO(content), "clocks.csv")}).text
    wanted = re.search(r'name="fingerprint" value="([^"]+)"', report)
    assert wanted
    sent = {"file": (BytesIO(content), "clocks.csv"), "fingerprint": wanted[1]}
    assert visitor.post("/clock-policies/import", sent).status_code == 302
    wrong = visitor.post(
        "/clock-policies/import", {"file": (BytesIO(b"code,limit\nR01.audit,-1\n"), "c.csv")}
    )
    assert "不能导入" in wrong.text


@pytest.mark.browser
def test_the_owner_changes_a_row_and_what_was_typed_stays_when_it_is_refused(
    registered: Website, desk: Desk
) -> None:
    page = desk.page
    desk.sign_in(OWNER)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        desk.open("/clock-policies")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="R29.up").click()
    form = page.locator("#edit form")
    form.get_by_label("时限 Limit").fill("0.3")
    form.get_by_label("说明 Why").fill("试行")
    form.get_by_role("button", name="保存为新版本").click()
    expect(page.get_by_role("alert")).to_contain_text("0.5 的整数倍")
    expect(form.get_by_label("说明 Why")).to_have_value("试行")
    desk.complaints.clear()  # the browser's own line about the 422
    form.get_by_label("时限 Limit").fill("1.5")
    form.get_by_label("自何日起").fill("2026-04-01")
    form.get_by_role("button", name="保存为新版本").click()
    expect(page.get_by_role("status")).to_contain_text("2026-04-01 起生效")
    expect(page.locator("tr", has_text="已排定")).to_contain_text("1.5 工作日")
    page.get_by_role("button", name="取消已排定的版本").click()
    expect(page.locator("tr[aria-current]")).to_contain_text("0.5 工作日")
    expect(page.get_by_text("已排定", exact=True)).to_have_count(0)
