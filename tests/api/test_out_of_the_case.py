"""What operators and process owners see of instances, who do not see the case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasks.cases.numbers import check_digit
from tasks.permissions.technical import TOLD, WITHHELD
from tests.api.matrix.world import STUCK
from tests.tasks.office import FACTS

SECRETS = ("张三", "13800000000", "退费", "按客户意愿")


@pytest.fixture
def instance(api: Any) -> str:
    """The instance of a case with an answer, a message's payload and a reason in its history."""
    case = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json
    task = case["tasks"][0]["id"]
    api("li_na", "POST", f"/tasks/{task}/claim")
    api(
        "li_na",
        "POST",
        f"/tasks/{task}/complete",
        {"answers": {"outcome": "forward", "unit": "henan_network"}},
    )
    message = {"name": "withdraw", "payload": {"text": "按客户意愿"}}
    assert api("li_na", "POST", f"/cases/{case['number']}/messages", message).status_code == 200
    return str(case["instance_id"])


def test_an_operator_sees_where_an_instance_is_and_nothing_of_its_case(api: Any, instance: str) -> None:
    seen = api("tang_wei", "GET", f"/instances/{instance}")
    assert seen.status_code == 200 and seen.json["status"] == "completed"
    lines = api("tang_wei", "GET", f"/instances/{instance}/history").json["items"]
    told = json.dumps([seen.json, lines], ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in told]
    assert all(set(line["data"] or {}) <= set(TOLD.get(line["kind"], ())) for line in lines)
    inside = json.dumps(api("li_na", "GET", f"/instances/{instance}/history").json, ensure_ascii=False)
    assert "按客户意愿" in inside


def test_an_operator_sees_that_an_activity_failed_and_not_the_sentence(api: Any) -> None:
    api.office.deploy(STUCK)
    case = api("li_na", "POST", "/cases/stuck", {"facts": {}}).json
    (resting,) = api("tang_wei", "GET", "/incidents").json["items"]
    assert resting["message"] == WITHHELD and resting["kind"] == "condition"
    read = api("li_na", "GET", f"/instances/{case['instance_id']}").json["incidents"][0]
    assert read["message"] != WITHHELD
    assert api("tang_wei", "POST", f"/incidents/{resting['id']}/retry").status_code == 202


def test_the_number_of_an_unseen_case_is_no_business_key_for_a_process_of_ones_own(api: Any) -> None:
    number = api("li_na", "POST", "/cases/request", {"facts": FACTS}).json["number"]
    digits = "TS202603020000090000001"
    made_up = digits + check_digit(digits)
    answers = []
    for asked in (number, made_up):
        body = {"process_key": "request", "business_key": asked}
        answer = api("tang_wei", "POST", "/process-instances", body)
        answers.append((answer.status_code, answer.text.replace(asked, "…")))
    assert answers[0] == answers[1] and answers[0][0] == 404


def test_an_instance_without_a_case_is_for_those_who_run_processes_and_who_started_it(api: Any) -> None:
    started = api("lu_jian", "POST", "/process-instances", {"process_key": "request", "business_key": "K-1"})
    path = f"/instances/{started.json['id']}"
    statuses = {login: api(login, "GET", path).status_code for login in ("lu_jian", "tang_wei", "sun_qiang")}
    assert statuses == {"lu_jian": 200, "tang_wei": 200, "sun_qiang": 404}
