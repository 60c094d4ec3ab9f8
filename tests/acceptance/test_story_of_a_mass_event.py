"""群发: one event, one master case; three upgrade complaints wait below it, and not signing buys nobody time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.acceptance.conftest import Office, when
from tests.acceptance.people import UPGRADE, USUAL, filed

EVENT = {"event_key": "zz-0302", "event_name": "郑州东区断网"}
PLAN = {
    "situation": "郑州东区光缆中断。",
    "provinces": ["henan"],
    "plan": "抢修光缆，统一口径答复客户。",
    "departments": ["henan_network"],
}
WITHDRAWN = {
    "reason": "solved",
    "statement": "网络已恢复，不再投诉。",
    "confirmation": "recorded",
    "confirmation_id": "REC-260303-0001",
}
QUARTER = timedelta(minutes=15)


def broadband(name: str, phone: str, **changed: Any) -> dict[str, Any]:
    """An upgrade complaint about the fixed network, told to headquarters by phone."""
    customer = {"name": name, "phone": phone, "network": "fixed", "id_last4": None}
    return filed(
        UPGRADE,
        customer=customer,
        business="broadband",
        problem_type="other",
        phenomenon="宽带中断",
        **changed,
    )


def test_three_complaints_wait_for_one_mass_event_and_are_answered_when_it_is_resolved(
    office: Office,
) -> None:
    signed = media_ring(office)
    unsigned, third = two_more_of_the_same_event(office)
    master = not_signing_buys_no_time(office, signed, unsigned, third)
    one_withdraws(office, master, third)
    the_master_is_resolved(office, master, [signed, unsigned])
    the_others_go_on_and_are_answered(office, signed, unsigned)


def media_ring(office: Office) -> str:
    number = office.files(
        "su_mian",
        "upgrade_complaint",
        broadband("黄晓岚", "13700010001", tags=["media"], affected_count=3000),
    )
    told = office.told(number, "unit")
    assert [at for at, _, _ in told] == ["03-02 09:00"] * 2  # both tiers, before anybody has looked at it
    groups = {one["to_group"].partition("@")[0] for one in office.case(number)["notices"]}
    assert groups == {"provincial_service", "upgrade_centre"}
    office.does(number, "accept_upgrade", **EVENT)
    office.at("03-02", "10:00")
    office.does(number, "sign_upgrade")
    return number


def two_more_of_the_same_event(office: Office) -> tuple[str, str]:
    numbers = []
    for name, phone in (("郑一鸣", "13700020002"), ("吴双", "13700030003")):
        number = office.files("su_mian", "upgrade_complaint", broadband(name, phone))
        assert office.told(number, "unit") == []
        office.does(number, "accept_upgrade", **EVENT)
        numbers.append(number)
    return numbers[0], numbers[1]


def not_signing_buys_no_time(office: Office, signed: str, unsigned: str, third: str) -> str:
    office.at("03-02", "13:00")
    office.does(third, "sign_upgrade")
    office.at("03-02", "14:30", step=QUARTER)
    assert "sign_upgrade" not in office.waiting(unsigned)
    assert len(office.told(unsigned, "unit")) == 1
    begun = {number: office.clock_of(number, "R02.all") for number in (signed, unsigned, third)}
    dispatched = office.clock_of(unsigned, "R02.sign")["started_at"]
    assert when(begun[signed]["started_at"]) == "03-02 10:01"
    assert (
        begun[unsigned]["started_at"] == dispatched
    )  # four hours later it counts as accepted at the dispatch
    assert {clock["state"] for clock in begun.values()} == {"paused"}
    assert {clock["pause_reason"] for clock in begun.values()} == {"mass_event"}
    masters = {
        link["number"] for n in begun for link in office.case(n)["links"] if link["kind"] == "child_of"
    }
    (master,) = masters
    assert office.case(master)["children"]["all"] == 3
    return str(master)


def one_withdraws(office: Office, master: str, number: str) -> None:
    office.at("03-03", "09:00")
    assert office.send("su_mian", number, "withdraw", **WITHDRAWN).status_code == 200
    assert office.case(number)["outcome"] == "withdrawn"
    assert office.waiting(number) == ["close_case"]
    limit = office.clock_of(number, "R02.all")
    assert (limit["state"], limit["stop_reason"]) == ("stopped", "withdrawn")
    assert office.case(master)["outcome"] is None  # the event goes on without it
    ours = {"closing_code": "withdrawn", "cause": "other", "responsibility": "none", "file_state": "complete"}
    office.work("su_mian", number, "close_case", ours)
    assert office.case(number)["status"] == "completed"


def the_master_is_resolved(office: Office, master: str, children: list[str]) -> None:
    assert office.waiting(master) == ["coordinate_incident"]
    office.work("fan_shu", master, "coordinate_incident", PLAN)
    office.work("feng_bo", master, "measure_incident", {"measures_taken": "光缆已抢通，全网复测正常。"})
    office.work(
        "fan_shu",
        master,
        "word_incident",
        {"wording": "因光缆中断造成的断网已经修复，停用期间费用全部减免。"},
    )
    for child in children:
        assert office.waiting(child) == []
    office.at("03-04", "10:59")
    office.work(
        "fan_shu", master, "resolve_incident", {"outcome": "resolved", "decision": "已修复，减免三日月租。"}
    )
    resolved = office.case(master)
    assert (resolved["outcome"], when(resolved["children"]["released_at"])) == ("resolved", "03-04 11:00")


def the_others_go_on_and_are_answered(office: Office, signed: str, unsigned: str) -> None:
    for number in (signed, unsigned):
        clock = office.clock_of(number, "R02.all")
        story = office.call("shen_yun", "GET", f"/clocks/{clock['id']}")
        (stood_still,) = story["pauses"]
        assert (clock["state"], stood_still["reason"]) == ("running", "mass_event")
        assert when(clock["due_at"]) == "03-14 00:00"  # 7 working days, and two of standing still
        office.does(number, "review_work_order", outcome="answer", answer="已修复，减免三日月租。")
        office.does(number, "reply_to_customer", content="已修复，减免三日月租。")
        office.does(number, "province_reply", "audit_province_reply", "audit_upgrade_ticket")
        office.work("su_mian", number, "revisit_customer", USUAL["revisit_customer"])
        office.work("su_mian", number, "close_case", USUAL["close_case"])
        assert (office.case(number)["outcome"], office.case(number)["status"]) == ("resolved", "completed")
