"""What supervisors see of warnings and supervision: the page 督办, and what ran beside a case on its page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, cast

import pytest
from playwright.sync_api import expect

from engine.clock import FrozenClock
from tasks.cases.filing import Filed
from tests.admin.conftest import Desk, Website
from tests.tasks.deadlines.supervision import hung
from tests.tasks.drawings import one_task
from tests.tasks.office import TestOffice


@pytest.fixture
def pressed(website: Website) -> Filed:
    """A case whose work is four hours late, another that waits for its customer, and a third that was warned of."""
    office = TestOffice(website.deps, cast(FrozenClock, website.deps.clock))
    office.settle()
    office.deploy(*hung.supervision_files())
    filed = hung.quiet_case(office)
    hung.hang(office, filed)
    waits, near = office.file("li_na", "quiet", {}), office.file("li_na", "quiet", {})
    hung.pause(office, hung.hang(office, waits, name="等客户的时限"))
    start = office.clock.now()
    hung.hang(office, near, hours=15, name="快到期的时限", warn_at=start + timedelta(hours=13.5))
    for hours in (9.5, 1, 3.6):
        office.clock.advance(timedelta(hours=hours))
        office.settle()
    return filed


def test_a_supervisor_sees_what_presses_now_what_rang_and_how_often(website: Website, pressed: Filed) -> None:
    seen = website.visitor("sun_qiang").get("/supervision")
    assert seen.status_code == 200
    overdue, warned, paused, orders, log, counts = _panels(seen.text)
    assert pressed.number in overdue and "超时 4 小时" in overdue
    assert "快到期的时限" in warned and pressed.number not in warned
    assert "等客户的时限" in paused and "暂停自" in paused and "剩 10 小时" in paused
    assert orders.count(f">{pressed.number}<") == 3
    for step, who in (("90%", "河南省投诉处理中心"), ("100%", "孙强"), ("+4h", "乔牧")):
        assert step in log and who in log, step
    assert "S.work" in counts
    only = website.visitor("sun_qiang").get("/supervision?step=%2B4h&code=S.work&days=1&unit=henan").text
    assert "90%" not in _panels(only)[4] and "+4h" in _panels(only)[4]
    assert "没有超时" in website.visitor("pan_hua").get("/supervision").text  # of another province
    assert website.visitor("li_na").get("/supervision").status_code == 403


def test_a_supervisor_sees_what_waits_for_nobody_within_reach(website: Website) -> None:
    office = TestOffice(website.deps, cast(FrozenClock, website.deps.clock))
    assert 'id="gaps"' not in website.visitor("sun_qiang").get("/supervision").text
    office.deploy(one_task("lost", 'camunda:candidateGroups="nobody_at_all"'))
    office.file("li_na", "lost", {})
    seen = website.visitor("sun_qiang").get("/supervision").text
    (panel,) = re.findall(r'id="gaps".*?</section>', seen, flags=re.DOTALL)
    assert "没有可派的单位" in panel and '<td class="right num">1</td>' in panel
    assert 'id="gaps"' not in website.visitor("pan_hua").get("/supervision").text  # of another province


def test_the_case_lists_supervision_as_linked(website: Website, pressed: Filed) -> None:
    page = website.visitor("sun_qiang").get(f"/cases/{pressed.number}").text
    (panel,) = re.findall(r'id="supervision".*?</section>', page, flags=re.DOTALL)
    assert "关联流程" in panel and "处理时限" in panel and "督办中" in panel
    assert "+4h" in panel
    assert 'id="supervision"' not in website.visitor("wang_lei").get(f"/cases/{pressed.number}").text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_fits_a_desk_and_a_telephone(
    website: Website, desk: Desk, pressed: Filed, width: int
) -> None:
    desk.page.set_viewport_size({"width": width, "height": 900})
    desk.sign_in("sun_qiang")
    desk.open("/supervision")
    expect(desk.page.get_by_role("heading", name="督办 Supervision")).to_be_visible()
    expect(desk.page.locator("main")).to_contain_text(pressed.number)
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= width


def _panels(text: str) -> list[Any]:
    """The panels of the page behind its filter, in order."""
    return re.findall(r'<section class="panel">\s*<header>(.*?)</section>', text, flags=re.DOTALL)
