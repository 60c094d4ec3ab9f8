"""全程: one customer's way through all three flows, from the hotline in March to the regulator's file in May."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import Office, when
from tests.acceptance.people import APPEAL, COMPLAINT, USUAL, filed
from tests.bpmn.complaint_case import DISSATISFIED

VIP = filed(
    COMPLAINT,
    occurred_at="2026-03-20T10:00+08:00",
    customer={"level": "vip", "id_last4": "123X"},
)
GATE = "regulator_gateway"
HANDLED_PROPERLY = {
    **{key: value for key, value in USUAL["conclude_appeal"].items() if key != "faults"},
    "conclusion": "handled_properly",
    "company_responsibility": "partial",
    "company_harm": "no",
    "handling_basis": "《电信服务规范》：收到投诉当日退费并致歉。",
    "demand_unfounded": True,
    "unfounded_basis": "赔偿一万元没有政策和法律依据。",
    "statistics_mark": "not_counted",
}


def petition(paper: str, **changed: Any) -> dict[str, Any]:
    """What a regulator passes on on 20 April, with its original paper."""
    dates = {"transferred_on": "2026-04-20", "reply_by": None, "appealed_on": "2026-04-18"}
    return filed(APPEAL, **{**dates, "originals": [paper], **changed})


def test_a_vip_complains_goes_up_and_appeals_and_was_answered_properly_before(office: Office) -> None:
    office.at("03-23")
    complaint = complains(office)
    handled_again_and_again(office, complaint)
    upgrade = goes_up(office, complaint)
    province_answers_over_the_holiday(office, upgrade)
    office.at("04-20")
    office.gives_token(GATE)
    nothing_was_answered_before(office)
    appeal = appeals(office)
    what_was_answered_before_is_proven(office, appeal, complaint, upgrade)
    province_reports_and_headquarters_replies(office, appeal)
    it_was_handled_properly_before(office, appeal, complaint)


def complains(office: Office) -> str:
    impossible = {key: value for key, value in VIP.items() if key != "business"}
    refused = office.ask("li_na", "POST", "/cases/complaint", {"facts": impossible})
    assert office.mistakes(refused) == {"business": "VIP 客户的投诉须写明使用业务，专席才能优先处理"}
    bill = office.upload("li_na", "三月账单.pdf")
    number = office.files("li_na", "complaint", {**VIP, "originals": [bill]})
    assert when(office.clock_of(number, "R01.all")["due_at"]) == "03-24 09:00"  # 一般 until it is dispatched
    office.at("03-23", "09:19")
    office.does(number, "accept_complaint")
    assert when(office.clock_of(number, "R01.fill")["stopped_at"]) == "03-23 09:20"
    office.at("03-23", "10:00")
    office.does(number, "review_work_order", "dispatch_order")
    whole = office.clock_of(number, "R01.all")
    assert (when(whole["target_at"]), when(whole["due_at"])) == ("03-24 09:00", "03-25 09:00")  # 省级 now
    office.does(number, "sign_order")
    assert office.clock_of(number, "R01.stage")["amount"] == "17"  # 003§2.4.2: VIP 按下限
    office.at("03-23", "20:00")
    office.does(number, "handle_complaint", "audit_feedback")
    assert when(office.clock_of(number, "R01.reply")["due_at"]) == "03-23 22:01"  # from the feedback
    office.at("03-23", "21:00")
    office.does(number, "reply_to_customer", content="已冲减多收月租 30 元并致歉。")
    whole = office.clock_of(number, "R01.all")
    assert (whole["state"], when(whole["stopped_at"]), whole["late"]) == ("stopped", "03-23 21:01", False)
    return number


def handled_again_and_again(office: Office, number: str) -> None:
    for day, again in (("03-25", True), ("03-28", True), ("04-01", False)):
        office.at(day, "10:00")
        assert office.waiting(number) == ["revisit_customer"]
        office.does(number, "revisit_customer", **DISSATISFIED)
        office.does(number, "review_dissatisfaction")
        if again:
            assert office.waiting(number) == ["dispatch_order"]  # a 再处理工单 is not reviewed anew
            office.does(number, "dispatch_order", "sign_order", "handle_complaint", "audit_feedback")
            office.does(number, "reply_to_customer", content="已再次核对账单。")
    assert office.waiting(number) == ["offer_upgrade"]


def goes_up(office: Office, complaint: str) -> str:
    papers = office.call("qiao_mu", "GET", f"/cases/{complaint}/attachments")["items"]
    office.does(complaint, "offer_upgrade", wish="请总部彻底解决。")
    gone_up = office.case(complaint)
    assert (gone_up["outcome"], gone_up["status"]) == ("upgraded", "completed")
    assert office.waiting(complaint) == office.waiting(complaint, supervision=True) == []
    assert {clock["state"] for clock in office.clocks(complaint)} == {"stopped"}
    (link,) = gone_up["links"]
    assert (link["kind"], link["earlier"], link["regime"]) == ("upgraded_from", False, "upgrade_complaint")
    number = str(link["number"])
    facts = office.case(number, "su_mian")["facts"]
    assert (facts["description"], facts["customer"]) == (
        gone_up["facts"]["description"],
        gone_up["facts"]["customer"],
    )
    assert (facts["channel"], facts["demand"]) == ("from_complaint", "请总部彻底解决。")
    assert facts["originals"] == [papers[0]["id"]] == gone_up["facts"]["originals"]  # the same paper, no copy
    assert office.call("su_mian", "GET", f"/cases/{number}/attachments")["items"] == []
    assert office.ask("su_mian", "GET", f"/attachments/{papers[0]['id']}/content").status_code == 200
    assert office.trail(number)[0][1:] == ("SYSTEM", "case.file")
    return number


def province_answers_over_the_holiday(office: Office, number: str) -> None:
    office.at("04-02", "10:00")
    office.does(number, "accept_upgrade")
    office.at("04-02", "13:30")
    office.does(number, "sign_upgrade")
    first = office.clock_of(number, "R02.all")
    # 3 working days after Thursday, over a weekend and 清明节: Friday, Tuesday, Wednesday
    assert (when(first["started_at"]), first["due_at"][:16]) == ("04-02 13:31", "2026-04-09T00:00")
    office.does(
        number, "review_work_order", "dispatch_order", "sign_order", "handle_complaint", "audit_feedback"
    )
    office.does(number, "reply_to_customer", content="已由总部督促退还全部争议费用。")
    office.at("04-08", "16:00")
    office.does(number, "province_reply")
    incomplete = {"faults": ["measures_missing"], "audit_reason": "未写整改措施。"}
    office.does(number, "audit_province_reply", outcome="reply_incomplete", **incomplete)
    again = office.clock_of(number, "R02.all")
    assert (again["state"], again["due_at"]) == ("running", first["due_at"])  # a faulty reply buys no time
    office.does(number, "province_reply", corrective_measures="停机保号规则已写入计费系统，并抽查三十户。")
    assert office.clock_of(number, "R02.all")["late"] is False
    office.does(number, "audit_province_reply", "audit_upgrade_ticket")
    assert office.ask("zhao_min", "GET", f"/tasks?list=queue&number={number}").get_json()["items"] == []
    office.work("su_mian", number, "revisit_customer", USUAL["revisit_customer"])  # headquarters calls back
    office.work("su_mian", number, "close_case", USUAL["close_case"])
    closed = office.case(number)
    assert (closed["outcome"], closed["status"], office.waiting(number)) == ("resolved", "completed", [])
    (earlier,) = [link for link in closed["links"] if link["kind"] == "upgraded_from"]
    assert (earlier["outcome"], earlier["open"]) == ("upgraded", False)  # R01 is not opened again


def nothing_was_answered_before(office: Office) -> None:
    paper = office.upload(GATE, "申诉书.pdf")
    stranger = {"name": "郑一鸣", "phone": "13700020002", "id_last4": None}
    number = office.files(
        GATE, "appeal", petition(paper, regulator_case_number="工信申〔2026〕40号", customer=stranger)
    )
    terms = {"settled_on": "2026-04-20", "terms": "退还全部争议金额。", "paper": "和解书"}
    assert office.send("jin_ruo", number, "settled", **terms).status_code == 200
    assert office.waiting(number) == ["reply_to_regulator"]  # settled or not, the regulator hears of it
    office.does(number, "reply_to_regulator")
    wrong = office.refused("jin_ruo", number, "conclude_appeal", HANDLED_PROPERLY)
    assert wrong == {"prior_case": "结论②先期处理得当：缺少已关联的先期投诉"}


def appeals(office: Office) -> str:
    paper = office.upload(GATE, "申诉书.pdf")
    said = petition(paper)
    number = office.files(GATE, "appeal", said)
    assert office.files(GATE, "appeal", said) == number  # the same body twice is one case
    differing = office.ask(GATE, "POST", "/cases/appeal", {"facts": {**said, "demand": "赔偿一万元"}})
    assert differing.status_code == 409
    own = [one["number"] for one in office.call(GATE, "GET", "/cases")["items"]]
    assert number in own and len(own) == 2
    internal, statutory = office.clock_of(number, "R03.all"), office.clock_of(number, "R03.reg")
    assert internal["due_at"][:16] == "2026-04-30T00:00"  # seven working days
    assert (
        statutory["due_at"][:16] == "2026-05-01T00:00"
    )  # ten days after the letter: the internal limit binds
    return number


def what_was_answered_before_is_proven(office: Office, number: str, complaint: str, upgrade: str) -> None:
    found = office.call("jin_ruo", "GET", office.finds("jin_ruo", number, "check_appeal"))
    offered = {one["value"] for one in found["context"]["result"]["find_prior_cases"]["options"]}
    assert offered == {complaint, upgrade}
    office.does(number, "check_appeal", prior_cases=[complaint, upgrade])
    pack = office.call("jin_ruo", "GET", f"/cases/{number}/evidence?kind=prior")
    assert (pack["numbers"], pack["answered"], pack["answered_in_limit"]) == (
        [complaint, upgrade],
        True,
        True,
    )
    proven = {one["number"]: (when(one["answered_at"]), one["in_limit"]) for one in pack["cases"]}
    assert proven == {complaint: ("03-23 21:01", True), upgrade: ("04-02 13:37", True)}
    first = pack["cases"][0]
    assert [when(one["at"]) for one in first["replies"]] == ["03-23 21:01", "03-25 10:07", "03-28 10:07"]
    assert first["replies"][0]["content"] == "已冲减多收月租 30 元并致歉。"
    assert (first["closing"]["outcome_name"], first["revisit"]["answers"]["outcome"]) == (
        "转为升级投诉",
        "dissatisfied",
    )


def province_reports_and_headquarters_replies(office: Office, number: str) -> None:
    office.at("04-21")
    office.does(number, "dispatch_appeal", "acknowledge_appeal")
    assert office.case(number, "tian_ye")["number"] == number  # the contact person sees it from now on
    assert office.ask("yin_he", "GET", f"/cases/{number}").status_code == 404  # another province's does not
    office.does(number, "review_work_order", "dispatch_order", "sign_order", "handle_complaint")
    office.does(number, "audit_feedback", "reply_to_customer")
    office.at("04-23")
    office.does(number, "write_report", "audit_report")
    back = {"outcome": "unqualified", "rework_scope": "report", "reason": "报告未附账单。"}
    office.does(number, "review_appeal", **back)
    office.does(number, "write_report", "audit_report", "review_appeal")
    office.at("04-24", "15:00")
    office.does(number, "reply_to_regulator")
    said = [(one["template"], one["to"], when(one["made_at"])) for one in office.letters(number)]
    assert said == [
        ("investigation_report", "superior", "04-23 09:02"),
        ("investigation_report", "superior", "04-23 09:05"),
        ("regulator_reply", "regulator", "04-24 15:01"),
    ]
    for code in ("R03.all", "R03.reg"):
        clock = office.clock_of(number, code)
        assert (clock["state"], when(clock["stopped_at"]), clock["late"]) == ("stopped", "04-24 15:01", False)


def it_was_handled_properly_before(office: Office, number: str, complaint: str) -> None:
    office.work("jin_ruo", number, "revisit_customer", USUAL["revisit_customer"])
    counted = {**HANDLED_PROPERLY, "prior_case": complaint, "statistics_mark": "counted"}
    wrong = office.refused("jin_ruo", number, "conclude_appeal", counted)
    assert wrong == {"statistics_mark": "只有结论①计入企业责任申诉"}
    office.work("jin_ruo", number, "conclude_appeal", {**HANDLED_PROPERLY, "prior_case": complaint})
    office.does(number, "archive_appeal")
    closed = office.case(number)
    assert (closed["outcome"], closed["status"], office.waiting(number)) == ("concluded", "completed", [])
    assert {clock["state"] for clock in office.clocks(number)} == {"stopped"}
    sent = [verb for _, who, verb in office.trail(number) if who == "申诉平台接口"]
    assert sent == ["attachment.add", "case.file"]  # its paper, and its case once
    outside = office.call(GATE, "GET", f"/cases/{number}")
    assert (outside["status"], outside.get("tasks"), outside["messages"]) == ("completed", None, [])
