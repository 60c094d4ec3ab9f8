"""The ball-in-court ledger over HTTP."""

from __future__ import annotations

from engine.clock import FrozenClock
from tests.api.conftest import Api
from tests.tasks.deadlines.dispatching import refused_twice


def test_the_ledger_names_units_reasons_and_minutes(api: Api, clock: FrozenClock) -> None:
    number = refused_twice(api.office, clock)
    body = api("wang_lei", "GET", f"/cases/{number}/court").json
    assert (body["running"], body["minutes"]) == (True, 21 * 60)
    third = body["segments"][2]
    assert third == {
        "from": "2026-03-02T12:00:00.000+08:00",
        "to": "2026-03-02T15:00:00.000+08:00",
        "minutes": 180,
        "working_minutes": third["working_minutes"],
        "unit": {"code": "henan_billing", "name": "河南计费部"},
        "holder": {"code": "henan_centre", "name": "河南中心"},
        "reason": "refusal",
        "reason_zh": "退单",
        "activity_id": "send_order",
        "activity": "派发",
    }
    assert [one["to"] for one in body["segments"][:-1]] == [one["from"] for one in body["segments"][1:]]
    billing = next(one for one in body["by_unit"] if one["unit"]["code"] == "henan_billing")
    assert (billing["minutes"], billing["refusals"]) == (300, 1)
    assert billing["reasons"] == [{"reason": "refusal", "reason_zh": "退单", "minutes": 300}]
    assert {one["activity_id"]: one["minutes"] for one in body["by_stage"]} == {
        "send_order": 540,
        "sign": 720,
    }
    assert {one["reason"] for one in body["by_reason"]} == {"refusal", "handling"}


def test_the_ledger_of_a_confidential_case_is_for_those_who_have_it_in_their_hands(
    api: Api, clock: FrozenClock
) -> None:
    number = refused_twice(api.office, clock)
    assert api("he_jing", "GET", f"/cases/{number}/court").status_code == 200
    marked = {"confidential": True, "reason": "名人"}
    assert api("sun_qiang", "PUT", f"/cases/{number}/confidential", marked).status_code == 204
    assert api("he_jing", "GET", f"/cases/{number}/court").status_code == 404
    assert api("wang_lei", "GET", f"/cases/{number}/court").status_code == 200
