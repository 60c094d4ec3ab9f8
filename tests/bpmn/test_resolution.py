"""What complaint, upgrade complaint and appeal have in common: processing, reply, and what may come meanwhile."""

from __future__ import annotations

from typing import ClassVar

import pytest
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from tests.bpmn.complaint_case import FACTS, USUAL
from tests.bpmn.playing import Played


class Resolution(Played):
    """A ticket that the channel could not answer on the spot."""

    process = "resolution"
    facts = FACTS
    usual = USUAL
    given: ClassVar = {
        "loop": {"reprocess": 0, "dispatched": False},
        "decision": {"level": "general", "priority": 0, "clock": {"stage_hours": 17}},
    }


@pytest.fixture
def resolution(sessions: sessionmaker[Session], clock: FrozenClock) -> Resolution:
    return Resolution(sessions, clock)


def test_it_ends_when_the_customer_has_the_answer(resolution: Resolution) -> None:
    resolution.until("reply_to_customer")
    resolution.does("reply_to_customer")
    assert resolution.waiting == []
    assert resolution.harness.recorder.moves[-1].ended


@pytest.mark.parametrize(
    "stage", ["review_work_order", "sign_order", "handle_complaint", "reply_to_customer"]
)
def test_urging_begins_supervision_each_time_and_stops_nothing(resolution: Resolution, stage: str) -> None:
    resolution.until(stage)
    for times in (1, 2):
        resolution.hears("urge", note="客户再次来电")
        assert resolution.waiting == [stage]
        assert len(resolution.notices("supervise_case")) == times
