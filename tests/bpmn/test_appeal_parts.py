"""The smaller parts of an appeal: the reply, what is added to it, and the mediation."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.appeal_case import EVIDENCE, FACTS, REPLIED, RESULTS, USUAL
from tests.bpmn.flows import Flows
from tests.bpmn.playing import Played

TAKEN = Flows("regulator_reply", "appeal_supplement", "mediation")


class Part(Played):
    """A part of an appeal, as its caller leaves it."""

    facts = FACTS
    usual = USUAL
    given: ClassVar = {
        "decision": {"priority": 53},
        "loop": {"mediation": None, "ended_by": None, "replied": False},
        "result": {"evidence": EVIDENCE},
    }


class Reply(Part):
    process = "regulator_reply"


class Supplement(Part):
    process = "appeal_supplement"


class Mediation(Part):
    process = "mediation"


def play(part: type[Part], sessions: sessionmaker[Session], clock: FrozenClock) -> Part:
    return part(sessions, clock, results=RESULTS)


def over(part: Part) -> bool:
    return part.harness.recorder.moves[-1].ended


def test_the_reply_goes_out_as_a_letter_with_the_evidence(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    reply = play(Reply, sessions, clock)
    assert reply.task("reply_to_regulator").properties["evidence.kind"] == "regulator_reply"
    reply.does("reply_to_regulator")
    (letter,) = reply.notices("issue_letter")
    assert letter["evidence"] == EVIDENCE
    assert letter["regulator_case_number"] == FACTS["regulator_case_number"]
    assert {letter[each] for each in ("facts", "result", "conclusion", "basis")} == set(REPLIED.values()) - {
        "letter"
    }
    assert over(reply)


def test_what_is_asked_in_addition_is_found_out_by_the_province(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    part = play(Supplement, sessions, clock)
    part.does("pass_on_questions", "answer_questions")
    part.does("review_supplement", outcome="unqualified", reason="缺少二月账单。")
    assert part.waiting == ["answer_questions"]
    part.does("answer_questions", "review_supplement", "reply_supplement")
    assert len(part.notices("issue_letter")) == 1
    assert over(part)


def test_or_headquarters_answers_by_itself(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    part = play(Supplement, sessions, clock)
    part.does("pass_on_questions", outcome="headquarters", instructions="总部已有材料，直接答复。")
    assert part.waiting == ["reply_supplement"]
    part.does("reply_supplement")
    assert over(part)


def test_what_was_agreed_in_a_mediation_is_performed(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    part = play(Mediation, sessions, clock)
    part.does("prepare_mediation")
    agreed: dict[str, Any] = {**USUAL["record_mediation"], "result": "agreed", "terms": "三日内退还。"}
    part.does("record_mediation", **agreed)
    assert part.waiting == ["fulfil_agreement"]
    part.does("fulfil_agreement")
    assert over(part)


def test_a_mediation_may_fail(sessions: sessionmaker[Session], clock: FrozenClock) -> None:
    part = play(Mediation, sessions, clock)
    part.does("prepare_mediation", "record_mediation")
    assert over(part)


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
