"""The ball-in-court ledger over HTTP."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from engine.clock import FrozenClock
from tasks.core import table
from tasks.deadlines.clocks.tables import Clock
from tests.api.conftest import Api
from tests.tasks.deadlines.court.dispatching import refused_twice
from tests.tasks.deadlines.court.test_holdings import a_clock


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


def test_the_figures_of_clocks_are_for_supervisors_and_say_when_there_is_nothing_to_rate(
    api: Api, clock: FrozenClock
) -> None:
    api.office.file()
    task = api.office.task("check_request")
    api.office.claim("li_na", task.id)
    clock.advance(timedelta(hours=6))
    api.office.complete("li_na", task.id, {"outcome": "close"})
    assert api("li_na", "GET", "/clocks/outcomes").status_code == 403
    (row,) = api("sun_qiang", "GET", "/clocks/outcomes?code=T.check&by=unit,level").json["items"]
    assert row["unit"] == {"code": "henan_hotline", "name": "河南热线"}
    assert (row["count"], row["late"], row["limit_rate"], row["promise_rate"]) == (1, 1, 0.0, None)
    assert (row["mean_delay_hours"], row["delay_time"]) == (2.0, "natural")
    assert api("sun_qiang", "GET", "/clocks/outcomes?first=2026-03-05&last=2026-03-01").status_code == 422
    assert api("sun_qiang", "GET", "/clocks/outcomes?by=customer").status_code == 422


def test_a_task_and_its_case_show_how_their_clock_stands(api: Api, clock: FrozenClock) -> None:
    filed = api.office.file()
    task = api.office.task("check_request")
    clock.advance(timedelta(hours=3))
    listed = api("li_na", "GET", "/tasks?list=queue").json["items"][0]
    assert (listed["lateness"], listed["paused_at"]) == ("warned", None)
    shown = listed["clock"]
    assert (shown["code"], shown["state"], shown["due"]) == ("T.check", "warned", "2026-03-02 13:00")
    assert shown["left"] == {"natural_minutes": 60, "working_days": None, "office_minutes_today": None}
    assert (shown["as_of"], shown["provisional"]) == ("2026-03-02T12:00:00.000+08:00", False)
    assert api("li_na", "GET", f"/tasks/{task.id}").json["clock"] == shown
    of_case = {**a_clock(task, clock), "kind": "case", "token_id": filed.instance_id, "due_at": None}
    of_case.update(paused_at=clock.now(), pause_reason="customer", number=filed.number)
    with api.office.deps.sessions.begin() as session:
        session.execute(sa.insert(table(Clock)).values(of_case))
    case = api("li_na", "GET", "/cases").json["items"][0]
    assert (case["clock"]["state"], case["clock"]["pause_reason"]) == ("paused", "customer")
    assert api("li_na", "GET", f"/cases/{filed.number}").json["clock"] == case["clock"]
