"""Clocks over the API: what is left, why one stands still, and every refusal as a problem document."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from tasks.deadlines.clocks.tables import Clock
from tests.tasks.drawings import one_task
from tests.tasks.office import FACTS


def filed(api: Any) -> tuple[str, dict[str, Any]]:
    number = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json["number"]
    (clock,) = api("li_na", "GET", f"/cases/{number}/clocks").json["items"]
    return number, clock


def test_a_clerk_sees_due_warning_what_is_left_and_why_it_stands_still(api: Any) -> None:
    number, clock = filed(api)
    assert (clock["code"], clock["state"], clock["amount"], clock["unit"]) == ("T.check", "running", "4", "h")
    assert clock["due_at"] == "2026-03-02T13:00:00.000+08:00"
    assert clock["warn_at"] == "2026-03-02T11:00:00.000+08:00"
    assert clock["left"] == {"seconds": 4 * 3600, "office_seconds": 3 * 3600, "working_days": 0}
    api.office.clock.advance(timedelta(hours=1))
    paused = api("li_na", "POST", f"/cases/{number}/clocks/pause", {"reason": "customer", "note": "等回电"})
    (standing,) = paused.json["items"]
    assert (standing["state"], standing["paused_by"], standing["pause_note"]) == ("paused", "李楠", "等回电")
    api.office.clock.advance(timedelta(hours=2))
    seen = api("li_na", "GET", f"/clocks/{clock['id']}").json
    assert (seen["due_at"], seen["warn_at"], seen["late"]) == (None, None, False)
    assert seen["left"]["seconds"] == 3 * 3600, "what is left stays, however long it stands still"
    (task,) = api("li_na", "GET", f"/tasks?list=queue&number={number}").json["items"]
    assert (task["due_at"], task["clock"]["due_at"]) == (None, None)
    assert (task["clock"]["state"], task["clock"]["left"]["natural_minutes"]) == ("paused", 180)
    assert [each["reason"] for each in seen["pauses"]] == ["customer"]
    gone_on = api("li_na", "POST", f"/clocks/{clock['id']}/resume", {}).json
    assert (gone_on["state"], gone_on["due_at"]) == ("running", "2026-03-02T15:00:00.000+08:00")
    assert [each["cause"] for each in gone_on["revisions"]] == ["start", "pause:customer", "resume:customer"]


def test_more_time_is_asked_for_and_decided_on(api: Any) -> None:
    _, clock = filed(api)
    asked = api(
        "li_na",
        "POST",
        f"/clocks/{clock['id']}/extensions",
        {"amount": "1.5", "reason": "等厂家", "promise_until": "2026-03-02T18:00:00+08:00"},
    )
    assert asked.status_code == 201, asked.text
    (request,) = asked.json["requests"]
    assert (request["amount"], request["asked_by"], request["state"]) == ("1.5", "李楠", "requested")
    assert asked.json["promised_at"] == "2026-03-02T18:00:00.000+08:00"
    decide = f"/clocks/{clock['id']}/requests/{request['id']}/decide"
    assert api("li_na", "POST", decide, {"approve": True}).status_code == 403
    done = api("sun_qiang", "POST", decide, {"approve": True, "note": "同意"}).json
    assert done["due_at"] == "2026-03-02T14:30:00.000+08:00"
    assert (done["requests"][0]["state"], done["extended"]) == ("approved", "1.5")
    again = api("sun_qiang", "POST", decide, {"approve": True})
    assert (again.status_code, "approved by 孙强" in again.json["detail"]) == (409, True)
    nowhere = api("sun_qiang", "POST", f"/clocks/{clock['id']}/requests/{uuid4()}/decide", {"approve": True})
    assert nowhere.status_code == 404


def test_bad_input_is_a_clear_refusal_and_changes_nothing(api: Any) -> None:
    number, clock = filed(api)
    here = f"/clocks/{clock['id']}"
    bad = [
        (f"{here}/pause", {"reason": "weather"}, 422),
        (f"{here}/pause", {"reason": "customer", "from_at": "2020-01-01T00:00:00+08:00"}, 422),
        (f"{here}/pause", {"reason": "customer", "from_at": "2026-02-30T00:00:00+08:00"}, 422),
        (f"{here}/resume", {}, 409),
        (f"{here}/extensions", {"amount": "0", "reason": "x"}, 422),
        (f"{here}/extensions", {"amount": "NaN", "reason": "x"}, 422),
        (f"{here}/extensions", {"amount": "1", "reason": "  "}, 422),
        (f"{here}/promises", {"until": "2020-01-01T00:00:00+08:00"}, 422),
        (f"/cases/{number}/clocks/resume", {}, 409),
    ]
    for path, body, status in bad:
        answer = api("li_na", "POST", path, body)
        assert (answer.status_code, answer.json["status"]) == (status, status), (path, answer.text)
    after = api("li_na", "GET", here).json
    assert (after["revision"], after["pauses"], after["requests"], after["promises"]) == (1, [], [], [])


def test_a_repeated_call_with_the_same_key_pauses_once(api: Any) -> None:
    _, clock = filed(api)
    path = f"/clocks/{clock['id']}/pause"
    first = api("li_na", "POST", path, {"reason": "customer"}, key="k-1")
    assert first.json == api("li_na", "POST", path, {"reason": "customer"}, key="k-1").json


def test_far_units_and_bodies_outside_learn_nothing_of_a_clock(api: Any) -> None:
    _, clock = filed(api)
    for path in (f"/clocks/{clock['id']}", f"/clocks/{uuid4()}"):
        answer = api("chen_yu", "GET", path)
        assert (answer.status_code, "no such clock for you" in answer.json["detail"]) == (404, True)


def test_a_clock_of_an_instance_without_a_case_is_for_whoever_sees_the_instance(api: Any) -> None:
    office = api.office
    office.deploy(one_task("bare", "", '<camunda:property name="sla.policy" value="T.check"/>'))
    with office.acting("li_na") as (session, caller):
        office.deps.engine.start(session, "bare", business_key="K-7", actor=caller.actor)
    clock = office.scalar(sa.select(Clock.id).where(Clock.number == "K-7"))
    seen = api("li_na", "GET", f"/clocks/{clock}")
    assert (seen.status_code, seen.json["number"]) == (200, "K-7")
    paused = api("li_na", "POST", f"/clocks/{clock}/pause", {"reason": "customer"})
    assert (paused.status_code, paused.json["state"]) == (200, "paused")
    assert api("li_na", "POST", f"/clocks/{clock}/resume", {}).json["state"] == "running"
    for login in ("he_jing", "sun_qiang", "chen_yu"):
        answer = api(login, "GET", f"/clocks/{clock}")
        made_up = api(login, "GET", f"/clocks/{(other := uuid4())}")
        assert answer.status_code == made_up.status_code == 404
        assert answer.json["detail"].replace(str(clock), "") == made_up.json["detail"].replace(str(other), "")


def test_people_are_named_wherever_a_clock_says_who_did_something(api: Any) -> None:
    _, clock = filed(api)
    here = f"/clocks/{clock['id']}"
    api("li_na", "POST", f"{here}/promises", {"until": "2026-03-02T18:00:00+08:00"})
    api("li_na", "POST", f"{here}/pause", {"reason": "customer"})
    told = api("he_jing", "POST", f"{here}/resume", {}).json
    assert [each["by"] for each in told["revisions"]] == ["system", "李楠", "何菁"]
    assert [(each["begun_by"], each["ended_by"]) for each in told["pauses"]] == [("李楠", "何菁")]
    assert [each["made_by"] for each in told["promises"]] == ["李楠"]
