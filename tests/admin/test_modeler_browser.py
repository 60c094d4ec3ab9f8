"""The editor of a draft's diagram, at real browsers: what is drawn is kept, found wrong, taken back, brought and taken away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.admin.conftest import Desk, Website, uploaded

pytestmark = pytest.mark.browser

BPMN = Path(__file__).parents[2] / "bpmn"
COMPLAINT = BPMN / "processes" / "complaint.bpmn"
VIOLATIONS = """document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`blocked by the policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""

SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions id="d" targetNamespace="urn:test" xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"{more}>
  <bpmn:process id="small" name="小流程" isExecutable="true">
    <bpmn:startEvent id="begin"/>
    <bpmn:sequenceFlow id="to_work" sourceRef="begin" targetRef="work"/>
    <bpmn:userTask id="work" name="办理" camunda:candidateGroups="channel">{inside}</bpmn:userTask>
    <bpmn:sequenceFlow id="to_end" sourceRef="work" targetRef="end"/>
    <bpmn:endEvent id="end"/>{beside}
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="small">
    <bpmndi:BPMNShape id="s1" bpmnElement="begin"><dc:Bounds x="160" y="100" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s2" bpmnElement="work"><dc:Bounds x="260" y="78" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s3" bpmnElement="end"><dc:Bounds x="430" y="100" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="e1" bpmnElement="to_work"><di:waypoint x="196" y="118"/><di:waypoint x="260" y="118"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="e2" bpmnElement="to_end"><di:waypoint x="360" y="118"/><di:waypoint x="430" y="118"/></bpmndi:BPMNEdge>
    {drawn}
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""


def small(*, more: str = "", inside: str = "", beside: str = "", drawn: str = "") -> str:
    """One task, drawn; with namespaces, and what stands inside the task, beside it and in the drawing."""
    return SMALL.format(more=more, inside=inside, beside=beside, drawn=drawn)


def drafted(website: Website, name: str, text: str) -> str:
    """The address of the editor of the one file of a new draft of the process owner."""
    answer = website.visitor("lu_jian").post(
        "/modeling", {"name": "投诉流程改版", "files": [uploaded(name, text)]}
    )
    assert answer.status_code == 303, answer.text
    return f"{answer.headers['Location']}/edit/{name}"


def stored(website: Website, address: str) -> dict[str, Any]:
    """What the server keeps of the file."""
    answer = website.visitor("lu_jian").get(address.replace("/edit/", "/content/"))
    assert answer.status_code == 200
    return dict(answer.json)


def editing(desk: Desk, address: str) -> Page:
    """The editor, opened by the process owner."""
    desk.page.add_init_script(VIOLATIONS)
    desk.sign_in("lu_jian")
    desk.open(address)
    return desk.page


def shape(page: Page, element: str) -> Any:
    return page.locator(f'.djs-element[data-element-id="{element}"]')


def select(page: Page, element: str) -> None:
    shape(page, element).locator(".djs-hit").first.click()


def rename(page: Page, element: str, name: str) -> None:
    """As the panel does it: choose the element, write into the field of its name."""
    if not page.locator(f'.djs-element.selected[data-element-id="{element}"]').count():
        select(page, element)  # a click on what is selected takes the selection back
    expect(page.locator("#bio-properties-panel-id")).to_have_value(element)
    page.locator("#bio-properties-panel-name").fill(name)


def saved(page: Page) -> None:
    expect(page.locator("#saved-state")).to_have_attribute("data-state", "saved")


def stepped(page: Page) -> None:
    """A revision of the server's is shown, and saved as the newest."""
    expect(page.locator("#saved-state")).to_have_attribute("data-state", "unsaved")
    saved(page)


def bring(page: Page, name: str, text: str | bytes) -> None:
    content = text.encode() if isinstance(text, str) else text
    page.set_input_files("#import-file", {"name": name, "mimeType": "application/xml", "buffer": content})


def mark_is_bare(page: Page) -> None:
    """The mark of bpmn.io is seen whole: whatever is at its corners and in its middle is the mark itself."""
    covered = page.evaluate(
        """() => {
          const mark = document.querySelector('.bjs-powered-by');
          const { left, top, right, bottom } = mark.getBoundingClientRect();
          const inside = [[left + 2, top + 2], [right - 2, top + 2], [left + 2, bottom - 2], [right - 2, bottom - 2],
            [(left + right) / 2, (top + bottom) / 2]];
          return inside.filter(([x, y]) => !mark.contains(document.elementsFromPoint(x, y)[0]));
        }"""
    )
    assert covered == []
    box = page.locator(".bjs-powered-by").bounding_box()
    assert box and box["width"] > 30 and box["y"] + box["height"] <= 768


def test_what_is_drawn_is_saved_by_itself_and_taken_back_across_a_reload(
    website: Website, desk: Desk
) -> None:
    address = drafted(website, "small.bpmn", small())
    page = editing(desk, address)
    expect(page.locator("#saved-state")).to_contain_text("已保存")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "one screen"
    begin = shape(page, "begin").bounding_box()
    palette = page.locator(".djs-palette").bounding_box()
    assert begin and palette and begin["x"] > palette["x"] + palette["width"], "not under the palette"
    mark_is_bare(page)

    # The context pad appends a task behind the task; the palette makes an event.
    select(page, "work")
    page.locator('.djs-context-pad [data-action="append.append-task"]').click()
    expect(page.locator(".djs-direct-editing-content")).to_be_focused()
    page.keyboard.type("再核一遍")
    page.keyboard.press("Enter")
    page.locator('.djs-palette [data-action="create.end-event"]').click()
    page.mouse.move(700, 260, steps=4)
    page.mouse.click(700, 260)
    page.keyboard.press("Escape")
    rename(page, "work", "先办理")
    saved(page)
    kept = stored(website, address)
    assert 'name="先办理"' in kept["text"] and 'name="再核一遍"' in kept["text"]
    assert kept["text"].count("<bpmn:endEvent") == 2

    # After a reload the modeler has nothing to undo; the revisions on the server have.
    desk.open(address)
    expect(shape(page, "work")).to_contain_text("先办理")
    select(page, "work")
    for _ in range(kept["revision"] - 1):
        page.keyboard.press("Control+z")
        stepped(page)
        if page.locator('[data-tool="undo"]').is_disabled():
            break
    expect(page.locator('[data-tool="undo"]')).to_be_disabled()
    assert stored(website, address)["text"].count("<bpmn:endEvent") == 1
    expect(page.locator("#properties")).to_contain_text("用户任务")
    page.keyboard.press("Control+y")
    stepped(page)
    assert stored(website, address)["revision"] > kept["revision"]

    # Ctrl+S saves at once, from a field, too; the help says so.
    rename(page, "work", "三办理")
    page.keyboard.press("Control+s")
    saved(page)
    assert 'name="三办理"' in stored(website, address)["text"]
    page.locator("#canvas svg").first.focus()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("立即保存")
    page.keyboard.press("Escape")
    assert desk.barriers() == []


def test_two_owners_of_one_file_lose_nothing_whichever_way_they_settle_it(
    website: Website, desk: Desk
) -> None:
    address = drafted(website, "small.bpmn", small())
    content = address.replace("/edit/", "/content/")
    page = editing(desk, address)

    def save_theirs(name: str) -> None:
        there = stored(website, address)
        visitor = website.visitor("lu_jian")
        body = {"text": small().replace("小流程", name), "revision": there["revision"]}
        answer = visitor.client.post(content, json=body, headers={"X-CSRFToken": visitor.token()})
        assert answer.status_code == 200

    # Theirs is taken; one undo brings mine back.
    save_theirs("对方一")
    rename(page, "work", "我的一")
    dialog = page.locator("dialog.ask[open]")
    expect(dialog).to_contain_text("这份文件有两个版本")
    expect(page.locator("#saved-state")).to_contain_text("冲突")
    dialog.get_by_role("button", name="用对方的").click()
    saved(page)
    expect(shape(page, "work")).to_contain_text("办理")
    assert "对方一" in stored(website, address)["text"]
    page.click('[data-tool="undo"]')
    expect(shape(page, "work")).to_contain_text("我的一")
    saved(page)

    # Later: editing goes on, nothing is asked again until somebody does; then mine is written over theirs.
    save_theirs("对方二")
    rename(page, "work", "我的二")
    dialog.get_by_role("button", name="先不处理").click()
    rename(page, "work", "我的三")
    expect(page.locator("#saved-state")).to_contain_text("冲突")
    assert "对方二" in stored(website, address)["text"]
    page.click("#saved-more")
    dialog.get_by_role("button", name="用我的覆盖").click()
    saved(page)
    there = stored(website, address)
    assert "我的三" in there["text"]
    before = website.visitor("lu_jian").get(f"{content}?revision={there['revision'] - 1}").json
    assert "对方二" in before["text"], "theirs is still in the history"

    # Mine becomes a draft of my own.
    save_theirs("对方三")
    rename(page, "work", "我的四")
    dialog.get_by_role("button", name="保留我的").click()
    page.wait_for_url(lambda url: url != f"{desk.address}{address}" and "/edit/" in url)
    desk.ready()
    expect(shape(page, "work")).to_contain_text("我的四")
    assert "对方三" in stored(website, address)["text"]


STUCK = (
    small(
        beside="""
    <bpmn:exclusiveGateway id="either" name="要转办?" default="left"/>
    <bpmn:parallelGateway id="both" name="等齐"/>
    <bpmn:sequenceFlow id="left" name="否" sourceRef="either" targetRef="both"/>
    <bpmn:sequenceFlow id="right" name="是" sourceRef="either" targetRef="both">
      <bpmn:conditionExpression>=1 = 1</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="out" sourceRef="both" targetRef="end"/>""",
        drawn="""
    <bpmndi:BPMNShape id="s4" bpmnElement="either" isMarkerVisible="true"><dc:Bounds x="430" y="93" width="50" height="50"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s5" bpmnElement="both"><dc:Bounds x="580" y="93" width="50" height="50"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="e3" bpmnElement="left"><di:waypoint x="480" y="118"/><di:waypoint x="580" y="118"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="e4" bpmnElement="right"><di:waypoint x="455" y="143"/><di:waypoint x="455" y="200"/><di:waypoint x="605" y="200"/><di:waypoint x="605" y="143"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="e5" bpmnElement="out"><di:waypoint x="630" y="118"/><di:waypoint x="700" y="118"/></bpmndi:BPMNEdge>""",
    )
    .replace('sourceRef="work" targetRef="end"', 'sourceRef="work" targetRef="either"')
    .replace('x="430" y="100" width="36"', 'x="700" y="100" width="36"')
)
"""A join that waits for two tokens behind a choice that gives one."""


def test_a_mistake_is_marked_told_and_walked_and_gone_when_it_is_repaired(
    website: Website, desk: Desk
) -> None:
    page = editing(desk, drafted(website, "small.bpmn", STUCK))
    findings = page.locator("#findings")
    told = findings.locator("li.error", has=page.get_by_role("button", name="播放")).first
    expect(told).to_contain_text("等齐")
    expect(page.locator(".badge-finding.error").first).to_be_visible()
    mark_is_bare(page)
    told.locator(".finding").click()
    expect(page.locator(".djs-element.selected")).to_have_attribute("data-element-id", "both")
    expect(page.locator("#properties")).to_contain_text("并行网关")

    told.get_by_role("button", name="播放").click()
    walk = page.locator("#walk")
    expect(walk).to_contain_text("第 1/")
    for _ in range(12):
        following = walk.get_by_role("button", name="下一步")
        if following.is_disabled():
            break
        following.click()
    expect(walk).to_contain_text("令牌在 “等齐”")
    expect(page.locator(".djs-element.walk-at")).not_to_have_count(0)
    mark_is_bare(page)
    assert desk.barriers() == []
    walk.get_by_role("button", name="结束").click()

    # A simulation is a mode of its own: nothing of it reaches the file.
    page.click('[data-tool="simulate"]')
    expect(page.locator(".bts-palette")).to_be_visible()
    mark_is_bare(page)
    page.click('[data-tool="simulate"]')
    expect(page.locator("#saved-state")).to_have_attribute("data-state", "saved")
    page.click('[data-tool="minimap"]')
    mark_is_bare(page)
    page.click('[data-tool="minimap"]')

    line = shape(page, "right").locator(".djs-hit").first.bounding_box()
    assert line
    page.mouse.click(line["x"] + 4, line["y"] + 20)
    page.keyboard.press("Delete")
    expect(shape(page, "right")).to_have_count(0)
    expect(told).to_have_count(0)
    expect(findings.locator("li.error", has_text="等齐")).to_have_count(0)


def test_neither_a_lost_connection_nor_a_session_that_ends_costs_anything(
    website: Website, desk: Desk
) -> None:
    address = drafted(website, "small.bpmn", small())
    page = editing(desk, address)
    page.context.set_offline(True)
    rename(page, "work", "断线时改的")
    expect(page.locator("#saved-state")).to_have_attribute("data-state", "offline")
    page.context.set_offline(False)
    saved(page)
    assert "断线时改的" in stored(website, address)["text"]
    desk.complaints = [one for one in desk.complaints if "net::ERR_INTERNET_DISCONNECTED" not in one]

    page.context.clear_cookies()
    rename(page, "work", "退出后改的")
    expect(page.locator("#saved-state")).to_contain_text("登录已过期")
    assert "退出后改的" not in stored(website, address)["text"]
    page.on("dialog", lambda dialog: dialog.accept())  # the page says that something is unsaved
    desk.sign_in("lu_jian")
    desk.open(address)
    expect(page.locator("#editor-notice")).to_contain_text("已恢复")
    expect(shape(page, "work")).to_contain_text("退出后改的")
    saved(page)
    assert "退出后改的" in stored(website, address)["text"]
