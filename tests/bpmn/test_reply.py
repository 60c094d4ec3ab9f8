"""The answer (003§2.4.5): by whom, how often tried, and what of the customer who does not accept it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tasks.forms import AnswersRefused
from tests.bpmn.flows import Flows
from tests.bpmn.work_case import Work

TAKEN = Flows("reply")


@pytest.fixture(autouse=True)
def watched(sessions: sessionmaker[Session]) -> Iterator[None]:
    yield
    TAKEN.read(sessions)


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
    assert work.task("reply_to_customer").properties["evidence.kind"] == "final_reply"
    work.does("reply_to_customer")
    assert work.waiting == []


def test_a_customer_who_refuses_hears_our_position(work: Work) -> None:
    work.until("reply_to_customer")
    said = {"method": "phone", "attitude": "refused", "content": "已逐条解释。"}
    with pytest.raises(AnswersRefused):
        work.does("reply_to_customer", **said)
    work.does("reply_to_customer", **said, company_position="诉求超出协议约定。")
    assert work.waiting == []


def test_who_cannot_be_reached_is_tried_on_three_days_then_written_to(work: Work) -> None:
    work.until("reply_to_customer")
    silent = {"method": "phone", "attitude": "unreachable", "content": "无人接听。"}
    work.does("reply_to_customer", **silent)
    for _ in range(2):
        work.does("reply_to_customer", **silent)  # again on the same day: it counts once
    for _ in range(2):
        task = work.task("reply_to_customer")
        assert task.follow_up_at is not None
        assert (task.follow_up_at - work.harness.clock.now()).days == 1
        assert work.notices("notify_customer") == []
        work.harness.advance(days=1)
        work.does("reply_to_customer", **silent)
    assert work.notices("notify_customer") == [{"template": "written_reply", "text": "无人接听。"}]
    assert work.waiting == []


def test_every_sequence_flow_was_taken() -> None:
    assert TAKEN.missing() == {}, TAKEN.told()
