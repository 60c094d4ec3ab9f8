"""一线: a Monday at a hall. What can be answered there is answered there, signed for, passed on, merged or turned away."""

from __future__ import annotations

from typing import Any

from tests.acceptance.conftest import Office, when
from tests.acceptance.people import COMPLAINT, filed

NOBODY = "TS20260101000000000000"
"""A case number that was never given."""
MADE_UP = "0f0f0f0f-0000-4000-8000-000000000000"
BILLED = {"outcome": "answered", "company_fault": True, "apologised": True, "answer": "已退还多收月租并致歉。", "customer_attitude": "accepted", "compensation_scope": "billing_error"}  # fmt: skip
CLOSED = {"cause": "other", "responsibility": "none", "file_state": "complete"}
CLERK, CENTRE, ABROAD = "he_jing", "wang_lei", "chen_yu"


def test_a_day_at_the_hall(office: Office) -> None:
    impossible_facts_are_named_all_at_once(office)
    answered_on_the_spot(office)
    a_second_person_signs(office)
    number = refused_and_passed_on(office)
    exactly_one_result_is_fed_back(office, number)
    it_is_not_ours(office)
    the_same_matter_is_one_case(office)


def face_to_face(office: Office, name: str, phone: str) -> dict[str, Any]:
    """What a customer of two years says at the hall, with the paper they signed: nothing is recorded there."""
    paper = office.upload(CLERK, f"签字确认单{phone}.pdf", "signature")
    customer = {"name": name, "phone": phone, "tenure_months": 24}
    return filed(COMPLAINT, channel="hall", recording_id=None, customer=customer, signature=[paper])


def uses(office: Office, number: str) -> list[tuple[Any, ...]]:
    """How authority was used in a case: outcome, yuan, by whom, who signed besides, why."""
    items = office.call(office.supervisor, "GET", "/authority-uses")["items"]
    of_case = [one for one in items if one["number"] == number]
    return [
        (one["outcome"], one["amount"], one["by"]["name"], (one["second"] or {}).get("name"), one["reason"])
        for one in of_case
    ]


def unseen(office: Office, number: str, *tasks: str) -> None:
    """Who belongs to another province hears of a case and its tasks what they hear of made-up ones."""
    for path in ("", "/clocks", "/letters", "/court", "/evidence", "/attachments", "/comments"):
        hidden = office.ask(ABROAD, "GET", f"/cases/{number}{path}")
        nobody = office.ask(ABROAD, "GET", f"/cases/{NOBODY}{path}")
        assert (hidden.status_code, nobody.status_code) == (404, 404), path
        said = hidden.get_json()["detail"].replace(number, NOBODY)
        assert said == nobody.get_json()["detail"], path
    for message in ("urge", "withdraw", "supplement_needed", "made_up"):
        hidden, nobody = (office.send(ABROAD, one, message) for one in (number, NOBODY))
        assert (hidden.status_code, nobody.status_code) == (404, 404), message
        assert hidden.get_json()["detail"].replace(number, NOBODY) == nobody.get_json()["detail"]
    for task in tasks:
        for verb in ("claim", "complete", "release"):
            body = {"answers": {}} if verb == "complete" else None
            hidden, nobody = (
                office.ask(ABROAD, "POST", f"/tasks/{one}/{verb}", body) for one in (task, MADE_UP)
            )
            assert (hidden.status_code, nobody.status_code) == (404, 404), verb
            assert hidden.get_json()["detail"].replace(task, MADE_UP) == nobody.get_json()["detail"]


def impossible_facts_are_named_all_at_once(office: Office) -> None:
    impossible = filed(
        COMPLAINT,
        channel="hall",
        recording_id=None,
        business=None,
        occurred_at="2026-03-02T09:01+08:00",
        tags=["group"],
        customer={"level": "vip", "home_province": None},
    )
    wrong = office.mistakes(office.ask(CLERK, "POST", "/cases/complaint", {"facts": impossible}))
    assert wrong == {
        "business": "VIP 客户的投诉须写明使用业务，专席才能优先处理",
        "customer.home_province": "归属地不明：不知由哪个省受理和答复",
        "occurred_at": "发生时间不能在将来",
        "customer_signed": "面对面受理不具备录音条件，须客户签字确认，或写明未签字原因",
        "affected_count": "群体投诉的影响人数须为 2 人及以上",
    }
    on_the_phone = filed(COMPLAINT, recording_id=None)
    wrong = office.mistakes(office.ask("li_na", "POST", "/cases/complaint", {"facts": on_the_phone}))
    assert wrong == {"recording_id": "热线受理须有录音编号或录音文件"}
    assert office.call(office.supervisor, "GET", "/cases")["items"] == []  # nothing half-done


def answered_on_the_spot(office: Office) -> None:
    number = office.files(CLERK, "complaint", face_to_face(office, "沈知远", "13700010011"))
    assert when(office.clock_of(number, "R01.fill")["due_at"]) == "03-02 10:00"  # one hour
    unanswered = {"outcome": "answered", "company_fault": True}
    wrong = office.refused(CLERK, number, "accept_complaint", unanswered)
    assert wrong == dict.fromkeys(("apologised", "answer", "customer_attitude"), "为必填项")
    office.work(CLERK, number, "accept_complaint", {**BILLED, "compensation_amount": 30})
    whole = office.clock_of(number, "R01.all")
    assert (when(whole["due_at"]), when(whole["stopped_at"]), whole["late"]) == (
        "03-03 09:00",
        "03-02 09:01",
        False,
    )
    assert uses(office, number) == [("granted", 30.0, "何菁", None, "在授权内")]
    (order,) = [one for one in office.case(number)["tasks"] if one["activity_id"] == "accept_complaint"]
    assert (order["state"], order["completed_by"]["name"]) == ("completed", "何菁")  # 现场答复也有工单
    assert when(office.clock_of(number, "R01.revisit")["due_at"]) == "03-10 00:00"  # 第七日终了
    late = office.send(CLERK, number, "withdraw")
    assert late.status_code == 409
    assert late.get_json()["message_zh"] == f"消息“withdraw”没有送达：案件 {number} 现在没有环节等待它。"
    office.does(number, "revisit_customer", "close_case")
    closed = office.case(number)
    assert (closed["outcome"], closed["status"], office.waiting(number)) == ("resolved", "completed", [])
    assert {clock["state"] for clock in office.clocks(number)} == {"stopped"}
    again = office.send(CLERK, number, "urge").get_json()["message_zh"]
    assert again.endswith("现在没有环节等待它。案件已了结：已办结。")


def a_second_person_signs(office: Office) -> None:
    number = office.files(CLERK, "complaint", face_to_face(office, "陆文若", "13700010012"))
    began = office.clock.now()
    office.work(CLERK, number, "accept_complaint", {**BILLED, "compensation_amount": 300})
    assert office.waiting(number) == ["approve_compensation"]
    signing = office.clock_of(number, "R01.authorise")
    assert (signing["amount"], signing["unit"]) == ("4", "h")
    (task,) = [one["id"] for one in office.case(number)["tasks"] if one["state"] == "created"]
    own = office.ask(CLERK, "POST", f"/tasks/{task}/claim")
    assert own.status_code == 403  # a clerk of the hall does not sign
    unseen(office, number, task)
    revision = office.call("tang_wei", "GET", "/organisation")["revision"]
    seat = {"unit": "henan_centre", "post": "dispatcher", "revision": revision}
    office.call("tang_wei", "POST", f"/organisation/people/{CLERK}/seats", seat)
    office.settle()
    signed = {"decision": "approved", "reason": "计费差错属实。"}
    own = office.ask(CLERK, "POST", f"/tasks/{task}/claim")  # in whichever seat, nobody signs their own
    assert (own.status_code, own.get_json()["rule"]) == (403, "separate")
    assert uses(office, number) == []
    office.work(CENTRE, number, "approve_compensation", signed)
    assert uses(office, number) == [("dual_sign", 300.0, "何菁", "王磊", "计费差错属实。")]
    assert office.waiting(number) == ["revisit_customer"]
    whole = office.clock_of(number, "R01.all")
    assert when(whole["started_at"]) == when(began.isoformat())  # signing buys no time
    assert (whole["state"], whole["late"]) == ("stopped", False)


def refused_and_passed_on(office: Office) -> str:
    office.at("03-02", "10:00")
    number = office.files(CLERK, "complaint", face_to_face(office, "顾向晚", "13700010013"))
    office.work(CLERK, number, "accept_complaint", {**BILLED, "compensation_amount": 300})
    office.work(CENTRE, number, "approve_compensation", {"decision": "refused", "reason": "账单未附。"})
    assert uses(office, number) == [("refused", 300.0, "何菁", "王磊", "账单未附。")]
    found = office.call(CLERK, "GET", office.finds(CLERK, number, "accept_complaint"))
    assert found["context"]["loop"]["authority"]["reason"] == "账单未附。"  # the clerk reads why
    office.work(
        CLERK, number, "accept_complaint", {"outcome": "submitted", "summary": "补偿未获准，请核实。"}
    )
    office.does(number, "review_work_order", "dispatch_order")
    whole = office.clock_of(number, "R01.all")
    assert (whole["amount"], when(whole["due_at"])) == ("48", "03-04 10:00")  # 省级 since the dispatch
    office.does(number, "sign_order")
    return number


def exactly_one_result_is_fed_back(office: Office, number: str) -> None:
    given = {"cause": "internal_process"}
    moved = {**given, "result_type": "explanation", "statement": "计费系统正在改造。"}
    for answers, wrong in (
        (given, {"result_type": "为必填项", "measures": "为必填项"}),
        ({**given, "result_type": "solved"}, {"measures": "为必填项"}),
        ({**given, "result_type": "plan", "measures": "下月账单退费。"}, {"promised_at": "为必填项"}),
        (moved, {"companion": "为必填项"}),
        ({**moved, "companion": "wording"}, {"explanation": "为必填项"}),
        (
            {**moved, "companion": "promise", "explanation": "改造完成后退费。"},
            {"promised_at": "为必填项", "explanation": "此情形下无需填写该项"},
        ),
    ):
        assert office.refused("deng_li", number, "handle_complaint", answers) == wrong
    office.does(number, "handle_complaint", "audit_feedback")
    assert office.ask("zhao_min", "GET", f"/tasks?list=queue&number={number}").get_json()["items"] == []
    answer = {"method": "visit", "attitude": "accepted", "content": "已冲减多收月租。"}
    office.work(CLERK, number, "reply_to_customer", answer)  # 受理渠道当面答复
    whole = office.clock_of(number, "R01.all")
    assert (whole["state"], whole["late"], office.waiting(number)) == ("stopped", False, ["revisit_customer"])


def it_is_not_ours(office: Office) -> None:
    office.at("03-02", "11:00")
    facts = {**face_to_face(office, "白予安", "13700010014"), "concerns": "other_operator"}
    number = office.files(CLERK, "complaint", facts)
    found = office.call(CLERK, "GET", office.finds(CLERK, number, "accept_complaint"))
    assert (
        found["context"]["decision"]["accept"]["text"] == "不属于本企业及合作方的服务，请告知客户受理单位。"
    )
    wrong = office.refused(CLERK, number, "accept_complaint", {"outcome": "rejected"})
    assert wrong == {"rejection_reason": "为必填项", "rejection_text": "为必填项"}
    why = {"rejection_reason": "not_our_service", "rejection_text": "所诉宽带由其他企业提供。"}
    office.work(CLERK, number, "accept_complaint", {"outcome": "rejected", **why})
    said = [
        (one["template"], one["to"], one["method"], when(one["made_at"])) for one in office.letters(number)
    ]
    assert said == [("not_accepted", "customer", "letter", "03-02 11:01")]
    whole = office.clock_of(number, "R01.all")
    assert (when(whole["stopped_at"]), whole["stop_reason"]) == ("03-02 11:01", "not_accepted")
    assert office.waiting(number) == ["close_case"]  # nobody is revisited who was turned away
    contradicting = {**CLOSED, "closing_code": "explained"}
    wrong = office.refused("zhao_min", number, "close_case", contradicting)
    assert wrong == {"closing_code": "投诉未予受理，只能以“不予受理”结案"}
    office.work("zhao_min", number, "close_case", {**CLOSED, "closing_code": "not_accepted"})
    closed = office.case(number)
    assert (closed["outcome"], closed["status"], office.waiting(number)) == ("not_accepted", "completed", [])
    assert {clock["state"] for clock in office.clocks(number)} == {"stopped"}


def the_same_matter_is_one_case(office: Office) -> None:
    first = office.files("li_na", "complaint", COMPLAINT)
    office.does(first, "accept_complaint", "review_work_order", "dispatch_order", "sign_order")
    assert office.ask("ma_chao", "GET", f"/cases/{first}").status_code == 404
    customer = COMPLAINT["customer"]
    second = office.files(CLERK, "complaint", face_to_face(office, customer["name"], customer["phone"]))
    found = office.call(CLERK, "GET", office.finds(CLERK, second, "accept_complaint"))["context"]
    assert found["decision"]["accept"]["text"] == "该客户同一业务已有在办投诉，核对后可并案。"
    (option,) = found["result"]["find_duplicates"]["options"]
    assert option["value"] == first
    told = {"outcome": "merged", "merge_text": "已告知客户两件一并答复。"}
    wrong = office.refused(CLERK, second, "accept_complaint", {**told, "merge_into": NOBODY})
    assert wrong == {"merge_into": f"没有选项 '{NOBODY}'"}
    office.work(CLERK, second, "accept_complaint", {**told, "merge_into": first})
    merged = office.case(second, CLERK)
    assert (merged["outcome"], merged["status"], office.waiting(second)) == ("merged", "completed", [])
    assert office.clock_of(second, "R01.all")["stop_reason"] == "merged"
    (link,) = merged["links"]  # the hall has its customer before it, so it sees how the other one stands
    assert (link["number"], link["kind_name"], link["open"]) == (first, "并入", True)
    closed = office.send(CLERK, second, "urge")
    assert closed.status_code == 409
    assert closed.get_json()["message_zh"].endswith("案件已了结：已并案。")
    assert office.send(CLERK, first, "urge", note="客户在营业厅询问进展").status_code == 200
    assert office.waiting(first, supervision=True) == ["answer_supervision"]
    unseen(office, first)
    unseen(office, second)
