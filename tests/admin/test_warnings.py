"""What expressions warned of, put before those who repair them: on the case's page and in the list of cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from admin.show.warned import lines_of, sentence_of
from engine.actor import SYSTEM
from redress import content
from tests.admin.conftest import REGIME, Website


def warned_case(website: Website) -> str:
    """A case whose only gateway warned: the score was not given."""
    files = [
        type(file)(
            file.name,
            file.content.replace(
                b'form.review_suggestion.outcome = "reject"',
                b'form.review_suggestion.score &gt; 8 or form.review_suggestion.outcome = "reject"',
            ),
        )
        for file in content.source_files([REGIME])
    ]
    with website.deps.sessions.begin() as session:
        website.deps.engine.deploy(session, files, actor=SYSTEM, name="建议流程")
    number = website.file_suggestion()
    clerk = website.visitor("wang_lei")
    task = website.task_of("wang_lei")
    assert clerk.post(f"{task}/claim").status_code == 303
    answer = clerk.submit(f"{task}/complete", {"outcome": "reject", "reason": "已有类似安排"})
    assert answer.status_code == 200, answer.text
    return number


def test_a_process_owner_who_sees_the_case_sees_which_expression_had_no_value(website: Website) -> None:
    number, login = warned_case(website), "lu_jian"
    page = website.visitor(login).get(f"/cases/{number}").text
    assert 'href="#warnings"' in page and "提醒 1" in page
    assert "表达式提醒" in page
    assert "“&gt;”遇到空值（null）。" in page
    assert "met null." in page and "<mark>" in page
    assert "提醒 1" in website.visitor(login).get("/cases").text


def test_an_operator_sees_the_expression_and_nothing_that_was_said(website: Website) -> None:
    instance = website.steering_of(warned_case(website)).removesuffix("/operate")
    page = website.visitor("tang_wei").get(instance).text
    assert "表达式提醒" in page and "<mark>" in page
    assert "遇到空值" not in page and "已有类似安排" not in page


def test_clerks_are_not_bothered_and_find_it_among_all_steps(website: Website) -> None:
    number = warned_case(website)
    clerk = website.visitor("wang_lei")
    assert "表达式提醒" not in clerk.get(f"/cases/{number}").text
    assert "遇到空值" in clerk.get(f"/cases/{number}?story=all").text
    assert "提醒 1" not in clerk.get("/cases").text


def row(**data: Any) -> Any:
    return SimpleNamespace(
        at=datetime(2026, 3, 2, tzinfo=UTC), activity_id="g", activity_name="去向", scope="p", data=data
    )


@pytest.mark.parametrize(
    ("position", "cut"),
    [(1, ("", "a", " > 1")), (3, ("a ", ">", " 1")), (5, ("a > ", "1", "")), (6, ("a > 1", "", "")), (0, ("a > 1", "", ""))],
)  # fmt: skip
def test_the_place_is_marked_counted_from_one(position: int, cut: Sequence[str]) -> None:
    (line,) = lines_of([row(what="condition", of="f", expression="a > 1", position=position, message="m")])
    assert (line.before, line.at, line.after) == cut


def test_a_decisions_warning_names_row_and_column() -> None:
    data = {
        "what": "decision", "of": "level", "name": "评定级别", "element": "level", "row": 3, "column": "金额", "expression": "",
        "message": "x", "message_zh": "遇到空值。", "count": 2,
    }  # fmt: skip
    (line,) = lines_of([row(**data)])
    assert (line.of, line.count) == ("level · 第 3 行 · 金额 列", 2)
    assert sentence_of(data) == "决策“评定级别” · 第 3 行 · 金额 列：遇到空值。"


def test_a_condition_is_told_by_the_name_of_its_flow_and_no_variable_by_its_code() -> None:
    data = {
        "what": "condition",
        "of": "measures_owed_to_closing",
        "name": "否",
        "message_zh": "比较遇到空值。",
    }
    assert sentence_of(data) == "条件“否”：比较遇到空值。"
    assert (
        sentence_of({**data, "what": "output", "of": "loop.rework_scope", "name": ""})
        == "输出映射：比较遇到空值。"
    )


def test_what_is_not_listed_is_counted() -> None:
    assert sentence_of({"what": "more", "count": 30}) == "另有 30 条"
