"""Every way an upgrade complaint can go (R02): headquarters, the province, headquarters again; saved and restored at each step."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.flows import Flows
from tests.bpmn.test_content_decisions import decide
from tests.bpmn.upgrade_case import USUAL, Upgrade

TAKEN = Flows("upgrade_complaint", "major_report")


USUAL_WAY = [
    "accept_upgrade",
    "sign_upgrade",
    "review_work_order",
    "dispatch_order",
    "sign_order",
    "handle_complaint",
    "audit_feedback",
    "reply_to_customer",
    "province_reply",
    "audit_province_reply",
    "audit_upgrade_ticket",
    "revisit_customer",
    "close_case",
]


@pytest.fixture
def upgrade(sessions: sessionmaker[Session], clock: FrozenClock) -> Upgrade:
    return Upgrade(sessions, clock)


def test_headquarters_takes_in_the_province_handles_and_headquarters_audits_and_calls_back(
    upgrade: Upgrade,
) -> None:
    for activity in USUAL_WAY:
        assert upgrade.waiting == [activity]
        upgrade.does(activity)
    assert upgrade.waiting == []
    assert upgrade.archived


def test_a_request_of_an_international_customer_goes_the_same_way(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    upgrade = Upgrade(sessions, clock, kind="service_request", international=True)
    upgrade.until("close_case")
    assert upgrade.steps == USUAL_WAY[:-1]


def test_who_refuses_the_provinces_answer_is_closed_as_not_agreed(upgrade: Upgrade) -> None:
    """003§2.4.5, §2.6.3, domain 1.14 #3: in whatever regime the answer was refused."""
    upgrade.until("reply_to_customer")
    upgrade.does(
        "reply_to_customer",
        method="phone",
        attitude="refused",
        content="已逐条解释。",
        company_position="诉求超出约定。",
    )
    upgrade.until("close_case")
    loop = upgrade.task("close_case").variables["loop"]
    answers = {**USUAL["close_case"], "closing_code": "explained"}
    (wrong,) = decide("closing_facts", {"loop": loop, "form": {"close_case": answers}})
    assert wrong["path"] == "closing_code" and "未达成一致" in wrong["message_zh"]


def test_what_is_not_accepted_is_explained_and_filed(upgrade: Upgrade) -> None:
    upgrade.does(
        "accept_upgrade",
        outcome="rejected",
        rejection_reason="not_our_service",
        rejection_text="请向对方运营商反映。",
    )
    assert upgrade.notices("issue_letter") == [
        {"template": "not_accepted", "to": "customer", "method": "letter", "reason": "请向对方运营商反映。"}
    ]
    upgrade.until("close_case")
    upgrade.does("close_case", **{**USUAL["close_case"], "closing_code": "not_accepted"})
    assert upgrade.archived


def test_unsigned_it_goes_on_in_the_province_from_the_dispatch(upgrade: Upgrade, clock: FrozenClock) -> None:
    upgrade.does("accept_upgrade")
    dispatched = clock.now()
    upgrade.harness.advance(hours=24)
    assert upgrade.waiting == ["review_work_order"]
    assert datetime.fromisoformat(upgrade.loop["upgrade"]["accepted_at"]) == dispatched


def test_sent_back_by_the_audit_only_the_reply_is_written_again(upgrade: Upgrade) -> None:
    upgrade.until("audit_province_reply")
    _sends_back(upgrade, "reply_incomplete")
    assert upgrade.waiting == ["province_reply"]
    upgrade.does("province_reply", "audit_province_reply")
    assert upgrade.waiting == ["audit_upgrade_ticket"]
    assert upgrade.loop["upgrade"]["unqualified"] == 1


def test_sent_back_by_the_audit_all_is_handled_again(upgrade: Upgrade) -> None:
    upgrade.until("audit_province_reply")
    due = upgrade.loop["upgrade"]["due_at"]
    _sends_back(upgrade, "handling_inadequate")
    assert upgrade.waiting == ["review_work_order"]
    assert upgrade.loop["upgrade"]["due_at"] == due  # the same limit goes on
    upgrade.until("close_case")


def test_a_call_back_that_finds_a_wrong_method_sends_it_to_the_province_again(
    upgrade: Upgrade, clock: FrozenClock
) -> None:
    upgrade.until("revisit_customer")
    clock.advance(timedelta(hours=5))
    upgrade.does(
        "revisit_customer",
        outcome="dissatisfied",
        result_score="1",
        process_score="2",
        staff_score="3",
        opinion="问题又出现了。",
    )
    upgrade.does("review_dissatisfaction")
    assert upgrade.waiting == ["dispatch_order"]
    again = upgrade.loop["upgrade"]
    assert again["due_at"] is None
    assert datetime.fromisoformat(again["accepted_at"]) == clock.now()
    upgrade.until("close_case")
    assert upgrade.steps.count("province_reply") == 2


def test_measures_that_are_owed_are_followed_before_it_is_closed(upgrade: Upgrade) -> None:
    upgrade.until("province_reply")
    upgrade.does("province_reply", **{**USUAL["province_reply"], "measures_owed": True})
    upgrade.until("analyse_cause")
    upgrade.does("analyse_cause", "plan_measures", "carry_out_measures")
    upgrade.harness.advance(days=30)
    upgrade.does("verify_effect")
    assert upgrade.waiting == ["close_case"]


@pytest.mark.parametrize("stage", ["accept_upgrade", "sign_upgrade", "handle_complaint", "reply_to_customer"])
def test_the_customer_may_withdraw_until_answered(upgrade: Upgrade, stage: str) -> None:
    upgrade.until(stage)
    upgrade.hears("withdraw", reason="问题已解决")
    assert upgrade.waiting == ["close_case"]
    assert upgrade.loop["ending"] == "withdrawn"
    upgrade.does("close_case", **{**USUAL["close_case"], "closing_code": "withdrawn"})
    assert upgrade.archived


def test_once_answered_it_cannot_be_withdrawn(upgrade: Upgrade) -> None:
    upgrade.until("province_reply")
    with pytest.raises(Exception, match="withdraw"):
        upgrade.hears("withdraw", reason="问题已解决")
    assert upgrade.waiting == ["province_reply"]


@pytest.mark.parametrize("stage", ["accept_upgrade", "sign_upgrade", "handle_complaint", "revisit_customer"])
def test_major_information_is_told_to_both_at_once_at_any_time(upgrade: Upgrade, stage: str) -> None:
    upgrade.until(stage)
    for times in (1, 2):
        upgrade.hears("major_information", kind="media", text="已有媒体来电采访。")
        assert upgrade.waiting == [stage]
        told = upgrade.notices()
        assert len(told) == 2 * times
    assert {notice["role"] for notice in told} == {"provincial_service", "upgrade_centre"}
    assert {notice["text"] for notice in told} == {"重大信息：已有媒体来电采访。"}


def _sends_back(upgrade: Upgrade, outcome: str) -> None:
    upgrade.does(
        "audit_province_reply", outcome=outcome, faults=["result_unclear"], audit_reason="请补充处理经过。"
    )


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
