"""What a process owner sets at an element, at a real browser: the diagram says it as the engine reads it, a wrong value is refused
at its field, and every edit is one step back.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from engine.dialect import SourceFile
from engine.dialect.findings import Finding
from redress.content import register_rows
from tasks.deadlines.policies.loading import load_policies
from tests.admin.conftest import Desk, Website
from tests.admin.test_modeler_browser import BPMN, drafted, editing, select, small

pytestmark = pytest.mark.browser

SERVICE = '<bpmn:serviceTask id="tell" name="告知"/>'
DRAWN = '<bpmndi:BPMNShape id="s4" bpmnElement="tell"><dc:Bounds x="260" y="220" width="100" height="80"/></bpmndi:BPMNShape>'
FOREIGN = '<bpmn:extensionElements><other:mark by="ours"/></bpmn:extensionElements>'
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"


def field(page: Page, name: str) -> Any:
    return page.locator(f'[data-entry-id="{name}"] .bio-properties-panel-input').first


def unfold(page: Page, group: str) -> None:
    header = page.locator(f'[data-group-id="group-redress-{group}"] .bio-properties-panel-group-header').first
    if "open" not in (header.get_attribute("class") or "").split():
        header.click()


def choose(page: Page, name: str, typed: str, value: str) -> None:
    """Type a part of what is wanted and take it from the list."""
    field(page, name).click()
    field(page, name).fill(typed)
    page.locator(f"[data-entry-id='{name}'] [role=option][data-value='{value}']").click()


def write(page: Page, name: str, text: str) -> None:
    field(page, name).fill(text)
    field(page, name).press("Tab")


def xml(page: Page) -> str:
    return str(
        page.evaluate("window.__modeler.get('bpmnjs').saveXML({ format: true }).then((one) => one.xml)")
    )


def element(page: Page, name: str) -> etree._Element:
    found = etree.fromstring(xml(page).encode()).xpath(f'//*[@id="{name}"]')
    assert isinstance(found, list)
    one = found[0]
    assert isinstance(one, etree._Element)
    return one


def properties(page: Page, name: str) -> dict[str, str]:
    return {
        one.get("name", ""): one.get("value", "") for one in element(page, name).iter(f"{CAMUNDA}property")
    }


def steps(page: Page) -> int:
    return int(page.evaluate("window.__modeler.get('commandStack')._stackIdx"))


def undo(page: Page) -> None:
    page.evaluate("window.__modeler.get('commandStack').undo()")


def found(website: Website, page: Page, *names: str) -> list[Finding]:
    """What the check says of these elements in the diagram as it is drawn now."""
    with website.deps.sessions() as session:
        outcome = website.deps.engine.check(session, [SourceFile("small.bpmn", xml(page).encode())])
    return [one for one in outcome.findings if one.element_id in names and one.severity != "note"]


def test_who_does_it_and_how_long_it_may_take(website: Website, desk: Desk) -> None:
    with website.deps.sessions.begin() as session:
        load_policies(session, register_rows(BPMN), now=website.deps.clock.now())
    more = ' xmlns:other="urn:other"'
    page = editing(desk, drafted(website, "small.bpmn", small(more=more, inside=FOREIGN)))
    page.wait_for_function("window.__modeler?.get('elementRegistry').get('work')")
    select(page, "work")
    unfold(page, "assignment")

    # The diagram says "channel" already; a second group is found by a part of its name.
    choose(page, "candidateGroups", "supervisor", "supervisor")
    assert element(page, "work").get(f"{CAMUNDA}candidateGroups") == "channel,supervisor"
    before = steps(page)
    write(page, "priority", "urgent")
    expect(page.locator('[data-entry-id="priority"] .bio-properties-panel-error')).to_be_visible()
    assert element(page, "work").get(f"{CAMUNDA}priority") is None and steps(page) == before
    write(page, "priority", "80")
    assert element(page, "work").get(f"{CAMUNDA}priority") == "80"

    # A limit of the register; the warning is a share of it, and never more than the whole.
    unfold(page, "clock")
    code = "R01.audit"
    write(page, "sla.policy", "R99.none")
    expect(page.locator('[data-entry-id="sla.policy"] .bio-properties-panel-error')).to_be_visible()
    assert properties(page, "work") == {}
    choose(page, "sla.policy", "审核派发", code)
    write(page, "sla.warnRatio", "150%")
    expect(page.locator('[data-entry-id="sla.warnRatio"] .bio-properties-panel-error')).to_be_visible()
    assert properties(page, "work") == {"sla.policy": code}
    write(page, "sla.warnRatio", "80%")
    assert properties(page, "work") == {"sla.policy": code, "sla.warnRatio": "0.8"}
    assert 'by="ours"' in xml(page), "what others have put beside ours stays"
    assert {one.code for one in found(website, page, "work")} == {"foreign-extension"}

    # Each edit was one step; with the last property its container goes, what is foreign stays.
    undo(page)
    undo(page)
    assert (
        properties(page, "work") == {} and "camunda:properties" not in xml(page) and 'by="ours"' in xml(page)
    )
    undo(page)
    undo(page)
    assert element(page, "work").get(f"{CAMUNDA}candidateGroups") == "channel"


def test_an_operation_with_its_parameters_is_run_as_it_is_chosen(website: Website, desk: Desk) -> None:
    page = editing(desk, drafted(website, "small.bpmn", small(beside=SERVICE, drawn=DRAWN)))
    page.wait_for_function("window.__modeler?.get('elementRegistry').get('tell')")
    select(page, "tell")
    unfold(page, "operation")
    choose(page, "operation", "通知单位", "notify_unit")
    expect(page.locator('[data-entry-id="parameter-text"]')).to_contain_text("必须填写")
    choose(page, "parameter-role", "supervisor", "supervisor")
    write(page, "parameter-text", "请今天处理")
    assert properties(page, "tell") == {"operation": "notify_unit"}
    given = {one.get("name"): one.text for one in element(page, "tell").iter(f"{CAMUNDA}inputParameter")}
    assert given == {"role": "supervisor", "text": "请今天处理"}

    # Another operation takes its parameters with it, in one step.
    before = steps(page)
    choose(page, "operation", "归档", "archive_case")
    assert list(element(page, "tell").iter(f"{CAMUNDA}inputParameter")) == []
    undo(page)
    assert steps(page) == before and properties(page, "tell") == {"operation": "notify_unit"}

    # A copy says the same.
    page.evaluate(
        """() => { const get = (name) => window.__modeler.get(name);
        get('copyPaste').copy([get('elementRegistry').get('tell')]);
        get('copyPaste').paste({ element: get('canvas').getRootElement(), point: { x: 600, y: 300 } }); }"""
    )
    assert len(re.findall('name="operation" value="notify_unit"', xml(page))) == 2
    assert [one.code for one in found(website, page, "tell")] in ([], ["unreachable"])


def test_a_message_a_time_and_a_condition_are_written_as_the_engine_reads_them(
    website: Website, desk: Desk
) -> None:
    page = editing(desk, drafted(website, "small.bpmn", small()))
    page.wait_for_function("window.__modeler?.get('elementRegistry').get('work')")
    page.evaluate(
        """() => { const get = (name) => window.__modeler.get(name); const at = (name) => get('elementRegistry').get(name);
        const modeling = get('modeling');
        const gate = modeling.appendShape(at('work'), { type: 'bpmn:ExclusiveGateway' }, { x: 420, y: 300 });
        modeling.updateProperties(gate, { id: 'gate' });
        for (const [id, kind, y] of [['paid', 'Message', 260], ['late', 'Timer', 380]]) {
          const one = modeling.appendShape(at('gate'), { type: 'bpmn:IntermediateCatchEvent', eventDefinitionType: `bpmn:${kind}EventDefinition` }, { x: 560, y });
          modeling.updateProperties(one, { id });
          modeling.updateProperties(one.incoming[0], { id: `to_${id}` });
          modeling.updateProperties(modeling.appendShape(one, { type: 'bpmn:EndEvent' }, { x: 680, y }), { id: `after_${id}` });
        }
        get('selection').select(at('paid')); }"""
    )
    unfold(page, "message")
    field(page, "messageRef").fill("已付款")
    field(page, "messageRef").press("Enter")
    choose(page, "message.from", "内部", "staff")
    assert properties(page, "paid") == {"message.from": "staff"}
    assert re.search(r'<bpmn:message id="(\w+)" name="已付款" />', xml(page))

    page.evaluate(
        "() => window.__modeler.get('selection').select(window.__modeler.get('elementRegistry').get('late'))"
    )
    unfold(page, "timer")
    page.locator('[data-entry-id="timerKind"] select').select_option("timeDuration")
    field(page, "timerValue").fill("明天")
    field(page, "timerValue").press("Tab")
    expect(page.locator('[data-entry-id="timerValue"] .bio-properties-panel-error')).to_be_visible()
    field(page, "timerValue").fill("4小时")
    field(page, "timerValue").press("Enter")
    assert "PT4H</bpmn:timeDuration>" in xml(page)

    page.evaluate(
        "() => window.__modeler.get('selection').select(window.__modeler.get('elementRegistry').get('to_paid'))"
    )
    unfold(page, "condition")
    write(page, "conditionExpression", 'case.number = "A')
    expect(page.locator('[data-entry-id="conditionExpression"] .bio-properties-panel-error')).to_be_visible()
    write(page, "conditionExpression", 'case.number = "A1"')
    assert '=case.number = "A1"</bpmn:conditionExpression>' in xml(page).replace("&#34;", '"')
    page.evaluate(
        "() => window.__modeler.get('selection').select(window.__modeler.get('elementRegistry').get('to_late'))"
    )
    page.locator('[data-entry-id="isDefault"] input').check()
    assert element(page, "gate").get("default") == "to_late"
    assert found(website, page, "gate", "paid", "late", "to_paid", "to_late") == []
    assert desk.barriers() == []
