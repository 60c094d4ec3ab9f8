"""Nobody is kept from working: the pages as axe sees them, WCAG 2.1 levels A and AA; and the mark of bpmn.io is seen."""

from __future__ import annotations

import re

import pytest

from tests.admin.conftest import Desk, Visitor, Website

pytestmark = pytest.mark.browser

CLERK = ("/inbox", "/queue", "/cases", "/notices", "/account", "/file/suggestion")
OWNER = (
    "/processes",
    "/processes/suggestion/move",
    "/deploy",
    "/modeling",
    "/clock-policies",
    "/classification",
    "/clauses",
    "/instances",
)
DRAWN = (
    "/processes/suggestion",
    "/processes/suggestion/compare?from=1&to=2",
    "/processes/suggestion/flow",
)
"""Pages with a diagram on them; the editors of a draft are others."""
MARKS = """() => [...document.querySelectorAll('main a[href*="bpmn.io"]')].filter((mark) => mark.checkVisibility()).map((mark) => {
  mark.scrollIntoView({ block: 'center' });
  const { left, top, right, bottom } = mark.getBoundingClientRect();
  return right - left > 30 && bottom - top > 10 && mark.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
})"""
"""Whether each mark of bpmn.io is large enough and covered by nothing. Its licence demands that it is seen."""


def test_no_page_of_clerks_and_process_owners_keeps_anybody_out(website: Website, desk: Desk) -> None:
    website.file_suggestion()
    task = str(website.visitor("wang_lei").post("/queue/next").location)
    draft = _draft(website.visitor("lu_jian"))
    editors = tuple(
        f"{draft}/edit/{name}" for name in ("suggestion.bpmn", "suggestion_start.form", "facts.dmn")
    )
    compared = f"{draft}/compare"
    found: dict[str, list[str]] = {}
    marks: dict[str, list[bool]] = {}
    for login, pages in (
        ("wang_lei", (*CLERK, task)),
        ("lu_jian", (*OWNER, *DRAWN, draft, compared, *editors)),
    ):
        desk.sign_in(login)
        for address in pages:
            desk.open(address)
            if address in (*DRAWN, compared, *editors):
                desk.page.locator('main a[href*="bpmn.io"]:visible').first.wait_for()
                marks[address] = desk.page.evaluate(MARKS)
            found[address] = desk.barriers()
    assert {address: barriers for address, barriers in found.items() if barriers} == {}
    assert {address: seen for address, seen in marks.items() if not seen or not all(seen)} == {}


def _draft(owner: Visitor) -> str:
    """A draft of a second version that is deployed, with a decision table more; returns its address."""
    version = re.search(r'name="definition_id" value="([^"]+)"', owner.get("/processes/suggestion").text)
    assert version
    draft = str(owner.post("/modeling", {"definition_id": version[1]}).location)
    content = f"{draft}/content/suggestion.bpmn"
    there = owner.get(content).json
    changed = {"text": there["text"].replace("复核建议", "再次复核建议"), "revision": there["revision"]}
    headers = {"X-CSRFToken": owner.token(), "Accept": "application/json"}
    assert owner.client.post(content, json=changed, headers=headers).status_code == 200
    assert owner.post(f"{draft}/deploy", {"note": "改为再次复核"}).status_code == 200
    assert owner.post(f"{draft}/files", {"kind": "dmn", "key": "facts"}).status_code == 303
    return draft
