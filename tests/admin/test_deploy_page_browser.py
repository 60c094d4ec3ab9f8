"""The deploy page in a real browser: what is wrong, filtered, folded, and shown in the picture of the uploaded file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.admin.conftest import REGIME, Desk
from tests.engine.diagrams import process

pytestmark = pytest.mark.browser


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A drawn diagram with errors, something to bind, warnings and more notes than are seen at once."""
    text = (REGIME / "suggestion.bpmn").read_text(encoding="utf-8")
    text = text.replace('scriptFormat="feel"', 'scriptFormat="python"').replace("outcome = ", "outcome == ")
    text = text.replace('calledElement="answering"', 'calledElement="elsewhere"')
    more = "".join(f'<bpmn:userTask id="alone_{n}" name="多余的任务 {n}"/>' for n in range(30))
    text = re.sub(r"(</\w+:process>)", more + r"\1", text, count=1)
    file = tmp_path / "suggestion.bpmn"
    file.write_text(text, encoding="utf-8")
    return file


def test_findings_are_filtered_folded_and_shown_in_the_picture(desk: Desk, broken: Path) -> None:
    desk.sign_in("lu_jian")
    desk.open("/deploy")
    page = desk.page
    page.set_input_files("#files", broken)
    page.click('button[value="check"]')
    page.wait_for_selector("#findings")
    desk.ready()
    errors, warnings = page.locator("details.severity.error"), page.locator("details.severity.warning")
    assert errors.is_visible() and warnings.is_visible()
    page.get_by_role("radio", name=re.compile("errors")).check()
    assert errors.is_visible() and not warnings.is_visible()
    page.get_by_role("radio", name=re.compile("全部")).check()
    assert warnings.is_visible()

    folded = page.locator("details.folded").first
    assert not folded.locator("table").is_visible()
    folded.locator("summary").press("Enter")
    assert folded.locator("table").is_visible()

    marked = page.locator(".djs-element.has-incident")
    assert marked.count() >= 1
    button = errors.locator("button[data-element]").first
    button.press("Enter")
    assert button.get_attribute("data-element") in page.locator("#element-panel").inner_text()
    assert page.locator("#element-panel .problem").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_file_without_a_drawing_is_told_and_runs(desk: Desk, tmp_path: Path) -> None:
    plain = process(
        "undrawn", "start s", "user work camunda:candidateGroups=channel", "end e", "s -> work -> e"
    )
    (tmp_path / plain.name).write_bytes(plain.content)
    desk.sign_in("lu_jian")
    desk.open("/deploy")
    page = desk.page
    page.set_input_files("#files", tmp_path / plain.name)
    page.click('button[value="deploy"]')
    page.wait_for_selector("text=已部署")
    desk.open("/processes/undrawn")
    told = page.locator("#diagram-problem")
    assert "没有图形信息" in told.inner_text() and "不影响运行" in told.inner_text()
    assert not page.locator("#diagram").is_visible()
    assert not page.locator("[data-zoom=fit]").is_visible()
    desk.follow("text=登记并启动", "**/file/undrawn")
    desk.follow("button[data-submit]", "**/cases/*")
    assert "没有图形信息" in page.locator("#diagram-problem").inner_text()
    assert page.get_by_text("work").first.is_visible()
