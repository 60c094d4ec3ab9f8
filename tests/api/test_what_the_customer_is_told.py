"""Real people answer customers: authority, letters, and what an appeal's evidence pack makes of it (003§2.4.5, §2.5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from engine.instance import ProcessInstance
from redress.content import letter_templates
from tasks.letters.versions import load_templates
from tasks.user_task import OPEN, UserTask
from tests.api.conftest import Api
from tests.api.test_upgrade_complaints import hall as hall  # the fixtures: the demo office
from tests.api.test_upgrade_complaints import lender as lender
from tests.bpmn import appeal_case, complaint_case, upgrade_case, work_case
from tests.bpmn.drawing import CONTENT

OURS = ("number", "regime", "org", "province")
USUAL = {**upgrade_case.USUAL, **work_case.ANSWERED}
STAFF = {
    "accept_complaint": "li_na",
    "approve_compensation": "sun_qiang",
    "review_work_order": "wang_lei",
    "dispatch_order": "wang_lei",
    "sign_order": "deng_li",
    "handle_complaint": "deng_li",
    "audit_feedback": "wang_lei",
    "reply_to_customer": "zhao_min",
    "reply_progress": "wang_lei",
    "accept_upgrade": "su_mian",
    "sign_upgrade": "wang_lei",
    "check_appeal": "jin_ruo",
}
SPOT = {
    "outcome": "answered",
    "answer": "已当场退还多收费用。",
    "customer_attitude": "accepted",
    "compensation_scope": "billing_error",
}


@pytest.fixture
def office(hall: Api) -> Api:
    """The demo office with its letters."""
    with hall.office.deps.sessions.begin() as session:
        load_templates(session, letter_templates(CONTENT), now=hall.office.clock.now())
    return hall


def filed(api: Api, login: str, regime: str, facts: Mapping[str, Any], **changed: Any) -> str:
    given = {name: value for name, value in {**facts, **changed}.items() if name not in OURS}
    answer = api(login, "POST", f"/cases/{regime}", {"facts": given})
    assert answer.status_code == 201, answer.text
    api.office.settle()
    return str(answer.json["number"])


def does(api: Api, number: str, activity: str, answers: Mapping[str, Any] | None = None) -> None:
    """Who has it claims and completes the open task of this activity."""
    open_task = sa.select(UserTask.id).where(
        UserTask.activity_id == activity, UserTask.state.in_(OPEN), UserTask.business_key == number
    )
    task = api.office.scalar(open_task)
    stuck = api.office.scalar(sa.select(ProcessInstance.status).where(ProcessInstance.business_key == number))
    assert task is not None, f"{activity} does not wait; the instance is {stuck}"
    claimed = api(STAFF[activity], "POST", f"/tasks/{task}/claim")
    assert claimed.status_code == 200, claimed.text
    given = dict(USUAL[activity] if answers is None else answers)
    done = api(STAFF[activity], "POST", f"/tasks/{task}/complete", {"answers": given})
    assert done.status_code == 200, done.text
    api.office.settle()


def letters(api: Api, number: str) -> list[tuple[str, str]]:
    items = api("wang_lei", "GET", f"/cases/{number}/letters").json["items"]
    return sorted((item["template"], item["method"]) for item in items)


def complained(api: Api, **changed: Any) -> str:
    return filed(api, "li_na", "complaint", complaint_case.FACTS, **changed)


def answered_on_the_spot(api: Api) -> str:
    """Above what a clerk may give: the centre's manager refuses once, then signs for less."""
    customer = {**complaint_case.FACTS["customer"], "address": "郑州市金水区文化路 1 号"}
    number = complained(api, contact_method="letter", customer=customer)
    does(api, number, "accept_complaint", {**SPOT, "compensation_amount": 60})
    does(api, number, "approve_compensation", {"decision": "refused", "reason": "超出实际损失。"})
    does(api, number, "accept_complaint", {**SPOT, "compensation_amount": 40})
    does(api, number, "approve_compensation", {"decision": "approved", "reason": "计费差错属实。"})
    return number


def answered_in_writing(api: Api, number: str) -> None:
    """The ticket goes the usual way; a handler's compensation is granted; the customer hears how it stands, then the answer."""
    does(api, number, "review_work_order")
    does(api, number, "dispatch_order", {"target": "department", "department": "billing"})
    does(api, number, "sign_order")
    given = {**USUAL["handle_complaint"], "compensation_amount": 50, "compensation_scope": "billing_error"}
    does(api, number, "handle_complaint", given)
    sent = api("wang_lei", "POST", f"/cases/{number}/messages", {"name": "progress_due", "payload": {}})
    assert sent.status_code < 300, sent.text
    api.office.settle()
    does(
        api,
        number,
        "reply_progress",
        {"method": "letter", "agreement": "agreed", "content": "正在核对话单。"},
    )
    does(api, number, "audit_feedback")
    does(
        api,
        number,
        "reply_to_customer",
        {"method": "email", "attitude": "accepted", "content": "已冲减多收费用。"},
    )


def test_each_answer_is_written_authorised_and_found_by_the_appeal(office: Api) -> None:
    spot = answered_on_the_spot(office)
    assert letters(office, spot) == [("final_reply", "letter")]  # only the answer that stands
    customer = {**complaint_case.FACTS["customer"], "email": "huang@example.com"}
    handled = complained(office, business="mobile_data", contact_method="email", customer=customer)
    does(office, handled, "accept_complaint")
    answered_in_writing(office, handled)
    uses = office("sun_qiang", "GET", "/authority-uses").json["items"]
    assert sorted((use["amount"], use["outcome"]) for use in uses) == [
        (40.0, "dual_sign"),
        (50.0, "granted"),
        (60.0, "refused"),
    ]
    assert letters(office, handled) == [
        ("acknowledgement", "email"), ("final_reply", "email"), ("progress_reply", "letter"),
    ]  # fmt: skip
    upgraded = filed(office, "su_mian", "upgrade_complaint", upgrade_case.FACTS)
    does(office, upgraded, "accept_upgrade")
    does(office, upgraded, "sign_upgrade")
    does(office, upgraded, "review_work_order", {"outcome": "answer", "answer": "已由总部协调解决。"})
    does(
        office,
        upgraded,
        "reply_to_customer",
        {"method": "letter", "attitude": "accepted", "content": "已由总部协调解决。"},
    )
    assert letters(office, upgraded) == [("final_reply", "letter")]

    appeal = filed(
        office,
        "jin_ruo",
        "appeal",
        {**appeal_case.FACTS, **appeal_case.DIRECT},
        prior_numbers=f"{spot} {handled} {upgraded}",
    )
    does(office, appeal, "check_appeal", {"outcome": "confirmed", "prior_cases": [spot, handled, upgraded]})
    pack = {one["number"]: one for one in office("jin_ruo", "GET", f"/cases/{appeal}/evidence").json["cases"]}
    said = {
        number: [reply["content"] for reply in one["replies"] if reply["kind"] == "final_reply"][-1]
        for number, one in pack.items()
    }
    assert len([one for one in pack[spot]["replies"] if one["kind"] == "final_reply"]) == 1
    assert said == {spot: SPOT["answer"], handled: "已冲减多收费用。", upgraded: "已由总部协调解决。"}
    assert {number: one["answered_at"] is not None for number, one in pack.items()} == dict.fromkeys(
        pack, True
    )
    assert {number: one["in_limit"] for number, one in pack.items()} == dict.fromkeys(pack, True)


@pytest.mark.parametrize("regime", ["complaint", "upgrade_complaint"])
def test_what_is_not_accepted_is_told_in_a_letter(office: Api, regime: str) -> None:
    if regime == "complaint":
        number, activity = complained(office), "accept_complaint"
    else:
        number, activity = filed(office, "su_mian", regime, upgrade_case.FACTS), "accept_upgrade"
    does(
        office,
        number,
        activity,
        {
            "outcome": "rejected",
            "rejection_reason": "not_our_service",
            "rejection_text": "请向对方运营商反映。",
        },
    )
    items = office("su_mian", "GET", f"/cases/{number}/letters").json["items"]
    assert [(item["template"], item["method"]) for item in items] == [("not_accepted", "letter")]
