"""Processing (003§2.4.4): review, dispatch, audit of the feedback, and handling again after a revisit."""

from __future__ import annotations

from typing import ClassVar

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tasks.forms import AnswersRefused
from tests.bpmn.flows import Flows
from tests.bpmn.work_case import Work

TAKEN = Flows("processing")


@pytest.fixture
def work(sessions: sessionmaker[Session], clock: FrozenClock) -> Work:
    return Work(sessions, clock)


def test_the_centre_answers_what_it_can_without_dispatching(work: Work) -> None:
    work.does("review_work_order", outcome="answer", answer="多收部分已冲减。")
    assert work.waiting == ["reply_to_customer"]


@pytest.mark.parametrize(
    ("outcome", "then"), [("dispatch", "dispatch_order"), ("answer", "reply_to_customer")]
)
def test_headquarters_is_told_of_what_the_review_marks_as_key_or_difficult(
    work: Work, outcome: str, then: str
) -> None:
    """003§1.1.1, domain 1.14 #18: headquarters supervises them."""
    answer = {"answer": "多收部分已冲减。"} if outcome == "answer" else {}
    with pytest.raises(AnswersRefused):
        work.does("review_work_order", outcome=outcome, marked="difficult", **answer)
    work.does(
        "review_work_order", outcome=outcome, marked="difficult", marked_reason="涉及多省历史账务。", **answer
    )
    (told,) = work.notices("notify_unit")
    assert told["role"] == "headquarters"
    assert told["text"] == "疑难投诉，请督办：涉及多省历史账务。"
    assert work.waiting == [then]


def test_feedback_that_does_not_satisfy_goes_back_and_both_are_counted(work: Work) -> None:
    work.until("dispatch_order")
    work.does("dispatch_order", target="department", department="channels")
    work.until("audit_feedback")
    work.does("audit_feedback", outcome="unqualified", audit_reason="未写明整改措施。")
    assert work.waiting == ["handle_complaint"]
    assert work.unit("handle_complaint") == "henan_channels"
    assert work.loop("handle_complaint")["return_reason"] == "未写明整改措施。"
    work.does("handle_complaint", "audit_feedback")
    seen = work.loop("reply_to_customer")
    assert (seen["qualified"], seen["unqualified"], seen["holder"]) == (1, 1, "provincial_centre")


def test_what_is_handled_again_after_a_revisit_is_not_reviewed_again(
    sessions: sessionmaker[Session], clock: FrozenClock
) -> None:
    class Again(Work):
        given: ClassVar = {
            **Work.given,
            "loop": {**Work.given["loop"], "reprocess": 1, "dispatched": True},
            "form": {},
        }

    work = Again(sessions, clock)
    assert work.waiting == ["dispatch_order"]


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
