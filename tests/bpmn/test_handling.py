"""Handling (003§2.4.4): who judges, who assists, how it climbs, and how the feedback comes back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.ports import OperationCall
from tasks.forms import AnswersRefused
from tests.bpmn.flows import Flows
from tests.bpmn.playing import form
from tests.bpmn.work_case import Work

TAKEN = Flows("handling", "upper_help", "feedback")


@pytest.fixture
def work(sessions: sessionmaker[Session], clock: FrozenClock) -> Work:
    return Work(sessions, clock)


def test_the_handling_department_handles_and_feeds_back_to_the_centre(work: Work) -> None:
    work.until("handle_complaint")
    assert "judge_order" not in work.steps
    work.does("handle_complaint")
    assert work.waiting == ["audit_feedback"]


def test_the_business_department_handles_what_is_its_own(work: Work) -> None:
    work.to_business_department()
    work.does("judge_order")
    assert work.task("handle_complaint").candidate_groups == ("business_department",)
    work.does("handle_complaint")
    assert work.waiting == ["audit_feedback"]


def test_what_is_passed_on_comes_back_through_all_who_passed_it_on(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    work.does("second_dispatch", outcome="accepted", type_clear="no", branch="city")
    work.does("sign_order")
    work.does("judge_order", next_step="transfer", analysis="属于网络覆盖问题。", transfer_to="network")
    assert work.unit("sign_transfer") == "henan_network"
    work.does("sign_transfer", "handle_complaint")
    assert work.waiting == ["confirm_by_business_department"]
    assert work.unit("confirm_by_business_department") == "luoyang"
    work.does("confirm_by_business_department")
    assert work.waiting == ["confirm_by_remote_unit"]
    assert work.unit("confirm_by_remote_unit") == "luoyang"
    work.does("confirm_by_remote_unit")
    assert work.waiting == ["audit_feedback"]


def test_a_forwarder_who_is_not_content_sends_it_back_to_who_handled_it(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    work.does("second_dispatch", "sign_order", "handle_complaint")
    work.does("confirm_by_remote_unit", outcome="returned", return_reason="未说明现场情况。")
    assert work.waiting == ["handle_complaint"]
    assert work.task("handle_complaint").candidate_groups == ("department",)
    assert work.loop("handle_complaint")["return_reason"] == "未说明现场情况。"
    work.does("handle_complaint", "confirm_by_remote_unit")
    assert work.waiting == ["audit_feedback"]


def test_a_refused_transfer_is_back_with_the_business_department(work: Work) -> None:
    work.to_business_department()
    work.does("judge_order", next_step="transfer", analysis="属于网络覆盖问题。", transfer_to="network")
    work.does("sign_transfer", outcome="refused", refusal_reason="不属于网络问题。")
    assert work.waiting == ["judge_order"]
    assert work.task("judge_order").properties["route.classification"] == ["gsm", "other"]
    assert work.loop("judge_order")["stack"] == []
    work.does("judge_order", next_step="transfer", analysis="属于计费问题。", transfer_to="billing")
    work.does("sign_transfer", outcome="refused", refusal_reason="不属于计费问题。")
    assert work.waiting == ["arbitrate_order"]
    work.does("arbitrate_order")
    assert work.unit("handle_complaint") == "henan_market"
    work.does("handle_complaint")
    assert work.waiting == ["audit_feedback"]  # what headquarters settled goes straight to the centre


def test_assisting_departments_work_side_by_side_can_be_pressed_and_all_must_answer(work: Work) -> None:
    work.to_business_department()
    work.does(
        "judge_order",
        next_step="assist",
        analysis="涉及覆盖与活动规则。",
        assisting_departments=["network", "market"],
        help_request="请核对覆盖与活动规则。",
    )
    helpers = work.harness.recorder.named("assist_complaint")
    assert {each.properties["route.unit"] for each in helpers} == {"henan_network", "henan_market"}
    work.hears("urge_assistants", note="请今日反馈。")
    assert len(work.notices("supervise_case")) == 1
    work.does("assist_complaint")
    assert work.waiting == ["assist_complaint"]
    work.does("assist_complaint")
    assert work.waiting == ["judge_order"]
    work.does("judge_order", "handle_complaint")
    assert work.waiting == ["audit_feedback"]


def test_help_climbs_from_the_city_to_the_province_and_then_to_headquarters(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    work.does("second_dispatch", outcome="accepted", type_clear="no", branch="city")
    work.does("sign_order")
    ask = {"next_step": "upper", "analysis": "涉及省际线路。", "help_request": "请协调省际线路。"}
    work.does("judge_order", **ask)
    assert work.waiting == ["help_from_province"]
    assert work.unit("help_from_province") == "henan"
    work.does("help_from_province")
    assert work.waiting == ["judge_order"]
    work.does("judge_order", **ask)
    work.does("help_from_province", outcome="climb", guidance="本省无法解决，请总部协调。")
    assert work.waiting == ["help_from_upper_tier"]
    told = [notice["role"] for notice in work.notices()]
    assert told == ["provincial_centre"] * 3  # the centre hears of every step
    work.does("help_from_upper_tier")
    assert work.waiting == ["judge_order"]


def test_a_provincial_department_asks_headquarters(work: Work) -> None:
    work.to_business_department()
    work.does("judge_order", next_step="upper", analysis="涉及省际线路。", help_request="请协调省际线路。")
    assert work.waiting == ["help_from_upper_tier"]


RESULT: dict[str, Any] = {
    "cause": "improper_operation",
    "result_type": "solved",
    "measures": "已冲减多收费用。",
}


def authority(call: OperationCall) -> dict[str, Any]:
    """A handler who has used nothing this month."""
    return {"post": "handler", "amount": call.inputs["amount"], "used_this_month": 0}


@pytest.fixture
def compensating(sessions: sessionmaker[Session], clock: FrozenClock) -> Work:
    work = Work(sessions, clock, results={"read_authority": authority})
    work.until("handle_complaint")
    return work


def used(work: Work) -> list[tuple[Any, Any]]:
    return [(use["amount"], use["outcome"]) for use in work.notices("log_authority")]


def test_a_result_with_a_compensation_within_the_authority_is_fed_back(compensating: Work) -> None:
    compensating.does(
        "handle_complaint", **RESULT, compensation_amount=100, compensation_scope="billing_error"
    )
    assert compensating.waiting == ["audit_feedback"]
    assert compensating.notices("read_authority") == [{"activity": "handle_complaint", "amount": 100}]
    assert used(compensating) == [(100, "granted")]


@pytest.mark.parametrize("scope", ["usage", "billing_error", "termination"])
def test_above_it_a_second_person_signs_before_it_is_fed_back(compensating: Work, scope: str) -> None:
    compensating.does("handle_complaint", **RESULT, compensation_amount=600, compensation_scope=scope)
    compensating.does("approve_compensation", decision="approved", reason="情况属实。")
    assert compensating.waiting == ["audit_feedback"]
    assert used(compensating) == [(600, "dual_sign")]


def test_what_is_not_authorised_is_back_with_its_reason_and_asked_anew(compensating: Work) -> None:
    given = {**RESULT, "compensation_scope": "billing_error"}
    compensating.does("handle_complaint", **given, compensation_amount=600)
    compensating.does("approve_compensation", decision="refused", reason="证据不足。")
    assert compensating.waiting == ["handle_complaint"]
    shown = compensating.loop("handle_complaint")["authority"]
    assert (shown["activity"], shown["granted"], shown["reason"]) == ("handle_complaint", False, "证据不足。")
    compensating.does("handle_complaint", **given, compensation_amount=700)
    compensating.does("approve_compensation", decision="refused", reason="超出损失。")
    compensating.does("handle_complaint", **RESULT)
    assert compensating.waiting == ["audit_feedback"]
    assert used(compensating) == [(600, "refused"), (700, "refused")]
    compensating.does("audit_feedback", outcome="unqualified", audit_reason="请补偿客户损失。")
    assert compensating.loop("handle_complaint")["authority"] is None  # nothing of the last round is shown
    compensating.does("handle_complaint", **given, compensation_amount=100)
    assert used(compensating)[-1] == (100, "granted")


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"result_type": "plan", "measures": "扩容线路。"}, {"promised_at"}),
        ({"result_type": "explanation"}, {"statement", "companion"}),
        ({"result_type": "explanation", "statement": "线路在建。", "companion": "promise"}, {"promised_at"}),
        ({"result_type": "explanation", "statement": "线路在建。", "companion": "wording"}, {"explanation"}),
        ({"result_type": "solved"}, {"measures"}),
        (
            {"result_type": "solved", "measures": "已退费。", "compensation_amount": 50},
            {"compensation_scope"},
        ),
    ],
)
def test_the_result_is_exactly_one_of_three_with_what_belongs_to_it(
    clock: FrozenClock, answers: dict[str, object], missing: set[str]
) -> None:
    with pytest.raises(AnswersRefused) as refused:
        form("handle_complaint").check({"cause": "other", **answers}, now=clock.now())
    assert {problem.path for problem in refused.value.problems} == missing


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
