"""What an appeal must state to be filed, and what each of its four conclusions must prove (003§4.6.2)."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.expressions.dmn import read_decisions
from tests.bpmn.appeal_case import CONCLUDED, DIRECT, EVIDENCE, FACTS, LATE, PRIOR, earlier
from tests.bpmn.drawing import CONTENT
from tests.bpmn.playing import form

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LOOP: dict[str, Any] = {
    "ended_by": None,
    "appealed_at": "2026-03-02T09:00:00+08:00",
    "appealed_on": "2026-02-27",
}
PROPER: dict[str, Any] = {
    **CONCLUDED,
    "conclusion": "handled_properly",
    "company_responsibility": "partial",
    "prior_case": PRIOR,
    "handling_basis": "《电信服务规范》第十条，已按规定退费。",
    "demand_unfounded": True,
    "unfounded_basis": "三倍赔偿没有政策和法律依据。",
    "statistics_mark": "not_counted",
}
CANCELLED: dict[str, Any] = {
    **CONCLUDED,
    "conclusion": "case_cancelled",
    "company_responsibility": "none",
    "company_harm": "no",
    "faults": None,
    "cause": "customer",
    "responsibility": "none",
    "cancel_ground": "decided_elsewhere",
    "deciding_body": "court",
    "decided_on": "2026-02-20",
    "paper": "（2026）豫0105民初1号判决书",
    "statistics_mark": "not_counted",
}
CUSTOMER: dict[str, Any] = {
    **CANCELLED,
    "conclusion": "customer_cause",
    "cancel_ground": None,
    "deciding_body": None,
    "decided_on": None,
    "paper": None,
    "customer_fault": "own_operation",
    "responsibility": "customer",
}


def mistakes(name: str, variables: dict[str, Any]) -> list[str]:
    """The fields the table objects to, in the order of its rows."""
    model = read_decisions((CONTENT / "decisions" / f"{name}.dmn").read_bytes(), f"{name}.dmn")
    outcome = model.evaluate(name, variables, now=lambda: NOW)
    assert not outcome.warnings, outcome.warnings
    for row in outcome.outputs:
        assert set(row) == {"path", "message_zh", "message"}
        assert row["message_zh"]
        assert row["message"].isascii() or PRIOR in row["message"]
    return [row["path"] for row in outcome.outputs]


def filed(**changed: Any) -> list[str]:
    facts = copy.deepcopy(FACTS)
    facts["customer"]["home_province"] = changed.pop("home_province", "henan")
    return mistakes("appeal_facts", {"case": {**facts, **changed}})


def concluded(
    answers: dict[str, Any],
    *,
    evidence: dict[str, Any] = EVIDENCE,
    loop: dict[str, Any] = LOOP,
    **changed: Any,
) -> list[str]:
    fields = dict.fromkeys(form("conclude_appeal").paths)
    given = {**fields, **answers, **changed}
    return mistakes(
        "conclusion",
        {"form": {"conclude_appeal": given}, "result": {"evidence": evidence}, "loop": loop, "case": FACTS},
    )


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({}, []),
        (DIRECT, []),
        ({"regulator": None}, ["regulator"]),
        ({"regulator": "other"}, ["other_authority"]),
        ({"regulator": "other", "other_authority": "省工商局"}, []),
        ({"regulator_case_number": None}, ["regulator_case_number"]),
        ({"filing_kind": None}, ["filing_kind"]),
        ({"transferred_on": None}, ["transferred_on"]),
        ({"transferred_on": "2026-03-03"}, ["transferred_on"]),
        ({"transferred_on": "1989-12-31", "appealed_on": None, "reply_by": None}, ["transferred_on"]),
        ({"transferred_on": "2024-03-02", "appealed_on": None, "reply_by": None}, []),
        ({"reply_by": "2026-03-01"}, ["reply_by"]),
        ({"reply_by": "9999-12-31"}, ["reply_by"]),
        ({"reply_by": "2027-03-02"}, []),
        ({"reply_by": None}, []),
        ({"appealed_on": "2026-03-03"}, ["appealed_on"]),
        ({"originals": None}, ["originals"]),
        ({"originals": []}, ["originals"]),
        ({"home_province": None}, ["customer.home_province"]),
        ({**DIRECT, "prior_numbers": None}, ["prior_note"]),
        ({**DIRECT, "prior_numbers": None, "prior_note": "一月在营业厅投诉过。"}, []),
        ({"prior_numbers": None}, []),
    ],
)
def test_what_is_missing_or_contradicts_is_named(changed: dict[str, Any], paths: list[str]) -> None:
    assert filed(**changed) == paths


def test_all_mistakes_of_an_appeal_are_named_at_once() -> None:
    nothing = dict.fromkeys(("regulator_case_number", "filing_kind", "originals", "home_province"))
    wrong = filed(**nothing, reply_by="2026-02-01")
    assert set(wrong) == {
        "regulator_case_number",
        "filing_kind",
        "originals",
        "customer.home_province",
        "reply_by",
    }


@pytest.mark.parametrize("answers", [CONCLUDED, PROPER, CANCELLED, CUSTOMER])
def test_each_conclusion_stands_with_its_evidence(answers: dict[str, Any]) -> None:
    assert concluded(answers) == []


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"company_responsibility": "none"}, ["company_responsibility"]),
        ({"faults": None}, ["faults"]),
        ({"faults": ["evasion"]}, []),
        ({"company_harm": "no"}, ["company_harm"]),  # §4.6.2 第1项 侵害了用户权益
        ({"faults": ["evasion"], "company_harm": "no"}, []),
        ({"responsibility": "partner"}, []),
        ({"responsibility": "customer"}, ["responsibility"]),
        ({"faults": ["late_report"], "company_responsibility": "partial"}, []),
    ],
)
def test_conclusion_one_names_what_the_company_did_wrong(changed: dict[str, Any], paths: list[str]) -> None:
    assert concluded(CONCLUDED, **changed) == paths


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"company_responsibility": "none"}, ["company_responsibility"]),
        ({"company_responsibility": "full"}, ["company_responsibility"]),
        ({"faults": ["error", "inadequate"]}, ["faults"]),
        ({"faults": ["late_report"]}, ["faults"]),
        ({"prior_case": None}, ["prior_case"]),
        ({"prior_case": "TS-unlinked"}, ["prior_case"]),
        ({"prior_case": LATE}, ["prior_case"]),
        ({"handling_basis": None}, ["handling_basis"]),
        ({"demand_unfounded": False}, ["demand_unfounded"]),
        ({"unfounded_basis": None}, ["demand_unfounded"]),
        ({"statistics_mark": "counted"}, ["statistics_mark"]),
    ],
)
def test_conclusion_two_demands_a_proper_answer_before_the_appeal(
    changed: dict[str, Any], paths: list[str]
) -> None:
    assert concluded(PROPER, **changed) == paths


def pack(*cases: dict[str, Any]) -> dict[str, Any]:
    return {"cases": list(cases), "numbers": [case["number"] for case in cases]}


@pytest.mark.parametrize(
    ("case", "stands"),
    [
        (earlier(PRIOR, at="2026-02-27T12:00:00+00:00"), True),  # that day, eight in the evening
        (earlier(PRIOR, at="2026-02-27T16:00:01+00:00"), False),  # past midnight in Shanghai: the next day
        (earlier(PRIOR, at="2026-03-05T02:00:00+00:00"), False),
        (earlier(PRIOR, at=None), False),
        (earlier(PRIOR, in_limit=False), False),
        (earlier(PRIOR, in_limit=None), False),
    ],
)
def test_only_a_final_reply_in_its_limit_before_the_appeal_counts(case: dict[str, Any], stands: bool) -> None:
    assert (concluded(PROPER, evidence=pack(case)) == []) is stands


def test_conclusion_two_without_any_linked_case_names_that_alone() -> None:
    assert concluded(PROPER, evidence=pack(), prior_case=None) == ["prior_case"]


def test_a_direct_appeal_counts_what_was_answered_before_it_was_filed() -> None:
    direct = {**LOOP, "appealed_on": None}
    assert concluded(PROPER, loop=direct) == []
    late = pack(earlier(PRIOR, at="2026-03-02T01:00:00+00:00"))  # the very instant
    assert concluded(PROPER, loop=direct, evidence=late) == ["prior_case"]


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"cancel_ground": None}, ["cancel_ground"]),
        ({"decided_on": None}, ["decided_on"]),
        ({"deciding_body": None}, ["decided_on"]),
        ({"paper": None}, ["paper"]),
        ({"cancel_ground": "impersonation", "decided_on": None, "deciding_body": None}, []),
        ({"cancel_ground": "not_party", "paper": None}, ["paper"]),
        ({"statistics_mark": "counted"}, ["statistics_mark"]),
    ],
)
def test_conclusion_three_needs_a_decision_or_the_wrong_party_and_its_paper(
    changed: dict[str, Any], paths: list[str]
) -> None:
    assert concluded(CANCELLED, **changed) == paths


def test_what_a_message_has_proven_need_not_be_typed_again() -> None:
    nothing = dict.fromkeys(("cancel_ground", "deciding_body", "decided_on", "paper"))
    for reason, ground in (("decided_elsewhere", "decided_elsewhere"), ("not_party", "impersonation")):
        ending = {"reason": reason, "ground": ground, "paper": "判决书"}
        assert concluded(CANCELLED, loop={**LOOP, "ended_by": ending}, **nothing) == []
    withdrawn = {"reason": "regulator_withdraw", "ground": None, "paper": "撤1"}
    assert concluded(CANCELLED, loop={**LOOP, "ended_by": withdrawn}, **nothing) == ["cancel_ground"]


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"customer_fault": None}, ["customer_fault"]),
        ({"company_harm": "yes"}, ["company_harm"]),
        ({"responsibility": "company"}, ["responsibility"]),
        ({"company_responsibility": "partial"}, ["company_responsibility"]),
        ({"faults": ["error"]}, ["faults"]),
        ({"statistics_mark": "counted"}, ["statistics_mark"]),
    ],
)
def test_conclusion_four_needs_the_users_fault_and_no_harm_by_the_company(
    changed: dict[str, Any], paths: list[str]
) -> None:
    assert concluded(CUSTOMER, **changed) == paths
