"""Handling an appeal: the way through province and headquarters, its returns, and what the regulator sends meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tasks.deadlines.clocks.instants import read_instant
from tests.bpmn.appeal_case import HANDLING, Appeal
from tests.bpmn.flows import Flows

TAKEN = Flows("appeal_handling", "appeal_acceptance", "appeal_province", "appeal_review")
RETURNED: dict[str, Any] = {"outcome": "unqualified", "basis": ["policy"], "reason": "未附账单，责任不清。"}
DISSATISFIED: dict[str, Any] = {
    "outcome": "dissatisfied",
    "result_score": "1",
    "process_score": "2",
    "staff_score": "3",
    "opinion": "又多收了一次。",
}


@pytest.fixture
def appeal(sessions: sessionmaker[Session], clock: FrozenClock) -> Appeal:
    return Appeal(sessions, clock)


def test_earlier_complaints_are_looked_for_by_number_phone_and_person(appeal: Appeal) -> None:
    assert appeal.notices("find_cases") == [
        {
            "regimes": ["complaint", "upgrade_complaint"],
            "numbers": ["TS20260201000001", "TS20260201000009"],
            "phone": "13700010001",
            "person": {"name": "黄晓岚", "id_last4": "123X"},
        }
    ]


def test_the_desk_searches_again_with_the_numbers_it_adds(appeal: Appeal) -> None:
    appeal.does("check_appeal", outcome="search_again", more_numbers="TS3, TS4；TS5")
    assert appeal.waiting == ["check_appeal"]
    assert appeal.notices("find_cases")[-1]["numbers"][2:] == ["TS3", "TS4", "TS5"]
    appeal.does("check_appeal")
    assert appeal.notices("link_cases") == [{"numbers": ["TS20260201000001"], "kind": "prior"}]


def test_the_evidence_pack_is_built_again_when_more_is_linked(appeal: Appeal) -> None:
    appeal.does("check_appeal")
    assert len(appeal.notices("evidence_pack")) == 1
    appeal.does("dispatch_appeal", outcome="link_more")
    appeal.does("check_appeal", outcome="confirmed")
    assert len(appeal.notices("evidence_pack")) == 2
    assert appeal.notices("link_cases")[-1] == {"numbers": [], "kind": "prior"}
    appeal.does("dispatch_appeal")
    assert appeal.waiting == ["acknowledge_appeal"]


def test_a_contact_person_without_the_originals_gets_them_from_headquarters(appeal: Appeal) -> None:
    appeal.until("acknowledge_appeal")
    appeal.does("acknowledge_appeal", outcome="papers_missing", missing="监管来函第二页")
    assert appeal.waiting == ["supply_originals"]
    appeal.does("supply_originals", "acknowledge_appeal")
    assert appeal.waiting == ["review_work_order"]


def test_the_province_mends_its_report_before_it_goes_to_headquarters(appeal: Appeal) -> None:
    appeal.until("audit_report")
    appeal.does("audit_report", outcome="unqualified", reason="缺少整改措施。")
    assert appeal.waiting == ["write_report"]
    appeal.does("write_report", "audit_report")
    assert appeal.waiting == ["review_appeal"]
    report = appeal.notices("issue_letter")[-1]
    assert report["template"] == "investigation_report"
    assert report["facts"] == appeal.usual["write_report"]["facts"]


def test_a_report_that_must_tell_the_customer_of_outside_help_is_refused_without(appeal: Appeal) -> None:
    appeal.until("write_report")
    with pytest.raises(Exception, match="rights_told"):
        appeal.does("write_report", **{**appeal.usual["write_report"], "rights_told": False})


def test_headquarters_returns_the_report_alone_or_the_whole_handling(appeal: Appeal) -> None:
    appeal.until("review_appeal")
    appeal.does("review_appeal", **RETURNED, rework_scope="report")
    assert appeal.waiting == ["write_report"]
    appeal.until("review_appeal")
    appeal.does("review_appeal", **RETURNED, rework_scope="handling")
    assert appeal.waiting == ["acknowledge_appeal"]
    appeal.until("revisit_customer")
    assert appeal.notices("notify_unit") == []
    assert appeal.replies() == 1


def test_the_third_return_is_named_in_the_service_quality_bulletin(appeal: Appeal) -> None:
    for times in range(1, 5):
        appeal.until("review_appeal")
        appeal.does("review_appeal", **RETURNED, rework_scope="report")
        named = [told for told in appeal.notices() if told["template"] == "service_quality_bulletin"]
        assert len(named) == max(0, times - 2)
    assert "返工 4 次" in named[-1]["text"]


def test_a_wrong_method_found_at_the_revisit_means_handling_again(appeal: Appeal) -> None:
    appeal.until("revisit_customer")
    appeal.does("revisit_customer", **DISSATISFIED)
    decided = appeal.harness.clock.now()
    appeal.does("review_dissatisfaction")
    assert appeal.waiting == ["acknowledge_appeal"]
    appeal.until("conclude_appeal")
    assert appeal.replies() == 2
    passed = [each for move in appeal.harness.recorder.moves for each in move.began]
    stages = [each for each in passed if each.activity_id in ("appeal_province", "appeal_review")]
    limits = [each.properties["sla.policy"] for each in stages]
    assert limits == ["R03.prov", "R03.hq", "R03.prov R03.again", "R03.hq R03.again"]
    since = [read_instant(each.properties["sla.from.R03.again"]) for each in stages]
    assert since == [None, None, decided, decided], "R03.all is over with the first reply"


@pytest.mark.parametrize(
    "stage", ["dispatch_appeal", "handle_complaint", "reply_to_regulator", "revisit_customer"]
)
def test_what_the_regulator_asks_meanwhile_is_answered_beside_the_rest(appeal: Appeal, stage: str) -> None:
    appeal.until(stage)
    appeal.arrives("regulator_more")
    assert appeal.waiting == sorted([stage, "pass_on_questions"])
    rest = HANDLING[HANDLING.index(stage) :]
    appeal.does(*rest)
    assert appeal.waiting == ["pass_on_questions"]  # no conclusion before the regulator has its answer
    assert appeal.task("pass_on_questions").variables["loop"]["more"]["reply_by"] == "2026-03-12"
    appeal.does("pass_on_questions", "answer_questions", "review_supplement", "reply_supplement")
    assert appeal.waiting == ["conclude_appeal"]
    assert appeal.replies() == 2


def test_a_mediation_that_fails_leaves_its_opinion_and_the_work_goes_on(appeal: Appeal) -> None:
    appeal.until("write_report")
    appeal.arrives("mediation_notice")
    appeal.does("prepare_mediation", "record_mediation")
    assert appeal.waiting == ["write_report"]
    appeal.until("conclude_appeal")
    loop = appeal.task("conclude_appeal").variables["loop"]
    assert loop["mediation"] == {"result": "failed", "opinion": "双方未达成一致。"}
    assert loop["ended_by"] is None


def test_a_direct_appeal_passes_the_review_without_a_reply(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    appeal = Appeal(sessions, clock, source="direct", regulator=None)
    appeal.until("review_appeal")
    appeal.does("review_appeal")
    assert appeal.waiting == ["revisit_customer"]


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
