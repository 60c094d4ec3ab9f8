"""监管: two bodies outside with their own tokens: what each may send, and what it learns."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import Office
from tests.acceptance.people import APPEAL, USUAL, filed
from tests.bpmn.appeal_case import HEARD

GATE, PROVINCE = "regulator_gateway", "henan_gateway"
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


def test_two_regulators_send_their_own_cases_and_learn_nothing_of_the_others(office: Office) -> None:
    office.at("04-20")
    second_regulator(office)
    first = impossible_facts_are_named_all_at_once(office)
    other = who_lies_learns_nothing(office, first)
    more_is_asked_for(office, first)
    they_agree(office, first)
    it_is_taken_back(office, other)


def petition(office: Office, number: str, **changed: Any) -> dict[str, Any]:
    """What a regulator passes on today, with an original of its own."""
    login = GATE if changed.get("regulator", "regulator") == "regulator" else PROVINCE
    paper = office.upload(login, f"申诉书{number}.pdf")
    dates = {"transferred_on": TODAY, "reply_by": None, "appealed_on": None}
    said = {"regulator_case_number": f"工信申〔2026〕{number}号", "originals": [paper]}
    return filed(APPEAL, **{**dates, **said, **changed})


def second_regulator(office: Office) -> None:
    gateway = {
        "login": PROVINCE, "name": "省管局接口", "kind": "system", "unit": "henan_telecom_admin", "post": "regulator_officer",
    }  # fmt: skip
    revision = office.call("tang_wei", "GET", "/organisation")["revision"]
    office.call("tang_wei", "POST", "/organisation/people", {**gateway, "revision": revision})
    for login in (GATE, PROVINCE):
        office.gives_token(login)


def impossible_facts_are_named_all_at_once(office: Office) -> str:
    impossible = petition(office, "41", transferred_on="2026-04-21", reply_by="2026-04-01", originals=None)
    del impossible["regulator_case_number"], impossible["filing_kind"]
    wrong = office.mistakes(office.ask(GATE, "POST", "/cases/appeal", {"facts": impossible}))
    assert wrong.keys() == {"regulator_case_number", "filing_kind", "transferred_on", "reply_by", "originals"}
    assert office.call(GATE, "GET", "/cases")["items"] == []
    # the letter asks for a reply by Sunday 26 April: rolled to Monday, earlier than seven working days
    number = office.files(GATE, "appeal", petition(office, "41", reply_by="2026-04-26"))
    internal, statutory = office.clock_of(number, "R03.all"), office.clock_of(number, "R03.reg")
    assert internal["due_at"][:16] == "2026-04-30T00:00"
    assert statutory["due_at"][:16] == "2026-04-28T00:00"
    assert {internal["holder"], statutory["holder"]} == {"supervisor@/hq/"}, (
        "the company answers, not who sent it"
    )
    assert office.ask("shen_yun", "GET", f"/cases/{number}").status_code == 200
    for login in ("tian_ye", "sun_qiang", "li_na"):  # no province has anything to do with it yet
        hidden = office.ask(login, "GET", f"/cases/{number}")
        made_up = office.ask(login, "GET", "/cases/SS20260101000000000000")
        assert hidden.status_code == made_up.status_code == 404
        assert number not in [one["number"] for one in office.call(login, "GET", "/cases")["items"]]
    return number


def who_lies_learns_nothing(office: Office, first: str) -> str:
    other = office.files(PROVINCE, "appeal", petition(office, "42", regulator="henan_telecom_admin"))
    assert [one["number"] for one in office.call(GATE, "GET", "/cases")["items"]] == [first]
    assert [one["number"] for one in office.call(PROVINCE, "GET", "/cases")["items"]] == [other]
    lied = office.ask(
        PROVINCE,
        "POST",
        "/cases/appeal",
        {"facts": petition(office, "43", regulator="henan_telecom_admin") | {"regulator": "regulator"}},
    )
    assert office.mistakes(lied) == {"regulator": "必须是本单位的代码，不能替其他机构来文"}
    same = office.files(PROVINCE, "appeal", petition(office, "41", regulator="henan_telecom_admin"))
    assert same not in (first, other)  # another body's case of the same number is another case
    for path in ("", "/original", "/clocks", "/evidence", "/audit", "/letters", "/court"):
        hidden = office.ask(PROVINCE, "GET", f"/cases/{first}{path}")
        made_up = office.ask(PROVINCE, "GET", f"/cases/SS20260101000000000000{path}")
        assert hidden.status_code == made_up.status_code, path
        assert hidden.get_json()["detail"].replace(first, "…") == made_up.get_json()["detail"].replace(
            "SS20260101000000000000", "…"
        )
    for number in (first, "SS20260101000000000000"):
        assert office.send(PROVINCE, number, "regulator_withdraw", reason="撤回").status_code == 404
    own = office.call(GATE, "GET", f"/cases/{first}")
    assert sorted(one["name"] for one in own["messages"]) == [
        "mediation_notice",
        "regulator_more",
        "regulator_withdraw",
    ]
    staff_only = office.send(GATE, first, "settled", **HEARD["settled"])
    nobody = office.send(GATE, first, "made_up")
    said = staff_only.get_json()["detail"].replace("settled", "made_up")
    assert said == nobody.get_json()["detail"]
    assert staff_only.status_code == nobody.status_code
    told = {"number", "regime", "status", "filed_at", "archived_at", "ended_at", "facts", "messages"}
    assert own.keys() == told  # no people, no units, no tasks, no clocks
    return other


def more_is_asked_for(office: Office, number: str) -> None:
    office.at("04-21")
    wrong = office.mistakes(office.send(GATE, number, "regulator_more", reply_by="2026-04-23"))
    assert wrong.keys() == {"questions"}
    more = {"questions": "请补充近三个月账单。", "reply_by": "2026-04-23", "letter_number": "补1"}
    assert office.send(GATE, number, "regulator_more", **more).status_code == 200
    assert office.clock_of(number, "R03.more")["due_at"][:16] == "2026-04-24T00:00"  # as the letter says
    assert office.waiting(number) == ["check_appeal", "pass_on_questions"]  # beside the case itself
    office.does(number, "pass_on_questions", "answer_questions")
    office.does(number, "review_supplement", outcome="unqualified", reason="只附了两个月账单。")
    office.does(number, "answer_questions", "review_supplement", "reply_supplement")
    assert [(one["template"], one["to"]) for one in office.letters(number)] == [
        ("regulator_reply", "regulator")
    ]


def they_agree(office: Office, number: str) -> None:
    office.at("04-22")
    assert (
        office.send(
            GATE, number, "mediation_notice", **{**HEARD["mediation_notice"], "held_on": "2026-04-23"}
        ).status_code
        == 200
    )
    office.does(number, "prepare_mediation")
    office.does(
        number,
        "record_mediation",
        result="agreed",
        held_on="2026-04-23",
        terms="退还争议金额三十元。",
        opinion="双方达成一致。",
    )
    office.does(number, "fulfil_agreement")
    assert office.waiting(number) == ["reply_to_regulator"]
    office.does(number, "reply_to_regulator")
    office.does(number, "conclude_appeal", report_case=True)
    assert office.waiting(number) == ["report_key_case"]
    office.does(number, "report_key_case")
    office.does(number, "archive_appeal", mediation_opinion="双方达成一致，已退还三十元。")
    closed = office.case(number)
    assert (closed["outcome"], closed["status"]) == ("settled", "completed")
    assert [one["template"] for one in office.letters(number)][1:] == ["regulator_reply", "filing_report"]


def it_is_taken_back(office: Office, number: str) -> None:
    taken = {"reason": "申诉人撤回申诉。", "letter_number": "撤1"}
    assert office.send(PROVINCE, number, "regulator_withdraw", **taken).status_code == 200
    assert office.waiting(number) == ["conclude_appeal"]  # a withdrawn case waits for no reply
    for code in ("R03.all", "R03.reg", "R03.acc"):
        clock = office.clock_of(number, code)
        assert (clock["state"], clock["stop_reason"]) == ("stopped", "withdrawn")
    office.work(
        "jin_ruo",
        number,
        "conclude_appeal",
        {**OURS_NOT, "conclusion": "customer_cause", "customer_fault": "untruthful"},
    )
    office.does(number, "archive_appeal")
    assert office.case(number)["outcome"] == "withdrawn"
