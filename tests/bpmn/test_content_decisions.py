"""What the tables of bpmn/decisions say, case by case, and that the whole folder passes the deployment check."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pytest

from engine.dialect import compile_files
from engine.expressions.dmn import DecisionModel, read_decisions
from tasks.listener import ALWAYS
from tests.bpmn.complaint_case import FACTS
from tests.bpmn.drawing import CONTENT, drawings
from tests.bpmn.playing import content
from tests.bpmn.test_content_office import start_form
from tests.bpmn.test_content_rules import OPERATIONS


@cache
def table(name: str) -> DecisionModel:
    return read_decisions((CONTENT / "decisions" / f"{name}.dmn").read_bytes(), f"{name}.dmn")


def decide(name: str, variables: dict[str, Any], **changed: Any) -> Any:
    case = copy.deepcopy(FACTS)
    for key, value in changed.items():
        inside, last = (case["customer"], key[9:]) if key.startswith("customer_") else (case, key)
        inside[last] = value
    outcome = table(name).evaluate(name, {"case": case, **variables})
    assert not outcome.warnings, outcome.warnings
    return outcome.outputs


def test_the_office_content_passes_the_deployment_check_without_a_remark() -> None:
    compiled = compile_files(content(), operations=OPERATIONS, functions={"due", "warn"}, facts=ALWAYS)
    assert [f"{each.file} {each.element_id}: {each.message}" for each in compiled.findings] == []
    assert {model.key for model in compiled.models} == {drawing.key for drawing in drawings()}


@pytest.mark.parametrize(
    ("changed", "dispatched", "level"),
    [
        ({}, False, "general"),
        ({}, True, "provincial"),
        ({"customer_level": "vip"}, True, "provincial"),
        ({"occurred_province": "other"}, False, "national"),
        ({"occurred_province": "zhejiang"}, True, "national"),
        ({"problem_type": "interconnection"}, False, "national"),
        ({"occurred_province": "zhejiang", "customer_home_province": "zhejiang"}, False, "general"),
    ],
)
def test_the_level_says_who_has_to_solve_it(changed: dict[str, Any], dispatched: bool, level: str) -> None:
    loop = {"dispatched": dispatched, "coordination": "none"}
    assert decide("level", {"loop": loop}, **changed) == level


@pytest.mark.parametrize(
    ("changed", "score"),
    [
        ({}, 0),
        ({"customer_level": "vip"}, 7),
        ({"service_interrupted": True}, 13),
        ({"affected_count": 20}, 27),
        ({"affected_count": 19}, 0),
        ({"affected_count": None, "tags": None, "service_interrupted": None}, 0),
        ({"tags": ["group"]}, 27),
        ({"tags": ["media"]}, 53),
        ({"tags": ["judicial"]}, 53),
        ({"tags": ["regulator"]}, 53),
        ({"tags": ["media", "group"], "service_interrupted": True, "customer_level": "vip"}, 100),
    ],
)
def test_priority_adds_up_severity_breadth_urgency_and_importance(
    changed: dict[str, Any], score: int
) -> None:
    assert decide("priority", {}, **changed) == score


def test_each_reason_outweighs_all_lesser_ones_together() -> None:
    all_lesser = {"tags": ["group"], "service_interrupted": True, "customer_level": "vip"}
    assert decide("priority", {}, tags=["media"]) > decide("priority", {}, **all_lesser)
    assert decide("priority", {}, tags=["group"]) > decide(
        "priority", {}, service_interrupted=True, customer_level="vip"
    )
    assert decide("priority", {}, service_interrupted=True) > decide("priority", {}, customer_level="vip")


@pytest.mark.parametrize(
    ("level", "changed", "reply", "stage"),
    [
        ("general", {}, 24, 17),
        ("general", {"customer_level": "vip"}, 24, 17),
        ("provincial", {}, 48, 41),
        ("provincial", {"customer_level": "vip"}, 48, 17),
        ("provincial", {"customer_network": "3g"}, 48, 17),
        ("national", {}, 72, 65),
        ("national", {"customer_level": "vip"}, 72, 41),
        ("national", {"customer_network": "3g"}, 72, 41),
    ],
)
def test_limits_follow_the_level_and_vip_and_3g_customers_get_the_lower_one(
    level: str, changed: dict[str, Any], reply: int, stage: int
) -> None:
    said = decide("clock", {"decision": {"level": level}}, **changed)
    assert (said["reply_hours"], said["stage_hours"]) == (reply, stage)
    assert said["promise"].startswith("我们将在")


@pytest.mark.parametrize(
    ("business", "problem", "unit", "clear"),
    [
        ("service_channel", "other", "henan_channels", True),
        ("gsm", "staff_attitude", "henan_channels", True),
        ("gsm", "network_quality", "henan_network", True),
        ("leased_line", "interconnection", "henan_network", True),
        ("wcdma", "roaming", "henan_network", True),
        ("gsm", "bill_dispute", "henan_billing", True),
        ("broadband", "billing", "henan_billing", True),
        ("sms_service", "subscription", "henan_market", True),
        ("broadband", "other", "henan_network", False),
        ("card", "other", "henan_market", False),
    ],
)
def test_the_kind_of_problem_finds_the_department_and_an_unclear_one_the_owner_of_the_business(
    business: str, problem: str, unit: str, clear: bool
) -> None:
    said = decide("routing", {"loop": {"business": business, "problem_type": problem}})
    assert (f"henan_{said['department']}", said["clear"]) == (unit, clear)


def test_every_business_and_problem_of_the_start_form_finds_a_department() -> None:
    options = {
        part["key"]: [option["value"] for option in part.get("values", ())]
        for part in start_form()["components"]
        if "key" in part
    }
    for business in options["business"]:
        for problem in options["problem_type"]:
            assert decide("routing", {"loop": {"business": business, "problem_type": problem}})["department"]


ORDER = {
    "holders": ["person@feng_bo"],
    "superior": ["person@sun_qiang"],
    "chain": ["person@sun_qiang", "person@shen_yun"],
    "headquarters": ["person@shen_yun"],
}


def supervised(**changed: Any) -> dict[str, Any]:
    usual = {"reason": "warning", "hours": 0, "claimed": True, "level": "general", "priority": 0}
    said: dict[str, Any] = decide("supervise", {"loop": {"order": {**ORDER, **usual, **changed}}})
    return said


@pytest.mark.parametrize(
    ("reason", "hours", "whom"),
    [
        ("warning", 0, "holders"),
        ("urge", 0, "holders"),
        ("overdue", 0, "superior"),
        ("overdue", 4, "superior"),
        ("overdue", 24, "headquarters"),
        ("overdue", 72, "headquarters"),
    ],
)
def test_a_warning_is_the_holders_and_what_is_overdue_climbs(reason: str, hours: float, whom: str) -> None:
    for claimed in (True, False):
        for level in ("general", "provincial", "national", None):
            said = supervised(reason=reason, hours=hours, claimed=claimed, level=level)
            assert said["order"] == ORDER[whom]
            assert said["text"]
            assert said["text_en"]


@pytest.mark.parametrize(
    ("reason", "level", "priority", "told"),
    [
        ("warning", "general", 0, False),
        ("warning", "national", 0, True),
        ("warning", "provincial", 53, True),
        ("urge", "general", 27, False),
        ("urge", "national", 0, True),
        ("urge", "general", 60, True),
        ("overdue", "general", 27, False),
        ("overdue", "national", 0, True),
        ("overdue", "provincial", 53, True),
    ],
)
def test_headquarters_hears_of_national_and_severe_cases_only(
    reason: str, level: str, priority: int, told: bool
) -> None:
    said = supervised(reason=reason, level=level, priority=priority)
    assert ("person@shen_yun" in said["informed"]) is told
    assert ("催办" in said["text"]) == (reason == "urge")


def test_nobody_having_taken_it_is_said() -> None:
    assert "签收" in supervised(claimed=False)["text"]
    assert "签收" in supervised(reason="overdue", claimed=False)["text"]
    assert "签收" not in supervised(claimed=True)["text"]
