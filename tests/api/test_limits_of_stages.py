"""R01 over HTTP: what a stage limit and an overall limit count from, and what work sent back does to them (domain §1.13, 003§2.4.6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.test_reclassified_complaints import does, filed, furnish
from tests.bpmn.complaint_case import DISSATISFIED
from tests.conftest import Furnishing
from tests.databases import Databases


@pytest.fixture
def lender(furnishing: Furnishing) -> Databases:
    return furnishing("register", furnish)


def clocks(api: Api, number: str, code: str) -> list[dict[str, Any]]:
    """The case's clocks of this code, the first one first."""
    items = api("li_na", "GET", f"/cases/{number}/clocks").json["items"]
    return sorted((dict(each) for each in items if each["code"] == code), key=lambda each: str(each["id"]))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_the_departments_limit_runs_from_the_dispatch_through_refusal_pause_and_signing(api: Api) -> None:
    number = filed(api)
    does(api, "li_na", "accept_complaint")
    does(api, "wang_lei", "review_work_order")
    does(api, "wang_lei", "dispatch_order", target="business_department")
    (stage,) = clocks(api, number, "R01.stage")
    assert (at(stage["started_at"]), stage["amount"]) == (api.office.clock.now(), "41")
    begun = at(stage["started_at"])

    paused = api("wang_lei", "POST", f"/cases/{number}/clocks/pause", {"reason": "customer"})
    assert paused.status_code == 200, paused.text
    api.office.clock.advance(timedelta(hours=5))
    assert api("wang_lei", "POST", f"/cases/{number}/clocks/resume", {}).status_code == 200
    does(api, "sun_qiang", "sign_order", outcome="refused", refusal_reason="不属于本部门职责。")
    does(api, "wang_lei", "dispatch_order", target="business_department")
    does(api, "sun_qiang", "sign_order")
    does(api, "sun_qiang", "judge_order", next_step="own")
    (stage,) = clocks(api, number, "R01.stage")
    assert (at(stage["started_at"]), stage["stopped_at"]) == (begun, None)
    assert at(stage["due_at"]) == begun + timedelta(hours=41 + 5)


def test_work_sent_back_has_a_stage_of_its_own_and_the_reply_counts_from_the_feedback(api: Api) -> None:
    number = filed(api)
    does(api, "li_na", "accept_complaint")
    does(api, "wang_lei", "review_work_order")
    does(api, "wang_lei", "dispatch_order", target="business_department")
    does(api, "sun_qiang", "sign_order")
    does(api, "sun_qiang", "judge_order", next_step="own")
    does(api, "sun_qiang", "handle_complaint")
    does(api, "wang_lei", "audit_feedback", outcome="unqualified", audit_reason="未写明整改措施。")
    returned = api.office.clock.now()
    first, second = clocks(api, number, "R01.stage")
    assert first["stopped_at"] is not None
    assert (at(second["started_at"]), second["amount"]) == (returned, "41")
    (whole,) = clocks(api, number, "R01.all")
    assert (at(whole["started_at"]), whole["stopped_at"]) == (at("2026-03-02T09:00:00+08:00"), None)

    does(api, "sun_qiang", "judge_order", next_step="own")
    does(api, "sun_qiang", "handle_complaint")
    fed_back = api.office.clock.now()
    does(api, "wang_lei", "audit_feedback")
    (reply,) = clocks(api, number, "R01.reply")
    assert (at(reply["started_at"]), at(reply["due_at"])) == (fed_back, fed_back + timedelta(hours=2))


def test_what_comes_back_to_the_channel_has_a_fresh_hour_and_the_overall_limit_runs_on(api: Api) -> None:
    number = filed(api)
    given = {"answer": "已退费。", "customer_attitude": "accepted", "compensation_scope": "billing_error"}
    spot = {"outcome": "answered", "summary": None, **given, "compensation_amount": 300}
    does(api, "li_na", "accept_complaint", **spot)
    api.office.clock.advance(timedelta(hours=2))
    does(api, "sun_qiang", "approve_compensation", decision="refused", reason="账单未附。")
    first, second = clocks(api, number, "R01.fill")
    returned = api.office.clock.now()
    assert (first["stopped_at"] is not None, first["late"]) == (True, False)
    assert (at(second["started_at"]), at(second["due_at"])) == (returned, returned + timedelta(hours=1))
    (whole,) = clocks(api, number, "R01.all")
    assert (at(whole["started_at"]), whole["stopped_at"]) == (at("2026-03-02T09:00:00+08:00"), None)


def test_handling_again_has_an_overall_limit_of_its_own_from_the_decision_to_the_renewed_reply(
    api: Api,
) -> None:
    number = filed(api)
    does(api, "li_na", "accept_complaint")
    does(api, "wang_lei", "review_work_order", outcome="answer", answer="多收部分已冲减。")
    does(api, "wang_lei", "reply_to_customer")
    (whole,) = clocks(api, number, "R01.all")
    answered = api.office.clock.now()
    assert (at(whole["stopped_at"]), whole["late"], clocks(api, number, "R01.again")) == (answered, False, [])

    does(api, "sun_qiang", "revisit_customer", **DISSATISFIED)
    does(api, "sun_qiang", "review_dissatisfaction")
    decided = api.office.clock.now()
    (again,) = clocks(api, number, "R01.again")
    assert (at(again["started_at"]), again["amount"], again["stopped_at"]) == (decided, "48", None)
    does(api, "wang_lei", "dispatch_order", target="business_department")
    does(api, "sun_qiang", "sign_order")
    does(api, "sun_qiang", "judge_order", next_step="own")
    does(api, "sun_qiang", "handle_complaint")
    does(api, "wang_lei", "audit_feedback")
    does(api, "wang_lei", "reply_to_customer")
    (again,) = clocks(api, number, "R01.again")
    assert (at(again["stopped_at"]), again["late"]) == (api.office.clock.now(), False)
    (whole,) = clocks(api, number, "R01.all")
    assert at(whole["stopped_at"]) == answered
