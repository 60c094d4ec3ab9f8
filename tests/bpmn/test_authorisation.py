"""Authority to compensate (003§2.5.5): the tables by post, scope, amount and customer, and every way through the diagram."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.history import HistoryEvent
from engine.ports import BpmnError, OperationCall
from tests.bpmn.complaint_case import FACTS, USUAL
from tests.bpmn.flows import Flows
from tests.bpmn.playing import Played
from tests.bpmn.test_content_decisions import table

TAKEN = Flows("authorisation")


def judged(
    *,
    post: str = "clerk",
    amount: float = 10,
    used: float = 0,
    scope: str = "usage",
    facts: dict[str, Any] | None = None,
    **customer: Any,
) -> tuple[int, str, str]:
    """The grade of the post, what the table says, and who signs."""
    read = {"post": post, "amount": amount, "used_this_month": used}
    grade: Any = (
        table("authority_grade").evaluate("authority_grade", {"result": {"read_authority": read}}).outputs
    )
    outcome = table("authority").evaluate(
        "authority",
        {
            "case": {"customer": facts or {}},
            "result": {"read_authority": read},
            "decision": {"authority_grade": grade},
            "loop": {"authority": {"scope": scope, "tenure_months": None, "monthly_spend": None, **customer}},
        },
    )
    assert not outcome.warnings
    found: Any = outcome.outputs
    return int(grade["grade"]), found["outcome"], found["approver"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (1, "granted", "")),
        ({"amount": 25}, (1, "granted", "")),
        ({"amount": 26}, (1, "dual_sign", "provincial_centre")),
        ({"amount": 50, "tenure_months": 12}, (1, "granted", "")),
        ({"amount": 50, "monthly_spend": 100}, (1, "granted", "")),
        ({"amount": 51, "tenure_months": 99}, (1, "dual_sign", "provincial_centre")),
        ({"amount": 20, "used": 481}, (1, "dual_sign", "provincial_centre")),
        ({"amount": 20, "used": 480}, (1, "granted", "")),
        ({"post": "handler", "amount": 200, "tenure_months": 24}, (2, "granted", "")),
        ({"post": "handler", "amount": 501, "tenure_months": 24}, (2, "dual_sign", "provincial_service")),
        ({"post": "team_lead", "amount": 500, "tenure_months": 24}, (3, "granted", "")),
        ({"post": "centre_manager", "amount": 2000, "tenure_months": 24}, (4, "granted", "")),
        ({"post": "centre_manager", "amount": 2001, "tenure_months": 24}, (4, "dual_sign", "headquarters")),
        ({"scope": "termination"}, (1, "dual_sign", "provincial_service")),
        ({"scope": "termination", "post": "service_manager"}, (4, "granted", "")),
        ({"post": "operator"}, (0, "dual_sign", "provincial_centre")),
        ({"post": "", "amount": 9}, (0, "dual_sign", "provincial_centre")),
        ({"amount": 26, "facts": {"potential": "high"}}, (1, "granted", "")),
        ({"amount": 26, "facts": {"potential": "normal"}}, (1, "dual_sign", "provincial_centre")),
        ({"amount": 51, "facts": {"potential": "high"}}, (1, "dual_sign", "provincial_centre")),
        ({"amount": 25, "facts": {"kind": "group"}}, (1, "granted", "")),
        ({"amount": 26, "tenure_months": 99, "facts": {"kind": "group"}}, (1, "dual_sign", "provincial_service")),
        ({"amount": 26, "tenure_months": 99, "facts": {"kind": "person"}}, (1, "granted", "")),
        ({"scope": "goodwill"}, (1, "refused", "")),
        ({"scope": "goodwill", "amount": 9999}, (1, "refused", "")),
    ],
)  # fmt: skip
def test_the_grade_of_the_post_its_caps_and_the_customer_decide(
    given: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert judged(**given) == expected


class Compensation(Played):
    """One compensation that a handler proposes."""

    process = "authorisation"
    facts = FACTS
    usual: ClassVar = {**USUAL, "approve_compensation": {"decision": "approved", "reason": "计费差错属实。"}}
    given: ClassVar = {
        "decision": {"priority": 0},
        "loop": {
            "authority": {
                "activity": "handle_complaint",
                "scope": "billing_error",
                "amount": 120,
                "tenure_months": 24,
                "monthly_spend": None,
            }
        },
    }


def proposed(sessions: sessionmaker[Session], clock: FrozenClock, **more: Any) -> Compensation:
    read = {"post": "handler", "amount": 120, "used_this_month": 0, **more.pop("read", {})}
    return Compensation(sessions, clock, results={"read_authority": read, **more})


def logged(compensation: Compensation) -> list[str]:
    return [str(each["outcome"]) for each in compensation.notices("log_authority")]


def granted(compensation: Compensation) -> bool:
    """Which of its two ends it came to."""
    ends = ("compensation_granted", "compensation_refused")
    reached = sa.select(HistoryEvent.activity_id).where(HistoryEvent.activity_id.in_(ends)).distinct()
    (end,) = compensation.harness.rows(reached)
    return bool(end[0] == ends[0])


def test_within_the_grade_it_is_granted_and_logged(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    compensation = proposed(sessions, clock)
    assert compensation.waiting == []
    assert logged(compensation) == ["granted"]
    assert granted(compensation) is True


def test_above_it_a_second_person_signs(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    compensation = proposed(sessions, clock, read={"amount": 300})
    assert compensation.task("approve_compensation").candidate_groups == ("provincial_centre",)
    compensation.does("approve_compensation")
    assert logged(compensation) == ["dual_sign"]
    assert granted(compensation) is True


def test_nobody_signs_their_own(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    signed: list[str] = []

    def log(call: OperationCall) -> dict[str, Any]:
        signed.append(str(call.inputs["outcome"]))
        if len(signed) == 1:
            raise BpmnError("same_person", "the same person")
        return {}

    compensation = proposed(sessions, clock, read={"amount": 300}, log_authority=log)
    compensation.does("approve_compensation")
    assert compensation.waiting == ["approve_compensation"]
    compensation.does("approve_compensation")
    assert signed == ["dual_sign", "dual_sign"]
    assert granted(compensation) is True


def test_what_is_not_signed_is_logged_as_refused(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    compensation = proposed(sessions, clock, read={"amount": 300})
    compensation.does("approve_compensation", decision="refused", reason="证据不足。")
    assert logged(compensation) == ["refused"]
    assert granted(compensation) is False


def test_outside_the_scopes_nobody_is_asked(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    class Goodwill(Compensation):
        given: ClassVar = {
            **Compensation.given,
            "loop": {"authority": {**Compensation.given["loop"]["authority"], "scope": "goodwill"}},
        }

    read = {"post": "handler", "amount": 10, "used_this_month": 0}
    compensation = Goodwill(sessions, clock, results={"read_authority": read})
    assert logged(compensation) == ["refused"]
    assert granted(compensation) is False


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
