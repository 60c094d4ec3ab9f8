"""The department's work (003§2.4.4), from dispatch to feedback: remote units, signing, refusal, arbitration, work sent back."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.flows import Flows
from tests.bpmn.work_case import Work

TAKEN = Flows("department_work", "refusal")


@pytest.fixture
def work(sessions: sessionmaker[Session], clock: FrozenClock) -> Work:
    return Work(sessions, clock)


@pytest.mark.parametrize(
    ("clear", "branch", "groups", "unit", "tier"),
    [
        ("yes", "province", ("department",), None, "province"),
        ("yes", "city", ("department",), "luoyang", "city"),
        ("no", "city", ("business_department",), "luoyang", "city"),
        ("no", "province", ("business_department",), None, "province"),
    ],
)
def test_a_remote_unit_dispatches_on_by_type_and_tier(
    work: Work, clear: str, branch: str, groups: tuple[str, ...], unit: str | None, tier: str
) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    assert work.unit("second_dispatch") == "luoyang"
    department = {"department": "suggested"} if (clear, branch) == ("yes", "province") else {}
    work.does("second_dispatch", outcome="accepted", type_clear=clear, branch=branch, **department)
    assert work.task("sign_order").candidate_groups == groups
    assert work.unit("sign_order") == unit
    seen = work.loop("sign_order")
    assert seen["tier"] == tier
    assert [(each["role"], each["unit"]) for each in seen["stack"]] == [("remote_unit", "luoyang")]


def test_what_the_centre_sent_is_back_with_it_when_refused(work: Work) -> None:
    work.until("sign_order")
    work.does("sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    assert work.waiting == ["dispatch_order"]
    work.does("dispatch_order", "sign_order")
    assert work.waiting == ["handle_complaint"]


def test_what_a_remote_unit_dispatched_is_back_with_it_when_refused(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    work.does("second_dispatch")
    work.does("sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    assert work.waiting == ["second_dispatch"]
    assert work.unit("second_dispatch") == "luoyang"
    assert work.loop("second_dispatch")["stack"] == []
    work.does("second_dispatch", "sign_order")
    assert work.waiting == ["handle_complaint"]


def test_two_refusals_go_to_headquarters_whoever_refused(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="zhengzhou")
    work.does("second_dispatch", outcome="refused", refusal_reason="不属于本地业务。")
    assert work.waiting == ["dispatch_order"]
    work.does("dispatch_order")
    work.does("sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    assert work.waiting == ["arbitrate_order"]
    work.does("arbitrate_order")
    assert work.waiting == ["handle_complaint"]  # what is arbitrated cannot be refused
    assert work.unit("handle_complaint") == "henan_market"
    work.does("handle_complaint")
    assert work.waiting == ["audit_feedback"]


def test_the_centre_hears_when_a_problem_climbs(work: Work) -> None:
    work.to_business_department()
    work.does("judge_order", next_step="upper", analysis="涉及省际线路。", help_request="请协调省际线路。")
    assert [notice["template"] for notice in work.notices()] == ["upper_tier_needed"]


def test_work_that_is_sent_back_is_neither_dispatched_nor_signed_again(work: Work) -> None:
    work.until("audit_feedback")
    work.does("audit_feedback", outcome="unqualified", audit_reason="未写明整改措施。")
    assert work.waiting == ["handle_complaint"]
    work.does("handle_complaint", "audit_feedback")
    assert work.waiting == ["reply_to_customer"]


def test_what_a_forwarder_returns_is_handled_again(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="remote_unit", remote_unit="luoyang")
    work.until("confirm_by_remote_unit")
    work.does("confirm_by_remote_unit", outcome="returned", return_reason="未说明现场情况。")
    assert work.waiting == ["handle_complaint"]


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
