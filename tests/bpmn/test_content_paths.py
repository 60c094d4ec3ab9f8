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


UPPER_TIER = "责任部门请求上级协助，请督促处理并协调资源"


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


def test_the_centre_answers_what_it_can_without_dispatching(complaint: Complaint) -> None:
    complaint.does("accept_complaint")
    complaint.does("review_work_order", outcome="answer", answer="多收部分已冲减。")
    complaint.does("reply_to_customer", "revisit_customer", "close_case")
    assert complaint.archived


def test_a_remote_unit_dispatches_on_to_the_department(complaint: Complaint) -> None:
    complaint.until("dispatch_order")
    complaint.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    assert complaint.task("second_dispatch").properties["route.unit"] == "luoyang"
    complaint.does("second_dispatch")
    assert complaint.task("sign_order").properties["route.unit"] is None  # the classification finds it
    complaint.until("close_case")
    complaint.does("close_case")
    assert complaint.archived


def test_the_centre_may_name_the_department_itself(complaint: Complaint) -> None:
    complaint.until("dispatch_order")
    complaint.does("dispatch_order", target="department", department="channels")
    assert complaint.task("sign_order").properties["route.unit"] == "henan_channels"


def test_a_refused_order_is_dispatched_again(complaint: Complaint) -> None:
    complaint.until("sign_order")
    complaint.does("sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    assert complaint.waiting == ["dispatch_order"]
    complaint.does("dispatch_order", "sign_order")
    assert complaint.waiting == ["handle_complaint"]


def test_two_refusals_go_to_headquarters_whoever_refused(complaint: Complaint) -> None:
    complaint.until("dispatch_order")
    complaint.does("dispatch_order", target="remote_unit", remote_unit="zhengzhou")
    complaint.does("second_dispatch", outcome="refused", refusal_reason="不属于本地业务。")
    complaint.does("dispatch_order")
    complaint.does("sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    assert complaint.waiting == ["arbitrate_order"]
    complaint.does("arbitrate_order")
    assert complaint.task("handle_complaint").properties["route.unit"] == "henan_market"


def test_a_department_passes_on_what_is_not_its_own(complaint: Complaint) -> None:
    complaint.until("handle_complaint")
    assert complaint.task("handle_complaint").properties["route.unit"] is None  # as it was dispatched
    complaint.does("handle_complaint", next_step="transfer", transfer_to="network")
    assert complaint.task("handle_complaint").properties["route.unit"] == "henan_network"


def test_assisting_departments_work_side_by_side_and_all_must_answer(complaint: Complaint) -> None:
    complaint.until("handle_complaint")
    complaint.does(
        "handle_complaint",
        next_step="assist",
        assisting_departments=["network", "market"],
        help_request="请核对覆盖与活动规则。",
    )
    helpers = complaint.harness.recorder.named("assist_complaint")
    assert {each.properties["route.unit"] for each in helpers} == {"henan_network", "henan_market"}
    complaint.does("assist_complaint")
    assert complaint.waiting == ["assist_complaint"]
    complaint.does("assist_complaint")
    assert complaint.waiting == ["handle_complaint"]


def test_headquarters_hears_of_a_call_for_help_and_gives_it(complaint: Complaint) -> None:
    complaint.until("handle_complaint")
    complaint.does("handle_complaint", next_step="upper", help_request="涉及省际线路，请协调。")
    assert complaint.waiting == ["help_from_upper_tier"]
    assert complaint.notices() == [
        {"template": "upper_tier_needed", "role": "headquarters", "text": UPPER_TIER}
    ]
    complaint.does("help_from_upper_tier")
    complaint.does("handle_complaint")
    assert complaint.waiting == ["audit_feedback"]


def test_help_may_be_asked_for_more_than_once(complaint: Complaint) -> None:
    complaint.until("handle_complaint")
    for _ in range(2):
        complaint.does("handle_complaint", next_step="upper", help_request="请协调对端省。")
        complaint.does("help_from_upper_tier")
    complaint.until("close_case")
    complaint.does("close_case")
    assert complaint.archived


def test_feedback_that_does_not_satisfy_goes_back(complaint: Complaint) -> None:
    complaint.until("audit_feedback")
    complaint.does("audit_feedback", outcome="unqualified", audit_reason="未写明整改措施。")
    assert complaint.waiting == ["handle_complaint"]
    complaint.does("handle_complaint", "audit_feedback")
    assert complaint.waiting == ["reply_to_customer"]


def test_a_customer_who_refuses_hears_our_position(complaint: Complaint) -> None:
    complaint.until("reply_to_customer")
    complaint.does(
        "reply_to_customer",
        method="phone",
        attitude="refused",
        content="已逐条解释。",
        company_position="诉求超出协议约定。",
    )
    assert complaint.waiting == ["revisit_customer"]


def test_a_customer_who_cannot_be_reached_is_tried_three_times_then_written_to(complaint: Complaint) -> None:
    complaint.until("reply_to_customer")
    for attempt in range(3):
        task = complaint.task("reply_to_customer")
        if attempt:
            assert task.follow_up_at is not None
            assert (task.follow_up_at - complaint.harness.clock.now()).days == 1
        complaint.does("reply_to_customer", method="phone", attitude="unreachable", content="无人接听。")
    assert complaint.notices("notify_customer") == [{"template": "written_reply", "text": "无人接听。"}]
    assert complaint.waiting == ["revisit_customer"]


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
    complaint.until("handle_complaint")
    complaint.does(
        "handle_complaint",
        next_step="assist",
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
