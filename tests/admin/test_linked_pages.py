"""Linked cases on the pages: earlier and later ones, the evidence pack, a master with its children, lists by outcome."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tasks.cases.linking.links import link_cases
from tasks.cases.tables import Case, MasterCase
from tasks.user_task import UserTask
from tests.admin.conftest import Desk, Website


def linked(website: Website) -> tuple[str, str]:
    """An earlier case with an answer, and a later one that follows it."""
    earlier = website.file_suggestion()
    website.clock.advance(timedelta(hours=1))
    later = website.file_suggestion(suggestion="仍未增加窗口。")
    now = website.clock.now()
    with website.deps.sessions.begin() as session:
        rows = {row.number: row for row in session.scalars(sa.select(Case))}
        link_cases(session, rows[later].id, rows[earlier].id, "prior", at=now)
        answered = sa.update(UserTask).where(UserTask.case_id == rows[earlier].id)
        session.execute(
            answered.values(
                state="completed",
                completed_at=rows[earlier].filed_at + timedelta(minutes=30),
                completed_by=uuid.uuid4(),
                completed_by_name="王磊",
                properties={"evidence.kind": "final_reply"},
                answers={"content": "已增设窗口", "method": "phone", "attitude": "accepted"},
            )
        )
        session.execute(sa.update(Case).where(Case.number == earlier).values(outcome="resolved"))
        session.add(MasterCase(case_id=rows[earlier].id, regime="suggestion", key="窗口"))
        link_cases(session, rows[later].id, rows[earlier].id, "child_of", at=now)
    return earlier, later


def test_a_case_shows_earlier_and_later_cases_and_what_was_answered(website: Website) -> None:
    earlier, later = linked(website)
    clerk = website.visitor("li_na")
    page = clerk.get(f"/cases/{later}").text
    assert earlier in page and "先期投诉" in page and "已办结" in page
    for text in (page, clerk.get(f"/cases/{later}/evidence").text):
        assert "先期处理证据包" in text and "已增设窗口" in text and "电话" in text
    below = clerk.get(f"/cases/{earlier}").text
    assert later in below and "引发的后续案件" in below and "1 件，在办 1 件" in below
    assert "没有关联的先期投诉" in clerk.get(f"/cases/{earlier}/evidence").text


def test_the_list_is_narrowed_by_outcome_and_says_it(website: Website) -> None:
    earlier, later = linked(website)
    page = website.visitor("li_na").get("/cases?outcome=resolved").text
    assert earlier in page and later not in page and "已办结" in page


@pytest.mark.browser
def test_the_evidence_pack_stands_on_the_page_without_complaint(website: Website, desk: Desk) -> None:
    _, later = linked(website)
    desk.sign_in("li_na")
    desk.open(f"/cases/{later}/evidence")
    assert desk.page.get_by_text("已增设窗口").is_visible()
    desk.open(f"/cases/{later}")
    assert desk.page.locator("#links").is_visible() and desk.page.locator("#evidence").is_visible()
