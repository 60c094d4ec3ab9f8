"""Who moves instances sees how many are where, why one cannot be moved, and what became of each; a large move tells how far it is."""

from __future__ import annotations

import re
from typing import Any

from engine.testing import run_jobs_until_idle
from redress.bootstrap import performers_of
from tests.admin.conftest import REGIME, Website, uploaded


def drawn_again(website: Website, before: str, after: str) -> Any:
    text = (REGIME / "suggestion.bpmn").read_text(encoding="utf-8")
    assert before in text
    return website.visitor("lu_jian").post(
        "/deploy", {"verb": "deploy", "files": [uploaded("suggestion.bpmn", text.replace(before, after))]}
    )


def test_instances_are_tried_then_moved_and_each_is_answered(website: Website) -> None:
    number = website.file_suggestion()
    receipt = drawn_again(website, "复核建议", "复核客户建议")
    assert "在办实例仍在原版本" in receipt.text and "/processes/suggestion/move" in receipt.text
    operator = website.visitor("tang_wei")
    assert "/processes/suggestion/move" in operator.get("/processes/suggestion").text
    tried = operator.get("/processes/suggestion/move?from=1&to=2").text
    assert number in tried and "可以" in tried and "按第 2 版更新：名称" in tried
    instance = re.search(r'name="id" value="([0-9a-f-]{36})"', tried)
    assert instance is not None
    moved = operator.post(
        "/processes/suggestion/move", {"from": "1", "to": "2", "verb": "chosen", "id": instance[1]}
    )
    assert "已迁移 1 个，未迁移 0 个" in moved.text
    none = operator.post("/processes/suggestion/move", {"from": "1", "to": "2", "verb": "chosen"})
    assert none.status_code == 422 and "没有选择流程实例" in none.text


def test_what_cannot_be_moved_says_which_element_and_why_and_a_whole_version_goes_in_the_background(
    website: Website,
) -> None:
    website.file_suggestion()
    drawn_again(website, '"review_suggestion"', '"look_at_it"')
    operator = website.visitor("tang_wei")
    tried = operator.get("/processes/suggestion/move?from=1&to=2").text
    assert "不能" in tried and "review_suggestion" in tried and "没有这个元素" in tried
    form = {"from": "1", "to": "2", "verb": "all", "note": "新版"}
    begun = operator.post("/processes/suggestion/move", form, follow_redirects=True)
    assert "共 1 个，已迁移 0 个，未能迁移 0 个" in begun.text and "every 2s" in begun.text
    address = begun.request.path
    deps = website.deps
    run_jobs_until_idle(deps.engine, deps.sessions, extra=performers_of(deps))
    done = operator.get(address).text
    assert "未能迁移 1 个" in done and "review_suggestion" in done and "every 2s" not in done
    assert "/migrations/" in operator.get("/processes/suggestion/move").text


def test_staff_see_the_figures_and_move_nothing(website: Website) -> None:
    page = website.visitor("li_na").get("/processes/suggestion/move")
    assert page.status_code == 200 and "试算" not in page.text
    assert website.visitor("li_na").post("/processes/suggestion/move", {}).status_code == 403
    assert website.visitor("tang_wei").get("/processes/nothing/move").status_code == 404
