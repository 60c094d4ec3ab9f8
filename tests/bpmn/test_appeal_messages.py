"""What the messages of an appeal must say of their days to be taken, and which of them is taken once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bpmn.drawing import drawings
from tests.bpmn.test_appeal_decisions import mistakes
from tests.bpmn.test_content_rules import _properties


@pytest.mark.parametrize(
    ("table", "element", "carried", "paths"),
    [
        ("more_facts", "more_asked", {"reply_by": None}, []),
        ("more_facts", "more_asked", {"reply_by": "1999-01-01"}, ["reply_by"]),
        ("more_facts", "more_asked", {"reply_by": "2026-01-30"}, ["reply_by"]),
        ("more_facts", "more_asked", {"reply_by": "2026-01-31"}, []),
        ("more_facts", "more_asked_late", {"reply_by": "2027-03-02"}, []),
        ("more_facts", "more_asked_late", {"reply_by": "9999-12-31"}, ["reply_by"]),
        ("mediation_facts", "mediation_called", {"held_on": "2026-03-09"}, []),
        ("mediation_facts", "mediation_called", {"held_on": "1999-01-01"}, ["held_on"]),
        ("mediation_facts", "mediation_called_late", {"held_on": "9999-12-31"}, ["held_on"]),
        (
            "decided_facts",
            "other_body_decided",
            {"accepted_on": "2026-02-20", "decided_on": "2026-02-19"},
            ["decided_on"],
        ),
        (
            "decided_facts",
            "other_body_decided",
            {"accepted_on": "1999-02-20", "decided_on": "2026-02-19"},
            ["accepted_on"],
        ),
        (
            "decided_facts",
            "other_body_decided",
            {"accepted_on": "2026-02-20", "decided_on": "2026-02-20"},
            [],
        ),
        ("decided_facts", "other_body_decided", {"accepted_on": None, "decided_on": "2026-02-20"}, []),
        ("settled_facts", "parties_settled", {"settled_on": "1999-01-01"}, ["settled_on"]),
        ("settled_facts", "parties_settled", {"settled_on": "2026-03-01"}, []),
    ],
)
def test_days_are_in_order_and_near(
    table: str, element: str, carried: dict[str, Any], paths: list[str]
) -> None:
    assert mistakes(table, {"message": {element: carried}}) == paths


def test_what_is_asked_before_the_conclusion_is_judged_by_itself_and_not_by_an_earlier_letter() -> None:
    earlier = {"more_asked": {"reply_by": "2026-03-09"}}
    assert mistakes(
        "more_facts", {"message": {**earlier, "more_asked_late": {"reply_by": "1999-01-01"}}}
    ) == ["reply_by"]
    assert mistakes("more_facts", {"message": {**earlier, "more_asked_late": {"reply_by": None}}}) == []


def test_what_a_regulator_may_send_is_taken_once_wherever_it_is_awaited() -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for drawing in drawings():
        for node in drawing.nodes.values():
            said = _properties(node.element)
            if "external" in said.get("message.from", ""):
                key = said["message.form"]
                found.setdefault(key, set()).add(
                    (said.get("message.unique", ""), said.get("message.check", ""))
                )
    assert found == {
        "regulator_more": {("letter_number", "more_facts")},
        "regulator_withdraw": {("letter_number", "")},
        "mediation_notice": {("held_on, place, mediator", "mediation_facts")},
    }
