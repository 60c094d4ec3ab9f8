"""Concluding an appeal: the reply that is still due, what follows a conclusion, and the archive."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn import upgrade_case
from tests.bpmn.appeal_case import CONCLUDED, FACTS, RESULTS, USUAL
from tests.bpmn.flows import Flows
from tests.bpmn.playing import Played

TAKEN = Flows("appeal_conclusion")
LOOP: dict[str, Any] = {
    "mediation": None,
    "ended_by": None,
    "replied": True,
    "appealed_at": "2026-03-02T09:00:00+08:00",
    "appealed_on": "2026-02-27",
}


class Conclusion(Played):
    """An appeal that is handled and revisited."""

    process = "appeal_conclusion"
    facts = FACTS
    usual: ClassVar = {**upgrade_case.USUAL, **USUAL}
    given: ClassVar = {"decision": {"priority": 53}, "loop": LOOP}


@pytest.fixture
def conclusion(sessions: sessionmaker[Session], clock: FrozenClock) -> Conclusion:
    return Conclusion(sessions, clock, results=RESULTS)


def test_the_evidence_is_current_when_the_conclusion_is_drawn(conclusion: Conclusion) -> None:
    assert conclusion.waiting == ["conclude_appeal"]
    assert conclusion.notices("evidence_pack") == [{"kind": "prior"}]
    task = conclusion.task("conclude_appeal")
    assert task.variables["result"]["evidence"]["numbers"]
    assert task.properties["form.check"] == "conclusion"


def test_a_plain_conclusion_goes_to_the_archive(conclusion: Conclusion) -> None:
    conclusion.does("conclude_appeal")
    assert conclusion.waiting == ["archive_appeal"]
    conclusion.does("archive_appeal")
    assert conclusion.archived
    assert conclusion.notices("archive_case") == [{"code": "company_fault"}]


@pytest.mark.parametrize(
    ("reason", "replied", "source", "due"),
    [
        ("decided_elsewhere", False, "regulator", True),
        ("settled", True, "regulator", False),
        ("not_party", False, "direct", False),
        ("regulator_withdraw", False, "regulator", False),
    ],
)
def test_a_regulator_that_still_waits_is_answered_first(
    sessions: sessionmaker[Session], clock: FrozenClock, reason: str, replied: bool, source: str, due: bool
) -> None:
    class Ended(Conclusion):
        given: ClassVar = {
            **Conclusion.given,
            "loop": {
                **LOOP,
                "replied": replied,
                "ended_by": {"reason": reason, "ground": None, "paper": "文书"},
            },
        }

    ended = Ended(sessions, clock, results=RESULTS, source=source)
    assert ended.waiting == (["reply_to_regulator"] if due else ["conclude_appeal"])
    if due:
        ended.does("reply_to_regulator")
        assert ended.waiting == ["conclude_appeal"]


def test_reporting_and_correcting_run_side_by_side_and_the_archive_waits_for_both(
    conclusion: Conclusion,
) -> None:
    conclusion.does("conclude_appeal", **CONCLUDED, corrective_needed=True, report_case=True)
    assert conclusion.waiting == ["analyse_cause", "report_key_case"]
    conclusion.does("report_key_case")
    assert [each["template"] for each in conclusion.notices("issue_letter")] == ["filing_report"]
    assert conclusion.waiting == ["analyse_cause"]
    conclusion.does("analyse_cause", "plan_measures", "carry_out_measures")
    conclusion.harness.advance(days=60)
    conclusion.does("verify_effect", "archive_appeal")
    assert conclusion.archived


@pytest.mark.parametrize("follows", ["corrective_needed", "report_case"])
def test_each_may_follow_alone(conclusion: Conclusion, follows: str) -> None:
    conclusion.does("conclude_appeal", **CONCLUDED, **{follows: True})
    if follows == "report_case":
        conclusion.does("report_key_case")
    else:
        conclusion.does("analyse_cause", "plan_measures", "carry_out_measures")
        conclusion.harness.advance(days=60)
        conclusion.does("verify_effect")
    conclusion.does("archive_appeal")
    assert conclusion.archived


@pytest.mark.parametrize(
    ("reason", "conclusion", "end"),
    [
        (None, "handled_properly", "appeal_closed"),
        ("settled", "company_fault", "appeal_settled"),
        ("mediated", "customer_cause", "appeal_settled"),
        ("regulator_withdraw", "customer_cause", "appeal_withdrawn"),
        ("not_party", "case_cancelled", "appeal_cancelled"),
        (None, "case_cancelled", "appeal_cancelled"),
        ("decided_elsewhere", "company_fault", "appeal_closed"),
    ],
)
def test_the_file_says_how_it_ended(
    sessions: sessionmaker[Session], clock: FrozenClock, reason: str | None, conclusion: str, end: str
) -> None:
    ending = reason and {"reason": reason, "ground": None, "paper": "文书"}

    class Ended(Conclusion):
        given: ClassVar = {**Conclusion.given, "loop": {**LOOP, "ended_by": ending}}

    ended = Ended(sessions, clock, results=RESULTS)
    ended.does("conclude_appeal", **{**CONCLUDED, "conclusion": conclusion})
    ended.does("archive_appeal")
    assert ended.archived
    passed = {
        over.properties["case.outcome"]
        for move in ended.harness.recorder.moves
        for over in move.over
        if "case.outcome" in over.properties
    }
    outcomes = {
        "appeal_closed": "concluded",
        "appeal_settled": "settled",
        "appeal_withdrawn": "withdrawn",
        "appeal_cancelled": "dismissed",
    }
    assert passed == {outcomes[end]}


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
