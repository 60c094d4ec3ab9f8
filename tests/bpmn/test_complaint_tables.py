"""What the tables say that the complaint asks: acceptance, impossible facts, the closing, and levels and scores anywhere."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.bpmn import appeal_case, upgrade_case
from tests.bpmn.complaint_case import FACTS, NOTHING_LIKE_IT, ONE_LIKE_IT
from tests.bpmn.test_content_decisions import decide, table

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "found", "suggestion", "reason"),
    [
        ({}, NOTHING_LIKE_IT, "accepted", None),
        ({}, {**NOTHING_LIKE_IT, "numbers": None}, "accepted", None),
        ({"concerns": "partner", "relation": "agent"}, NOTHING_LIKE_IT, "accepted", None),
        ({}, ONE_LIKE_IT, "merged", None),
        ({"nature": "suggestion"}, ONE_LIKE_IT, "rejected", "no_complaint"),
        ({"concerns": "other_operator"}, NOTHING_LIKE_IT, "rejected", "not_our_service"),
        ({"relation": "other"}, NOTHING_LIKE_IT, "rejected", "not_the_party"),
        ({"taken_elsewhere": "court"}, NOTHING_LIKE_IT, "rejected", "taken_elsewhere"),
    ],
)
def test_acceptance_is_suggested_with_its_reason(
    changed: dict[str, Any], found: dict[str, Any], suggestion: str, reason: str | None
) -> None:
    said = decide("accept", {"result": {"find_duplicates": found}}, **changed)
    assert (said["suggestion"], said["reason"]) == (suggestion, reason)
    assert said["text"]
    assert said["text_en"]


def mistakes(**changed: Any) -> set[str]:
    case = copy.deepcopy(FACTS)
    for key, value in changed.items():
        inside, last = (case["customer"], key[9:]) if key.startswith("customer_") else (case, key)
        inside[last] = value
    if "signed" in case:
        case["customer_signed"] = case.pop("signed")
    outcome = table("complaint_facts").evaluate("complaint_facts", {"case": case}, now=lambda: NOW)
    assert not outcome.warnings, outcome.warnings
    for row in outcome.outputs:
        assert row["message_zh"]
        assert row["message"].isascii()
    return {row["path"] for row in outcome.outputs}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, set()),
        ({"business": None}, set()),
        ({"business": None, "customer_level": "vip"}, {"business"}),
        ({"customer_home_province": None}, {"customer.home_province"}),
        ({"occurred_at": "2026-03-02T09:01+08:00"}, {"occurred_at"}),
        ({"occurred_at": "2026-03-02T09:00:01+08:00"}, {"occurred_at"}),
        ({"occurred_at": "1989-12-31T10:00+08:00"}, {"occurred_at"}),
        ({"occurred_at": "1990-01-01T00:00+08:00"}, set()),
        ({"occurred_at": "2026-03-02T01:00:00.000Z"}, set()),
        ({"occurred_at": None}, set()),
        ({"recording_id": None}, {"recording_id"}),
        ({"recording_id": None, "recordings": ["a"]}, set()),
        ({"recording_id": None, "channel": "website"}, set()),
        ({"recording_id": None, "channel": "manager_hotline"}, {"recording_id"}),
        ({"channel": "hall"}, {"customer_signed"}),
        ({"channel": "account_manager", "signed": False}, {"customer_signed"}),
        ({"channel": "club", "signed": True}, set()),
        ({"channel": "community", "signature": ["a"]}, set()),
        ({"channel": "visit_centre", "unsigned_reason": "客户拒签"}, set()),
        ({"tags": ["group"]}, {"affected_count"}),
        ({"tags": ["group"], "affected_count": 2}, set()),
        ({"customer_kind": "group"}, {"customer.company"}),
        (
            {
                "business": None,
                "customer_level": "vip",
                "customer_home_province": None,
                "occurred_at": "2027-01-01T00:00+08:00",
                "channel": "hall",
                "tags": ["group"],
            },
            {"business", "customer.home_province", "occurred_at", "customer_signed", "affected_count"},
        ),
    ],
)
def test_every_impossible_fact_is_named_by_its_field(changed: dict[str, Any], wrong: set[str]) -> None:
    assert mistakes(**changed) == wrong


@pytest.mark.parametrize(
    ("loop", "closed", "wrong"),
    [
        ({}, {}, set()),
        ({"ending": "withdrawn"}, {}, {"closing_code"}),
        ({"ending": "withdrawn"}, {"closing_code": "withdrawn"}, set()),
        ({"ending": "not_accepted"}, {}, {"closing_code"}),
        ({}, {"closing_code": "withdrawn"}, {"closing_code"}),
        ({}, {"closing_code": "not_accepted"}, {"closing_code"}),
        ({"refused": True}, {"closing_code": "explained"}, {"closing_code"}),
        ({"refused": True}, {"closing_code": "resolved"}, {"closing_code"}),
        ({"refused": True}, {"closing_code": "unreachable"}, {"closing_code"}),
        ({"refused": True}, {"closing_code": "not_agreed"}, set()),
        ({"refused": True, "ending": "withdrawn"}, {"closing_code": "withdrawn"}, set()),
        ({}, {"cause": "customer"}, {"cause"}),
        ({}, {"cause": "product_defect", "responsibility": "customer"}, {"responsibility"}),
        ({"refused": True}, {"cause": "customer"}, {"closing_code", "cause"}),
    ],
)
def test_a_closing_that_contradicts_the_case_is_named(
    loop: dict[str, Any], closed: dict[str, Any], wrong: set[str]
) -> None:
    usual = {"closing_code": "resolved", "cause": "other", "responsibility": "company"}
    variables = {
        "loop": {"ending": "answered", "refused": False, **loop},
        "form": {"close_case": {**usual, **closed}},
    }
    assert {row["path"] for row in decide("closing_facts", variables)} == wrong


@pytest.mark.parametrize(
    ("result", "said", "wrong"),
    [
        ("explanation", {}, {"next_steps"}),
        ("explanation", {"attitude": "refused"}, {"next_steps"}),
        ("explanation", {"next_steps": "可向申诉受理机构申诉。"}, set()),
        ("explanation", {"attitude": "unreachable"}, set()),
        ("solved", {}, set()),
        (None, {}, set()),
    ],
)
def test_an_explanation_says_what_comes_next_and_where_else_to_go(
    result: str | None, said: dict[str, Any], wrong: set[str]
) -> None:
    handled = {"handle_complaint": {"result_type": result}} if result else {}
    answers = {"attitude": "accepted", "next_steps": None, **said}
    variables = {"form": {**handled, "reply_to_customer": answers}}
    assert {row["path"] for row in decide("reply_facts", variables)} == wrong


@pytest.mark.parametrize("regime", ["upgrade_complaint", "appeal"])
def test_a_case_that_states_little_is_graded_all_the_same(regime: str) -> None:
    """What a regime does not ask for is taken as the table's default, without a remark."""
    case = {"regime": regime, "customer": {"name": "某人"}}
    loop = {"dispatched": False, "coordination": "none"}
    variables: dict[str, Any] = {"case": case, "loop": loop, "decision": {"level": "national", "priority": 0}}
    said = {}
    for name in ("level", "priority", "clock", "revisit"):
        outcome = table(name).evaluate(name, variables)
        assert not outcome.warnings, outcome.warnings
        said[name] = outcome.outputs
    assert (said["level"], said["priority"], said["clock"]["stage_hours"]) == ("national", 0, 65)
    assert said["revisit"]["eligible"]


@pytest.mark.parametrize(
    ("coordination", "level"),
    [("none", "general"), ("headquarters", "national"), ("other_province", "national")],
)
def test_whoever_else_has_to_help_makes_it_national(coordination: str, level: str) -> None:
    assert decide("level", {"loop": {"dispatched": False, "coordination": coordination}}) == level


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, []),
        ({"occurred_at": None}, []),
        ({"occurred_at": "2026-03-02T09:01+08:00"}, ["occurred_at"]),
        ({"occurred_at": "1989-12-31T10:00+08:00"}, ["occurred_at"]),
    ],
)
def test_an_upgrade_complaint_happened_neither_tomorrow_nor_before_anybody_remembers(
    changed: dict[str, Any], wrong: list[str]
) -> None:
    outcome = table("upgrade_facts").evaluate(
        "upgrade_facts", {"case": {**upgrade_case.FACTS, **changed}}, now=lambda: NOW
    )
    assert not outcome.warnings, outcome.warnings
    assert [row["path"] for row in outcome.outputs] == wrong


@pytest.mark.parametrize("check", ["complaint_facts", "upgrade_facts", "appeal_facts"])
@pytest.mark.parametrize(
    ("wish", "field"),
    [("letter", "address"), ("fax", "fax"), ("email", "email"), ("phone", None), ("visit", None)],
)
def test_who_wants_the_answer_in_writing_says_where_it_goes(check: str, wish: str, field: str | None) -> None:
    usual = {"upgrade_facts": upgrade_case.FACTS, "appeal_facts": appeal_case.FACTS}.get(check, FACTS)
    for given in ({}, {"address": "文化路 1 号", "fax": "0371-67010001", "email": "a@b.cn"}):
        customer = {**usual["customer"], **dict.fromkeys(("address", "fax", "email")), **given}
        case = {**usual, "contact_method": wish, "customer": customer}
        found = table(check).evaluate(check, {"case": case}, now=lambda: NOW)
        assert not found.warnings
        missing = [f"customer.{field}"] if field and not given else []
        assert [row["path"] for row in found.outputs] == missing
