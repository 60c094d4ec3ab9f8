"""Files that are brought into the editor of a diagram and taken away: from other modelers, broken ones, and all that are shipped."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from tests.admin.conftest import Desk, Website
from tests.admin.test_modeler_browser import (
    BPMN,
    COMPLAINT,
    bring,
    drafted,
    editing,
    rename,
    saved,
    shape,
    small,
    stored,
)

pytestmark = pytest.mark.browser

FOREIGN = {
    "signavio": (
        ' xmlns:signavio="http://www.signavio.com"',
        '<bpmn:extensionElements><signavio:signavioMetaData metaKey="bgcolor" metaValue="#ffffcc"/>'
        '<signavio:signavioLabel ref="text_name" valign="middle" x="50.0"/></bpmn:extensionElements>',
    ),
    "bizagi": (
        ' xmlns:bizagi="http://www.bizagi.com/bpmn20"',
        "<bpmn:extensionElements><bizagi:BizagiExtensions><bizagi:BizagiProperties>"
        '<bizagi:BizagiProperty name="bgColor" value="#ECEFFF"/></bizagi:BizagiProperties>'
        "</bizagi:BizagiExtensions></bpmn:extensionElements>",
    ),
    "aris": (
        ' xmlns:aris="http://www.softwareag.com/aris/bpmn"',
        '<bpmn:extensionElements><aris:attribute type="AT_DESC" guid="a-1">说明 &amp; 备注</aris:attribute>'
        "</bpmn:extensionElements>",
    ),
    # A namespace without a prefix and with one, and a prefix of another version of its standard.
    "jbpm": (
        ' xmlns:drools="http://www.jboss.org/drools" xmlns="http://www.jboss.org/drools" drools:version="1.0"'
        ' xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color" color:background-color="#9acd32"',
        '<bpmn:extensionElements><drools:metaData name="elementname"><drools:metaValue>办理</drools:metaValue>'
        '</drools:metaData><color:fill of="work"/></bpmn:extensionElements>',
    ),
    "camunda8": (
        ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0"'
        ' modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.5.0"',
        '<bpmn:extensionElements><zeebe:assignmentDefinition candidateGroups="=[&quot;a&quot;]"/>'
        '<zeebe:ioMapping><zeebe:input source="=x" target="y"/></zeebe:ioMapping></bpmn:extensionElements>',
    ),
}


def test_files_from_elsewhere_come_and_go_with_everything_they_hold(website: Website, desk: Desk) -> None:
    address = drafted(website, "small.bpmn", small())
    page = editing(desk, address)
    said = page.locator("#editor-notice")
    for name, text, sentence in (
        ("broken.bpmn", small().replace("</bpmn:process>", ""), "第 "),
        ("page.html", "<html><body/></html>", "不是 BPMN 2.0 文件"),
        ("entity.bpmn", '<!DOCTYPE x [<!ENTITY a "b">]>' + small()[39:], "DOCTYPE"),
        ("undrawn.bpmn", small().split("<bpmndi:BPMNDiagram")[0] + "</bpmn:definitions>", "没有图形信息"),
    ):
        bring(page, name, text)
        expect(said).to_contain_text(sentence)
        expect(said).to_contain_text("原来的流程图没有改动")
        expect(shape(page, "work")).to_be_visible()
    assert stored(website, address)["revision"] == 1

    for name, (more, inside) in FOREIGN.items():
        bring(page, f"{name}.bpmn", small(more=more, inside=inside).replace("小流程", f"来自{name}"))
        expect(said).to_contain_text(f"已导入“{name}.bpmn”")
        assert "保存后会丢失" not in said.inner_text()
        rename(page, "work", f"经{name}办理")
        saved(page)
        kept = stored(website, address)["text"]
        wanted = _extensions(small(more=more, inside=inside))
        assert wanted and _extensions(kept) == wanted, name
        assert _of_others(kept) == _of_others(small(more=more, inside=inside)), name

    # What cannot be kept is told before it is lost; a file in the characters of an old Windows comes as it was meant.
    bring(
        page,
        "lost.bpmn",
        small(beside='<bpmn:boundaryEvent id="b"/><!-- why --><other:x xmlns:other="urn:o">1</other:x>'),
    )
    expect(said).to_contain_text("保存后会丢失")
    expect(said).to_contain_text("XML 注释（<!-- … -->）1 处")
    old = small().replace("UTF-8", "GB18030").replace("小流程", "老文件").encode("gb18030")
    bring(page, "old.bpmn", old)
    expect(page.locator("#properties")).to_contain_text("流程")
    saved(page)
    assert "老文件" in stored(website, address)["text"]
    page.locator("#canvas svg").first.focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#saved-state")).to_have_attribute("data-state", "unsaved")
    saved(page)
    assert "老文件" not in stored(website, address)["text"]

    for kind, ending, piece in (("xml", "bpmn", "<bpmn:definitions"), ("svg", "svg", "<svg")):
        page.click("details.menu summary")
        with page.expect_download() as download:
            page.click(f'[data-tool="export-{kind}"]')
        assert download.value.suggested_filename == f"small.{ending}"
        assert piece in Path(download.value.path()).read_text(encoding="utf-8")


def _extensions(text: str) -> list[tuple[str, str, tuple[tuple[str, str], ...], str]]:
    """Everything below extension elements: names, attributes, text; camunda's own aside."""
    root = ElementTree.fromstring(text.encode())
    found = root.iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}extensionElements")
    return sorted(
        (one.tag, (parent.tag), tuple(sorted(one.attrib.items())), (one.text or "").strip())
        for outer in found
        for parent in outer.iter()
        for one in parent
    )


def _of_others(text: str) -> dict[str, str]:
    """What others have written at the outermost element."""
    return {
        name: value for name, value in ElementTree.fromstring(text.encode()).attrib.items() if name[0] == "{"
    }


def test_every_diagram_that_is_shipped_opens_and_loses_nothing(website: Website, desk: Desk) -> None:
    page = editing(desk, drafted(website, "complaint.bpmn", COMPLAINT.read_text(encoding="utf-8")))
    begin = shape(page, "complaint_arrived").bounding_box()
    palette = page.locator(".djs-palette").bounding_box()
    assert begin and palette and begin["x"] > palette["x"] + palette["width"]
    expect(page.locator("#editor-notice")).to_be_hidden()
    shipped = sorted(BPMN.rglob("*.bpmn"))
    assert len(shipped) >= 39
    for file in shipped:
        bring(page, file.name, file.read_bytes())
        expect(page.locator("#editor-notice")).to_contain_text(f"已导入“{file.name}”")
        expect(page.locator("#editor-notice ul")).to_have_count(0)
