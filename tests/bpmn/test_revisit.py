"""The revisit (003§2.4.6) of all three regimes: who, how, and what follows from what the customer says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.complaint_case import DISSATISFIED, FACTS, USUAL, Complaint
from tests.bpmn.flows import Flows
from tests.bpmn.playing import Played

CUSTOMER = FACTS["customer"]


class Revisit(Played):
    """The revisit alone, as a process that has answered the customer calls it."""

    process = "revisit"
    facts = FACTS
    usual = USUAL
    given = {  # noqa: RUF012
        "loop": {"reprocess": 0, "again": False, "refused": False, "ending": "answered"},
        "decision": {"priority": 0},
    }


class AfterTwoRounds(Revisit):
    """The third revisit."""

    given = {**Revisit.given, "loop": {**Revisit.given["loop"], "reprocess": 2}}  # noqa: RUF012


TAKEN = Flows("revisit")


@pytest.fixture
def revisit(sessions: sessionmaker[Session], clock: FrozenClock) -> Revisit:
    return Revisit(sessions, clock)


@pytest.mark.parametrize(
    ("regime", "desk"),
    [("complaint", "revisit"), ("upgrade_complaint", "upgrade_centre"), ("appeal", "appeal_desk")],
)
def test_who_revisits_follows_from_the_regime(
    sessions: sessionmaker[Session], clock: FrozenClock, regime: str, desk: str
) -> None:
    revisit = Revisit(sessions, clock, regime=regime)
    assert revisit.task("revisit_customer").candidate_groups == (desk,)
    revisit.does("revisit_customer")
    assert revisit.harness.recorder.moves[-1].ended


@pytest.mark.parametrize(
    ("changed", "method"),
    [
        ({}, "outbound_call"),
        ({"customer": {**CUSTOMER, "level": "vip"}}, "call_and_visit"),
        ({"customer": {**CUSTOMER, "kind": "group"}}, "call_and_visit"),
        ({"customer": {**CUSTOMER, "special_needs": "老年客户"}}, "call_and_visit"),
        ({"customer": {"name": "某人"}}, "outbound_call"),
    ],
)
def test_how_follows_from_the_customer(
    sessions: sessionmaker[Session], clock: FrozenClock, changed: dict[str, Any], method: str
) -> None:
    revisit = Revisit(sessions, clock, **changed)
    assert revisit.task("revisit_customer").variables["decision"]["revisit"]["method"] == method


def test_who_does_not_want_a_revisit_is_left_in_peace(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    revisit = Revisit(sessions, clock, customer={**CUSTOMER, "no_revisit": True})
    assert revisit.waiting == []
    assert revisit.steps == []


def test_who_cannot_be_reached_is_tried_on_three_days_and_the_seven_days_stay(revisit: Revisit) -> None:
    for day in ("02", "04", "05"):
        task = revisit.task("revisit_customer")
        assert task.properties["sla.from"] == "2026-03-02T09:00:00+08:00"
        assert task.follow_up_at is not None
        assert task.follow_up_at.isoformat() == f"2026-03-{day}T09:00:00+08:00"
        revisit.harness.clock.advance(timedelta(days=1))
        revisit.does("revisit_customer", outcome="unreachable")
    assert revisit.waiting == []


def test_the_questions_cover_result_process_staff_every_stage_and_a_suggestion(revisit: Revisit) -> None:
    revisit.does(
        "revisit_customer",
        outcome="acceptable",
        method="outbound_call",
        result_score="4",
        process_score="3",
        staff_score="5",
        opinion_acceptance="受理很快",
        opinion_handling="处理偏慢",
        opinion_reply="答复清楚",
        suggestion="希望线上可查进度",
        promotion="推介了家庭套餐",
        recording_id="HF-1",
    )
    assert revisit.waiting == []


def test_dissatisfaction_for_another_reason_is_explained(revisit: Revisit) -> None:
    revisit.does("revisit_customer", **DISSATISFIED)
    revisit.does("review_dissatisfaction", conclusion="demand_excessive", finding="诉求超出政策。")
    assert revisit.waiting == []


def test_a_wrong_method_orders_reprocessing(revisit: Revisit) -> None:
    revisit.does("revisit_customer", **DISSATISFIED)
    revisit.does("review_dissatisfaction")
    assert revisit.waiting == []
    assert revisit.steps == ["revisit_customer", "review_dissatisfaction"]


@pytest.mark.parametrize("decision", ["declined", "unreachable"])
def test_after_two_rounds_a_customer_may_also_stay(
    sessions: sessionmaker[Session], clock: FrozenClock, decision: str
) -> None:
    revisit = AfterTwoRounds(sessions, clock)
    revisit.does("revisit_customer", **DISSATISFIED)
    revisit.does("review_dissatisfaction")
    revisit.does("offer_upgrade", decision=decision, told="已说明升级途径。")
    assert revisit.waiting == []
    assert revisit.notices("open_case") == []


def test_after_two_rounds_headquarters_takes_it_up_where_the_customer_agrees(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    revisit = AfterTwoRounds(sessions, clock)
    revisit.does("revisit_customer", **DISSATISFIED)
    revisit.does("review_dissatisfaction", "offer_upgrade")
    assert revisit.archived
    (opened,) = revisit.notices("open_case")
    assert (opened["kind"], opened["refers"]) == ("upgraded_from", True)


def test_what_headquarters_has_already_does_not_go_up_again(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    revisit = AfterTwoRounds(sessions, clock, regime="upgrade_complaint")
    revisit.does("revisit_customer", **DISSATISFIED)
    revisit.does("review_dissatisfaction")
    assert revisit.waiting == []


@pytest.mark.parametrize("agrees", [True, False])
def test_only_who_agrees_to_the_answer_has_not_refused_it(
    sessions: sessionmaker[Session], clock: FrozenClock, agrees: bool
) -> None:
    """003§2.6.3 b, domain 1.14 #3: a good mark for the handling is no agreement to the answer."""
    complaint = Complaint(sessions, clock)
    complaint.does(
        "accept_complaint",
        outcome="answered",
        answer="已逐条解释。",
        customer_attitude="refused",
        company_position="诉求超出协议约定。",
    )
    complaint.does("revisit_customer", **USUAL["revisit_customer"], accepts_answer=agrees)
    assert complaint.task("close_case").variables["loop"]["refused"] is not agrees


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
