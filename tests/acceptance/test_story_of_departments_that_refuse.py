"""推诿: a roamer complains away from home; two departments refuse the order, headquarters rules, and the third step is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.acceptance.conftest import Office, when
from tests.acceptance.people import COMPLAINT, USUAL, filed

ROAMING = filed(
    COMPLAINT,
    problem_type="roaming",
    phenomenon="漫游无法上网",
    description="在浙江漫游期间数据业务无法使用。",
    occurred_province="zhejiang",
    customer={"name": "温如玉", "phone": "13700060006", "level": "vip"},
)
ROAMER = {
    "accept_complaint": "lin_qing",
    "review_work_order": "wang_lei",
    "dispatch_order": "wang_lei",
    "arbitrate_order": "shen_yun",
    "handle_complaint": "feng_bo",
}
"""Who does it where a customer at home in Henan complains to the hotline in Zhejiang."""
NOT_OURS = {"outcome": "refused", "refusal_reason": "不属于本部门职责。"}


def test_two_departments_refuse_an_order_and_the_one_that_must_take_it_is_late(office: Office) -> None:
    office.staff.update(ROAMER)
    number = a_roamer_complains_where_they_are(office)
    the_home_province_has_the_order(office, number)
    two_departments_refuse(office, number)
    headquarters_rules_and_nobody_may_refuse_again(office, number)
    each_rung_rings_once(office, number)
    who_is_pressed_answers(office, number)
    it_is_fed_back_a_day_late(office, number)
    the_home_province_answers(office, number)
    who_refused_pays_for_it(office, number)
    the_figures_say_who_was_late(office, number)


def due(office: Office, number: str, code: str) -> tuple[str, str, str]:
    """The latest clock of a code: how long, since when, until when."""
    clock = office.clock_of(number, code)
    return clock["amount"] + clock["unit"], when(clock["started_at"]), when(clock["due_at"])


def a_roamer_complains_where_they_are(office: Office) -> str:
    number = office.files("lin_qing", "complaint", ROAMING)
    assert due(office, number, "R01.all") == ("72h", "03-02 09:00", "03-05 09:00")  # 跨省 is 全国级
    for nobody in ("wang_lei", "xu_wen", "feng_bo", "song_wei"):
        office.learns_nothing(nobody, number)
    office.at("03-02", "09:10")
    office.does(number, "accept_complaint")
    return number


def the_home_province_has_the_order(office: Office, number: str) -> None:
    assert office.case(number, "wang_lei")["number"] == number
    office.learns_nothing("xu_wen", number)  # the centre where they roam has no part in it
    office.at("03-02", "10:00")
    office.does(number, "review_work_order")
    sent = office.call("wang_lei", "GET", office.finds("wang_lei", number, "dispatch_order"))
    assert sent["context"]["decision"]["routing"]["department"] == "network"
    office.does(number, "dispatch_order")
    assert due(office, number, "R01.stage") == ("41h", "03-02 10:02", "03-04 03:02")  # VIP 按下限
    assert due(office, number, "R01.sign") == ("2h", "03-02 10:02", "03-02 12:02")
    office.learns_nothing("song_wei", number)  # nor the network department there


def two_departments_refuse(office: Office, number: str) -> None:
    office.at("03-02", "11:00")
    unsaid = office.refused("feng_bo", number, "sign_order", {"outcome": "refused"})
    assert unsaid == {"refusal_reason": "为必填项"}
    short = office.refused("feng_bo", number, "sign_order", {"outcome": "refused", "refusal_reason": "不"})
    assert short.keys() == {"refusal_reason"}
    office.work("feng_bo", number, "sign_order", NOT_OURS)
    assert office.waiting(number) == ["dispatch_order"]
    assert due(office, number, "R01.audit") == ("4h", "03-02 11:01", "03-02 15:01")
    office.learns_nothing("deng_li", number)
    office.at("03-02", "11:30")
    office.does(number, "dispatch_order", department="billing")
    office.at("03-02", "12:30")
    office.work("deng_li", number, "sign_order", NOT_OURS)
    assert office.waiting(number) == ["arbitrate_order"]
    assert due(office, number, "R01.arbitrate") == ("4h", "03-02 12:31", "03-02 16:31")
    (stage,) = office.clocks(number, "R01.stage")
    assert when(stage["due_at"]) == "03-04 03:02"  # who refuses buys nobody time


def headquarters_rules_and_nobody_may_refuse_again(office: Office, number: str) -> None:
    office.at("03-02", "13:30")
    unsaid = office.refused("shen_yun", number, "arbitrate_order", {})
    assert unsaid == {"department": "为必填项", "ruling": "为必填项"}
    office.does(number, "arbitrate_order", department="network", ruling="漫游数据归网络部负责，不得再退。")
    assert office.waiting(number) == ["handle_complaint"]  # nothing to sign, so nothing to refuse
    path = office.finds("feng_bo", number, "handle_complaint")
    office.call("feng_bo", "POST", f"{path}/claim")
    again = office.mistakes(office.ask("feng_bo", "POST", f"{path}/complete", {"answers": NOT_OURS}))
    assert {"outcome", "refusal_reason", "cause", "result_type"} <= again.keys()
    assert office.ask("deng_li", "POST", f"{path}/claim").status_code in (
        403,
        409,
    )  # sees it, has no part in it


def each_rung_rings_once(office: Office, number: str) -> None:
    rungs = [
        ("03-03", "22:56", ("90%", ["冯博"])),  # 36.9 of 41 hours
        ("03-04", "03:02", ("100%", ["孙强"])),
        ("03-04", "07:02", ("+4h", ["乔牧"])),
        (
            "03-05",
            "03:02",
            ("+24h", ["范述", "沈芸"]),
        ),  # 总部督办: all who supervise there and were not asked
    ]
    rung: list[Any] = []
    for day, time, expected in rungs:
        office.at(day, time, step=timedelta(hours=2))
        rung.append(expected)
        for _ in range(3):  # however often somebody looks
            office.settle()
            office.clock.advance(timedelta(seconds=10))
        assert office.rung(number, "R01.stage") == rung
    rings = office.call("qiao_mu", "GET", f"/cases/{number}/supervisions")["rings"]
    assert [when(one["planned_at"]) for one in rings if one["code"] == "R01.stage"] == [
        f"{day} {time}" for day, time, _ in rungs
    ]
    # 90 % of the promise to the customer, 64.8 of 72 hours
    assert [(one["step"], when(one["planned_at"])) for one in rings if one["code"] == "R01.all"] == [
        ("90%", "03-05 01:48")
    ]


def who_is_pressed_answers(office: Office, number: str) -> None:
    office.at("03-05", "03:10")
    nothing = office.refused("sun_qiang", number, "answer_supervision", {})
    assert nothing == dict.fromkeys(("progress", "measure", "expected_at"), "为必填项")
    said = {
        "progress": "正在联调漫游数据通道。",
        "measure": "已指定专人通宵处理。",
        "expected_at": "2026-03-05T04:30+08:00",
    }
    office.learns_nothing("cao_gang", number)
    for who in ("sun_qiang", "qiao_mu", "shen_yun"):
        office.work(who, number, "answer_supervision", said)


def it_is_fed_back_a_day_late(office: Office, number: str) -> None:
    office.at("03-05", "04:01")
    (held,) = office.call(
        "feng_bo", "GET", f"/tasks?list=inbox&number={number}&activity_id=handle_complaint"
    )["items"]
    office.call("feng_bo", "POST", f"/tasks/{held['id']}/complete", {"answers": USUAL["handle_complaint"]})
    office.settle()
    (stage,) = office.clocks(number, "R01.stage")
    assert (stage["state"], when(stage["stopped_at"]), stage["late"]) == ("stopped", "03-05 04:01", True)
    assert office.waiting(number) == [
        "audit_feedback"
    ]  # what is arbitrated is fed back to the centre at once
    ours = office.call("qiao_mu", "GET", f"/cases/{number}/supervisions")["supervisions"]
    assert {one["code"]: one["close_reason"] for one in ours if one["code"] == "R01.stage"} == {
        "R01.stage": "done"
    }
    office.at("03-05", "05:00")
    office.does(number, "audit_feedback")


def the_home_province_answers(office: Office, number: str) -> None:
    # within two hours since the feedback was there, by the customer's home province (003§2.4.5)
    assert due(office, number, "R01.reply") == ("2h", "03-05 04:01", "03-05 06:01")
    path = office.finds("zhao_min", number, "reply_to_customer")
    for away in ("lin_qing", "ye_fan"):
        assert office.call(away, "GET", f"/tasks?list=queue&number={number}")["items"] == []
    assert office.case(number, "lin_qing")["number"] == number  # who took it in still sees how it goes
    assert office.ask("lin_qing", "POST", f"{path}/claim").status_code == 403
    office.learns_nothing("ye_fan", number)
    office.at("03-05", "05:30")
    office.does(number, "reply_to_customer", content="漫游数据已恢复，期间费用减免。")
    whole = office.clock_of(number, "R01.all")
    assert (whole["state"], when(whole["stopped_at"]), whole["late"]) == ("stopped", "03-05 05:31", False)
    office.at("03-09", "10:00")
    office.does(number, "revisit_customer", "close_case")
    closed = office.case(number)
    assert (closed["outcome"], closed["status"], office.waiting(number)) == ("resolved", "completed", [])
    assert office.waiting(number, supervision=True) == []


def who_refused_pays_for_it(office: Office, number: str) -> None:
    court = office.court(number)
    assert (when(court["from"]), when(court["to"]), court["minutes"]) == ("03-02 09:00", "03-09 10:02", 10142)
    assert office.minutes(number) == {
        ("zhejiang_hotline", "handling"): 11,
        ("henan_vip_desk", "handling"): 51 + 60 + 30,
        ("henan_centre", "handling"): 6030 + 1,
        ("henan_network", "refusal"): 59 + 30,  # until it refused, and until it was dispatched again
        ("henan_billing", "refusal"): 60 + 60,  # and until headquarters had ruled
        ("henan_network", "handling"): 3750,
    }
    refusals = {one["unit"]["code"]: one["refusals"] for one in court["by_unit"] if one["refusals"]}
    assert refusals == {"henan_network": 1, "henan_billing": 1}
    office.chain_holds(number)


def the_figures_say_who_was_late(office: Office, number: str) -> None:
    figures = {one["code"]: one for one in office.call("qiao_mu", "GET", "/clocks/outcomes")["items"]}
    stage, whole = figures["R01.stage"], figures["R01.all"]
    assert (stage["count"], stage["late"], stage["warned"]) == (1, 1, 1)
    assert stage["mean_delay_hours"] == 24.98  # from 03-04 03:02 to 03-05 04:01
    (late,) = office.call("qiao_mu", "GET", "/clocks/outcomes?by=unit&code=R01.stage")["items"]
    assert (late["unit"]["code"], late["late"]) == ("henan_network", 1)  # who had it at 03-04 03:02
    assert (whole["count"], whole["in_limit"], whole["limit_rate"]) == (1, 1, 1.0)
