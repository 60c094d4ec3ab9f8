"""部门: one order goes through every department there is, climbs to headquarters, and comes back the way it went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.acceptance.conftest import Office, when
from tests.acceptance.people import COMPLAINT, filed

UNCLEAR = filed(
    COMPLAINT,
    business="broadband",
    problem_type="other",
    phenomenon="宽带时断时续",
    description="宽带晚间时断时续，账单另有一笔不明费用。",
    contact_method="email",
    customer={"name": "秦未央", "phone": "13700050005", "network": "fixed", "email": "qin@example.org"},
)
LUOYANG = {
    "dispatch_order": "wang_lei",
    "second_dispatch": "guo_yan",
    "sign_order": "mo_fei",
    "judge_order": "mo_fei",
    "help_from_province": "feng_bo",
    "help_from_upper_tier": "shen_yun",
    "sign_transfer": "han_xue",
    "handle_complaint": "han_xue",
    "confirm_by_business_department": "mo_fei",
    "confirm_by_remote_unit": "guo_yan",
    "reply_progress": "zhao_min",
}
"""Who does it where the centre in Henan sends an order to Luoyang, and Luoyang passes it on to marketing."""
HOUR = timedelta(hours=1)


def test_an_order_goes_through_every_department_and_comes_back_the_way_it_went(office: Office) -> None:
    office.staff.update(LUOYANG)
    number = the_province_checks_and_sends_it_to_luoyang(office)
    the_remote_unit_cannot_tell_the_type(office, number)
    assistants_work_side_by_side_while_the_limit_runs(office, number)
    an_assistant_who_is_late_is_urged(office, number)
    help_climbs_to_headquarters_and_raises_the_level(office, number)
    it_is_passed_on_and_refused_once(office, number)
    more_time_is_asked_for_and_the_customer_told(office, number)
    nobody_decides_on_what_they_asked_for(office, number)
    the_longer_limit_rings_by_its_new_end_only(office, number)
    feedback_comes_back_through_all_who_passed_it_on(office, number)
    the_centre_is_not_content(office, number)
    the_customer_is_answered_and_the_case_archived(office, number)
    every_minute_is_somebodys(office, number)
    the_figures_say_what_happened(office, number)


def limit(office: Office, number: str, code: str) -> tuple[str, str, str]:
    """The latest clock of a code: how long, since when, until when."""
    clock = office.clock_of(number, code)
    return clock["amount"] + clock["unit"], when(clock["started_at"]), when(clock["due_at"])


def has_the_order(office: Office, number: str) -> tuple[str, str]:
    """Whose the limit of the department's work is now: role and unit."""
    role, _, path = office.clock_of(number, "R01.stage")["holder"].partition("@")
    return role, path.strip("/").rpartition("/")[2]


def the_province_checks_and_sends_it_to_luoyang(office: Office) -> str:
    number = office.files("li_na", "complaint", UNCLEAR)
    assert limit(office, number, "R01.all") == ("24h", "03-02 09:00", "03-03 09:00")  # 一般
    for nobody in ("wang_lei", "guo_yan"):
        office.learns_nothing(nobody, number)
    office.at("03-02", "09:30")
    office.does(number, "accept_complaint")
    assert limit(office, number, "R01.audit") == ("4h", "03-02 09:31", "03-02 13:31")
    office.at("03-02", "10:00")
    office.does(number, "review_work_order")
    assert limit(office, number, "R01.audit") == (
        "4h",
        "03-02 09:31",
        "03-02 13:31",
    )  # checked and sent in 4 h
    assert limit(office, number, "R01.all") == ("48h", "03-02 09:00", "03-04 09:00")  # what is sent is 省级
    nowhere = office.refused("wang_lei", number, "dispatch_order", {"target": "remote_unit"})
    assert nowhere == {"remote_unit": "为必填项"}
    office.learns_nothing("guo_yan", number)
    office.work("wang_lei", number, "dispatch_order", {"target": "remote_unit", "remote_unit": "luoyang"})
    assert limit(office, number, "R01.remote") == ("4h", "03-02 10:02", "03-02 14:02")
    assert limit(office, number, "R01.stage") == ("41h", "03-02 10:02", "03-04 03:02")  # 派出→反馈
    assert has_the_order(office, number) == ("remote_unit", "luoyang")  # who is to send it on there
    return number


def the_remote_unit_cannot_tell_the_type(office: Office, number: str) -> None:
    for nobody in ("ma_chao", "mo_fei", "xu_wen"):  # another city, not yet, another province
        office.learns_nothing(nobody, number)
    office.at("03-02", "11:00")
    assert office.refused("guo_yan", number, "second_dispatch", {"outcome": "refused"}) == {
        "refusal_reason": "为必填项"
    }
    office.does(number, "second_dispatch", type_clear="no", branch="city", department=None)
    assert limit(office, number, "R01.sign") == ("2h", "03-02 11:01", "03-02 13:01")
    assert has_the_order(office, number) == ("business_department", "luoyang_operations")
    office.at("03-02", "12:00")
    office.does(number, "sign_order")
    judged = office.call("mo_fei", "GET", office.finds("mo_fei", number, "judge_order"))
    assert when(judged["due_at"]) == "03-04 03:02"  # it judges within the department's limit


def assistants_work_side_by_side_while_the_limit_runs(office: Office, number: str) -> None:
    for nobody in ("feng_bo", "deng_li"):
        office.learns_nothing(nobody, number)
    office.at("03-02", "13:00")
    asked = {
        "analysis": "既有线路问题，又有账单问题。",
        "assisting_departments": ["network", "billing"],
        "help_request": "请分别核查线路与账单。",
    }
    unsaid = office.refused("mo_fei", number, "judge_order", {"next_step": "assist"})
    assert unsaid == dict.fromkeys(asked, "为必填项")
    office.does(number, "judge_order", next_step="assist", **asked)
    assert office.waiting(number) == ["assist_complaint", "assist_complaint"]
    assert has_the_order(office, number)[1] == "luoyang_operations"  # who asked them for it
    for clock in office.clocks(number, "R01.assist"):
        assert (clock["amount"], when(clock["due_at"])) == ("8", "03-02 21:01")
    stage = office.clock_of(number, "R01.stage")
    assert (stage["state"], when(stage["due_at"])) == ("running", "03-04 03:02")  # it does not pause
    office.at("03-02", "14:00")
    office.work("feng_bo", number, "assist_complaint", {"findings": "线路有一处接触不良，已修复。"})
    assert office.waiting(number) == ["assist_complaint"]  # the other one's


def an_assistant_who_is_late_is_urged(office: Office, number: str) -> None:
    office.at("03-02", "20:00")
    assert office.mistakes(office.send("mo_fei", number, "urge_assistants")) == {"note": "为必填项"}
    urged = office.send("mo_fei", number, "urge_assistants", note="请今晚反馈账单核对结果。")
    assert urged.status_code == 200
    office.finds("deng_li", number, "answer_supervision")
    office.at("03-02", "21:30", step=timedelta(minutes=15))
    # 90 % of 8 hours at 20:13, all of them at 21:01
    assert office.rung(number, "R01.assist") == [("90%", ["河南计费账务部"]), ("100%", ["孙强"])]
    office.work("deng_li", number, "assist_complaint", {"findings": "不明费用是重复计费。"})
    assert office.waiting(number) == ["judge_order"]
    assert [clock["late"] for clock in office.clocks(number, "R01.assist")].count(True) == 1


def help_climbs_to_headquarters_and_raises_the_level(office: Office, number: str) -> None:
    office.at("03-03", "08:00", step=HOUR)
    upper = {"analysis": "骨干线路拥塞。", "help_request": "请协调骨干线路。"}
    office.does(number, "judge_order", next_step="upper", **upper)
    assert limit(office, number, "R01.upper") == ("8h", "03-03 08:01", "03-03 16:01")
    assert limit(office, number, "R01.all") == ("48h", "03-02 09:00", "03-04 09:00")  # still the province's
    office.at("03-03", "09:00")
    office.does(number, "help_from_province", outcome="climb", guidance="骨干线路由总部调度。")
    assert limit(office, number, "R01.all") == (
        "72h",
        "03-02 09:00",
        "03-05 09:00",
    )  # 全国级, since it was filed
    assert limit(office, number, "R01.stage") == ("41h", "03-02 10:02", "03-04 03:02")  # what runs goes on
    told = [(at, template) for at, template, _ in office.told(number, "unit")]
    assert told == [("03-03 08:01", "upper_tier_needed"), ("03-03 09:01", "upper_tier_needed")]
    assert {one["to_group"] for one in office.case(number)["notices"]} == {
        "provincial_centre@/hq/henan/henan_centre/"
    }
    office.at("03-03", "10:00")
    office.does(number, "help_from_upper_tier", guidance="已调度备用骨干线路。")


def it_is_passed_on_and_refused_once(office: Office, number: str) -> None:
    office.at("03-03", "10:30")
    office.does(number, "judge_order", next_step="transfer", analysis="属计费。", transfer_to="billing")
    office.learns_nothing("han_xue", number)
    office.at("03-03", "11:00")
    reason = {"outcome": "refused", "refusal_reason": "重复计费由套餐办理引起。"}
    office.work("deng_li", number, "sign_transfer", reason)
    assert office.waiting(number) == ["judge_order"]  # back with whoever passed it on
    office.at("03-03", "11:30")
    office.does(number, "judge_order", next_step="transfer", analysis="属套餐办理。", transfer_to="market")
    assert limit(office, number, "R01.sign") == ("2h", "03-03 11:31", "03-03 13:31")
    office.at("03-03", "12:00")
    office.does(number, "sign_transfer")
    assert has_the_order(office, number)[1] == "henan_market"
    office.learns_nothing("cao_gang", number)


def more_time_is_asked_for_and_the_customer_told(office: Office, number: str) -> None:
    office.at("03-03", "12:10")
    path = f"/clocks/{office.clock_of(number, 'R01.stage')['id']}"
    wanted = {"amount": "24", "reason": "须核对三个月账单。", "promise_until": "2026-03-05T08:00+08:00"}
    asked = office.call("han_xue", "POST", f"{path}/extensions", wanted)["requests"][0]
    assert (when(asked["due_before"]), when(asked["due_after"])) == ("03-04 03:02", "03-05 03:02")
    decide = f"{path}/requests/{asked['id']}/decide"
    assert office.ask("han_xue", "POST", decide, {"approve": True}).status_code == 403  # no supervisor
    assert office.ask("pan_hua", "POST", decide, {"approve": True}).status_code == 404  # of another province
    assert (
        office.case(number, "zhou_ting")["number"] == number
    )  # leads the hotline that filed it, and decides nothing
    elsewhere = office.ask("zhou_ting", "POST", decide, {"approve": True})
    said = f"{number} 的时钟 R01.stage 由河南省投诉处理中心或其上级单位的主管审批。"
    assert (elsewhere.status_code, elsewhere.get_json()["message_zh"]) == (403, said)
    waiting = {
        who: [
            (one["number"], one["centre"]["code"], one["mine"])
            for one in office.call(who, "GET", "/clocks/requests")["items"]
        ]
        for who in ("zhou_ting", "sun_qiang", "pan_hua")
    }
    assert waiting == {
        "zhou_ting": [(number, "henan_centre", False)],
        "sun_qiang": [(number, "henan_centre", True)],
        "pan_hua": [],
    }
    (asked_for,) = [
        one for one in office.call("sun_qiang", "GET", "/notices")["items"] if one["cause"] == "time_asked"
    ]
    assert asked_for["text"] == f"韩雪梅申请延长案件 {number} 的“部门处理”，请您审批。"
    office.at("03-03", "12:20")
    office.call("sun_qiang", "POST", decide, {"approve": True, "note": "同意，须告知客户。"})
    office.settle()
    assert when(office.clock_of(number, "R01.stage")["due_at"]) == "03-05 03:02"
    told = [one for one in office.case(number)["notices"] if one["template"] == "extension_granted"]
    assert {one["to_group"].partition("@")[0] for one in told} == {"business_department", "provincial_centre"}
    said = "时限已延长：部门处理；新的到期时间：2026-03-05 03:02；原因：须核对三个月账单。"
    assert {one["text"] for one in told} == {said}
    assert limit(office, number, "R01.progress") == ("2h", "03-03 12:20", "03-03 14:20")
    office.at("03-03", "13:00")
    promised = {"method": "email", "promised_at": "2026-03-05T08:00+08:00"}
    office.does(number, "reply_progress", **promised, content="线路已修复，账单仍在核对。")
    whole = office.clock_of(number, "R01.all")
    assert (when(whole["promised_at"]), when(whole["due_at"])) == ("03-05 08:00", "03-05 09:00")  # beside it
    sent = [(one["template"], one["method"], when(one["made_at"])) for one in office.letters(number)]
    assert sent == [
        ("acknowledgement", "email", "03-02 09:31"),
        ("progress_reply", "email", "03-03 13:01"),
    ]


def nobody_decides_on_what_they_asked_for(office: Office, number: str) -> None:
    office.at("03-03", "13:30")
    path = f"/clocks/{office.clock_of(number, 'R01.all')['id']}"
    wanted = {"amount": "24", "reason": "再留一日余量。"}
    (asked,) = office.call("sun_qiang", "POST", f"{path}/extensions", wanted)["requests"]
    decide = f"{path}/requests/{asked['id']}/decide"
    own = office.ask("sun_qiang", "POST", decide, {"approve": True})
    assert (own.status_code, own.get_json()["message_zh"]) == (403, "申请人不能审批自己的申请。")
    office.call("qiao_mu", "POST", decide, {"approve": False, "note": "对客户的承诺不变。"})
    office.settle()
    assert limit(office, number, "R01.all") == ("72h", "03-02 09:00", "03-05 09:00")
    assert office.waiting(number) == ["handle_complaint"]  # what was refused is told to no customer


def the_longer_limit_rings_by_its_new_end_only(office: Office, number: str) -> None:
    office.at("03-04", "04:00", step=HOUR)  # 90 % and the end of what it was before are over
    assert office.rung(number, "R01.stage") == []
    office.at("03-04", "20:31", step=HOUR)
    assert office.rung(number, "R01.stage") == []
    office.at("03-04", "20:32")  # 90 % of 65 hours
    office.settle()
    assert office.rung(number, "R01.stage") == [("90%", ["河南市场部"])]
    answer = {
        "progress": "三个月账单已核对完毕。",
        "measure": "今晚反馈。",
        "expected_at": "2026-03-04T21:30+08:00",
    }
    office.work("han_xue", number, "answer_supervision", answer)


def feedback_comes_back_through_all_who_passed_it_on(office: Office, number: str) -> None:
    office.at("03-04", "21:00")
    office.does(number, "handle_complaint")
    assert limit(office, number, "R01.confirm") == ("1h", "03-04 21:01", "03-04 22:01")
    office.at("03-04", "21:30")
    why = {"outcome": "returned", "return_reason": "没有说明线路是否复测。"}
    office.does(number, "confirm_by_business_department", **why)
    office.at("03-04", "22:00")
    given = office.call("han_xue", "GET", office.finds("han_xue", number, "handle_complaint"))
    assert given["context"]["loop"]["return_reason"] == "没有说明线路是否复测。"
    office.does(number, "handle_complaint", measures="已冲减重复计费，线路复测正常。")
    office.at("03-04", "22:10")
    office.does(number, "confirm_by_business_department")
    assert office.ask("wang_lei", "GET", f"/tasks?list=queue&number={number}").get_json()["items"] == []
    office.at("03-04", "22:30")
    office.does(number, "confirm_by_remote_unit")
    (stage,) = office.clocks(number, "R01.stage")  # who passed it on and returned it has bought no time
    assert (stage["state"], when(stage["stopped_at"]), stage["late"]) == ("stopped", "03-04 22:31", False)


def the_centre_is_not_content(office: Office, number: str) -> None:
    office.at("03-04", "22:40")
    unqualified = office.refused("wang_lei", number, "audit_feedback", {"outcome": "unqualified"})
    assert unqualified == {"audit_reason": "为必填项"}
    office.does(number, "audit_feedback", outcome="unqualified", audit_reason="没有写明如何答复客户。")
    # what is done again has the department's limit anew, by the level the case has now
    assert limit(office, number, "R01.stage") == ("65h", "03-04 22:41", "03-07 15:41")
    assert has_the_order(office, number)[1] == "henan_market"
    office.at("03-04", "23:00")
    again = office.call("han_xue", "GET", office.finds("han_xue", number, "handle_complaint"))
    assert again["context"]["loop"]["return_reason"] == "没有写明如何答复客户。"
    office.does(number, "handle_complaint", measures="已冲减重复计费，线路复测正常，请向客户致歉。")
    office.at("03-04", "23:10")
    office.does(number, "confirm_by_business_department")
    office.at("03-04", "23:20")
    office.does(number, "confirm_by_remote_unit")
    office.at("03-04", "23:30")
    audit = office.call("wang_lei", "GET", office.finds("wang_lei", number, "audit_feedback"))
    assert audit["context"]["loop"]["unqualified"] == 1  # it is counted
    office.does(number, "audit_feedback")


def the_customer_is_answered_and_the_case_archived(office: Office, number: str) -> None:
    # two hours since the feedback was there, the audit among them
    assert limit(office, number, "R01.reply") == ("2h", "03-04 23:21", "03-05 01:21")
    office.at("03-05", "00:10")
    office.does(number, "reply_to_customer", method="email", content="重复计费已冲减，线路已修复。")
    whole = office.clock_of(number, "R01.all")
    assert (whole["state"], when(whole["stopped_at"]), whole["late"]) == ("stopped", "03-05 00:11", False)
    assert limit(office, number, "R01.revisit")[:2] == ("7cd", "03-05 00:11")
    office.at("03-10", "10:00")
    office.does(number, "revisit_customer", "close_case")
    closed = office.case(number)
    assert (closed["outcome"], closed["status"], office.waiting(number)) == ("resolved", "completed", [])
    assert office.waiting(number, supervision=True) == []
    assert {clock["state"] for clock in office.clocks(number)} == {"stopped"}
    assert [one["template"] for one in office.letters(number)][2:] == ["final_reply"]
    for nobody in ("ma_chao", "cao_gang", "xu_wen"):
        office.learns_nothing(nobody, number)


def every_minute_is_somebodys(office: Office, number: str) -> None:
    court = office.court(number)
    assert (when(court["from"]), when(court["to"]), court["minutes"]) == ("03-02 09:00", "03-10 10:02", 11582)
    assert office.minutes(number) == {
        ("henan_hotline", "handling"): 31,
        ("henan_centre", "handling"): 31 + 10 + 10 + 40 + 7790 + 1,
        ("luoyang", "handling"): 59 + 20 + 10,
        ("luoyang_operations", "handling"): 60 + 60 + 630 + 30 + 30 + 10 + 10,
        ("henan_network", "assisting"): 60 + 60,
        ("henan_billing", "assisting"): 450,
        ("henan_billing", "refusal"): 30 + 30,  # until it refused, and until it was passed on again
        ("hq_service", "assisting"): 60,
        ("henan_market", "handling"): 30 + 1980 + 30 + 20,
    }
    office.chain_holds(number)


def the_figures_say_what_happened(office: Office, number: str) -> None:
    figures: dict[str, dict[str, Any]] = {
        one["code"]: one for one in office.call("qiao_mu", "GET", "/clocks/outcomes")["items"]
    }
    counted = ("count", "in_limit", "late", "promised", "in_promise", "extended")
    assert {
        code: [figures[code][name] for name in counted] for code in ("R01.all", "R01.stage", "R01.assist")
    } == {
        "R01.all": [1, 1, 0, 1, 1, 0],
        "R01.stage": [2, 2, 0, 1, 1, 1],
        "R01.assist": [2, 1, 1, 0, 0, 0],
    }
    assert figures["R01.assist"]["mean_delay_hours"] == 0.5
    by_unit = office.call("qiao_mu", "GET", "/clocks/outcomes?by=unit&code=R01.stage")["items"]
    assert {(one["unit"]["code"], one["in_limit"]) for one in by_unit} == {
        ("luoyang", 2)
    }  # whence both came back
    assert office.ask("han_xue", "GET", "/clocks/outcomes").status_code == 403
