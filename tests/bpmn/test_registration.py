"""Registration (003§2.4.3): duplicates, the suggestion of the table, and what the channel may decide."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.ports import BpmnError, OperationCall
from tasks.forms import AnswersRefused
from tests.bpmn.complaint_case import ONE_LIKE_IT, Complaint
from tests.bpmn.flows import Flows

TAKEN = Flows("registration", "spot_answer")


def test_open_complaints_of_the_same_customer_about_the_same_business_are_looked_for(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    complaint = Complaint(sessions, clock)
    assert complaint.notices("find_cases") == [
        {
            "regimes": ["complaint"],
            "phone": "13700010001",
            "person": {"name": "黄晓岚", "id_last4": None},
            "business": "gsm",
            "days": 90,
            "open": True,
        }
    ]


@pytest.mark.parametrize(
    ("changed", "found", "suggestion"),
    [
        ({}, None, "accepted"),
        ({"nature": "enquiry"}, None, "rejected"),
        ({}, ONE_LIKE_IT, "merged"),
    ],
)
def test_the_table_suggests_and_the_channel_decides(
    sessions: sessionmaker[Session],
    clock: FrozenClock,
    changed: dict[str, Any],
    found: dict[str, Any] | None,
    suggestion: str,
) -> None:
    results = {"find_cases": found} if found else {}
    complaint = Complaint(sessions, clock, results=results, **changed)
    task = complaint.task("accept_complaint")
    assert task.variables["decision"]["accept"]["suggestion"] == suggestion
    complaint.does("accept_complaint")
    assert complaint.waiting == ["review_work_order"]


def test_a_duplicate_is_merged_into_one_of_those_that_were_found(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    complaint = Complaint(sessions, clock, results={"find_cases": ONE_LIKE_IT})
    told = {"outcome": "merged", "merge_text": "已告知客户一并答复。"}
    with pytest.raises(AnswersRefused):
        complaint.does("accept_complaint", merge_into="K-7", **told)
    complaint.does("accept_complaint", merge_into="K-0", **told)
    assert complaint.notices("merge_case") == [{"into": "K-0"}]
    assert complaint.notices("archive_case") == [{"code": "merged"}]
    assert complaint.archived


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"outcome": "answered", "customer_attitude": "accepted"}, {"answer"}),
        ({"outcome": "submitted", "summary": "已核实", "complex": True}, {"promised_at"}),
        ({"outcome": "submitted", "summary": "已核实", "company_fault": True}, {"apologised"}),
        ({"outcome": "rejected"}, {"rejection_reason", "rejection_text"}),
        ({"outcome": "merged", "merge_text": "已告知客户。"}, {"merge_into"}),
    ],
)
def test_what_the_rules_ask_for_may_not_be_left_out(
    sessions: sessionmaker[Session], clock: FrozenClock, answers: dict[str, Any], wrong: set[str]
) -> None:
    complaint = Complaint(sessions, clock)
    with pytest.raises(AnswersRefused) as refused:
        complaint.does("accept_complaint", **answers)
    assert {problem.path for problem in refused.value.problems} == wrong


def test_a_complex_complaint_keeps_the_time_that_was_promised(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    complaint = Complaint(sessions, clock)
    promised = "2026-03-03T18:00+08:00"
    complaint.does(
        "accept_complaint", outcome="submitted", summary="已核实", complex=True, promised_at=promised
    )
    passed = [each for move in complaint.harness.recorder.moves for each in move.began]
    (kept,) = [each for each in passed if each.activity_id == "reply_time_promised"]
    assert kept.properties["sla.promise"] == promised
    assert complaint.waiting == ["review_work_order"]


def test_what_needs_headquarters_is_national_from_the_first_dispatch(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    complaint = Complaint(sessions, clock)
    complaint.does("accept_complaint", outcome="submitted", summary="已核实", coordination="headquarters")
    assert complaint.task("review_work_order").variables["decision"]["level"] == "general"
    complaint.until("dispatch_order")
    assert complaint.task("dispatch_order").variables["decision"]["level"] == "national"


def test_who_refuses_the_answer_on_the_spot_hears_the_position_and_the_case_cannot_close_as_agreed(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    complaint = Complaint(sessions, clock)
    complaint.does(
        "accept_complaint",
        outcome="answered",
        answer="已逐条解释。",
        customer_attitude="refused",
        company_position="诉求超出协议约定。",
    )
    assert complaint.task("revisit_customer").variables["loop"]["refused"] is True


COMPENSATED = {
    "outcome": "answered",
    "answer": "已退还多收费用。",
    "customer_attitude": "accepted",
    "compensation_scope": "billing_error",
}


def authority(call: OperationCall) -> dict[str, Any]:
    """A clerk who has used nothing this month."""
    return {"post": "clerk", "amount": call.inputs["amount"], "used_this_month": 0}


@pytest.fixture
def compensating(sessions: sessionmaker[Session], clock: FrozenClock) -> Complaint:
    return Complaint(sessions, clock, results={"read_authority": authority})


def used(complaint: Complaint) -> list[tuple[Any, Any]]:
    return [(use["amount"], use["outcome"]) for use in complaint.notices("log_authority")]


def test_a_compensation_within_the_authority_of_the_channel_is_given_on_the_spot(
    compensating: Complaint,
) -> None:
    compensating.does("accept_complaint", **COMPENSATED, compensation_amount=20)
    assert compensating.waiting == ["revisit_customer"]
    assert compensating.notices("read_authority") == [{"activity": "accept_complaint", "amount": 20}]
    assert used(compensating) == [(20, "granted")]


def test_above_the_authority_of_the_channel_a_second_person_signs(compensating: Complaint) -> None:
    compensating.does("accept_complaint", **COMPENSATED, compensation_amount=300)
    compensating.does("approve_compensation", decision="approved", reason="计费差错属实。")
    assert compensating.waiting == ["revisit_customer"]
    assert used(compensating) == [(300, "dual_sign")]


def test_the_channel_hears_why_and_every_round_asks_anew(compensating: Complaint) -> None:
    compensating.does("accept_complaint", **COMPENSATED, compensation_amount=300)
    compensating.does("approve_compensation", decision="refused", reason="证据不足。")
    shown = compensating.task("accept_complaint").variables["loop"]["authority"]
    assert (shown["activity"], shown["granted"], shown["reason"]) == ("accept_complaint", False, "证据不足。")
    compensating.does("accept_complaint", **COMPENSATED, compensation_amount=400)
    assert compensating.waiting == ["approve_compensation"]
    asked = compensating.task("approve_compensation").variables["loop"]["authority"]
    assert (asked["amount"], asked["granted"], asked["reason"]) == (400, None, None)
    compensating.does("approve_compensation", decision="refused", reason="超出损失。")
    compensating.does("accept_complaint", **{**COMPENSATED, "compensation_scope": "none"})
    assert compensating.waiting == ["revisit_customer"]
    assert used(compensating) == [(300, "refused"), (400, "refused")]


@pytest.mark.parametrize("wish", ["letter", "fax", "email"])
def test_an_answer_on_the_spot_follows_the_customers_wish(
    sessions: sessionmaker[Session], clock: FrozenClock, wish: str
) -> None:
    complaint = Complaint(sessions, clock, results={"read_authority": authority}, contact_method=wish)
    complaint.does("accept_complaint", **COMPENSATED, compensation_amount=300)
    complaint.does("approve_compensation", decision="refused", reason="证据不足。")
    assert complaint.notices("issue_letter") == []  # an answer that does not stand is not sent
    complaint.does("accept_complaint", **COMPENSATED, compensation_amount=20)
    assert complaint.waiting == ["revisit_customer"]
    assert complaint.notices("issue_letter") == [
        {
            "template": "final_reply",
            "to": "customer",
            "method": wish,
            "text": "已退还多收费用。",
            "position": None,
        }
    ]


@pytest.mark.parametrize("wish", ["phone", "visit"])
def test_who_heard_it_in_person_gets_no_letter(
    sessions: sessionmaker[Session], clock: FrozenClock, wish: str
) -> None:
    complaint = Complaint(sessions, clock, contact_method=wish)
    complaint.does("accept_complaint", **{**COMPENSATED, "compensation_scope": "none"})
    assert complaint.waiting == ["revisit_customer"]
    assert complaint.notices("issue_letter") == []


def test_what_was_not_authorised_may_be_submitted(compensating: Complaint) -> None:
    compensating.does("accept_complaint", **COMPENSATED, compensation_amount=300)
    compensating.does("approve_compensation", decision="refused", reason="证据不足。")
    compensating.does("accept_complaint")
    assert compensating.waiting == ["review_work_order"]


def test_who_asked_for_an_answer_in_writing_gets_the_acknowledgement_in_writing(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    complaint = Complaint(sessions, clock, contact_method="email")
    complaint.does("accept_complaint")
    assert complaint.notices("issue_letter") == [
        {"template": "acknowledgement", "to": "customer", "method": "email"}
    ]


@pytest.mark.parametrize(("wanted", "method"), [("phone", "letter"), ("visit", "letter"), ("fax", "fax")])
def test_a_refusal_is_always_told_in_writing(
    sessions: sessionmaker[Session], clock: FrozenClock, wanted: str, method: str
) -> None:
    complaint = Complaint(sessions, clock, contact_method=wanted)
    complaint.does(
        "accept_complaint",
        outcome="rejected",
        rejection_reason="no_complaint",
        rejection_text="属于咨询，已当场答复。",
    )
    assert complaint.notices("issue_letter") == [
        {"template": "not_accepted", "to": "customer", "method": method}
    ]


def test_what_could_not_be_merged_is_looked_for_and_decided_again(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    def closed_meanwhile(_call: OperationCall) -> None:
        raise BpmnError("case_over", "closed")

    results = {"find_cases": ONE_LIKE_IT, "merge_case": closed_meanwhile}
    complaint = Complaint(sessions, clock, results=results)
    complaint.does("accept_complaint", outcome="merged", merge_into="K-0", merge_text="已告知客户一并答复。")
    assert complaint.waiting == ["accept_complaint"]
    assert len(complaint.notices("find_cases")) == 2
    complaint.does("accept_complaint")
    assert complaint.waiting == ["review_work_order"]


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
