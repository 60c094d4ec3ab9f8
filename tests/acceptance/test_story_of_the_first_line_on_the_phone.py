"""一线: a week at the hotline. What is missing is asked for while clocks stand still, customers urge, and some take it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.acceptance.conftest import Office, when
from tests.acceptance.people import COMPLAINT, filed
from tests.bpmn.complaint_case import WITHDRAWAL

CLERK, HOLDER = "li_na", "deng_li"
TO_DEPARTMENT = ("accept_complaint", "review_work_order", "dispatch_order", "sign_order")


def test_a_week_at_the_hotline(office: Office) -> None:
    taken_back_before_it_is_looked_at(office)
    number = clocks_stand_still_until_it_is_supplied(office)
    urged_and_answered(office, number)
    urged_and_taken_back(office)
    the_wait_ends_by_itself(office)


def complains(office: Office, name: str, phone: str) -> str:
    return office.files(CLERK, "complaint", filed(COMPLAINT, customer={"name": name, "phone": phone}))


def refused(office: Office, number: str, message: str, **payload: Any) -> str:
    """The sentence by which a message that nobody waits for is refused."""
    answer = office.send(CLERK, number, message, **payload)
    assert answer.status_code == 409, answer.get_data(as_text=True)
    return str(answer.get_json()["message_zh"])


def nobody_waits(number: str, message: str, ended: str = "") -> str:
    return f"消息“{message}”没有送达：案件 {number} 现在没有环节等待它。{ended}"


def pauses(office: Office, clock: dict[str, Any]) -> list[tuple[str, str, str]]:
    story = office.call(office.supervisor, "GET", f"/clocks/{clock['id']}")
    return [(one["reason"], when(one["from_at"]), when(one["to_at"])) for one in story["pauses"]]


def moved(before: dict[str, Any], after: dict[str, Any]) -> timedelta:
    """By how much a clock's due instant lies later."""
    return datetime.fromisoformat(after["due_at"]) - datetime.fromisoformat(before["due_at"])


def taken_back_before_it_is_looked_at(office: Office) -> None:
    number = complains(office, "江雪", "13700010021")
    assert refused(office, number, "urge") == nobody_waits(number, "urge")  # the customer is on the line
    wrong = office.mistakes(office.send(CLERK, number, "withdraw", reason="bored"))
    assert wrong.keys() == {"reason", "statement", "confirmation", "confirmation_id"}
    assert office.send(CLERK, number, "withdraw", **WITHDRAWAL).status_code == 200
    assert (office.case(number)["outcome"], office.waiting(number)) == ("withdrawn", ["close_case"])
    for code in ("R01.all", "R01.fill"):
        clock = office.clock_of(number, code)
        assert (clock["state"], clock["stop_reason"]) == ("stopped", "withdrawn")
    for message in ("withdraw", "urge", "upgrade", "supplement", "supplement_needed"):
        sentence = refused(office, number, message, text="请继续办理")
        assert sentence == nobody_waits(number, message, "案件已了结：客户撤诉。")
    closing = {
        "closing_code": "resolved",
        "cause": "other",
        "responsibility": "none",
        "file_state": "complete",
    }
    wrong = office.refused("zhao_min", number, "close_case", closing)
    assert wrong == {"closing_code": "客户已撤诉，只能以“客户撤诉”结案"}
    office.work("zhao_min", number, "close_case", {**closing, "closing_code": "withdrawn"})
    assert (office.case(number)["status"], office.waiting(number)) == ("completed", [])


def clocks_stand_still_until_it_is_supplied(office: Office) -> str:
    office.at("03-02", "10:00")
    number = complains(office, "林间", "13700010022")
    office.does(number, "accept_complaint")
    (review,) = [one["id"] for one in office.case(number)["tasks"] if one["state"] == "created"]
    assert office.ask(CLERK, "POST", f"/tasks/{review}/claim").status_code == 403  # the centre reviews
    office.does(number, *TO_DEPARTMENT[1:])
    begun = {code: office.clock_of(number, code) for code in ("R01.all", "R01.stage")}
    assert when(begun["R01.all"]["due_at"]) == "03-04 10:00"  # 省级 48 hours
    office.at("03-02", "12:00")
    assert office.mistakes(office.send(HOLDER, number, "supplement_needed")) == {"missing": "为必填项"}
    missing = "请提供停机保号业务受理单。"
    assert office.send(HOLDER, number, "supplement_needed", missing=missing).status_code == 200
    said = [(one["template"], one["to"], one["method"]) for one in office.letters(number)]
    assert said == [("supplement_request", "customer", "letter")]
    assert when(office.clock_of(number, "R01.supplement")["due_at"]) == "03-10 00:00"  # 第七日终了
    office.at("03-03", "11:10")
    for code, clock in begun.items():
        still = office.clock_of(number, code)
        assert (still["state"], still["pause_reason"]) == ("paused", "customer")
        assert pauses(office, clock) == [("customer", "03-02 12:00", "")]
        assert office.rung(number, code) == []
    assert office.waiting(number) == ["handle_complaint"]  # work may go on
    paper = office.upload(CLERK, "受理单.pdf")
    assert office.mistakes(office.send(CLERK, number, "supplement", attachments=[paper])) == {
        "text": "为必填项"
    }
    sent = office.send(CLERK, number, "supplement", text="受理单已交营业厅。", attachments=[paper])
    assert sent.status_code == 200
    for code, clock in begun.items():
        runs = office.clock_of(number, code)
        assert (runs["state"], moved(clock, runs)) == ("running", timedelta(hours=23, minutes=10))
        assert pauses(office, clock) == [("customer", "03-02 12:00", "03-03 11:10")]
    assert when(office.clock_of(number, "R01.all")["due_at"]) == "03-05 09:10"
    told = office.told(number, "unit")
    assert told == [("03-03 11:10", "supplement_received", "客户已补充材料：受理单已交营业厅。")]
    assert office.ask(HOLDER, "GET", f"/attachments/{paper}/content").status_code == 200
    assert refused(office, number, "supplement", text="还有一份") == nobody_waits(number, "supplement")
    return number


def supervised(office: Office, number: str) -> list[tuple[str, str]]:
    """What supervises a case: (why, how it ended)."""
    shown = office.call(office.supervisor, "GET", f"/cases/{number}/supervisions")["supervisions"]
    return [(one["reason"], one["close_reason"]) for one in shown]


def urged_and_answered(office: Office, number: str) -> None:
    office.at("03-03", "14:00")
    assert office.send(CLERK, number, "urge", note="客户再次来电").status_code == 200
    order = office.call(HOLDER, "GET", office.finds(HOLDER, number, "answer_supervision"))
    assert order["priority"] == 80  # before ordinary work
    heard = office.call(HOLDER, "GET", "/notices")["items"]
    assert [one["number"] for one in heard if one["number"] == number] != []
    office.at("03-03", "15:00")
    assert office.send(CLERK, number, "urge").status_code == 200
    assert supervised(office, number) == [("urge", ""), ("urge", "")]  # each one counts
    assert office.clock_of(number, "R01.stage")["state"] == "running"  # urging stops nothing
    office.does(number, "handle_complaint", "audit_feedback", "reply_to_customer")
    whole = office.clock_of(number, "R01.all")
    assert (when(whole["stopped_at"]), whole["late"]) == ("03-03 15:03", False)
    assert office.waiting(number, supervision=True) == []  # the customer has the answer
    assert supervised(office, number) == [("urge", "done"), ("urge", "done")]
    assert refused(office, number, "withdraw", **WITHDRAWAL) == nobody_waits(number, "withdraw")
    office.does(number, "revisit_customer", "close_case")
    assert (office.case(number)["outcome"], office.case(number)["status"]) == ("resolved", "completed")


def urged_and_taken_back(office: Office) -> None:
    office.at("03-03", "16:00")
    number = complains(office, "程湛", "13700010023")
    office.does(number, *TO_DEPARTMENT)
    assert office.send(CLERK, number, "urge", note="客户着急").status_code == 200
    assert office.send(HOLDER, number, "supplement_needed", missing="请提供账单。").status_code == 200
    assert office.waiting(number, supervision=True) == ["answer_supervision"]
    assert office.send(CLERK, number, "withdraw", **WITHDRAWAL).status_code == 200
    assert (office.waiting(number), office.waiting(number, supervision=True)) == (["close_case"], [])
    assert supervised(office, number) == [("urge", "withdrawn")]
    ended = {one["activity_id"]: one for one in office.case(number)["tasks"]}["handle_complaint"]
    assert (ended["state"], ended["end_reason"]) == ("cancelled", "withdrawn")
    for code in ("R01.all", "R01.stage", "R01.supplement"):
        clock = office.clock_of(number, code)
        assert (clock["state"], clock["stop_reason"]) == ("stopped", "withdrawn"), code
    sentence = refused(office, number, "supplement", text="账单在此")
    assert sentence == nobody_waits(number, "supplement", "案件已了结：客户撤诉。")


def the_wait_ends_by_itself(office: Office) -> None:
    office.at("03-04")
    number = complains(office, "夏知", "13700010024")
    office.does(number, *TO_DEPARTMENT)
    before = office.clock_of(number, "R01.all")
    assert when(before["due_at"]) == "03-06 09:00"
    office.at("03-04", "12:00")
    assert office.send("wang_lei", number, "supplement_needed", missing="请提供账单。").status_code == 200
    office.at("03-11", "23:59")
    assert office.clock_of(number, "R01.all")["state"] == "paused"
    office.at("03-12", "00:00")
    after = office.clock_of(number, "R01.all")
    assert (after["state"], moved(before, after)) == ("running", timedelta(days=7, hours=12))
    assert when(after["due_at"]) == "03-13 21:00"
    silent = "客户在等待期内未补充材料，请按已有材料继续处理"
    assert office.told(number, "unit") == [("03-12 00:00", "supplement_missing", silent)]
    assert refused(office, number, "supplement", text="账单在此") == nobody_waits(number, "supplement")
    assert office.waiting(number) == ["handle_complaint"]
