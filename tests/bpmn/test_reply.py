"""The answer (003§2.4.5): by whom, how often tried, and what of the customer who does not accept it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tasks.forms import AnswersRefused
from tests.bpmn.flows import Flows
from tests.bpmn.work_case import Work

TAKEN = Flows("reply")


@pytest.fixture
def work(sessions: sessionmaker[Session], clock: FrozenClock) -> Work:
    return Work(sessions, clock)


def answering(sessions: sessionmaker[Session], clock: FrozenClock, **changed: object) -> Work:
    work = Work(sessions, clock, **changed)
    work.until("reply_to_customer")
    return work


@pytest.mark.parametrize(
    ("changed", "group", "unit"),
    [
        ({}, "provincial_centre", None),
        ({"channel": "hall"}, "channel", None),
        ({"channel": "account_manager"}, "channel", None),
        ({"channel": "hall", "occurred_province": "zhejiang"}, "provincial_centre", "henan"),
        ({"channel": "hall", "regime": "upgrade_complaint"}, "provincial_centre", None),
    ],
)
def test_the_rules_name_who_answers(
    sessions: sessionmaker[Session], clock: FrozenClock, changed: dict[str, object], group: str, unit: object
) -> None:
    work = answering(sessions, clock, **changed)
    assert work.task("reply_to_customer").candidate_groups == (group,)
    assert work.unit("reply_to_customer") == unit


def test_a_customer_who_accepts_has_the_answer(work: Work) -> None:
    work.until("reply_to_customer")
    properties = work.task("reply_to_customer").properties
    assert (properties["evidence.kind"], properties["form.check"]) == ("final_reply", "reply_facts")
    work.does("reply_to_customer")
    assert work.waiting == []


def test_a_customer_who_refuses_hears_our_position(work: Work) -> None:
    work.until("reply_to_customer")
    said = {"method": "phone", "attitude": "refused", "content": "已逐条解释。"}
    with pytest.raises(AnswersRefused):
        work.does("reply_to_customer", **said)
    work.does("reply_to_customer", **said, company_position="诉求超出协议约定。")
    assert work.waiting == []


@pytest.mark.parametrize("method", ["letter", "fax", "email"])
def test_an_answer_in_writing_is_a_letter_by_the_means_chosen(work: Work, method: str) -> None:
    work.until("reply_to_customer")
    work.does(
        "reply_to_customer",
        method=method,
        attitude="refused",
        content="已逐条解释。",
        company_position="诉求超出协议约定。",
        next_steps="下月扩容。",
    )
    assert work.notices("issue_letter") == [
        {
            "template": "final_reply",
            "to": "customer",
            "method": method,
            "text": "已逐条解释。",
            "promised_at": None,
            "next": "下月扩容。",
            "position": "诉求超出协议约定。",
        }
    ]


def test_nothing_is_written_where_the_customer_was_told_or_not_reached(work: Work) -> None:
    work.until("reply_to_customer")
    work.does("reply_to_customer", method="letter", attitude="unreachable", content="已退还多收费用。")
    work.does("reply_to_customer")
    assert work.notices("issue_letter") == []


def test_who_cannot_be_reached_is_tried_on_three_days_then_written_to(work: Work) -> None:
    work.until("reply_to_customer")
    silent = {"method": "phone", "attitude": "unreachable", "content": "已退还多收费用。"}
    work.does("reply_to_customer", **silent)
    for _ in range(2):
        work.does("reply_to_customer", **silent)  # again on the same day: it counts once
    for _ in range(2):
        task = work.task("reply_to_customer")
        assert task.follow_up_at is not None
        assert (task.follow_up_at - work.harness.clock.now()).days == 1
        assert work.notices("issue_letter") == []
        work.harness.advance(days=1)
        work.does("reply_to_customer", **silent)
    assert work.notices("issue_letter") == [
        {
            "template": "written_reply",
            "to": "customer",
            "method": "letter",
            "evidence_kind": "final_reply",
            "attempts": 5,
            "text": "已退还多收费用。",
            "promised_at": None,
        }
    ]
    assert work.waiting == []


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
