"""The regulator's appeal (R03) as a whole: from the message to the archive, and whatever ends it before."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.appeal_case import CONCLUDED, DIRECT, HANDLING, Appeal
from tests.bpmn.flows import Flows

TAKEN = Flows("appeal")


@pytest.fixture
def appeal(sessions: sessionmaker[Session], clock: FrozenClock) -> Appeal:
    return Appeal(sessions, clock)


def test_an_appeal_travels_from_the_regulator_to_the_archive(appeal: Appeal) -> None:
    for activity in HANDLING:
        assert appeal.waiting == [activity]
        appeal.does(activity)
    assert appeal.replies() == 1
    appeal.does("conclude_appeal", "archive_appeal")
    assert appeal.archived
    assert appeal.notices("archive_case") == [{"code": "company_fault"}]


def test_a_direct_appeal_is_handled_alike_but_no_regulator_is_answered(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    appeal = Appeal(sessions, clock, **DIRECT)
    appeal.until("conclude_appeal")
    assert appeal.steps == [each for each in HANDLING if each != "reply_to_regulator"]
    assert appeal.replies() == 0
    appeal.does("conclude_appeal", "archive_appeal")
    assert appeal.archived


@pytest.mark.parametrize(
    ("changed", "codes", "since", "due"),
    [
        ({}, "R03.all R03.reg", "2026-03-02T00:00:00+08:00", "2026-03-10"),
        ({"reply_by": None}, "R03.all R03.reg", "2026-03-02T00:00:00+08:00", None),
        (DIRECT, "R03.all", None, None),
    ],
)
def test_two_clocks_begin_with_a_regulators_case_and_one_with_a_direct_appeal(
    sessions: sessionmaker[Session],
    clock: FrozenClock,
    changed: dict[str, Any],
    codes: str,
    since: str | None,
    due: str | None,
) -> None:
    appeal = Appeal(sessions, clock, **changed)
    process = appeal.harness.recorder.moves[0].began[0]
    assert process.kind == "process"
    assert process.properties["sla.policy"] == codes
    assert process.properties["sla.from.R03.reg"] == since
    assert process.properties["sla.due.R03.reg"] == due


def test_both_clocks_end_with_the_reply_to_the_regulator_and_not_before(appeal: Appeal) -> None:
    appeal.until("reply_to_regulator")
    assert stopped(appeal) == []
    appeal.does("reply_to_regulator")
    assert stopped(appeal) == ["R03.all", "R03.reg"]


def test_the_clock_of_a_direct_appeal_ends_when_headquarters_passes_its_answer(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    appeal = Appeal(sessions, clock, **DIRECT)
    appeal.until("review_appeal")
    assert stopped(appeal) == []
    appeal.does("review_appeal")
    assert stopped(appeal) == ["R03.all"]


def stopped(appeal: Appeal) -> list[str]:
    """The codes of the appeal's clocks that something passed has stopped."""
    said = [
        over.properties.get("sla.stop") or "" for move in appeal.harness.recorder.moves for over in move.over
    ]
    return sorted(code for each in said for code in each.split() if code.startswith("R03."))


@pytest.mark.parametrize("stage", ["check_appeal", "handle_complaint", "review_appeal", "revisit_customer"])
@pytest.mark.parametrize("message", ["decided_elsewhere", "not_party", "settled"])
def test_what_ends_an_appeal_ends_all_its_work_and_the_regulator_is_still_answered(
    appeal: Appeal, stage: str, message: str
) -> None:
    appeal.until(stage)
    answered = stage == "revisit_customer"
    appeal.arrives(message)
    if not answered:
        assert appeal.waiting == ["reply_to_regulator"]
        appeal.does("reply_to_regulator")
    assert appeal.waiting == ["conclude_appeal"]
    ending = appeal.task("conclude_appeal").variables["loop"]["ended_by"]
    assert ending["reason"] == message
    assert ending["paper"]
    appeal.until("archive_appeal")
    appeal.does("archive_appeal")
    assert appeal.archived
    assert appeal.replies() == 1


@pytest.mark.parametrize(
    "stage", ["dispatch_appeal", "acknowledge_appeal", "write_report", "revisit_customer"]
)
def test_a_case_the_regulator_withdraws_is_concluded_without_another_reply(
    appeal: Appeal, stage: str
) -> None:
    appeal.until(stage)
    before = appeal.replies()
    appeal.arrives("regulator_withdraw")
    assert appeal.waiting == ["conclude_appeal"]
    assert appeal.task("conclude_appeal").variables["loop"]["ended_by"]["reason"] == "regulator_withdraw"
    assert appeal.replies() == before


def test_a_mediation_that_is_agreed_and_performed_ends_the_handling(appeal: Appeal) -> None:
    appeal.until("handle_complaint")
    appeal.arrives("mediation_notice")
    assert appeal.waiting == ["handle_complaint", "prepare_mediation"]
    appeal.does("prepare_mediation")
    appeal.does("record_mediation", **agreed())
    assert appeal.waiting == ["fulfil_agreement", "handle_complaint"]
    appeal.does("fulfil_agreement")
    assert appeal.waiting == ["reply_to_regulator"]
    appeal.does("reply_to_regulator")
    loop = appeal.task("conclude_appeal").variables["loop"]
    assert loop["ended_by"]["reason"] == "mediated"
    assert loop["mediation"] == {"result": "agreed", "opinion": "退还争议金额。"}


def test_before_the_conclusion_the_regulator_may_still_ask_for_more(appeal: Appeal) -> None:
    appeal.until("conclude_appeal")
    appeal.arrives("regulator_more")
    assert appeal.waiting == ["pass_on_questions"]
    appeal.does("pass_on_questions", "answer_questions", "review_supplement", "reply_supplement")
    assert appeal.waiting == ["conclude_appeal"]
    assert appeal.replies() == 2


@pytest.mark.parametrize("result", ["agreed", "failed"])
def test_before_the_conclusion_the_regulator_may_still_mediate(appeal: Appeal, result: str) -> None:
    appeal.until("conclude_appeal")
    appeal.arrives("mediation_notice")
    appeal.does("prepare_mediation")
    if result == "agreed":
        appeal.does("record_mediation", **agreed())
        appeal.does("fulfil_agreement")
    else:
        appeal.does("record_mediation")
    assert appeal.waiting == ["conclude_appeal"]
    assert appeal.task("conclude_appeal").variables["loop"]["mediation"]["result"] == result


def test_before_the_conclusion_the_regulator_may_still_withdraw(appeal: Appeal) -> None:
    appeal.until("conclude_appeal")
    appeal.arrives("regulator_withdraw")
    assert appeal.waiting == ["conclude_appeal"]
    appeal.does("conclude_appeal", **CONCLUDED)
    appeal.does("archive_appeal")
    assert appeal.archived


def agreed() -> dict[str, str]:
    """A mediation that came to an agreement."""
    return {
        "result": "agreed",
        "held_on": "2026-03-05",
        "mediator": "河南省通信管理局",
        "opinion": "退还争议金额。",
        "terms": "三日内退还全部争议金额。",
    }


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
