"""Two versions beside each other in a real browser: marked in both pictures, and the list leads to each difference."""

from __future__ import annotations

import re

import pytest

from tests.admin.conftest import REGIME, Desk, Website, uploaded

pytestmark = pytest.mark.browser


def test_what_differs_is_marked_in_both_pictures_and_found_from_the_list(
    website: Website, desk: Desk
) -> None:
    text = (REGIME / "suggestion.bpmn").read_text(encoding="utf-8")
    task = re.search(r'<\w+:userTask id="(\w+)" name="([^"]+)"', text)
    assert task
    shape = re.search(rf'bpmnElement="{task[1]}"[^>]*>\s*<\w+:Bounds x="(\d+)"', text)
    assert shape
    other = next(
        one for one in re.findall(r'bpmnElement="(\w+)"[^>]*>\s*<\w+:Bounds', text) if one != task[1]
    )
    changed = text.replace(f'name="{task[2]}"', 'name="换了名称"')
    changed = re.sub(
        rf'(bpmnElement="{other}"[^>]*>\s*<\w+:Bounds x=")(\d+)', lambda found: f"{found[1]}{int(found[2]) + 20}", changed, count=1
    )  # fmt: skip
    form = (
        (REGIME / "suggestion_start.form")
        .read_text(encoding="utf-8")
        .replace('"label": "', '"label": "新', 1)
    )
    upload = {
        "name": "二",
        "verb": "deploy",
        "files": [uploaded("suggestion.bpmn", changed), uploaded("suggestion_start.form", form)],
    }
    assert website.visitor("lu_jian").post("/deploy", upload).status_code == 200

    desk.sign_in("lu_jian")
    page = desk.page
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.open("/processes/suggestion/compare?from=1&to=2")
    desk.ready()
    for side in ("before", "after"):
        assert page.locator(f"#picture-{side} .djs-element.diff-changed").count() >= 1
        assert page.locator(f"#picture-{side} .bjs-powered-by").is_visible()
    assert page.locator("#picture-after .diff-badge.changed").first.inner_text() == "≠"
    assert page.locator(".djs-element.diff-moved").count() >= 1

    button = page.locator(f'#list-diagrams button[data-element="{task[1]}"]')
    row = page.locator("#list-diagrams li.change", has=page.locator(f'button[data-element="{task[1]}"]'))
    assert task[2] in row.inner_text()
    assert "换了名称" in row.inner_text()
    before = page.locator("#picture-before .viewport").get_attribute("transform")
    button.press("Enter")
    page.wait_for_function(
        "old => document.querySelector('#picture-before .viewport').getAttribute('transform') !== old",
        arg=before,
    )
    same = """() => {
        const at = (side) => document.querySelector(`#picture-${side} .viewport`).getAttribute('transform').match(/[-\\d.]+/g).map(Number);
        return at('before').every((value, index) => Math.abs(value - at('after')[index]) < 3);
    }"""
    assert page.evaluate(same)
    assert page.locator(".djs-element.is-chosen").count() == 2
    page.click('[data-zoom="in"]')
    assert page.evaluate(same)

    page.get_by_role("tab", name=re.compile("表单")).click()
    assert "标签" in page.locator("#list-forms").inner_text()
    assert not page.locator("#list-diagrams").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
