"""Signals over the API: who may throw them, whom they reach, once per idempotency key."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.signals import Signal
from engine.testing import run_jobs_until_idle
from tests.engine.diagrams import process

OWNER, OPERATOR, STAFF = "lu_jian", "tang_wei", "li_na"
WAITER = process("waiter", "start s", "catch w signal=holiday", "user z", "end e", "s -> w -> z -> e")


def started(api: Any) -> str:
    with api.office.acting(OWNER) as (session, caller):
        api.office.deps.engine.deploy(session, [WAITER], actor=caller.actor, name="waiter")
    answer = api(OPERATOR, "POST", "/process-instances", {"process_key": "waiter", "business_key": "W-1"})
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def test_a_signal_moves_who_waits_for_it_and_repeating_the_call_throws_it_once(api: Any) -> None:
    instance = f"/instances/{started(api)}"
    assert api(OPERATOR, "GET", instance).json["signals"] == [{"name": "holiday", "activity_id": "w"}]
    for _ in range(2):
        answer = api(OPERATOR, "POST", "/signals", {"name": "holiday", "payload": {"days": 3}}, key="once")
        assert (answer.status_code, answer.json) == (202, {"name": "holiday", "waiting": 1})
    with api.office.acting(OPERATOR) as (session, _):
        assert session.scalar(sa.select(sa.func.count()).select_from(Signal)) == 1
    run_jobs_until_idle(api.office.deps.engine, api.office.deps.sessions)
    shown = api(OPERATOR, "GET", instance).json
    assert shown["signals"] == []
    assert [one["activity_id"] for one in shown["activities"]] == ["z"]
    lines = api(OPERATOR, "GET", f"{instance}/history").json["items"]
    assert [
        (one["activity_id"], one["actor_id"] != "system") for one in lines if one["kind"] == "signal_caught"
    ] == [("w", True)]


def test_a_signal_nobody_waits_for_is_accepted_and_one_that_is_too_large_is_not(api: Any) -> None:
    assert api(OWNER, "POST", "/signals", {"name": "unheard"}).json["waiting"] == 0
    large = api(OWNER, "POST", "/signals", {"name": "holiday", "payload": {"text": "x" * 70_000}})
    assert large.status_code in (413, 422), large.json
    assert api(OWNER, "POST", "/signals", {"name": ""}).status_code == 422
    assert api(STAFF, "POST", "/signals", {"name": "holiday"}).status_code == 403
