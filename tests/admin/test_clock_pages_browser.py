"""What a clerk sees of time, and does about it, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from tasks.deadlines.policies.loading import load_policies
from tests.admin.conftest import Desk, Website
from tests.tasks.drawings import drawn

pytestmark = pytest.mark.browser

INSIDE = """
 <bpmn:extensionElements><camunda:properties>
  <camunda:property name="sla.policy" value="W.all"/></camunda:properties></bpmn:extensionElements>
 <bpmn:startEvent id="s"/>
 <bpmn:userTask id="check" name="核查" camunda:candidateGroups="channel">
  <bpmn:extensionElements><camunda:properties>
   <camunda:property name="sla.policy" value="W.check"/></camunda:properties></bpmn:extensionElements>
 </bpmn:userTask>
 <bpmn:endEvent id="e"/>
 <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="check"/>
 <bpmn:sequenceFlow id="f2" sourceRef="check" targetRef="e"/>
"""
START = '{"type": "default", "id": "watched_start", "components": [{"type": "textarea", "key": "wish", "label": "诉求"}]}'
POLICIES = [
    {"code": "W.check", "limit": "3", "unit": "wd", "pauses": "customer", "name_zh": "核查时限"},
    {"code": "W.all", "limit": "48", "target": "24", "unit": "h", "pauses": "customer", "name_zh": "总时限"},
]


@pytest.fixture
def number(website: Website) -> str:
    """A case with a clock of its own and a task with one."""
    with website.deps.sessions.begin() as session:
        load_policies(session, POLICIES, now=website.clock.now())
        files = [drawn("watched", INSIDE), SourceFile("watched_start.form", START.encode())]
        website.deps.engine.deploy(session, files, actor=SYSTEM, name="watched")
    answer = website.visitor("li_na").submit("/file/watched", {"wish": "请回电"})
    return str(answer.json["next"]).rsplit("/", 1)[-1]


def test_lists_show_what_is_left_in_the_limits_own_time_and_which_clock_ends_first(
    website: Website, desk: Desk, number: str
) -> None:
    website.clock.advance(timedelta(hours=2))
    page = desk.page
    desk.sign_in("li_na")
    desk.open("/queue")
    row = page.locator("#rows tr").first
    expect(row).to_contain_text("剩 3 个工作日 6 小时")
    expect(row).to_contain_text("03-05 24:00")
    expect(row.get_by_text("全案")).to_have_attribute(
        "title", "全案时限先到期：2026-03-04 09:00 The case is due first: 2026-03-04 09:00"
    )
    expect(page.locator(".filters .hint")).to_contain_text("截至 as of 2026-03-02 11:00")
    desk.open("/cases")
    row = page.locator("#rows tr").first
    expect(row).to_contain_text("剩 1 天 22 小时")
    expect(row).to_contain_text("2026-03-04 09:00")


def test_a_clerk_pauses_promises_and_asks_and_a_supervisor_decides(
    website: Website, desk: Desk, number: str
) -> None:
    page = desk.page
    desk.sign_in("li_na")
    desk.open(f"/cases/{number}")
    clocks = page.locator("#clocks")
    whole = clocks.locator("article", has_text="总时限")
    expect(whole).to_contain_text("最先到期")
    expect(whole).to_contain_text("目标 Target")
    expect(whole).to_contain_text("2026-03-03 09:00")
    whole.get_by_text("记录承诺").click()
    whole.get_by_label("承诺时间").fill("2026-03-03T18:00")
    whole.get_by_role("button", name="记录", exact=False).click()
    expect(whole).to_contain_text("2026-03-03 18:00")
    whole.get_by_text("申请延期").click()
    whole.get_by_label("延长").fill("12")
    whole.get_by_label("理由").fill("等厂家回复")
    whole.get_by_role("button", name="提交申请").click()
    expect(whole).to_contain_text("待审批")
    expect(whole).to_contain_text("等厂家回复")
    expect(whole.get_by_role("button", name="同意", exact=False)).to_have_count(0)
    clocks.get_by_placeholder("说明").fill("等客户补充材料")
    clocks.get_by_role("button", name="全案暂停计时").click()
    expect(whole).to_contain_text("暂停中")
    website.clock.advance(timedelta(hours=3))
    desk.sign_in("li_na")
    desk.open(f"/cases/{number}")
    expect(whole).to_contain_text("暂停中 3 小时")
    expect(whole).to_contain_text(
        "自 2026-03-02 09:00 · 等待客户 waiting for the customer · 李楠: 等客户补充材料"
    )
    expect(page.locator("#court")).to_contain_text("等待客户")
    clocks.get_by_role("button", name="全案恢复计时").click()
    expect(whole).to_contain_text("到期时间改过 1 次")
    expect(whole).to_contain_text("2026-03-04 12:00")
    desk.sign_in("sun_qiang")
    desk.open(f"/cases/{number}")
    whole.get_by_label("意见").fill("同意")
    whole.get_by_role("button", name="同意 Approve").click()
    expect(whole).to_contain_text("已同意")
    expect(whole).to_contain_text("2026-03-04 24:00")
    expect(whole).to_contain_text("到期时间改过 2 次")


def test_a_refused_request_is_told_above_what_was_typed_and_an_accepted_one_waits_for_supervisors(
    website: Website, desk: Desk, number: str
) -> None:
    page = desk.page
    desk.sign_in("li_na")
    desk.open(f"/cases/{number}")
    whole = page.locator("#clocks article", has_text="总时限")
    whole.get_by_text("申请延期").click()
    whole.get_by_label("延长").fill("500")
    whole.get_by_label("理由").fill("等厂家回复")
    whole.get_by_role("button", name="提交申请").click()
    expect(page.locator("#refusal")).to_contain_text("延期量 500 超过尚可延长的 48 小时")
    expect(whole.get_by_label("理由")).to_have_value("等厂家回复")
    desk.complaints.clear()  # the browser's own line about the refusal
    whole.get_by_label("延长").fill("12")
    whole.get_by_role("button", name="提交申请").click()
    expect(page.locator("#clocks [role=status]")).to_contain_text("延期申请已提交")
    expect(whole).to_contain_text("待审批")
    desk.sign_in("sun_qiang")
    desk.open("/supervision")
    waiting = page.locator("#requests")
    expect(waiting).to_contain_text("等厂家回复")
    expect(waiting).to_contain_text("李楠")
    waiting.get_by_role("link", name=number).click()
    whole.get_by_role("button", name="同意 Approve").click()
    expect(whole).to_contain_text("已同意")
    desk.open("/supervision")
    expect(waiting).to_have_count(0)


def test_what_a_clerk_needs_of_time_is_on_the_screen_of_a_telephone(
    website: Website, desk: Desk, number: str
) -> None:
    page = desk.page
    page.set_viewport_size({"width": 390, "height": 900})
    desk.sign_in("li_na")
    for where in ("/cases", "/queue"):
        desk.open(where)
        left = page.locator("#rows tr .clock").first.bounding_box()
        assert left is not None and left["x"] + left["width"] <= 390


def test_a_list_never_leaves_its_panel(website: Website, desk: Desk, number: str) -> None:
    page = desk.page
    desk.sign_in("li_na")
    desk.open(f"/cases/{number}")
    page.get_by_role("button", name="全案暂停计时").click()
    expect(page.locator("#clocks [role=status]")).to_contain_text("已暂停")
    for width in (1100, 1366):
        page.set_viewport_size({"width": width, "height": 900})
        for where in ("/cases", "/queue", "/supervision", "/clock-policies"):
            desk.open(where)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (where, width)
            out = page.evaluate(
                "[...document.querySelectorAll('main .panel > *')].filter("
                "one => one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1).length"
            )
            assert out == 0, (where, width)


def test_an_over_due_clock_says_by_how_much_and_the_figures_count_it(
    website: Website, desk: Desk, number: str
) -> None:
    website.clock.advance(timedelta(hours=51))
    page = desk.page
    desk.sign_in("li_na")
    desk.open(f"/cases/{number}")
    expect(page.locator("#clocks article", has_text="总时限")).to_contain_text("超时 3 小时")
    task = website.task_of("li_na")
    visitor = website.visitor("li_na")
    visitor.post(f"{task}/claim")
    visitor.post(f"{task}/complete")
    desk.sign_in("zhou_ting")
    desk.open("/outcomes")
    row = page.locator(".sums tbody tr", has_text="W.all")
    expect(row).to_contain_text("0.0%（0/1）")
    expect(row).to_contain_text("无（0/0）")
    expect(row).to_contain_text("3 小时（自然时间）")
    expect(row).to_contain_text("按小时计")
    expect(page.locator(".sums tbody tr", has_text="W.check")).to_contain_text("100.0%（1/1）")


def test_many_clocks_of_one_case_say_whose_they_are_and_the_later_ones_are_folded(
    website: Website, desk: Desk
) -> None:
    steps = "".join(
        f"""<bpmn:userTask id="t{n}" name="核查第{n}项" camunda:candidateGroups="channel"/>
        <bpmn:sequenceFlow id="a{n}" sourceRef="g" targetRef="t{n}"/>
        <bpmn:sequenceFlow id="b{n}" sourceRef="t{n}" targetRef="e"/>"""
        for n in range(15)
    )
    inside = f"""<bpmn:startEvent id="s"/><bpmn:parallelGateway id="g"/><bpmn:endEvent id="e"/>
        <bpmn:sequenceFlow id="f" sourceRef="s" targetRef="g"/>{steps}"""
    with website.deps.sessions.begin() as session:
        unassigned = {"code": "R35.unassigned", "limit": "48", "unit": "h", "stops_on": "claim"}
        load_policies(session, [{**unassigned, "name_zh": "无人认领"}], now=website.clock.now())
        files = [
            drawn("many", inside),
            SourceFile("many_start.form", START.replace("watched", "many").encode()),
        ]
        website.deps.engine.deploy(session, files, actor=SYSTEM, name="many")
    answer = website.visitor("li_na").submit("/file/many", {"wish": "请回电"})
    desk.sign_in("li_na")
    desk.open(str(answer.json["next"]))
    clocks = desk.page.locator("#clocks")
    expect(clocks.locator("article:visible")).to_have_count(12)
    clocks.get_by_text("其余 3 个时限").click()
    expect(clocks.locator("article:visible")).to_have_count(15)
    for n in range(15):
        expect(clocks.get_by_label(f"无人认领：核查第{n}项", exact=True)).to_contain_text(f"核查第{n}项")
