"""The modeler speaks Chinese: every palette entry, context pad, menu and panel of every kind of element is looked at, and what is
left in Latin letters outside an allow-list is named.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.admin.conftest import Desk, Website
from tests.admin.test_modeler_browser import drafted, editing, small

pytestmark = pytest.mark.browser

WALK = (Path(__file__).parent / "walks" / "modeler.js").read_text()
REFUSED = ("compensation", "complex", "ad-hoc", "multiple")
GROUPS = {
    "assignment", "form", "clock", "clock-more", "decision", "operation", "call", "script", "message", "timer",
    "condition", "conditional", "loop", "input", "output", "more",
}  # fmt: skip


def test_everything_the_modeler_offers_is_in_chinese_and_is_what_the_engine_runs(
    website: Website, desk: Desk
) -> None:
    website.visitor("lu_jian").post("/account/language", {"language": "zh"})
    page = editing(desk, drafted(website, "small.bpmn", small()))
    page.wait_for_function("window.__modeler?.get('elementRegistry').get('work')")
    seen = page.evaluate(f"({WALK})(window.__modeler)")
    assert seen["found"] == []
    assert seen["missing"] == []
    assert seen["kinds"] > 50 and seen["menus"] > 400
    assert {f"group-redress-{name}" for name in GROUPS} <= set(seen["groups"])
    offered = seen["offered"]
    assert [one for one in offered if any(word in one for word in REFUSED)] == []
    plain_start = [one for one in offered if one.endswith(" of bpmn:StartEvent ")]
    assert "replace-with-message-start of bpmn:StartEvent " in plain_start
    assert [one for one in plain_start if "conditional" in one] == []
    assert "create-boundary-event of create" not in offered
    page.locator('[data-tool="help"]').click()
    assert desk.barriers() == []
