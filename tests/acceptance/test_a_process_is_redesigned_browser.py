"""流程负责人改版投诉流程, at a real browser and over the API: an audit step is drawn in, found wanting, mended, compared, put live,
met by a clerk in their queue, and taken back the same afternoon.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from redress.bootstrap import create_app
from tests.acceptance.conftest import Office
from tests.acceptance.people import COMPLAINT, filed
from tests.browser import Desk, launched, seated, served

pytestmark = pytest.mark.browser

OWNER, CLERK = "lu_jian", "wang_lei"
STEP = "audit_grading"
NAME = "核对定级"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def owner(office: Office, chromium: Browser) -> Iterator[Desk]:
    with ExitStack() as doors:
        address = doors.enter_context(served(create_app(office.deps)))
        desk = doors.enter_context(seated(chromium, address))
        desk.sign_in(OWNER)
        yield desk


def test_a_step_is_drawn_checked_compared_put_live_met_and_taken_back(office: Office, owner: Desk) -> None:
    under_way = office.files("li_na", "complaint", filed(COMPLAINT))
    draft = the_owner_opens_the_complaint_flow(owner)
    room_is_made_and_the_step_drawn_into_it(owner.page)
    what_the_check_misses_is_shown_at_the_step(owner.page)
    group_form_and_clock_are_chosen(owner.page)
    nothing_is_left_to_mend(owner)
    the_step_stands_out_beside_the_version_in_use(owner, draft)
    it_is_put_live_with_a_reason(owner, draft)
    a_clerk_meets_it_in_their_queue(office, under_way)
    the_version_before_is_made_current_again(owner, office)


def hit(page: Page, element: str) -> tuple[float, float]:
    """The middle of an element on the screen."""
    box = page.locator(f'.djs-element[data-element-id="{element}"] .djs-hit').first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-entry-id="{name}"] .bio-properties-panel-input').first


def choose(page: Page, group: str, name: str, typed: str, value: str) -> None:
    """Open a group of the panel, type a part of what is wanted and take it from the list."""
    header = page.locator(f'[data-group-id="group-redress-{group}"] .bio-properties-panel-group-header').first
    if "open" not in (header.get_attribute("class") or "").split():
        header.click()
    field(page, name).click()
    field(page, name).fill(typed)
    page.locator(f"[data-entry-id='{name}'] [role=option][data-value='{value}']").click()


def remark(page: Page) -> Locator:
    """The badge at the step that counts what the check says of it."""
    return page.locator(f'.djs-overlays[data-container-id="{STEP}"] .badge-finding')


def saved(page: Page) -> None:
    expect(page.locator("#saved-state")).to_have_attribute("data-state", "saved")


def the_owner_opens_the_complaint_flow(owner: Desk) -> str:
    owner.open("/processes/complaint")
    owner.page.get_by_role("button", name="在设计器中打开").click()
    owner.page.wait_for_url("**/modeling/**")
    draft = "/modeling/" + owner.page.url.split("/modeling/")[1].split("/")[0]
    owner.open(f"{draft}/edit/processes/complaint.bpmn")
    assert owner.barriers() == []
    return draft


def room_is_made_and_the_step_drawn_into_it(page: Page) -> None:
    x, y = hit(page, "grading_to_round_begins")
    page.locator('.djs-palette [data-action="space-tool"]').click()
    page.mouse.move(x, y + 45)
    page.mouse.down()
    page.mouse.move(x + 60, y + 45, steps=4)
    page.mouse.move(x + 160, y + 45, steps=4)
    page.mouse.up()
    page.locator('.djs-palette [data-action="create.task"]').click()
    x, y = hit(page, "grading_to_round_begins")
    page.mouse.move(x, y + 60, steps=4)
    page.mouse.move(x, y, steps=4)
    page.mouse.click(x, y)
    expect(page.locator(".djs-direct-editing-content")).to_be_focused()
    page.keyboard.type(NAME)
    page.keyboard.press("Enter")
    page.locator('.djs-context-pad [data-action="replace"]').click()
    page.locator(".djs-popup .entry").filter(has_text="用户任务").first.click()
    page.locator("#bio-properties-panel-id").fill(STEP)
    page.locator("#bio-properties-panel-id").press("Tab")
    saved(page)


def what_the_check_misses_is_shown_at_the_step(page: Page) -> None:
    expect(remark(page)).to_have_text("1")
    expect(page.locator(f'.djs-element.found-warning[data-element-id="{STEP}"]')).to_be_visible()
    page.get_by_role("button", name="检查结果").click()
    expect(page.locator("#findings")).to_contain_text("没有候选组、候选人或办理人")


def group_form_and_clock_are_chosen(page: Page) -> None:
    choose(page, "assignment", "candidateGroups", "省投诉处理中心", "provincial_centre")
    choose(page, "form", "formRef", "复核", "review_work_order")
    choose(page, "clock", "sla.policy", "R01.audit", "R01.audit")
    saved(page)


def nothing_is_left_to_mend(owner: Desk) -> None:
    owner.page.locator("[data-tool=check]").click()
    expect(owner.page.locator("#findings [role=status]")).to_be_empty()
    expect(remark(owner.page)).to_have_count(0)
    expect(owner.page.locator("#findings")).not_to_contain_text(STEP)
    assert owner.barriers() == []


def the_step_stands_out_beside_the_version_in_use(owner: Desk, draft: str) -> None:
    owner.open(f"{draft}/compare")
    added = owner.page.locator(f'.djs-element.diff-added[data-element-id="{STEP}"]')
    expect(added).to_have_count(1)
    expect(added).to_contain_text(NAME)
    assert owner.barriers() == []


def it_is_put_live_with_a_reason(owner: Desk, draft: str) -> None:
    owner.open(draft)
    owner.page.locator("textarea[name=note]").fill("定级后由省中心核对一次")
    owner.page.get_by_role("button", name="检查并部署").click()
    owner.page.wait_for_load_state()
    expect(owner.page.locator("main")).to_contain_text("v2")


def a_clerk_meets_it_in_their_queue(office: Office, under_way: str) -> None:
    assert office.waiting(under_way) == ["accept_complaint"], "who is under way keeps the version"
    number = office.files("li_na", "complaint", filed(COMPLAINT))
    assert office.waiting(number) == [STEP]
    office.finds(CLERK, number, STEP)
    assert office.clock_of(number, "R01.audit")["due_at"] is not None


def the_version_before_is_made_current_again(owner: Desk, office: Office) -> None:
    owner.open("/processes/complaint")
    row = owner.page.locator("#versions tr").filter(has_text="v1")
    row.get_by_text("设为当前").first.click()
    row.locator("[name=note]").fill("省中心人手不足，先退回原流程")
    with owner.page.expect_navigation():
        row.get_by_role("button", name="设为当前").click()
    number = office.files("li_na", "complaint", filed(COMPLAINT))
    assert office.waiting(number) == ["accept_complaint"]
