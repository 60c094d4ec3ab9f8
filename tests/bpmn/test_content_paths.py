"""Every way a complaint can go (R01), on the real engine; each step is saved and the next one restored from it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.complaint_case import USUAL, Complaint

USUAL_WAY = [
    "accept_complaint",
    "review_work_order",
    "dispatch_order",
    "sign_order",
    "handle_complaint",
    "audit_feedback",
    "reply_to_customer",
    "revisit_customer",
    "close_case",
]


@pytest.fixture
def complaint(sessions: sessionmaker[Session], clock: FrozenClock) -> Complaint:
    return Complaint(sessions, clock)


def test_a_complaint_travels_from_the_hotline_to_the_archive(complaint: Complaint) -> None:
    for activity in USUAL_WAY:
        assert complaint.waiting == [activity]
        complaint.does(activity)
    assert complaint.waiting == []
    assert complaint.archived
    assert complaint.notices("archive_case") == [{"code": "resolved"}]


def test_what_is_answered_on_the_spot_goes_straight_to_the_revisit(complaint: Complaint) -> None:
    complaint.does(
        "accept_complaint", outcome="answered", answer="已当场解释。", customer_attitude="accepted"
    )
    complaint.does("revisit_customer", "close_case")
    assert complaint.archived


def test_a_complaint_that_is_not_accepted_is_explained_and_filed(complaint: Complaint) -> None:
    complaint.does(
        "accept_complaint",
        outcome="rejected",
        rejection_reason="not_our_service",
        rejection_text="请向对方运营商反映。",
    )
    assert complaint.notices("notify_customer") == [
        {"template": "complaint_not_accepted", "text": "请向对方运营商反映。"}
    ]
    complaint.does("close_case")
    assert complaint.archived


DISSATISFIED: dict[str, Any] = {
    "outcome": "dissatisfied",
    "result_score": "1",
    "process_score": "2",
    "staff_score": "3",
    "opinion": "故障又出现了。",
}


def test_a_wrong_method_means_handling_again_twice_at_most(complaint: Complaint) -> None:
    complaint.until("revisit_customer")
    for _ in range(2):
        complaint.does("revisit_customer", **DISSATISFIED)
        complaint.does("review_dissatisfaction")
        assert complaint.waiting == ["dispatch_order"]
        complaint.until("revisit_customer")
    complaint.does("revisit_customer", **DISSATISFIED)
    complaint.does("review_dissatisfaction")
    assert complaint.notices()[-1]["template"] == "upgrade_offered"
    complaint.does("close_case")
    assert complaint.archived
    assert complaint.steps.count("review_work_order") == 1


def test_what_was_answered_on_the_spot_can_be_handled_again_after_the_revisit(complaint: Complaint) -> None:
    complaint.does(
        "accept_complaint", outcome="answered", answer="已当场解释。", customer_attitude="accepted"
    )
    complaint.does("revisit_customer", **DISSATISFIED)
    complaint.does("review_dissatisfaction")
    assert complaint.waiting == ["dispatch_order"]
    complaint.until("close_case")
    complaint.does("close_case")
    assert complaint.archived


def test_dissatisfaction_for_another_reason_is_explained_and_closed(complaint: Complaint) -> None:
    complaint.until("revisit_customer")
    complaint.does("revisit_customer", **DISSATISFIED)
    complaint.does("review_dissatisfaction", conclusion="demand_excessive", finding="诉求超出政策。")
    assert complaint.waiting == ["close_case"]


def test_an_incomplete_file_goes_back_to_the_channel(complaint: Complaint) -> None:
    complaint.until("close_case")
    complaint.does("close_case", **{**USUAL["close_case"], "file_state": "incomplete"})
    assert complaint.waiting == ["complete_file"]
    complaint.does("complete_file", "close_case")
    assert complaint.archived


@pytest.mark.parametrize(
    "stage", ["review_work_order", "dispatch_order", "sign_order", "handle_complaint", "audit_feedback"]
)
def test_a_customer_may_withdraw_while_the_complaint_is_processed(complaint: Complaint, stage: str) -> None:
    complaint.until(stage)
    complaint.hears("withdraw", reason="问题已自行解决")
    assert complaint.waiting == ["close_case"]
    complaint.does("close_case", **{**USUAL["close_case"], "closing_code": "withdrawn"})
    assert complaint.archived


def test_withdrawing_also_calls_back_all_who_assist(complaint: Complaint) -> None:
    complaint.until("dispatch_order")
    complaint.does("dispatch_order", target="business_department")
    complaint.does("sign_order")
    complaint.does(
        "judge_order",
        next_step="assist",
        analysis="涉及覆盖与活动规则。",
        assisting_departments=["network", "market", "channels"],
        help_request="请核对覆盖与活动规则。",
    )
    complaint.hears("withdraw")
    assert complaint.waiting == ["close_case"]


@pytest.mark.parametrize("stage", ["review_work_order", "sign_order", "handle_complaint", "audit_feedback"])
def test_urging_begins_supervision_beside_the_case_and_stops_nothing(
    complaint: Complaint, stage: str
) -> None:
    complaint.until(stage)
    for times in (1, 2):
        complaint.hears("urge", note="客户再次来电")
        assert complaint.waiting == [stage]
        assert len(complaint.notices("supervise_case")) == times
    complaint.until("close_case")
    complaint.does("close_case")
    assert complaint.archived


def test_no_timer_of_the_diagram_warns_because_clocks_do(complaint: Complaint) -> None:
    complaint.until("handle_complaint")
    complaint.harness.advance(hours=72)
    assert complaint.waiting == ["handle_complaint"]
    assert complaint.told == []


@pytest.mark.parametrize(
    ("changed", "level_before", "level_after"),
    [
        ({}, "general", "provincial"),
        ({"occurred_province": "zhejiang"}, "national", "national"),
        ({"problem_type": "interconnection"}, "national", "national"),
    ],
)
def test_a_dispatched_complaint_is_no_longer_general(
    sessions: sessionmaker[Session],
    clock: FrozenClock,
    changed: dict[str, Any],
    level_before: str,
    level_after: str,
) -> None:
    complaint = Complaint(sessions, clock, **changed)
    complaint.until("review_work_order")
    assert complaint.task("review_work_order").variables["decision"]["level"] == level_before
    complaint.until("handle_complaint")
    assert complaint.task("handle_complaint").variables["decision"]["level"] == level_after


def test_the_more_severe_a_complaint_the_higher_its_task_stands(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    complaint = Complaint(
        sessions, clock, tags=["media", "group"], service_interrupted=True, affected_count=100
    )
    assert complaint.task("accept_complaint").priority == 93
