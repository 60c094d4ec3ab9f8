"""监管: how an appeal ends otherwise: decided by a court, sent in a false name, or the user's own doing."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import Office, when
from tests.acceptance.people import APPEAL, USUAL, filed
from tests.bpmn.appeal_case import HEARD

GATE = "regulator_gateway"
TODAY = "2026-04-20"
COURT = {**HEARD["decided_elsewhere"], "accepted_on": "2026-03-02", "decided_on": "2026-04-15"}
CLOSED = {key: value for key, value in USUAL["conclude_appeal"].items() if key != "faults"}
OURS_NOT = {
    **CLOSED,
    "company_responsibility": "none",
    "company_harm": "no",
    "cause": "customer",
    "responsibility": "customer",
    "statistics_mark": "not_counted",
}


def test_an_appeal_ends_by_a_court_an_impersonation_or_the_users_own_cause(office: Office) -> None:
    office.at("04-20")
    office.gives_token(GATE)
    a_court_has_decided(office)
    it_was_somebody_else(office)
    it_was_the_users_own_cause(office)


def petition(office: Office, number: str, **changed: Any) -> dict[str, Any]:
    """What a regulator passes on today, with an original of its own."""
    paper = office.upload(GATE, f"申诉书{number}.pdf")
    dates = {"transferred_on": TODAY, "reply_by": None, "appealed_on": None}
    said = {"regulator_case_number": f"工信申〔2026〕{number}号", "originals": [paper]}
    return filed(APPEAL, **{**dates, **said, **changed})


def a_court_has_decided(office: Office) -> None:
    number = office.files(GATE, "appeal", petition(office, "51"))
    undecided = {
        key: value for key, value in COURT.items() if not key.startswith("decision") and key != "decided_on"
    }
    wrong = office.mistakes(office.send("jin_ruo", number, "decided_elsewhere", **undecided))
    assert {"decided_on", "decision"} == wrong.keys()  # acceptance alone is not enough
    assert office.send("jin_ruo", number, "decided_elsewhere", **COURT).status_code == 200
    office.does(number, "reply_to_regulator")
    office.work("jin_ruo", number, "conclude_appeal", {**OURS_NOT, "conclusion": "case_cancelled"})
    office.does(number, "archive_appeal")
    assert office.case(number)["outcome"] == "dismissed"


def it_was_somebody_else(office: Office) -> None:
    number = office.files(GATE, "appeal", petition(office, "52"))
    assert office.send("jin_ruo", number, "not_party", **HEARD["not_party"]).status_code == 200
    office.does(number, "reply_to_regulator")
    office.work("jin_ruo", number, "conclude_appeal", {**OURS_NOT, "conclusion": "case_cancelled"})
    office.does(number, "archive_appeal")
    assert office.case(number)["outcome"] == "dismissed"


def it_was_the_users_own_cause(office: Office) -> None:
    nobody = dict.fromkeys(
        ("regulator", "regulator_case_number", "filing_kind", "transferred_on", "reply_by", "originals")
    )
    direct = filed(APPEAL, source="direct", **nobody, appealed_on=None)
    wrong = office.mistakes(office.ask("li_na", "POST", "/cases/appeal", {"facts": direct}))
    assert wrong == {"prior_note": "直接申诉须写明首次投诉的编号或情况：申诉以首次投诉的处理结果为前提"}
    number = office.files("li_na", "appeal", direct | {"prior_note": "三月向热线投诉，不满意答复。"})
    assert [c["code"] for c in office.clocks(number) if c["code"] in ("R03.all", "R03.reg")] == ["R03.all"]
    office.does(number, "check_appeal", prior_cases=[])
    office.does(
        number, "dispatch_appeal", "acknowledge_appeal", "review_work_order", "dispatch_order", "sign_order"
    )
    office.does(
        number, "handle_complaint", "audit_feedback", "reply_to_customer", "write_report", "audit_report"
    )
    office.does(number, "review_appeal")
    assert office.waiting(number) == ["revisit_customer"]  # nobody outside waits for a reply
    office.work("jin_ruo", number, "revisit_customer", USUAL["revisit_customer"])
    own = {**OURS_NOT, "conclusion": "customer_cause", "customer_fault": "own_operation"}
    harmed = office.refused("jin_ruo", number, "conclude_appeal", {**own, "company_harm": "yes"})
    assert harmed == {"company_harm": "结论④用户原因：企业损害了用户权益的不适用"}
    office.work("jin_ruo", number, "conclude_appeal", own)
    office.does(number, "archive_appeal")
    assert office.case(number)["outcome"] == "concluded"
    assert when(office.clock_of(number, "R03.all")["stopped_at"]) == "04-20 09:18"  # with the review
