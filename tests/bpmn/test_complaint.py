"""Every way a complaint (R01) can go from its arrival to the archive; each step is saved and the next one restored from it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.errors import MessageNotAwaited
from tests.bpmn.complaint_case import DISSATISFIED, INSISTS, USUAL, WITHDRAWAL, Complaint
from tests.bpmn.flows import Flows

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
ON_THE_SPOT = {
    "outcome": "answered",
    "company_fault": True,
    "apologised": True,
    "answer": "已当场解释并致歉。",
    "customer_attitude": "accepted",
}


TAKEN = Flows("complaint", "upgrade_handover", "grading")


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


def test_what_is_answered_on_the_spot_leaves_a_work_order_with_its_result(complaint: Complaint) -> None:
    complaint.does("accept_complaint", **ON_THE_SPOT)
    assert complaint.waiting == ["revisit_customer"]
    said = complaint.task("revisit_customer").variables
    assert said["form"]["accept_complaint"]["answer"] == "已当场解释并致歉。"
    assert said["loop"]["dispatched"] is False  # solved at first contact
    complaint.does("revisit_customer", "close_case")
    assert complaint.archived


def test_a_complaint_that_is_not_accepted_is_explained_in_writing_and_filed(complaint: Complaint) -> None:
    complaint.does(
        "accept_complaint",
        outcome="rejected",
        rejection_reason="not_our_service",
        rejection_text="请向对方运营商反映。",
    )
    assert [letter["template"] for letter in complaint.notices("issue_letter")] == ["not_accepted"]
    complaint.does("close_case", **{**USUAL["close_case"], "closing_code": "not_accepted"})
    assert complaint.archived
    assert complaint.notices("archive_case") == [{"code": "not_accepted"}]


@pytest.mark.parametrize("stage", USUAL_WAY[:7:2])
def test_a_customer_may_withdraw_until_they_have_the_answer(complaint: Complaint, stage: str) -> None:
    complaint.until(stage)
    complaint.hears("withdraw", **WITHDRAWAL)
    assert complaint.waiting == ["close_case"]
    assert complaint.task("close_case").variables["message"]["customer_withdrew"] == WITHDRAWAL
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
    complaint.hears("withdraw", **WITHDRAWAL)
    assert complaint.waiting == ["close_case"]


@pytest.mark.parametrize("stage", USUAL_WAY[:7:3])
def test_a_customer_may_insist_on_headquarters_until_they_have_the_answer(
    complaint: Complaint, stage: str
) -> None:
    complaint.until(stage)
    complaint.hears("upgrade", **INSISTS)
    assert complaint.waiting == []
    assert complaint.archived
    (opened,) = complaint.notices("open_case")
    assert opened == {
        "regime": "upgrade_complaint",
        "kind": "upgraded_from",
        "unit": "hq_complaints",
        "facts": {"channel": "from_complaint", "demand": "要求总部直接处理。"},
        "refers": True,
    }
    assert complaint.notices("archive_case") == [{"code": "upgraded"}]


def test_who_has_the_answer_neither_withdraws_nor_goes_up(complaint: Complaint) -> None:
    complaint.until("revisit_customer")
    for message in ("withdraw", "upgrade"):
        with pytest.raises(MessageNotAwaited):
            complaint.hears(message)
    assert complaint.waiting == ["revisit_customer"]
    assert complaint.notices("open_case") == []


def test_after_a_revisit_the_order_is_handled_again_without_a_second_registration(
    complaint: Complaint,
) -> None:
    complaint.until("revisit_customer")
    for _ in range(2):
        complaint.does("revisit_customer", **DISSATISFIED)
        complaint.does("review_dissatisfaction")
        assert complaint.waiting == ["dispatch_order"]
        complaint.until("revisit_customer")
    complaint.does("revisit_customer", "close_case")
    assert complaint.archived
    assert complaint.steps.count("accept_complaint") == complaint.steps.count("review_work_order") == 1


def test_what_was_answered_on_the_spot_can_be_handled_again_after_the_revisit(complaint: Complaint) -> None:
    complaint.does("accept_complaint", **ON_THE_SPOT)
    complaint.does("revisit_customer", **DISSATISFIED)
    complaint.does("review_dissatisfaction")
    assert complaint.waiting == ["dispatch_order"]
    complaint.until("close_case")
    complaint.does("close_case")
    assert complaint.archived


@pytest.mark.parametrize(("message", "left"), [("withdraw", ["close_case"]), ("upgrade", [])])
def test_a_reprocessing_order_may_be_withdrawn_or_taken_up_too(
    complaint: Complaint, message: str, left: list[str]
) -> None:
    complaint.until("revisit_customer")
    complaint.does("revisit_customer", **DISSATISFIED)
    complaint.does("review_dissatisfaction")
    complaint.hears(message, **(WITHDRAWAL if message == "withdraw" else INSISTS))
    assert complaint.waiting == left


def test_two_rounds_in_vain_may_end_as_an_upgrade_and_nothing_is_filled_in_twice(
    complaint: Complaint,
) -> None:
    complaint.until("revisit_customer")
    for _ in range(2):
        complaint.does("revisit_customer", **DISSATISFIED)
        complaint.does("review_dissatisfaction")
        complaint.until("revisit_customer")
    complaint.does("revisit_customer", **DISSATISFIED)
    complaint.does("review_dissatisfaction", "offer_upgrade")
    assert complaint.archived
    assert complaint.notices("archive_case") == [{"code": "upgraded"}]
    assert complaint.notices("open_case")[0]["facts"]["demand"] == "请总部彻底解决。"


def test_who_refuses_the_reply_and_stays_so_cannot_be_closed_as_agreed(complaint: Complaint) -> None:
    complaint.until("reply_to_customer")
    complaint.does(
        "reply_to_customer",
        method="phone",
        attitude="refused",
        content="已逐条解释。",
        company_position="诉求超出协议约定。",
    )
    assert complaint.task("revisit_customer").variables["loop"]["refused"] is True
    complaint.does("revisit_customer", **DISSATISFIED)
    complaint.does("review_dissatisfaction", conclusion="demand_excessive", finding="诉求超出政策。")
    assert complaint.task("close_case").variables["loop"]["refused"] is True


def test_no_timer_of_the_diagram_warns_because_clocks_do(complaint: Complaint) -> None:
    complaint.until("handle_complaint")
    complaint.harness.advance(hours=72)
    assert complaint.waiting == ["handle_complaint"]
    assert complaint.notices("supervise_case") == complaint.notices("notify_unit") == []


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


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
